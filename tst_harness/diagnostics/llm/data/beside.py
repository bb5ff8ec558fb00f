"""Tokenising while weights are being loaded."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from tst_harness.diagnostics.llm.data.encoding import PromptEncoder

T = TypeVar("T")


def tokenised_beside(encoder: PromptEncoder, tokenise: Callable[[], T], load: Callable[[], object]) -> T:
    """Load, and tokenise in a thread meanwhile, since the one mostly reads files and the other computes.

    Parameters
    ----------
    encoder
        What tokenises.
    tokenise, load
        What is to be done. Both are, also where one of them fails.

    Returns
    -------
    What `tokenise` returns.

    Raises
    ------
    Exception
        That of `load`, else that of `tokenise`.
    """
    # Two threads that import parts of transformers for the first time may see each other's halves.
    _ = encoder.tokenizer
    with ThreadPoolExecutor(1, "tokenising") as thread:
        tokenised = thread.submit(tokenise)
        load()
        return tokenised.result()
