"""One pass of training over the lessons of several adapters."""

import logging
import math
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any

from tst_harness.diagnostics.llm.data.models import LoRASettings
from tst_harness.diagnostics.llm.trainers.examples import Example, diverged
from tst_harness.diagnostics.llm.trainers.lessons import Lesson
from tst_harness.diagnostics.llm.trainers.recorded import Batch, RecordedSteps, record_steps, split
from tst_harness.diagnostics.llm.trainers.updates import Updates
from tst_harness.diagnostics.llm.utils.graphs import Recorder
from tst_harness.diagnostics.llm.utils.lora_stack import LoRAStack
from tst_harness.diagnostics.llm.utils.networks import Network

Tell = Callable[[int, float | None], None]
"""Told how many steps were made, and the mean loss of the adapters in the last."""
_LOG = logging.getLogger("tst_harness")


class JointPass:
    """Trains the adapters of a stack, each on its own lesson, from the beginning.

    Parameters
    ----------
    network, stack
        What is trained; the stack is in use.
    lessons
        k lessons that have begun, in the order of the adapters.
    lora
        Settings.
    size
        Questions of an adapter that are run at once.
    recorder
        What records the work of the device; None does it step by step.

    Attributes
    ----------
    not_recorded
        Why a recorder was of no use; None where it was, or there is none.
    """

    def __init__(
        self,
        network: Network,
        stack: LoRAStack,
        lessons: Sequence[Lesson],
        lora: LoRASettings,
        size: int,
        recorder: Recorder | None = None,
    ) -> None:
        self.stack = stack
        self.not_recorded: str | None = None
        self._network, self._lessons, self._lora, self._size = network, lessons, lora, size
        stack.require_gradients()
        self._updates = Updates(stack)
        self._recorded = None if recorder is None else self._record(recorder)

    def run(self, tell: Tell) -> None:
        """Train; the stack has the weights that are kept in the end.

        An adapter whose loss is no number any more leaves its lesson with an error, and the others go on.
        """
        lessons, stack = self._lessons, self.stack
        total = max(lesson.total for lesson in lessons)
        for step in range(total):
            update = {
                place: lesson.next_update() for place, lesson in enumerate(lessons) if lesson.goes_on(step)
            }
            if not update:
                tell(total, None)
                break
            losses = self._gradients(update)
            rates: dict[int, float] = {}
            for place, loss in losses.items():
                lesson = lessons[place]
                if math.isfinite(loss):
                    rates[place] = lesson.rate(step)
                    lesson.losses.append(loss)
                else:
                    rate = lesson.learning_rate
                    lesson.error = diverged(lesson.job.fold_id, loss, step + 1, lesson.total, rate)
                    self._updates.drop(place)
            self._updates.set_rates(rates)
            (self._recorded or self._updates).apply()
            self._validate(list(rates), step)
            finite = [losses[place] for place in rates]
            tell(step + 1, sum(finite) / len(finite) if finite else None)
        for lesson, weights in zip(lessons, stack.weights, strict=True):
            if lesson.best is not None:
                weights.copy_(lesson.best.weights)

    def losses(self, batch: Batch) -> dict[int, Any]:
        """Return for each adapter the sum of the losses of its answer tokens."""
        import torch

        network = self._network
        examples = [example for part in batch.values() for example in part]
        owners = [place for place, part in batch.items() for _ in part]
        answers = torch.tensor([token for example in examples for token in example.answer]).to(network.device)
        cuda = network.device != "cpu"
        with torch.autocast("cuda", dtype=torch.bfloat16) if cuda else nullcontext():
            logits = network.logits(
                [example.shown for example in examples],
                [example.positions for example in examples],
                *(self.stack, owners),
            )
        losses = torch.nn.functional.cross_entropy(logits, answers, reduction="none")
        sizes = [sum(len(example.answer) for example in part) for part in batch.values()]
        return {place: part.sum() for place, part in zip(batch, losses.split(sizes), strict=True)}

    def _record(self, recorder: Recorder) -> RecordedSteps | None:
        lessons = self._lessons
        each = [lesson.updates() for lesson in lessons]
        plan = [
            {place: updates[step] for place, updates in enumerate(each) if step < len(updates)}
            for step in range(max(map(len, each)))
        ]
        recorded = record_steps(self._network, self.stack, self._updates, recorder, plan, self._size)
        if isinstance(recorded, RecordedSteps):
            return recorded
        _LOG.info("training without CUDA graphs, which takes longer: %s", recorded)
        self.not_recorded = recorded
        return None

    def _gradients(self, update: Batch) -> dict[int, float]:
        """Leave the gradients of an update in the stack, and return the loss of each of its adapters.

        A loss is the mean over the answer tokens of the update.
        """
        self.stack.gradients.zero_()
        if self._recorded is not None:
            losses = self._recorded.accumulate(update)
            if all(map(math.isfinite, losses.values())):
                return losses
            # Whatever is no number has spoiled all gradients: step by step, it does not.
            self.stack.gradients.zero_()
        return self._accumulate(update)

    def _accumulate(self, update: Batch) -> dict[int, float]:
        import torch

        tokens = {place: sum(len(example.answer) for example in part) for place, part in update.items()}
        totals = dict.fromkeys(update, 0.0)
        for whole in split(update, self._size):
            batch = {place: part for place, part in whole.items() if math.isfinite(totals[place])}
            # What is no number would go through the shared layers and back: it is left out instead.
            while batch:
                losses = self.losses(batch)
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

    def _validate(self, running: Sequence[int], step: int) -> None:
        """Tell each lesson whose epoch ends with a step its loss on what was held back."""
        import torch

        model = self._network.model
        for place in running:
            lesson = self._lessons[place]
            if not lesson.validation or not lesson.ends_epoch(step):
                continue
            total, size = 0.0, self._lora.batch_size
            model.eval()
            with torch.no_grad():
                for start in range(0, len(lesson.validation), size):
                    part: Sequence[Example] = lesson.validation[start : start + size]
                    total += float(self.losses({place: part})[place])
            model.train()
            tokens = sum(len(example.answer) for example in lesson.validation)
            lesson.validated(total / tokens, step, self.stack.weights[place])
