"""LoRA training with torch and peft in this process: the default on one device."""

import logging
import math
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from shutil import rmtree
from typing import Any

from tst_harness.diagnostics.llm.data.encoding import PromptEncoder
from tst_harness.diagnostics.llm.data.models import (
    LoRAAdapterInfo,
    LoRASettings,
    TrainingProgress,
    TstTrainingDatum,
)
from tst_harness.diagnostics.llm.settings import read_settings
from tst_harness.diagnostics.llm.trainers.base import LLMTrainer
from tst_harness.diagnostics.llm.trainers.dropout import use_fast_dropout
from tst_harness.diagnostics.llm.utils.adapters import CONFIG, WEIGHTS, check_adapter_files
from tst_harness.diagnostics.llm.utils.memory import (
    clear,
    empty_cache,
    free_memory,
    is_out_of_memory,
    peak_memory,
    reset_peak,
    smaller_batch,
)
from tst_harness.diagnostics.llm.utils.models import find_model
from tst_harness.diagnostics.llm.utils.networks import Network, default_device, shared_network
from tst_harness.errors import DataError, EngineError, OutOfMemory

_MEGABATCH = 8
_CLIP = 1.0
_LOG = logging.getLogger("tst_harness")


@dataclass(frozen=True)
class _Example:
    """Token ids of a prompt and its answer."""

    prompt: tuple[int, ...]
    answer: tuple[int, ...]

    @property
    def ids(self) -> tuple[int, ...]:
        return self.prompt + self.answer


class PeftTrainer(LLMTrainer):
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
    in_process = True

    def __init__(
        self, encoder: PromptEncoder, lora: LoRASettings | None = None, device: str | None = None
    ) -> None:
        super().__init__(encoder, lora)
        self._device = device
        self._network: Network | None = None

    @property
    def settings(self) -> dict[str, Any]:
        """The engine and the settings of LoRA."""
        return {"engine": self.engine, **self.lora.as_dict()}

    @property
    def versions(self) -> dict[str, str]:
        """Of torch, transformers and peft."""
        return {name: version(name) for name in ("torch", "transformers", "peft")}

    def free_memory(self) -> int | None:
        """Bytes free on the CUDA device; None before the first training, and for a CPU."""
        return None if self._device is None else free_memory(self._device)

    def release(self) -> None:
        """Let go of the base model, which is freed when the predictor does not hold it either."""
        self._network = None
        empty_cache()

    def _train(
        self, training_data: Sequence[TstTrainingDatum], output_dir: Path, fold_id: str, seed: int
    ) -> LoRAAdapterInfo:
        started = time.perf_counter()
        examples, truncated = self._examples(training_data)
        self._device = self._device or default_device()
        self._network = self._network or shared_network(self.encoder.model, self._device)
        self._network.use_adapter(None)
        reset_peak(self._device)
        batch, halved = self.lora.batch_size, 0
        while (losses := self._attempt(examples, batch, output_dir, fold_id, seed, started)) is None:
            clear()
            smaller = smaller_batch(batch, self._effective)
            _LOG.info(
                "%s: out of memory with %d questions at once; training it anew with %d at once and as many "
                "to an update",
                *(fold_id or "training", batch, smaller),
            )
            batch, halved = smaller, halved + 1
        last = losses[-math.ceil(len(losses) / 10) :]
        return LoRAAdapterInfo(
            fold_id=fold_id,
            adapter_path=output_dir,
            training_size=len(examples),
            model_name=self.model_name,
            training_config={**self.settings, "seed": seed, "revision": self.encoder.model.revision},
            tokens=self.lora.num_epochs * sum(len(one.ids) for one in examples),
            seconds=time.perf_counter() - started,
            final_loss=sum(last) / len(last),
            truncated=truncated,
            peak_memory=peak_memory(self._device),
            batch_size=batch,
            batch_halved=halved,
        )

    @property
    def _effective(self) -> int:
        """Questions to an update of the weights."""
        return self.lora.batch_size * self.lora.gradient_accumulation_steps

    def _attempt(
        self,
        examples: Sequence[_Example],
        batch: int,
        output_dir: Path,
        fold_id: str,
        seed: int,
        started: float,
    ) -> list[float] | None:
        """Train with batches of this size; return the loss of each step, or None where memory ran out.

        The error is gone when this returns, and with it what it keeps in memory.
        """
        try:
            return self._fit(examples, batch, output_dir, fold_id, seed, started)
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            if batch > 1:
                return None
        raise OutOfMemory(
            f"training {fold_id or 'the adapter'} runs out of memory on {self._device} with one question at "
            "once; shorten the questions (--tst-lora max_seq_length=...), use a smaller model (--tst-model), "
            "or free memory"
        )

    def _examples(self, training_data: Sequence[TstTrainingDatum]) -> tuple[list[_Example], int]:
        if not training_data:
            raise DataError(
                "there is no question to train on; use fewer folds (--tst-folds) or a larger --tst-limit"
            )
        encoded = [
            self.encoder.prompt(one.instruction, one.metadata.get("question"), training=True)
            for one in training_data
        ]
        examples = [
            _Example(prompt.ids, self.encoder.answer(one.response))
            for prompt, one in zip(encoded, training_data, strict=True)
        ]
        return examples, sum(one.truncated for one in encoded)

    def _fit(
        self,
        examples: Sequence[_Example],
        size: int,
        output_dir: Path,
        fold_id: str,
        seed: int,
        started: float,
    ) -> list[float]:
        """Train and save; return the loss of each step."""
        import torch
        from peft import LoraConfig, get_peft_model

        assert self._network is not None
        lora, network = self.lora, self._network
        config = LoraConfig(
            r=lora.lora_rank,
            lora_alpha=lora.lora_alpha,
            lora_dropout=lora.lora_dropout,
            target_modules="all-linear",
            task_type="CAUSAL_LM",
        )
        # The state of the caller's random numbers is none of the adapter's business, nor the reverse.
        devices = [torch.device(network.device)] if network.device != "cpu" else []
        with torch.random.fork_rng(devices=devices):
            torch.manual_seed(seed)
            adapted = get_peft_model(network.model, config)
            if network.device == "cpu":
                use_fast_dropout(adapted)
            try:
                losses = self._steps(adapted, examples, size, fold_id, seed, started)
                _save(adapted, output_dir)
            finally:
                adapted.unload()
                network.model.eval().requires_grad_(False)
        return losses

    def _steps(
        self, adapted: Any, examples: Sequence[_Example], size: int, fold_id: str, seed: int, started: float
    ) -> list[float]:
        import torch

        lora = self.lora
        total = math.ceil(len(examples) / self._effective) * lora.num_epochs
        weights = [one for one in adapted.parameters() if one.requires_grad]
        optimiser = torch.optim.AdamW(weights, lr=lora.learning_rate, weight_decay=0.0)
        warmup = lora.warmup_steps(total)
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimiser, lambda step: learning_rate_share(step, total, warmup)
        )
        losses: list[float] = []
        adapted.train()
        rng = random.Random(seed)
        for _ in range(lora.num_epochs):
            for together in _batches(examples, self._effective, rng):
                loss = self._accumulate([together[at : at + size] for at in range(0, len(together), size)])
                if not math.isfinite(loss):
                    raise EngineError(
                        f"the loss of {fold_id or 'the adapter'} is {loss} at step {len(losses) + 1} of "
                        f"{total}: the training diverged; use a lower learning rate than "
                        f"{lora.learning_rate} (--tst-lora learning_rate=...)"
                    )
                torch.nn.utils.clip_grad_norm_(weights, _CLIP)
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

    def _accumulate(self, batches: Sequence[Sequence[_Example]]) -> float:
        """Add up the gradients of the mean loss of all answer tokens in some batches, and return it."""
        import torch

        assert self._network is not None
        tokens = sum(len(one.answer) for batch in batches for one in batch)
        total = 0.0
        cuda = self._network.device != "cpu"
        for batch in batches:
            # The token at a position is predicted by the one before it.
            positions = [range(len(one.prompt) - 1, len(one.ids) - 1) for one in batch]
            answers = torch.tensor(
                [token for one in batch for token in one.answer], device=self._network.device
            )
            with torch.autocast("cuda", dtype=torch.bfloat16) if cuda else nullcontext():
                logits = self._network.logits([one.ids for one in batch], positions)
            loss = torch.nn.functional.cross_entropy(logits, answers, reduction="sum") / tokens
            loss.backward()
            total += float(loss.detach())
        return total


def learning_rate_share(step: int, total: int, warmup: int) -> float:
    """Return the share of the learning rate at an update: a line from 0 to 1, then half a cosine to 0.

    It is the schedule of `transformers.get_cosine_schedule_with_warmup`, and so of LLaMA-Factory.

    Parameters
    ----------
    step
        The update, from 0.
    total, warmup
        Numbers of updates, of all and of those before the rate is whole.
    """
    if step < warmup:
        return step / max(1, warmup)
    return max(0.0, 0.5 * (1.0 + math.cos(math.pi * (step - warmup) / max(1, total - warmup))))


def _batches(examples: Sequence[_Example], size: int, rng: random.Random) -> Iterator[list[_Example]]:
    """Yield batches of like length in random order.

    Lengths are sorted among a few batches' worth of randomly drawn questions, not among all, so that a
    batch is not always made of the same questions.
    """
    order = rng.sample(range(len(examples)), len(examples))
    made = []
    for start in range(0, len(order), size * _MEGABATCH):
        near = sorted(order[start : start + size * _MEGABATCH], key=lambda at: len(examples[at].ids))
        made += [near[at : at + size] for at in range(0, len(near), size)]
    rng.shuffle(made)
    for batch in made:
        yield [examples[at] for at in batch]


def _save(adapted: Any, output_dir: Path) -> None:
    """Save an adapter, its weights last, so that a folder with weights holds a whole adapter."""
    work = output_dir / ".saving"
    try:
        adapted.save_pretrained(str(work), save_embedding_layers=False)
        check_adapter_files(work)
        for name in (CONFIG, WEIGHTS):
            (work / name).replace(output_dir / name)
    except OSError as error:
        raise EngineError(
            f"{output_dir}: the adapter cannot be saved ({error.strerror}); free some space or choose "
            "another folder"
        ) from None
    finally:
        rmtree(work, ignore_errors=True)


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
