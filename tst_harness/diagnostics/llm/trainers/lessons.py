"""What an adapter of several is taught, in its order, and when it has learnt enough."""

import math
import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from tst_harness.diagnostics.llm.data.encoding import PromptEncoder
from tst_harness.diagnostics.llm.data.models import LoRAAdapterInfo, LoRASettings
from tst_harness.diagnostics.llm.trainers.base import TrainingJob
from tst_harness.diagnostics.llm.trainers.examples import Example, batches, encode, learning_rate_share
from tst_harness.diagnostics.llm.utils.adapters import CONFIG, WEIGHTS
from tst_harness.errors import DataError, EngineError, HarnessError

VALIDATION_SHARE = 0.2
_SMALL = 1_000
"""With fewer questions to train on, more than one learning rate is tried."""
_TIMES = (1.0, 5.0)
_PATIENCE = 2
"""Epochs without a lower validation loss after which no more are trained."""


class Best(NamedTuple):
    """The weights with the lowest validation loss so far, and after how many epochs they had it."""

    loss: float
    epoch: int
    weights: Any


class Lesson:
    """What one adapter is taught: its questions in their order, how far it is, and what came of it.

    Parameters
    ----------
    job
        What is asked for.
    examples
        What is trained on.
    truncated
        How many questions were shortened.
    lora
        Settings.
    learning_rate
        The largest; None for that of the settings.
    validation
        What says when to stop; none trains to the end.

    Attributes
    ----------
    losses
        Of each update.
    tokens
        Trained on so far.
    error
        Why this adapter alone failed.
    best
        None before the first epoch ended, and without validation.
    """

    def __init__(
        self,
        job: TrainingJob,
        examples: Sequence[Example],
        truncated: int,
        lora: LoRASettings,
        learning_rate: float | None = None,
        validation: Sequence[Example] = (),
    ) -> None:
        self.job, self.examples, self.truncated = job, examples, truncated
        self.validation = validation
        self.learning_rate = learning_rate or lora.learning_rate
        self._lora = lora
        self._epoch = math.ceil(len(examples) / lora.effective_batch_size)
        self.total = self._epoch * lora.num_epochs
        self.begin()

    def begin(self) -> None:
        """Begin, or begin anew."""
        self.losses: list[float] = []
        self.tokens = 0
        self.error: EngineError | None = None
        self.best: Best | None = None
        self._updates = iter(self.updates())

    def goes_on(self, step: int) -> bool:
        """Whether there is an update at a step, from 0."""
        if self.error is not None or step >= self.total:
            return False
        return self.best is None or step < (self.best.epoch + _PATIENCE) * self._epoch

    def updates(self) -> list[list[Example]]:
        """Return the questions of each update from the beginning, as if all were made."""
        rng = random.Random(self.job.seed)
        size = self._lora.effective_batch_size
        return [update for _ in range(self._lora.num_epochs) for update in batches(self.examples, size, rng)]

    def next_update(self) -> list[Example]:
        """Return the questions of the next update."""
        update = next(self._updates)
        self.tokens += sum(len(example.ids) for example in update)
        return update

    def rate(self, step: int) -> float:
        """Return the learning rate at a step, from 0."""
        share = learning_rate_share(step, self.total, self._lora.warmup_steps(self.total))
        return self.learning_rate * share

    def ends_epoch(self, step: int) -> bool:
        """Whether a step, from 0, is the last of an epoch."""
        return (step + 1) % self._epoch == 0

    def validated(self, loss: float, step: int, weights: Any) -> None:
        """Take the validation loss after a step, and keep a copy of the weights where it is the lowest."""
        if self.best is None or loss < self.best.loss:
            self.best = Best(loss, (step + 1) // self._epoch, weights.detach().clone())

    @property
    def losses_to_best(self) -> list[float]:
        """The losses of the updates that made the weights which are kept."""
        return self.losses if self.best is None else self.losses[: self.best.epoch * self._epoch]


def lessons_of(job: TrainingJob, encoder: PromptEncoder, lora: LoRASettings) -> list[Lesson]:
    """Return what may become the adapter: one lesson or, with early stopping, one for each learning rate.

    Raises
    ------
    DataError
        There is nothing to train on, a question is too long and may not be shortened, or there is nothing to
        hold back.
    """
    examples, truncated = encode(encoder, job.training_data)
    if lora.recipe == "paper":
        return [Lesson(job, examples, truncated, lora)]
    held_back = inner_split(job.units or range(len(examples)), job.seed)
    if not held_back:
        raise DataError(
            f"{job.fold_id or 'the adapter'}: early stopping holds whole groups of the training questions "
            "back, and there are too few; leave out recipe=early_stopping"
        )
    fitted = [example for place, example in enumerate(examples) if place not in held_back]
    validation = [examples[place] for place in sorted(held_back)]
    return [
        Lesson(
            replace(job, output_dir=job.output_dir / f"candidate{number}"),
            *(fitted, truncated, lora, times * lora.learning_rate, validation),
        )
        for number, times in enumerate(_TIMES if len(fitted) < _SMALL else _TIMES[:1])
    ]


def inner_split(units: Sequence[int], seed: int) -> set[int]:
    """Return the positions of about a fifth of n questions, whole units of them.

    A unit that would make it more than half is left out; empty where nothing else is left.

    Parameters
    ----------
    units
        n integers, equal for questions that stay together.
    seed
        Of the choice.
    """
    members: dict[int, list[int]] = {}
    for place, unit in enumerate(units):
        members.setdefault(unit, []).append(place)
    held_back: set[int] = set()
    for unit in random.Random(seed).sample(sorted(members), len(members)):
        if len(held_back) >= VALIDATION_SHARE * len(units):
            break
        if len(held_back) + len(members[unit]) <= len(units) / 2:
            held_back.update(members[unit])
    return held_back


def chosen(
    job: TrainingJob, candidates: Sequence[tuple[Lesson, LoRAAdapterInfo | HarnessError]]
) -> LoRAAdapterInfo | HarnessError:
    """Return the adapter with the lowest validation loss, in the folder that it was asked for in.

    The others are deleted; what all of them took is counted. Where all failed, the first error is returned.
    """
    trained = [(lesson, info) for lesson, info in candidates if isinstance(info, LoRAAdapterInfo)]
    if not trained:
        return candidates[0][1]
    lesson, info = min(trained, key=lambda candidate: candidate[0].best.loss if candidate[0].best else 0.0)
    if lesson.best is None:
        return info
    for other, _ in trained:
        for file in (CONFIG, WEIGHTS):
            path = other.job.output_dir / file
            if other is lesson:
                path.replace(job.output_dir / file)
            else:
                path.unlink()
    for other, _ in candidates:
        if other.job.output_dir.is_dir():
            other.job.output_dir.rmdir()
    everything = [each for _, each in trained]
    padding = [each.padding for each in everything if each.padding is not None]
    return info.model_copy(
        update={
            "adapter_path": job.output_dir,
            "training_size": len(job.training_data),
            "epochs": lesson.best.epoch,
            "learning_rate": lesson.learning_rate,
            "tokens": sum(each.tokens for each in everything),
            "seconds": sum(each.seconds for each in everything),
            "padding": sum(padding),
            "seconds_at_peak": None
            if info.seconds_at_peak is None
            else sum(each.seconds_at_peak or 0.0 for each in everything),
        }
    )
