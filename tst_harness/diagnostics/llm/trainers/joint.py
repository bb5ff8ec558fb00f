"""LoRA training of several adapters in one pass over one frozen network: the default on one device."""

import logging
import math
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tst_harness.diagnostics.llm.data.beside import tokenised_beside
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
    lora_config,
    no_memory,
    save_adapter,
)
from tst_harness.diagnostics.llm.trainers.in_process import InProcessTrainer
from tst_harness.diagnostics.llm.trainers.joint_pass import JointPass
from tst_harness.diagnostics.llm.trainers.lessons import Lesson, chosen, lessons_of
from tst_harness.diagnostics.llm.utils.graphs import CudaGraphs, Recorder
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

    On CUDA the work of a step is recorded as a graph for each of a few widths and that of an update as one
    more, and both are replayed, since launching it from Python takes longer than doing it. What dropout drops
    then depends on which adapters are trained together; its law does not. Where nothing can be recorded, and
    where a loss is no number, steps are made without.

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
    _without_graphs: str | None = None
    """Why the last pass was not recorded where it could be."""
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

        def tokenise() -> None:
            for place, job in enumerate(jobs):
                try:
                    waiting.extend((place, lesson) for lesson in lessons_of(job, self.encoder, self.lora))
                except DataError as error:
                    failed[place] = error

        # Before anything takes time, with as many updates as the questions are good for.
        updates = max(math.ceil(len(job.training_data) / self.lora.effective_batch_size) for job in jobs)
        self._tell(jobs, 0, max(1, updates) * self.lora.num_epochs, 0.0)
        tokenised_beside(self.encoder, tokenise, self._load)
        candidates: dict[int, list[tuple[Lesson, LoRAAdapterInfo | HarnessError]]] = {}
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
                without_graphs=self._without_graphs,
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
        jobs, total = [lesson.job for lesson in lessons], max(lesson.total for lesson in lessons)
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
                    training = JointPass(network, stack, lessons, self.lora, size, self._recorder())
                    self._without_graphs = training.not_recorded
                    training.run(
                        lambda step, loss: self._tell(jobs, step, total, time.perf_counter() - started, loss)
                    )
                stack.write_back()
                for name, lesson in zip(names, lessons, strict=True):
                    if lesson.error is None:
                        save_adapter(adapted, lesson.job.output_dir, name)
            finally:
                adapted.unload()
                network.model.eval().requires_grad_(False)

    def _recorder(self) -> Recorder | None:
        """Return what records the work of the device, where launching it step by step would take the time."""
        device = str(self._device)
        return CudaGraphs(device) if device.startswith("cuda") else None

    def _tell(
        self, jobs: Sequence[TrainingJob], step: int, of: int, seconds: float, loss: float | None = None
    ) -> None:
        """Report how many updates were made, and the mean loss of the last."""
        more = f" and {len(jobs) - 1} more" if len(jobs) > 1 else ""
        self._report(
            TrainingProgress(
                fold_id=jobs[0].fold_id + more, step=step, total_steps=of, loss=loss, seconds=seconds
            )
        )


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
