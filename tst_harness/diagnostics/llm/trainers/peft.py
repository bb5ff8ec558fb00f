"""LoRA training with torch and peft in this process, one adapter at a time."""

import logging
import math
import random
import time
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from tst_harness.diagnostics.llm.data.encoding import PromptEncoder
from tst_harness.diagnostics.llm.data.models import (
    LoRAAdapterInfo,
    LoRASettings,
    TrainingProgress,
    TstTrainingDatum,
)
from tst_harness.diagnostics.llm.settings import read_settings
from tst_harness.diagnostics.llm.trainers.base import TrainingJob
from tst_harness.diagnostics.llm.trainers.examples import (
    LARGEST_NORM,
    Example,
    batches,
    diverged,
    encode,
    learning_rate_share,
    lora_config,
    no_memory,
    save_adapter,
)
from tst_harness.diagnostics.llm.trainers.in_process import InProcessTrainer
from tst_harness.diagnostics.llm.utils.dropout import use_fast_dropout
from tst_harness.diagnostics.llm.utils.memory import (
    clear,
    is_out_of_memory,
    reset_peak,
    smaller_batch,
)
from tst_harness.diagnostics.llm.utils.models import find_model

_LOG = logging.getLogger("tst_harness")


class PeftTrainer(InProcessTrainer):
    """Trains on the CPU, in float32, or on one CUDA device, in bfloat16 with adapters in float32.

    The loss is that of the answer's tokens alone, and the output head is evaluated only where they are
    predicted. Questions of like length share a batch. AdamW, no weight decay, gradients clipped to a norm of
    1, cosine schedule with warm-up. On a CPU the same data, settings, seed and number of threads give the
    same adapter.

    What is optimised depends on `batch_size * gradient_accumulation` alone. Where memory runs out, a training
    begins anew with half the batch and twice the accumulation: the same but for rounding and for what dropout
    drops, and the same as if that had been asked for.

    Parameters
    ----------
    encoder
        The model and its tokens.
    lora
        Settings; the paper's by default.
    device
        "cpu", "cuda", "cuda:1"; None for CUDA where torch finds a device.
    """

    engine = "peft"

    def _train(
        self, training_data: Sequence[TstTrainingDatum], output_dir: Path, fold_id: str, seed: int
    ) -> LoRAAdapterInfo:
        started = time.perf_counter()
        examples, truncated = encode(self.encoder, training_data)
        reset_peak(self._load())
        batch, halved = self.lora.batch_size, 0
        while (losses := self._attempt(examples, batch, output_dir, fold_id, seed, started)) is None:
            clear()
            smaller = smaller_batch(batch, self.lora.effective_batch_size)
            _LOG.info(
                "%s: out of memory with %d questions at once; training it anew with %d at once and as many "
                "to an update",
                *(fold_id or "training", batch, smaller),
            )
            batch, halved = smaller, halved + 1
        return self._info(
            TrainingJob(training_data, output_dir, fold_id, seed),
            examples,
            losses,
            tokens=self.lora.num_epochs * sum(len(example.ids) for example in examples),
            seconds=time.perf_counter() - started,
            truncated=truncated,
            batch_size=batch,
            batch_halved=halved,
            padding=self._network.padding if self._network else None,
        )

    def _attempt(
        self,
        examples: Sequence[Example],
        batch: int,
        output_dir: Path,
        fold_id: str,
        seed: int,
        started: float,
    ) -> list[float] | None:
        """Train with batches of this size; return the loss of each step, or None where memory ran out.

        The error is gone when this returns, and with it what it keeps in memory.
        """
        assert self._network is not None
        self._network.padding = 0
        try:
            return self._fit(examples, batch, output_dir, fold_id, seed, started)
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            if batch > 1:
                return None
        raise no_memory(fold_id, str(self._device))

    def _fit(
        self,
        examples: Sequence[Example],
        size: int,
        output_dir: Path,
        fold_id: str,
        seed: int,
        started: float,
    ) -> list[float]:
        """Train and save; return the loss of each step."""
        import torch
        from peft import get_peft_model

        assert self._network is not None
        network = self._network
        # The state of the caller's random numbers is none of the adapter's business, nor the reverse.
        devices = [torch.device(network.device)] if network.device != "cpu" else []
        with torch.random.fork_rng(devices=devices):
            torch.manual_seed(seed)
            adapted = get_peft_model(network.model, lora_config(self.lora))
            if network.device == "cpu":
                use_fast_dropout(adapted)
            try:
                losses = self._steps(adapted, examples, size, fold_id, seed, started)
                save_adapter(adapted, output_dir)
            finally:
                adapted.unload()
                network.model.eval().requires_grad_(False)
        return losses

    def _steps(
        self, adapted: Any, examples: Sequence[Example], size: int, fold_id: str, seed: int, started: float
    ) -> list[float]:
        import torch

        lora = self.lora
        total = math.ceil(len(examples) / lora.effective_batch_size) * lora.num_epochs
        weights = [parameter for parameter in adapted.parameters() if parameter.requires_grad]
        optimiser = torch.optim.AdamW(weights, lr=lora.learning_rate, weight_decay=0.0)
        warmup = lora.warmup_steps(total)
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimiser, lambda step: learning_rate_share(step, total, warmup)
        )
        losses: list[float] = []
        adapted.train()
        rng = random.Random(seed)
        for _ in range(lora.num_epochs):
            for together in batches(examples, lora.effective_batch_size, rng):
                loss = self._accumulate([together[at : at + size] for at in range(0, len(together), size)])
                if not math.isfinite(loss):
                    raise diverged(fold_id, loss, len(losses) + 1, total, lora.learning_rate)
                torch.nn.utils.clip_grad_norm_(weights, LARGEST_NORM)
                optimiser.step()
                schedule.step()
                optimiser.zero_grad()
                losses.append(loss)
                self._report(
                    TrainingProgress(
                        fold_id=fold_id,
                        step=len(losses),
                        total_steps=total,
                        loss=loss,
                        seconds=time.perf_counter() - started,
                    )
                )
        return losses

    def _accumulate(self, batches: Sequence[Sequence[Example]]) -> float:
        """Add up the gradients of the mean loss of all answer tokens in some batches, and return it."""
        import torch

        assert self._network is not None
        tokens = sum(len(example.answer) for batch in batches for example in batch)
        total = 0.0
        cuda = self._network.device != "cpu"
        for batch in batches:
            positions = [example.positions for example in batch]
            answers = torch.tensor(
                [token for example in batch for token in example.answer], device=self._network.device
            )
            with torch.autocast("cuda", dtype=torch.bfloat16) if cuda else nullcontext():
                logits = self._network.logits([example.shown for example in batch], positions)
            loss = torch.nn.functional.cross_entropy(logits, answers, reduction="sum") / tokens
            loss.backward()
            total += float(loss.detach())
        return total


def create_peft_trainer(
    model_name: str | None = None, device: str | None = None, **settings: Any
) -> PeftTrainer:
    """Return a trainer with torch and peft.

    Parameters
    ----------
    model_name
        As for `find_model`.
    device
        As for `PeftTrainer`.
    **settings
        Fields of `LoRASettings`.

    Raises
    ------
    DataError
        A setting is not known, or its value makes no sense.
    """
    lora = read_settings(LoRASettings, settings, "the peft trainer")
    return PeftTrainer(PromptEncoder(find_model(model_name), lora.max_seq_length), lora, device)
