"""Units of work: what a test item, a task of a cluster, a key and a retry all mean."""

from typing import Literal, NamedTuple

Split = Literal["random", "grouped"]
RANDOM: Literal["random"] = "random"
GROUPED: Literal["grouped"] = "grouped"
BOTH: Literal["both"] = "both"
Intervals = Literal["test-set", "population"]
"""What intervals are of: the questions asked, or beside them other questions of their kind."""
TEST_SET: Literal["test-set"] = "test-set"
POPULATION: Literal["population"] = "population"
HALVES = 20
"""Runs of the forest that intervals of other questions come from, each on half of the questions."""
_FOLDS = {RANDOM: "folds", GROUPED: "grouped folds", BOTH: "random and grouped folds"}


def describe_folds(folds: int, split: Split | Literal["both"]) -> str:
    """Return what folds are called: "5 grouped folds"."""
    return f"{folds} {_FOLDS[split]}"


class Unit(NamedTuple):
    """One piece of work: a fold of an analysis, or all of it where `repeat` and `fold` are None.

    `split` says how the folds are made, or those that the analysis refers to.
    """

    analysis: str
    split: Split = RANDOM
    repeat: int | None = None
    fold: int | None = None

    def __str__(self) -> str:
        parts = [self.analysis]
        if self.split == GROUPED:
            parts.append(GROUPED)
        if self.repeat:
            parts.append(f"repeat {self.repeat}")
        if self.fold is not None:
            parts.append(f"fold {self.fold}")
        return " ".join(parts)


class Plan(NamedTuple):
    """What the units of a benchmark follow from.

    Attributes
    ----------
    diagnostics
        Those that were asked for, by name.
    splits
        How folds are made.
    repeats, folds
        How many there are.
    models
        Whether the benchmark has feature models of its own.
    interval
        What intervals are of.
    """

    diagnostics: tuple[str, ...]
    splits: tuple[Split, ...] = (RANDOM,)
    repeats: int = 1
    folds: int = 5
    models: bool = False
    interval: Intervals = TEST_SET


def fold_units(analysis: str, plan: Plan) -> list[Unit]:
    """Return every fold of an analysis: by split, repeat and fold."""
    return [
        Unit(analysis, split, repeat, fold)
        for split in plan.splits
        for repeat in range(plan.repeats)
        for fold in range(plan.folds)
    ]
