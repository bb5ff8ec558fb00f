"""A model behind a server that speaks the protocol of OpenAI, asked without picture."""

import asyncio
import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from threading import Thread
from typing import Any

from tst_harness.analysis.scoring import LETTERS
from tst_harness.errors import EngineError, EngineUnavailable
from tst_harness.results.answers import in_the_end
from tst_harness.results.values import conversation

KEY = "OPENAI_API_KEY"
"""The environment variable that the key is read from."""
ANSWER_TOKENS = 32
_MOST_LOGPROBS = 20
_FEW_LOGPROBS = 5
"""What servers tell that do not tell the most."""
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


class QuestionRefusedError(EngineError):
    """What another question may change, such as a prompt that is too long."""


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
        Seconds until a request must be answered in full, each time that it is asked.

    Raises
    ------
    EngineUnavailable
        The client is not installed.
    EngineError
        The key cannot be sent, or the address is none.
    """

    def __init__(self, base_url: str, model: str, *, retries: int = 5, timeout: float = 120.0) -> None:
        try:
            import openai
        except ImportError:
            raise EngineUnavailable(
                "asking a server needs a package that is not installed: pip install 'tst-harness[blind]'"
            ) from None
        if not base_url.startswith(("http://", "https://")):
            raise EngineError(
                f"--base-url {base_url} does not begin with http:// or https://; write it in full"
            )
        self.model = model
        self._key = os.environ.get(KEY, "").strip() or _NO_KEY
        if not (self._key.isascii() and self._key.isprintable()):
            raise EngineError(f"the key in {KEY} has characters that cannot be sent; set it again")

        class Limited(openai.DefaultAsyncHttpxClient):
            """Gives up on an answer that is not whole in time, however often a byte of it comes."""

            async def send(self, request: Any, **options: Any) -> Any:
                try:
                    async with asyncio.timeout(timeout):
                        return await super().send(request, **options)
                except TimeoutError:
                    # That of httpx, or of what a version of the client has in its place, is asked again.
                    http = import_module(type(request).__module__.partition(".")[0])
                    raise http.ReadTimeout(
                        f"no whole answer within {timeout:g} seconds", request=request
                    ) from None

        self._client = openai.AsyncOpenAI(
            base_url=base_url, api_key=self._key, max_retries=retries, timeout=None, http_client=Limited()
        )
        # What a server does not know is left out, once it has said so.
        self._extras: dict[str, Any] = {
            "max_tokens": ANSWER_TOKENS,
            "temperature": 0.0,
            "logprobs": True,
            "top_logprobs": _MOST_LOGPROBS,
        }
        self._loop = asyncio.new_event_loop()
        # Only what runs on a loop can be given up at any time.
        self._thread = Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def ask(self, prompt: str) -> Reply:
        """Return the answer to a prompt.

        Raises
        ------
        ServerRefusedError
            The server refuses every question.
        QuestionRefusedError
            It refuses this one.
        EngineError
            It does not answer this one, however often it is asked.
        """
        return asyncio.run_coroutine_threadsafe(self._ask(prompt), self._loop).result()

    async def _ask(self, prompt: str) -> Reply:
        import openai

        while True:
            extras = dict(self._extras)
            try:
                response = await self._client.chat.completions.with_raw_response.create(
                    model=self.model, messages=[{"role": "user", "content": prompt}], **extras
                )
                return self._reply(response.content)
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                if not self._does_without(str(error), extras):
                    raise QuestionRefusedError(
                        f"the server refuses the question ({self._reason(error)})"
                    ) from None
            except (
                openai.AuthenticationError,
                openai.PermissionDeniedError,
                openai.NotFoundError,
            ) as error:
                # What OpenAI's models that think do not know is forbidden, not a bad request.
                if not self._does_without(str(error), extras):
                    raise ServerRefusedError(
                        f"the server refuses all questions ({self._reason(error)}): check --base-url, "
                        f"--model and the key in {KEY}"
                    ) from None
            except openai.OpenAIError as error:
                raise EngineError(f"the server does not answer ({self._reason(error)})") from None
            except EngineError:
                raise
            except ValueError as error:
                raise EngineError(
                    f"what the server answers is no chat completion ({self._reason(error)}): check --base-url"
                ) from None

    def _reply(self, body: bytes) -> Reply:
        """Return what a completion says; its fields may be missing or of any kind, as servers have them.

        Raises
        ------
        ValueError
            There is no answer in it.
        EngineError
            It was cut before the answer.
        """
        text = body.decode("utf-8", "replace")
        try:
            completion = json.loads(text)
            choice = completion["choices"][0]
            content = choice["message"]["content"]
            # Some servers write a text in parts, as requests may.
            answer = content if isinstance(content, str) else conversation(content) or ""
        except (ValueError, TypeError, KeyError, IndexError, RecursionError):
            raise ValueError(text or "an empty body") from None
        if _part(choice, "finish_reason") == "length" and not in_the_end(answer):
            raise EngineError(
                f"the model was still thinking after {ANSWER_TOKENS} tokens; turn its thinking off at the "
                "server"
            )
        tokens = _part(_part(completion, "usage"), "total_tokens")
        return Reply(
            self._without_key(answer),
            _letters(_part(choice, "logprobs")) or None,
            tokens if isinstance(tokens, int) else 0,
        )

    def _does_without(self, complaint: str, extras: Mapping[str, Any]) -> bool:
        """Leave out what a server complains of; False where that is nothing that can be left out."""
        if "max_tokens" in complaint and "max_tokens" in extras:
            self._extras.pop("max_tokens", None)
            self._extras["max_completion_tokens"] = ANSWER_TOKENS
        elif "logprobs" in complaint and extras.get("top_logprobs") == _MOST_LOGPROBS:
            # Others of the questions on their way may have left them out by now.
            if "top_logprobs" in self._extras:
                self._extras["top_logprobs"] = _FEW_LOGPROBS
        elif "logprobs" in complaint and "logprobs" in extras:
            self._extras.pop("logprobs", None)
            self._extras.pop("top_logprobs", None)
        elif "temperature" in complaint and "temperature" in extras:
            self._extras.pop("temperature", None)
        else:
            return False
        return True

    def _without_key(self, text: str) -> str:
        return text if self._key == _NO_KEY else text.replace(self._key, "***")

    def _reason(self, error: Exception) -> str:
        parts = [str(part) or type(part).__name__ for part in (error, error.__cause__) if part is not None]
        if (reason := _said_by_the_system(error)) is not None:
            parts[1:] = [reason]
        text = self._without_key(" ".join(": ".join(dict.fromkeys(parts)).split()))
        return text if len(text) <= _LONGEST_REASON else f"{text[:_LONGEST_REASON]}..."

    def close(self) -> None:
        """Give up what is being asked, and give back the connections."""
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end(self) -> None:
        asking = asyncio.all_tasks() - {asyncio.current_task()}
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)
        await self._client.close()


def _said_by_the_system(error: BaseException | None) -> str | None:
    """Why there was no connection, such as "Connection refused"; None where an error has another reason."""
    while error is not None:
        if isinstance(error, OSError) and error.errno is not None and error.errno > 0:
            return os.strerror(error.errno)
        if isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        else:
            error = error.__cause__ or error.__context__
    return None


def _letters(logprobs: Any) -> dict[str, float]:
    """The probability of each letter at the first token."""
    content = _part(logprobs, "content")
    first = content[0] if isinstance(content, list) and content else None
    alternatives = _part(first, "top_logprobs")
    letters: dict[str, float] = {}
    for alternative in alternatives if isinstance(alternatives, list) else ():
        letter = str(_part(alternative, "token")).strip(" \n()[].:*\u2581\u0120").upper()
        logprob = _part(alternative, "logprob")
        if len(letter) == 1 and letter in LETTERS and isinstance(logprob, int | float):
            # Nothing is likelier than sure, whatever rounding or a server says.
            letters[letter] = letters.get(letter, 0.0) + math.exp(min(logprob, 0.0))
    return {letter: share for letter, share in letters.items() if math.isfinite(share)}


def _part(holder: Any, name: str) -> Any:
    return holder.get(name) if isinstance(holder, dict) else None
