"""What a diagnostic is, and what it is handed.

The held-out answers are not among it: a diagnostic sees every question's text, and the answers of
the training folds alone. Scoring is done by `tst_harness.analysis.scoring`, afterwards.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from tst_harness.benchmark.declarations import Benchmark
from tst_harness.dataset.loading import Dataset

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Questions:
    """The questions of a benchmark without their answers.

    Attributes
    ----------
    benchmark
        The declaration, for types and patterns.
    frame
        n rows, index 0 .. n-1, with `id`, `type`, `format`, `text` (str) and `options` (a tuple of
        str, None for num and open). Neither answers nor groups: nothing that a text-only solver could not
        see.
    """

    benchmark: Benchmark
    frame: pd.DataFrame

    @classmethod
    def of(cls, dataset: Dataset) -> "Questions":
        """The questions of a dataset, its answers and groups left behind."""
        return cls(dataset.benchmark, dataset.frame[["id", "type", "format", "text", "options"]])


@dataclass(frozen=True)
class FoldTask:
    """One fold to learn and predict.

    Attributes
    ----------
    questions
        All questions, of this fold and the others; the same object for every fold of a session.
    train, held_out
        Row numbers in `questions.frame`.
    answers
        One for each of `train`: the index of the gold option (mc), the number (num), a key of `accepted`
        (open), or the right options as the sum of 2 ** index (multi).
    units
        One integer for each of `train`: questions with the same unit are never in different folds,
        so statistics that must hold for unseen units are to be estimated across units.
    seed
        For this fold of this repeat.
    name
        Of the fold, for messages and progress.
    parts
        One for each of `train`, where it is settled beforehand in which inner part of the training questions
        each is, as for a fold that lost questions; None where the diagnostic decides, from `units`.
    accepted
        The accepted texts of the open training questions, by their answer.
    """

    questions: Questions
    train: IntArray
    held_out: IntArray
    answers: FloatArray
    units: IntArray
    seed: int
    name: str = ""
    parts: IntArray | None = None
    accepted: Mapping[int, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Prediction:
    """What a diagnostic says of the held-out questions, in the order of `FoldTask.held_out`.

    Attributes
    ----------
    values
        For each mc question the probabilities of its options, in their order, which add up to 1; for each
        multi question those of each option to be right; for each num question one number; for each open
        question the place of its answer in `texts`; all in one flat array.
    counts
        How many of `values` belong to each question.
    permuted
        For each family of features the `values` again, with that family permuted over held-out
        questions of a type, for as many questions as `sampled` names. Empty where a diagnostic has
        no features.
    sampled
        Positions in `held_out` that `permuted` covers, in ascending order.
    failed
        Positions in `held_out` of questions without an answer, in ascending order; their values are
        whatever is valid.
    texts
        The answers that open questions are given.
    """

    values: FloatArray
    counts: IntArray
    permuted: Mapping[str, FloatArray] = field(default_factory=dict)
    sampled: IntArray = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    failed: IntArray = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    texts: tuple[str, ...] = ()


class Diagnostic(Protocol):
    """What learns from the training folds and predicts the held-out one."""

    @property
    def name(self) -> str:
        """The name in options, reports and test ids."""
        ...

    @property
    def settings(self) -> dict[str, Any]:
        """Everything that decides its predictions, in plain types; part of a record's key."""
        ...

    @property
    def versions(self) -> dict[str, str]:
        """The libraries whose version may change a prediction."""
        ...

    def predict(self, task: FoldTask) -> Prediction:
        """Learn from the training questions and predict the held-out ones."""
        ...
