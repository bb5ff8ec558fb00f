"""Prediction with torch and transformers in this process: the default on one device."""

import time
from collections.abc import Sequence
from importlib.metadata import version
from itertools import takewhile
from pathlib import Path
from typing import Any, NamedTuple

from tst_harness.diagnostics.llm.data.beside import tokenised_beside
from tst_harness.diagnostics.llm.data.encoding import PromptEncoder
from tst_harness.diagnostics.llm.data.models import (
    LLMPredictionResult,
    TrainingProgress,
    TstTestInstance,
)
from tst_harness.diagnostics.llm.predictors.base import (
    MAX_ANSWER_TOKENS,
    LLMPredictor,
    Reply,
    Request,
    Usage,
)
from tst_harness.diagnostics.llm.utils.decoding import decode
from tst_harness.diagnostics.llm.utils.lora_stack import LoRAStack
from tst_harness.diagnostics.llm.utils.memory import (
    clear,
    empty_cache,
    is_out_of_memory,
    peak_memory,
    reset_peak,
)
from tst_harness.diagnostics.llm.utils.models import find_model
from tst_harness.diagnostics.llm.utils.networks import Network, default_device, shared_network
from tst_harness.diagnostics.llm.utils.packing import Packing, common_beginning
from tst_harness.errors import OutOfMemory

_LONG = 32
"""Fewer questions are answered before anybody reads how many are."""
_BATCH_TOKENS = {"cpu": 2_048, "cuda": 16_384}


class TransformersPredictor(LLMPredictor):
    """Answers on the CPU, in float32, or on one CUDA device, in bfloat16.

    Multiple choice takes one forward pass over the prompt and evaluates the output head at its last token
    alone; numbers are generated greedily, and leave the batch when they are done. On a CPU what prompts begin
    with in common is computed once for a batch; on CUDA prompts of like length share one.

    Parameters
    ----------
    encoder
        The model and its tokens.
    device
        "cpu", "cuda", "cuda:1"; None for CUDA where torch finds a device.
    batch_tokens
        Tokens at most in a batch, padding included and what is shared counted once; None for 2,048 on a CPU
        and 16,384 on CUDA. It does not change a probability by more than rounding: 1e-4 in float32. Half of
        what a batch had is tried where memory runs out.
    """

    engine = "transformers"
    in_process = True

    def __init__(
        self, encoder: PromptEncoder, device: str | None = None, batch_tokens: int | None = None
    ) -> None:
        super().__init__(encoder)
        self._device = device
        self._batch_tokens = batch_tokens
        self._network: Network | None = None

    @property
    def is_loaded(self) -> bool:
        """Whether the base model is in memory."""
        return self._network is not None

    @property
    def settings(self) -> dict[str, Any]:
        """The engine; neither the device nor the size of a batch is among what may change a score."""
        return {"engine": self.engine}

    @property
    def versions(self) -> dict[str, str]:
        """Of torch, transformers and peft."""
        return {name: version(name) for name in ("torch", "transformers", "peft")}

    def predict(self, instances: Sequence[TstTestInstance]) -> list[LLMPredictionResult]:
        """Answer questions; see `LLMPredictor.predict`."""
        self._tell(0, len(instances), 0.0)
        if instances and self._network is None:
            # The encoder keeps what it has encoded.
            tokenised_beside(self.encoder, lambda: self.prepare(instances), self.ensure_loaded)
        return super().predict(instances)

    def ensure_loaded(self) -> None:
        """Load the base model, or share it with the trainer that has it."""
        if self._network is None:
            self._device = self._device or default_device()
            self._network = shared_network(self.encoder.model, self._device)
            reset_peak(self._device)

    def release(self) -> None:
        """Let go of the base model, which is freed when the trainer does not hold it either."""
        if self._network is not None:
            self._network.use_adapter(None)
            self._network = None
            empty_cache()

    def reply_together(
        self, requests: Sequence[Request], owners: Sequence[int | None], adapters: Sequence[Path]
    ) -> list[Reply]:
        """Reply to requests, each with its own adapter, in one pass; see `RepliesTogether`."""
        self._tell(0, len(requests), 0.0)
        self.ensure_loaded()
        assert self._network is not None
        rows = [_Row(*row) for row in zip(requests, owners, strict=True)]
        with self._network.adapters(adapters) as stack:
            return self._counted(requests, lambda: self._in_batches(rows, stack))

    def take_usage(self) -> Usage:
        """What predicting took since the last call of this method."""
        taken = super().take_usage()
        if self._network is not None:
            taken.padding, self._network.padding = self._network.padding, 0
            taken.seconds_at_peak = self._network.seconds_at_peak(taken.tokens)
        return taken

    def _reply(self, requests: Sequence[Request]) -> list[Reply]:
        assert self._network is not None  # `ensure_loaded` came before
        self._network.use_adapter(self._adapter)
        return self._in_batches([_Row(request, None) for request in requests])

    def _in_batches(self, rows: Sequence["_Row"], stack: LoRAStack | None = None) -> list[Reply]:
        import torch

        assert self._network is not None
        replies: dict[int, Reply] = {}
        limit = self._batch_tokens or _BATCH_TOKENS["cpu" if self._device == "cpu" else "cuda"]
        packs = self._network.packs
        started = time.perf_counter()
        waiting = sorted(range(len(rows)), key=lambda place: _order(rows[place], packs))
        with torch.inference_mode():
            while waiting:
                size = _first_batch([rows[place] for place in waiting], limit, packs)
                # Rows of one adapter stand together.
                places = sorted(waiting[:size], key=lambda place: _owner(rows[place]))
                batch = [rows[place] for place in places]
                answers = self._attempt(batch, stack)
                if answers is None:
                    clear()
                    limit = _tokens(batch, packs) // 2
                    self._usage.batch_halved += 1
                    continue
                replies.update(zip(places, answers, strict=True))
                waiting = waiting[size:]
                self._tell(len(replies), len(rows), time.perf_counter() - started)
        return [replies[place] for place in range(len(rows))]

    def _tell(self, done: int, of: int, seconds: float) -> None:
        if of < _LONG:
            return
        progress = TrainingProgress(
            fold_id="answering", step=done, total_steps=of, loss=None, seconds=seconds, unit="question"
        )
        for callback in self.callbacks:
            callback(progress)

    def _attempt(self, batch: Sequence["_Row"], stack: LoRAStack | None) -> list[Reply] | None:
        """Answer a batch; None where memory ran out.

        The error is gone when this returns, and with it what it keeps in memory.
        """
        try:
            answer = self._score if batch[0].request.candidates else self._generate
            return answer([row.request for row in batch], stack, [row.owner for row in batch])
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            if len(batch) > 1:
                return None
        raise OutOfMemory(
            f"answering runs out of memory on {self._device} with one question of "
            f"{len(batch[0].request.prompt)} tokens at once; shorten the questions "
            "(--tst-lora max_seq_length=...), use a smaller model (--tst-model), or free memory"
        )

    def _score(
        self, batch: Sequence[Request], stack: LoRAStack | None, owners: Sequence[int | None]
    ) -> list[Reply]:
        assert self._network is not None
        prompts = [request.prompt for request in batch]
        last = [[len(prompt) - 1] for prompt in prompts]
        logprobs = self._network.logits(prompts, last, stack, owners).log_softmax(-1).cpu()
        return [
            Reply(logprobs=tuple(row[list(request.candidates)].tolist()))
            for row, request in zip(logprobs, batch, strict=True)
        ]

    def _generate(
        self, batch: Sequence[Request], stack: LoRAStack | None, owners: Sequence[int | None]
    ) -> list[Reply]:
        assert self._network is not None
        prompts, stops = [request.prompt for request in batch], self.encoder.stop_tokens()
        replies = []
        for tokens, logprobs in decode(self._network, prompts, stops, MAX_ANSWER_TOKENS, stack, owners):
            text = self.encoder.tokenizer.decode(tokens, skip_special_tokens=True).strip()
            replies.append(Reply(text=text, mean_logprob=min(0.0, sum(logprobs) / len(logprobs))))
        return replies

    def _peak_memory(self) -> int | None:
        if self._device is None:
            return None
        peak = peak_memory(self._device)
        reset_peak(self._device)
        return peak


class _Row(NamedTuple):
    """A request, and the adapter of several that it is for; None for the network as it is."""

    request: Request
    owner: int | None


def _owner(row: _Row) -> int:
    return -1 if row.owner is None else row.owner


def _order(row: _Row, packs: bool) -> tuple[Any, ...]:
    """Where a row comes: choices first; with those of its adapter that begin alike or, padded, with its like.

    Padded, rows of all adapters share batches; packed, those of one have most in common.
    """
    prompt = row.request.prompt
    return (not row.request.candidates, (_owner(row), prompt) if packs else -len(prompt))


def _first_batch(waiting: Sequence[_Row], limit: int, packs: bool) -> int:
    """Return how many of the first rows share a batch: of one kind, and within a limit of tokens."""
    kind = bool(waiting[0].request.candidates)
    same = list(takewhile(lambda row: bool(row.request.candidates) == kind, waiting))
    if not packs:
        # The first is the longest, and says how wide the others are.
        return min(len(same), max(1, limit // len(same[0].request.prompt)))
    before = tokens = count = begun = 0
    for place, row in enumerate(same):
        prompt = row.request.prompt
        if place == 0 or row.owner != same[place - 1].owner:
            before += tokens - max(0, count - 1) * begun
            first, tokens, count, begun = prompt, 0, 0, len(prompt)
        # In alphabetical order, so that what the first and the last have in common all have.
        begun = min(begun, common_beginning([first, prompt]))
        tokens, count = tokens + len(prompt), count + 1
        if place and before + tokens - (count - 1) * begun > limit:
            return place
    return len(same)


def _tokens(batch: Sequence[_Row], packs: bool) -> int:
    """Return how many tokens a batch has on the device."""
    prompts = [row.request.prompt for row in batch]
    if packs:
        return len(Packing(prompts, [row.owner for row in batch], min(map(len, prompts)) - 1).tokens)
    return len(prompts) * max(map(len, prompts))


def create_transformers_predictor(
    model_name: str | None = None, device: str | None = None
) -> TransformersPredictor:
    """Return a predictor with torch and transformers.

    Parameters
    ----------
    model_name
        As for `find_model`.
    device
        As for `TransformersPredictor`.
    """
    return TransformersPredictor(PromptEncoder(find_model(model_name)), device)
