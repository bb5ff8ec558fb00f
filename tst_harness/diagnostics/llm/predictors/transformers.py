"""Prediction with torch and transformers in this process: the default on one device."""

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from tst_harness.diagnostics.llm.data.encoding import PromptEncoder
from tst_harness.diagnostics.llm.predictors.base import MAX_ANSWER_TOKENS, LLMPredictor, Reply, Request
from tst_harness.diagnostics.llm.utils.memory import (
    clear,
    empty_cache,
    is_out_of_memory,
    peak_memory,
    reset_peak,
)
from tst_harness.diagnostics.llm.utils.models import find_model
from tst_harness.diagnostics.llm.utils.networks import Network, default_device, shared_network
from tst_harness.errors import OutOfMemory

_BATCH_TOKENS = {"cpu": 2_048, "cuda": 16_384}


class TransformersPredictor(LLMPredictor):
    """Answers on the CPU, in float32, or on one CUDA device, in bfloat16.

    Multiple choice takes one forward pass over the prompt and evaluates the output head at its last token
    alone; numbers are generated greedily. Prompts of like length share a batch.

    Parameters
    ----------
    encoder
        The model and its tokens.
    device
        "cpu", "cuda", "cuda:1"; None for CUDA where torch finds a device.
    batch_tokens
        Tokens at most in a batch, padding included; None for 2,048 on a CPU and 16,384 on CUDA. It does not
        change a probability by more than rounding: 1e-4 in float32. Half of what a batch had is tried where
        memory runs out.
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
        waiting = sorted(
            range(len(requests)), key=lambda at: (not requests[at].candidates, -len(requests[at].prompt))
        )
        with torch.inference_mode():
            while waiting:
                batch = waiting[: _first_batch([requests[place] for place in waiting[:limit]], limit)]
                answers = self._attempt([requests[place] for place in batch])
                if answers is None:
                    clear()
                    limit = len(batch) * len(requests[batch[0]].prompt) // 2
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
        prompts = [one.prompt for one in batch]
        logits = self._network.logits(prompts, [[len(prompt) - 1] for prompt in prompts])
        found = logits.log_softmax(-1).cpu()
        return [
            Reply(logprobs=tuple(row[list(one.candidates)].tolist()))
            for row, one in zip(found, batch, strict=True)
        ]

    def _generate(self, batch: Sequence[Request]) -> list[Reply]:
        import torch
        from transformers import GenerationConfig

        assert self._network is not None
        tokenizer, stops = self.encoder.tokenizer, list(self.encoder.stop_tokens())
        width = max(len(one.prompt) for one in batch)
        ids = torch.full((len(batch), width), stops[0])
        mask = torch.zeros_like(ids)
        for row, one in enumerate(batch):
            ids[row, width - len(one.prompt) :] = torch.tensor(one.prompt)
            mask[row, width - len(one.prompt) :] = 1
        # The model's own generation settings may sample; an answer is to be its most probable one.
        greedy = GenerationConfig(
            max_new_tokens=MAX_ANSWER_TOKENS,
            do_sample=False,
            eos_token_id=stops,
            pad_token_id=stops[0],
            output_logits=True,
            return_dict_in_generate=True,
        )
        device = self._network.device
        made = self._network.model.generate(
            input_ids=ids.to(device), attention_mask=mask.to(device), generation_config=greedy
        )
        replies = []
        logprobs = torch.stack(made.logits, dim=1).float().log_softmax(-1)
        for tokens, scores in zip(made.sequences[:, width:].tolist(), logprobs, strict=True):
            length = next((at + 1 for at, token in enumerate(tokens) if token in stops), len(tokens))
            said = [scores[at, token].item() for at, token in enumerate(tokens[:length])]
            text = tokenizer.decode(tokens[:length], skip_special_tokens=True).strip()
            replies.append(Reply(text=text, mean_logprob=min(0.0, sum(said) / len(said))))
        return replies

    def _peak_memory(self) -> int | None:
        if self._device is None:
            return None
        peak = peak_memory(self._device)
        reset_peak(self._device)
        return peak


def _first_batch(waiting: Sequence[Request], limit: int) -> int:
    """Return how many of the first requests share a batch: of one kind and, padded, within a limit."""
    # The first is the longest, so it says how wide the others are padded.
    most = max(1, limit // len(waiting[0].prompt))
    kind = bool(waiting[0].candidates)
    return next((at for at, one in enumerate(waiting[:most]) if bool(one.candidates) != kind), most)


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
