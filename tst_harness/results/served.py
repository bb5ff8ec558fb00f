"""A model behind a server that speaks the protocol of OpenAI, asked without picture."""

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

from tst_harness.analysis.scoring import LETTERS
from tst_harness.errors import EngineError, EngineUnavailable

if TYPE_CHECKING:
    import openai

KEY = "OPENAI_API_KEY"
"""The environment variable that the key is read from."""
ANSWER_TOKENS = 32
_MOST_LOGPROBS = 20
_LONGEST_REASON = 200
_NO_KEY = "none"
"""A server of one's own asks for no key, and the library for one."""


@dataclass(frozen=True)
class Reply:
    """What a server answered.

    Attributes
    ----------
    text
        The answer; "" where there was none.
    letters
        The probability of each letter at the first token, of those that the server tells; None where it tells
        none.
    tokens
        Of the prompt and the answer together, as the server counts them.
    """

    text: str
    letters: Mapping[str, float] | None
    tokens: int


class ServerRefusedError(EngineError):
    """What no other question would change: a wrong key, no such model, no such place."""


class Server:
    """Asks a server, again where it is busy or breaks down.

    Parameters
    ----------
    base_url
        Up to `/v1`.
    model
        What the server calls it.
    retries
        How often a question is asked again, with growing pauses.
    timeout
        Seconds for one answer.

    Raises
    ------
    EngineUnavailable
        The client is not installed.
    """

    def __init__(self, base_url: str, model: str, *, retries: int = 5, timeout: float = 120.0) -> None:
        try:
            import openai
        except ImportError:
            raise EngineUnavailable(
                "asking a server needs a package that is not installed: pip install 'tst-harness[blind]'"
            ) from None
        self.model = model
        self._key = os.environ.get(KEY) or _NO_KEY
        self._client = openai.OpenAI(
            base_url=base_url, api_key=self._key, max_retries=retries, timeout=timeout
        )
        # What a server does not know is left out, once it has said so.
        self._extras: dict[str, Any] = {
            "max_tokens": ANSWER_TOKENS,
            "temperature": 0.0,
            "logprobs": True,
            "top_logprobs": _MOST_LOGPROBS,
        }
        self._lock = Lock()

    def ask(self, prompt: str) -> Reply:
        """Return the answer to a prompt.

        Raises
        ------
        ServerRefusedError
            The server refuses every question.
        EngineError
            It does not answer this one, however often it is asked.
        """
        import openai

        while True:
            with self._lock:
                extras = dict(self._extras)
            try:
                completion = self._client.chat.completions.create(
                    model=self.model, messages=[{"role": "user", "content": prompt}], **extras
                )
                return _reply(completion)
            except openai.BadRequestError as error:
                if not self._does_without(str(error), extras):
                    raise EngineError(f"the server refuses the question ({self._reason(error)})") from None
            except (
                openai.AuthenticationError,
                openai.PermissionDeniedError,
                openai.NotFoundError,
            ) as error:
                raise ServerRefusedError(
                    f"the server refuses all questions ({self._reason(error)}): check --base-url, --model "
                    "and the "
                    f"key in {KEY}"
                ) from None
            except (openai.OpenAIError, ValueError, AttributeError, TypeError, IndexError) as error:
                raise EngineError(f"the server does not answer ({self._reason(error)})") from None

    def _does_without(self, complaint: str, extras: Mapping[str, Any]) -> bool:
        """Leave out what a server complains of; False where that is nothing that can be left out."""
        with self._lock:
            if "max_tokens" in complaint and "max_tokens" in extras:
                self._extras.pop("max_tokens", None)
                self._extras["max_completion_tokens"] = ANSWER_TOKENS
            elif "logprobs" in complaint and "logprobs" in extras:
                self._extras.pop("logprobs", None)
                self._extras.pop("top_logprobs", None)
            elif "temperature" in complaint and "temperature" in extras:
                self._extras.pop("temperature", None)
            else:
                return False
        return True

    def _reason(self, error: Exception) -> str:
        text = " ".join((str(error) or type(error).__name__).split())
        if self._key != _NO_KEY:
            text = text.replace(self._key, "***")
        return text if len(text) <= _LONGEST_REASON else f"{text[:_LONGEST_REASON]}..."

    def close(self) -> None:
        """Give back the connections."""
        self._client.close()


def _reply(completion: "openai.types.chat.ChatCompletion") -> Reply:
    choice = completion.choices[0]
    first = choice.logprobs.content[0] if choice.logprobs is not None and choice.logprobs.content else None
    letters: dict[str, float] = {}
    for token in first.top_logprobs if first is not None else ():
        letter = token.token.strip(" \n()[].:*\u2581\u0120").upper()
        if len(letter) == 1 and letter in LETTERS:
            letters[letter] = letters.get(letter, 0.0) + math.exp(token.logprob)
    usage = completion.usage
    return Reply(choice.message.content or "", letters or None, 0 if usage is None else usage.total_tokens)
