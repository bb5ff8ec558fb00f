"""LoRA training of several adapters in one pass over one frozen network: the default on one device."""

import logging
import math
import time
from collections.abc import Iterator, Mapping, Sequence
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
    diverged,
    lora_config,
    no_memory,
    save_adapter,
)
from tst_harness.diagnostics.llm.trainers.in_process import InProcessTrainer
from tst_harness.diagnostics.llm.trainers.lessons import Lesson, chosen, lessons_of
from tst_harness.diagnostics.llm.utils.lora_stack import LoRAStack
from tst_harness.diagnostics.llm.utils.memory import (
    clear,
    is_out_of_memory,
    reset_peak,
    smaller_batch,
)
from tst_harness.diagnostics.llm.utils.models import find_model
from tst_harness.errors import DataError, HarnessError

_LOG = logging.getLogger("tst_harness")


class JointTrainer(InProcessTrainer):
    """Trains on the CPU, in float32, or on one CUDA device, in bfloat16 with adapters in float32.

    Each adapter is trained as `PeftTrainer` would train it alone: on the same batches in the same order, with
    its own schedule, clipping and first weights, and with the same law of dropout. The frozen network is run
    once for all of them. In float32 and without dropout the result is the same but for rounding; with it, the
    same whichever adapters are trained beside it, but for rounding.

    Where memory runs out, half of the adapters are trained, and then the others; where there is one, it is
    trained anew with half the batch and twice the accumulation, as by `PeftTrainer`.

    Parameters
    ----------
    encoder
        The model and its tokens.
    lora
        Settings; the paper's by default.
    device
        "cpu", "cuda", "cuda:1"; None for CUDA where torch finds a device.
    """

    engine = "joint"
    trains_together = True
    stops_early = True
    _most: int | None = None
    """How many adapters memory is known to hold at once; None before it ran out."""

    def _train(
        self, training_data: Sequence[TstTrainingDatum], output_dir: Path, fold_id: str, seed: int
    ) -> LoRAAdapterInfo:
        [trained] = self._train_together([TrainingJob(training_data, output_dir, fold_id, seed)])
        if isinstance(trained, HarnessError):
            raise trained
        return trained

    def _train_together(self, jobs: Sequence[TrainingJob]) -> list[LoRAAdapterInfo | HarnessError]:
        failed: dict[int, HarnessError] = {}
        waiting: list[tuple[int, Lesson]] = []
        for place, job in enumerate(jobs):
            try:
                waiting += [(place, lesson) for lesson in lessons_of(job, self.encoder, self.lora)]
            except DataError as error:
                failed[place] = error
        candidates: dict[int, list[tuple[Lesson, LoRAAdapterInfo | HarnessError]]] = {}
        if waiting:
            self._tell([lesson for _, lesson in waiting], 0, 0.0)
            self._load()
        batch, halved = self.lora.batch_size, 0
        while waiting:
            group = waiting[: self._most]
            lessons = [lesson for _, lesson in group]
            done = self._attempt(lessons, batch)
            if done is None:
                clear()
                if len(group) > 1:
                    self._most = len(group) // 2
                    _LOG.info(
                        "out of memory with %d adapters at once; training %d at once", len(group), self._most
                    )
                    continue
                smaller = smaller_batch(batch, self.lora.effective_batch_size)
                _LOG.info(
                    "%s: out of memory with %d questions at once; training it anew with %d at once and as "
                    "many to an update",
                    *(lessons[0].job.fold_id or "training", batch, smaller),
                )
                batch, halved = smaller, halved + 1
                continue
            results = self._results(lessons, done, batch, halved)
            for (place, lesson), result in zip(group, results, strict=True):
                candidates.setdefault(place, []).append((lesson, result))
            waiting = waiting[len(group) :]
            batch, halved = self.lora.batch_size, 0
        return [
            failed[place] if place in failed else chosen(job, candidates[place])
            for place, job in enumerate(jobs)
        ]

    def _results(
        self, lessons: Sequence[Lesson], seconds: float, batch: int, halved: int
    ) -> Iterator[LoRAAdapterInfo | HarnessError]:
        """Yield what came of each lesson; time and padding are shared out by the tokens trained on."""
        assert self._network is not None
        everything = sum(lesson.tokens for lesson in lessons)
        for lesson in lessons:
            if lesson.error is not None:
                yield lesson.error
                continue
            yield self._info(
                lesson.job,
                lesson.examples,
                lesson.losses_to_best,
                tokens=lesson.tokens,
                seconds=seconds * lesson.tokens / everything,
                truncated=lesson.truncated,
                batch_size=batch,
                batch_halved=halved,
                together=len(lessons),
                padding=round(self._network.padding * lesson.tokens / everything),
            )

    def _attempt(self, lessons: Sequence[Lesson], batch: int) -> float | None:
        """Train with batches of this size; return the seconds that took, or None where memory ran out.

        The error is gone when this returns, and with it what it keeps in memory.
        """
        started = time.perf_counter()
        reset_peak(str(self._device))
        assert self._network is not None
        self._network.padding = 0
        for lesson in lessons:
            lesson.begin()
        try:
            self._fit(lessons, batch, started)
            return time.perf_counter() - started
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            if batch > 1 or len(lessons) > 1:
                return None
        raise no_memory(lessons[0].job.fold_id, str(self._device))

    def _fit(self, lessons: Sequence[Lesson], size: int, started: float) -> None:
        """Train and save."""
        import torch
        from peft import get_peft_model

        assert self._network is not None
        network, config = self._network, lora_config(self.lora)
        names = ["default", *(f"adapter{place}" for place in range(1, len(lessons)))]
        # The state of the caller's random numbers is none of the adapters' business, nor the reverse.
        devices = [torch.device(network.device)] if network.device != "cpu" else []
        with torch.random.fork_rng(devices=devices):
            torch.manual_seed(lessons[0].job.seed)
            adapted = get_peft_model(network.model, config)
            try:
                for name, lesson in zip(names[1:], lessons[1:], strict=True):
                    torch.manual_seed(lesson.job.seed)
                    adapted.add_adapter(name, config)
                dropped = [lesson.job.seed for lesson in lessons] if self.lora.lora_dropout else None
                stack = LoRAStack(adapted, names, dropped)
                with stack.in_use():
                    adapted.train()
                    self._steps(stack, lessons, size, started)
                stack.write_back()
                for name, lesson in zip(names, lessons, strict=True):
                    if lesson.error is None:
                        save_adapter(adapted, lesson.job.output_dir, name)
            finally:
                adapted.unload()
                network.model.eval().requires_grad_(False)

    def _steps(self, stack: LoRAStack, lessons: Sequence[Lesson], size: int, started: float) -> None:
        import torch

        stack.require_gradients()
        rows = [torch.nn.Parameter(weights) for weights in stack.weights]
        optimiser = torch.optim.AdamW(
            [{"params": [row], "lr": 0.0} for row in rows], weight_decay=0.0, fused=True
        )
        total = max(lesson.total for lesson in lessons)
        for step in range(total):
            updates = {
                place: lesson.next_update() for place, lesson in enumerate(lessons) if lesson.goes_on(step)
            }
            if not updates:
                self._tell(lessons, total, time.perf_counter() - started)
                break
            stack.gradients.zero_()
            losses = self._accumulate(stack, updates, size)
            for place, row in enumerate(rows):
                row.grad = None
                if place not in updates:
                    continue
                lesson = lessons[place]
                loss = losses[place]
                if not math.isfinite(loss):
                    rate = lesson.learning_rate
                    lesson.error = diverged(lesson.job.fold_id, loss, step + 1, lesson.total, rate)
                    continue
                row.grad = stack.gradients[place]
                torch.nn.utils.clip_grad_norm_([row], LARGEST_NORM)
                optimiser.param_groups[place]["lr"] = lesson.rate(step)
                lesson.losses.append(loss)
            optimiser.step()
            self._validate(stack, lessons, [place for place in updates if lessons[place].error is None], step)
            self._tell(lessons, step + 1, time.perf_counter() - started, losses)
        for lesson, weights in zip(lessons, stack.weights, strict=True):
            if lesson.best is not None:
                weights.copy_(lesson.best.weights)

    def _tell(
        self, lessons: Sequence[Lesson], step: int, seconds: float, losses: Mapping[int, float] | None = None
    ) -> None:
        """Report how many updates were made, and the mean loss of the last."""
        more = f" and {len(lessons) - 1} more" if len(lessons) > 1 else ""
        running = [loss for place, loss in (losses or {}).items() if lessons[place].error is None]
        self._report(
            TrainingProgress(
                fold_id=lessons[0].job.fold_id + more,
                step=step,
                total_steps=max(lesson.total for lesson in lessons),
                loss=sum(running) / len(running) if running else None,
                seconds=seconds,
            )
        )

    def _validate(
        self, stack: LoRAStack, lessons: Sequence[Lesson], running: Sequence[int], step: int
    ) -> None:
        """Tell each lesson whose epoch ends with a step its loss on what was held back."""
        import torch

        assert self._network is not None
        model = self._network.model
        for place in running:
            lesson = lessons[place]
            if not lesson.validation or not lesson.ends_epoch(step):
                continue
            total, size = 0.0, self.lora.batch_size
            model.eval()
            with torch.no_grad():
                for start in range(0, len(lesson.validation), size):
                    losses = self._losses(stack, {place: lesson.validation[start : start + size]})
                    total += float(losses[place])
            model.train()
            tokens = sum(len(example.answer) for example in lesson.validation)
            lesson.validated(total / tokens, step, stack.weights[place])

    def _accumulate(
        self, stack: LoRAStack, updates: Mapping[int, Sequence[Example]], size: int
    ) -> dict[int, float]:
        """Add up the gradients of the mean loss of each adapter's answer tokens, and return the losses.

        `updates` has the questions of an update, by the number of the adapter; `size` are run at once.
        """
        import torch

        tokens = {place: sum(len(example.answer) for example in update) for place, update in updates.items()}
        totals = dict.fromkeys(updates, 0.0)
        for start in range(0, max(map(len, updates.values())), size):
            batch = {
                place: update[start : start + size]
                for place, update in updates.items()
                if start < len(update) and math.isfinite(totals[place])
            }
            # What is no number would go through the shared layers and back: it is left out instead.
            while batch:
                losses = self._losses(stack, batch)
                # In one transfer: each waits for the device.
                sums = torch.stack([loss.detach() for loss in losses.values()]).tolist()
                values = {place: total / tokens[place] for place, total in zip(losses, sums, strict=True)}
                broken = [place for place, value in values.items() if not math.isfinite(value)]
                if not broken:
                    sum(loss / tokens[place] for place, loss in losses.items()).backward()
                    for place, value in values.items():
                        totals[place] += value
                    break
                for place in broken:
                    totals[place] = values[place]
                    del batch[place]
        return totals

    def _losses(self, stack: LoRAStack, batch: Mapping[int, Sequence[Example]]) -> dict[int, Any]:
        """Return for each adapter the sum of the losses of its answer tokens."""
        import torch

        assert self._network is not None
        network = self._network
        examples = [example for part in batch.values() for example in part]
        owners = [place for place, part in batch.items() for _ in part]
        answers = torch.tensor([token for example in examples for token in example.answer]).to(network.device)
        cuda = network.device != "cpu"
        with torch.autocast("cuda", dtype=torch.bfloat16) if cuda else nullcontext():
            logits = network.logits(
                [example.shown for example in examples],
                [example.positions for example in examples],
                *(stack, owners),
            )
        losses = torch.nn.functional.cross_entropy(logits, answers, reduction="none")
        sizes = [sum(len(example.answer) for example in part) for part in batch.values()]
        return {place: part.sum() for place, part in zip(batch, losses.split(sizes), strict=True)}


def create_joint_trainer(
    model_name: str | None = None, device: str | None = None, **settings: Any
) -> JointTrainer:
    """Return a trainer of several adapters in one pass.

    Parameters
    ----------
    model_name
        As for `find_model`.
    device
        As for `JointTrainer`.
    **settings
        Fields of `LoRASettings`.

    Raises
    ------
    DataError
        A setting is not known, or its value makes no sense.
    """
    lora = read_settings(LoRASettings, settings, "the joint trainer")
    return JointTrainer(PromptEncoder(find_model(model_name), lora.max_seq_length), lora, device)
