"""What every predictor has in common: prompts in, results out, in order; the engine does the rest."""

import math
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from string import ascii_uppercase
from typing import Any, Protocol, runtime_checkable

from tst_harness.diagnostics.llm.data.encoding import ANSWER_ROOM, Encoded, PromptEncoder
from tst_harness.diagnostics.llm.data.models import (
    LLMPredictionResult,
    TrainingProgress,
    TstTestInstance,
)
from tst_harness.diagnostics.llm.data.numbers import parse_number
from tst_harness.diagnostics.llm.utils.adapters import check_adapter_files
from tst_harness.errors import EngineError

LETTERS = ascii_uppercase
MINIMUM_MASS = 1e-3
"""With less probability than this on all the options' letters together, a model has not answered."""
MAX_ANSWER_TOKENS = ANSWER_ROOM


@dataclass(frozen=True)
class Request:
    """One prompt for an engine, in plain types.

    Attributes
    ----------
    prompt
        Token ids.
    candidates
        Distinct token ids whose probability as the next token is asked for; none asks for a text instead,
        generated greedily, `MAX_ANSWER_TOKENS` tokens at most.
    """

    prompt: tuple[int, ...]
    candidates: tuple[int, ...] = ()


@dataclass(frozen=True)
class Reply:
    """An engine's reply to one request.

    Attributes
    ----------
    logprobs
        One for each candidate: its natural log-probability as the next token, over the whole vocabulary.
    text
        What was generated, special tokens left out.
    mean_logprob
        Mean log-probability of the generated tokens.
    """

    logprobs: tuple[float, ...] = ()
    text: str = ""
    mean_logprob: float = 0.0


@dataclass
class Usage:
    """What predicting took since the last `take_usage`.

    Attributes
    ----------
    tokens
        Prompt tokens.
    seconds
        Wall time, loading the model left out.
    peak_memory
        Bytes at most on the device; on a CPU of the process that holds the model; None where unknown.
    batch_halved
        How often memory ran out and smaller batches were tried.
    padding
        Tokens of padding that the prompts had; None where unknown.
    seconds_at_peak
        What the prompts would have taken at the speed of a large matrix product; None where unknown.
    """

    tokens: int = 0
    seconds: float = 0.0
    peak_memory: int | None = None
    batch_halved: int = 0
    padding: int | None = None
    seconds_at_peak: float | None = None

    def share(self, tokens: int) -> "Usage":
        """Return the part of some of the tokens; memory is what the whole had."""
        part = tokens / self.tokens if self.tokens else 0.0
        return Usage(
            tokens,
            self.seconds * part,
            self.peak_memory,
            self.batch_halved,
            None if self.padding is None else round(self.padding * part),
            None if self.seconds_at_peak is None else self.seconds_at_peak * part,
        )


@dataclass
class Prepared:
    """A question as tokens: its prompt and, of each option, those that begin an answer with its letter."""

    encoded: Encoded
    letters: list[tuple[int, ...]] = field(default_factory=list)

    def request(self) -> Request:
        """What an engine is asked."""
        return Request(self.encoded.ids, tuple(token for tokens in self.letters for token in tokens))


@runtime_checkable
class RepliesTogether(Protocol):
    """A predictor that replies with several adapters in one pass."""

    def reply_together(
        self, requests: Sequence[Request], owners: Sequence[int | None], adapters: Sequence[Path]
    ) -> list[Reply]:
        """Reply to n requests in their order, and count what that took; no adapter is in use afterwards.

        Parameters
        ----------
        requests
            n requests.
        owners
            For each its adapter, by its place in `adapters`; None for the base model alone.
        adapters
            Folders of k adapters of one rank.
        """


class LLMPredictor(ABC):
    """Answers questions with a language model, with or without a LoRA adapter.

    Nothing is loaded before it is needed. A subclass says how its engine is loaded, how it replies to
    requests, how an adapter is put on and off, and how memory is given back.

    Parameters
    ----------
    encoder
        Turns instructions into tokens; the same as for training.

    Attributes
    ----------
    callbacks
        Called with where a long answering is, by engines that can tell.
    chosen_because
        Why this engine was chosen, where it was by `create_auto_predictor`.
    """

    engine: str
    """The name of the engine in reports: "transformers", "vllm" or "ray"."""
    in_process = False
    """Whether it uses the network that `shared_network` has in this process."""

    def __init__(self, encoder: PromptEncoder) -> None:
        self.encoder = encoder
        self._adapter: Path | None = None
        self._usage = Usage()
        self.callbacks: list[Callable[[TrainingProgress], None]] = []
        self.chosen_because: str | None = None

    @property
    def model_name(self) -> str:
        """The base model, as it was asked for."""
        return self.encoder.model.name

    @property
    def current_adapter_path(self) -> Path | None:
        """The adapter in use; None for the base model alone."""
        return self._adapter

    @property
    @abstractmethod
    def is_loaded(self) -> bool:
        """Whether the base model is in memory."""

    @property
    @abstractmethod
    def settings(self) -> dict[str, Any]:
        """All that may change a prediction, in plain types."""

    @property
    @abstractmethod
    def versions(self) -> dict[str, str]:
        """The libraries whose version may change a prediction."""

    @abstractmethod
    def ensure_loaded(self) -> None:
        """Load the base model where it is not.

        Raises
        ------
        EngineUnavailable
            The engine is not installed.
        EngineError
            It fails.
        """

    @abstractmethod
    def release(self) -> None:
        """Give the device's memory back until the next `predict`; the adapter stays chosen."""

    @abstractmethod
    def _reply(self, requests: Sequence[Request]) -> list[Reply]:
        """Reply to requests in their order, with the current adapter."""

    @abstractmethod
    def _peak_memory(self) -> int | None:
        """Bytes at most since the last call."""

    def load_adapter(self, path: Path | str) -> None:
        """Use an adapter from the next prediction on, in place of another.

        Raises
        ------
        EngineError
            The folder holds no adapter that can be read.
        """
        folder = Path(path)
        check_adapter_files(folder)
        self._adapter = folder

    def unload_adapter(self) -> None:
        """Use the base model alone again."""
        self._adapter = None

    def reset(self) -> None:
        """Drop the adapter and give back everything; the predictor can be used again."""
        self.unload_adapter()
        self.release()

    def predict(self, instances: Sequence[TstTestInstance]) -> list[LLMPredictionResult]:
        """Answer questions.

        Parameters
        ----------
        instances
            n questions.

        Returns
        -------
        n results, in the order of `instances`, whatever order and batches the engine took them in.

        Raises
        ------
        DataError
            A prompt is too long for the model and may not be shortened.
        EngineError
            The engine fails.
        """
        prepared = self.prepare(instances)
        return self.results(instances, prepared, self.reply([prompt.request() for prompt in prepared]))

    def prepare(self, instances: Sequence[TstTestInstance]) -> list[Prepared]:
        """Return n questions as tokens.

        Raises
        ------
        DataError
            As for `predict`.
        """
        return [
            Prepared(
                self.encoder.prompt(instance.instruction, instance.metadata.get("question")),
                [] if instance.options is None else self.encoder.letters(len(instance.options)),
            )
            for instance in instances
        ]

    def results(
        self, instances: Sequence[TstTestInstance], prepared: Sequence[Prepared], replies: Sequence[Reply]
    ) -> list[LLMPredictionResult]:
        """Return what the replies to n questions amount to."""
        return [self._result(*answered) for answered in zip(instances, prepared, replies, strict=True)]

    def reply(self, requests: Sequence[Request]) -> list[Reply]:
        """Reply to requests in their order, and count what that took."""
        if not requests:
            return []
        self.ensure_loaded()
        replies = self._counted(requests, lambda: self._reply(requests))
        if len(replies) != len(requests):
            raise EngineError(f"{self.engine} gave {len(replies)} replies to {len(requests)} requests")
        return replies

    def _counted(self, requests: Sequence[Request], reply: Callable[[], list[Reply]]) -> list[Reply]:
        started = time.perf_counter()
        replies = reply()
        self._usage.seconds += time.perf_counter() - started
        self._usage.tokens += sum(len(request.prompt) for request in requests)
        return replies

    def take_usage(self) -> Usage:
        """What predicting took since the last call of this method."""
        taken, self._usage = self._usage, Usage()
        taken.peak_memory = self._peak_memory()
        return taken

    def forget_usage(self) -> None:
        """Count anew what predicting takes, save how often memory ran out: what comes next is spared that."""
        self._usage = Usage(batch_halved=self.take_usage().batch_halved)

    def _result(self, instance: TstTestInstance, prepared: Prepared, reply: Reply) -> LLMPredictionResult:
        truncated = prepared.encoded.truncated
        if instance.options is None:
            return LLMPredictionResult(
                instance_id=instance.instance_id,
                prediction=first_line(reply.text) if instance.answer == "text" else parse_number(reply.text),
                confidence=min(1.0, math.exp(reply.mean_logprob)),
                raw_output=reply.text,
                truncated=truncated,
            )
        probabilities, mass = _over_options(prepared.letters, reply.logprobs)
        best = max(range(len(probabilities)), key=probabilities.__getitem__)
        return LLMPredictionResult(
            instance_id=instance.instance_id,
            prediction=LETTERS[best] if mass >= MINIMUM_MASS else None,
            confidence=probabilities[best],
            raw_output=reply.text or LETTERS[best],
            option_probabilities=probabilities,
            letter_mass=mass,
            truncated=truncated,
        )


def first_line(text: str) -> str | None:
    """Return the first line that says something; None where none does."""
    return next((line.strip() for line in text.splitlines() if line.strip()), None)


def _over_options(
    letters: Sequence[tuple[int, ...]], logprobs: Sequence[float]
) -> tuple[tuple[float, ...], float]:
    """Return the probabilities of the options, adding up to 1, and what they added up to before."""
    # Only differences count for the options, so the largest is taken off before the exponential.
    top = max(logprobs)
    if top == -math.inf:
        return tuple(1.0 / len(letters) for _ in letters), 0.0
    each = iter(logprobs)
    relative = [sum(math.exp(next(each) - top) for _ in tokens) for tokens in letters]
    total = sum(relative)
    return tuple(share / total for share in relative), min(1.0, total * math.exp(top))
