"""The Hugging Face Hub, asked with a patience that ends."""

from collections.abc import Callable
from queue import Empty, Queue
from threading import Thread
from typing import TypeVar

PATIENCE = 15.0
"""Seconds after which a Hub that has not answered is given up."""

_T = TypeVar("_T")


def answer_of(ask: Callable[[], _T]) -> _T:
    """Return what a request returns, or raise what it raises.

    The client's own limits do not do: they are for each part of an answer, and it tries again, which took
    more than five minutes where a server took the connection and said nothing.

    Raises
    ------
    TimeoutError
        There is no answer in time.
    """
    answers: Queue[tuple[_T | None, Exception | None]] = Queue()

    def wait() -> None:
        try:
            answers.put((ask(), None))
        except Exception as error:
            answers.put((None, error))

    # Nothing can end a request; as a daemon it holds up nobody.
    Thread(target=wait, daemon=True).start()
    try:
        value, error = answers.get(timeout=PATIENCE)
    except Empty:
        raise TimeoutError(f"no answer in {PATIENCE:.0f} seconds") from None
    if error is not None:
        raise error
    return value  # type: ignore[return-value]
