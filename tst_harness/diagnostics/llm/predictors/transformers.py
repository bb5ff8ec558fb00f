"""Prediction with torch and transformers in this process: the default on one device."""

from collections.abc import Sequence
from importlib.metadata import version
from itertools import takewhile
from typing import Any

from tst_harness.diagnostics.llm.data.encoding import PromptEncoder
from tst_harness.diagnostics.llm.predictors.base import MAX_ANSWER_TOKENS, LLMPredictor, Reply, Request
from tst_harness.diagnostics.llm.utils.decoding import decode
from tst_harness.diagnostics.llm.utils.memory import (
    clear,
    empty_cache,
    is_out_of_memory,
    peak_memory,
    reset_peak,
)
from tst_harness.diagnostics.llm.utils.models import find_model
from tst_harness.diagnostics.llm.utils.networks import Network, default_device, shared_network
from tst_harness.diagnostics.llm.utils.packing import common_beginning
from tst_harness.errors import OutOfMemory

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

    def _reply(self, requests: Sequence[Request]) -> list[Reply]:
        import torch

        assert self._network is not None  # `ensure_loaded` came before
        self._network.use_adapter(self._adapter)
        replies: dict[int, Reply] = {}
        limit = self._batch_tokens or _BATCH_TOKENS["cpu" if self._device == "cpu" else "cuda"]
        packs = self._network.packs
        waiting = sorted(range(len(requests)), key=lambda place: _order(requests[place], packs))
        with torch.inference_mode():
            while waiting:
                prompts = [requests[place] for place in waiting]
                batch = waiting[: _first_batch(prompts, limit, packs)]
                answers = self._attempt([requests[place] for place in batch])
                if answers is None:
                    clear()
                    limit = _tokens(prompts[: len(batch)], packs) // 2
                    self._usage.batch_halved += 1
                    continue
                replies.update(zip(batch, answers, strict=True))
                waiting = waiting[len(batch) :]
        return [replies[place] for place in range(len(requests))]

    def _attempt(self, batch: Sequence[Request]) -> list[Reply] | None:
        """Answer a batch; None where memory ran out.

        The error is gone when this returns, and with it what it keeps in memory.
        """
        try:
            return self._score(batch) if batch[0].candidates else self._generate(batch)
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            if len(batch) > 1:
                return None
        raise OutOfMemory(
            f"answering runs out of memory on {self._device} with one question of {len(batch[0].prompt)} "
            "tokens at once; shorten the questions (--tst-lora max_seq_length=...), use a smaller model "
            "(--tst-model), or free memory"
        )

    def _score(self, batch: Sequence[Request]) -> list[Reply]:
        assert self._network is not None
        prompts = [request.prompt for request in batch]
        logits = self._network.logits(prompts, [[len(prompt) - 1] for prompt in prompts])
        logprobs = logits.log_softmax(-1).cpu()
        return [
            Reply(logprobs=tuple(row[list(request.candidates)].tolist()))
            for row, request in zip(logprobs, batch, strict=True)
        ]

    def _generate(self, batch: Sequence[Request]) -> list[Reply]:
        assert self._network is not None
        prompts, stops = [request.prompt for request in batch], self.encoder.stop_tokens()
        replies = []
        for tokens, logprobs in decode(self._network, prompts, stops, MAX_ANSWER_TOKENS):
            text = self.encoder.tokenizer.decode(tokens, skip_special_tokens=True).strip()
            replies.append(Reply(text=text, mean_logprob=min(0.0, sum(logprobs) / len(logprobs))))
        return replies

    def _peak_memory(self) -> int | None:
        if self._device is None:
            return None
        peak = peak_memory(self._device)
        reset_peak(self._device)
        return peak


def _order(request: Request, packs: bool) -> tuple[Any, ...]:
    """Where a request comes: choices first; with others that begin alike or, where padded, are as long."""
    return (not request.candidates, request.prompt if packs else -len(request.prompt))


def _first_batch(waiting: Sequence[Request], limit: int, packs: bool) -> int:
    """Return how many of the first requests share a batch: of one kind, and within a limit of tokens."""
    kind = bool(waiting[0].candidates)
    # Padded, the first is the longest, and says how wide the others are; packed, no token is there twice.
    most = len(waiting) if packs else max(1, limit // len(waiting[0].prompt))
    same = takewhile(lambda request: bool(request.candidates) == kind, waiting)
    most = min(most, sum(1 for _ in same))
    if not packs:
        return most
    tokens, begun = len(waiting[0].prompt), len(waiting[0].prompt)
    for count in range(1, most):
        # In alphabetical order, so that what the first and the last have in common all have.
        begun = min(begun, common_beginning([waiting[0].prompt, waiting[count].prompt]))
        tokens += len(waiting[count].prompt)
        if tokens - count * begun > limit:
            return count
    return most


def _tokens(batch: Sequence[Request], packs: bool) -> int:
    """Return how many tokens a batch has on the device."""
    lengths = [len(request.prompt) for request in batch]
    if not packs:
        return len(batch) * max(lengths)
    begun = common_beginning([request.prompt for request in batch]) if len(batch) > 1 else 0
    return sum(lengths) - (len(batch) - 1) * begun


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
