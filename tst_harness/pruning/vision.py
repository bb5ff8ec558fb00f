"""What a removal does to a model's scores with the image and without it."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tst_harness.analysis.diagnostic import FloatArray, IntArray
from tst_harness.dataset.loading import Dataset
from tst_harness.pruning.controls import (
    SEEDS,
    Arm,
    against_random,
    counts_by_type,
    differences,
    group_codes,
    random_removal,
    rest_of,
)
from tst_harness.pruning.controls_schema import AgainstRandom, ModelScore, VisionReport
from tst_harness.pruning.results import read_results
from tst_harness.stats.intervals import group_bootstrap

_NAMES = ("vision", "blind", "gap")
_LIMITS = np.array([[0.0, 1.0], [0.0, 1.0], [-1.0, 1.0]])


class Results(NamedTuple):
    """A model's results on a benchmark of n questions.

    Attributes
    ----------
    vision, blind
        The names of the files with the image and without it; None where the latter was not given.
    values
        (n, 3) scores with the image, without it, and the former less the latter; (n, 1) where there is
        nothing without it.
    """

    vision: str
    blind: str | None
    values: FloatArray

    @classmethod
    def read(cls, vision: Path, blind: Path | None, dataset: Dataset) -> "Results":
        """Read the files.

        Raises
        ------
        DataError
            As `read_results`.
        """
        seen = read_results(vision, dataset)
        if blind is None:
            return cls(vision.name, None, seen[:, None])
        unseen = read_results(blind, dataset)
        return cls(vision.name, blind.name, np.column_stack([seen, unseen, seen - unseen]))


def vision_report(
    dataset: Dataset,
    removed: IntArray,
    results: Results,
    *,
    seed: int,
    folds: IntArray | None = None,
    seeds: int = SEEDS,
) -> VisionReport:
    """Compare a model's scores before and after a removal, and with matched random removals.

    Parameters
    ----------
    dataset
        The benchmark.
    removed
        Row numbers.
    results
        The model's.
    seed
        Of the resamples; random removals have the seeds `seed`, `seed + 1`, ...
    folds
        As for `random_removal`.
    seeds
        Random removals.
    """
    frame, values = dataset.frame, results.values
    counts = counts_by_type(frame, removed)
    before, after, *random = (
        Arm(rows, values[rows])
        for rows in (
            np.arange(len(frame)),
            rest_of(frame, removed),
            *(rest_of(frame, random_removal(frame, counts, seed + draw, folds)) for draw in range(seeds)),
        )
    )
    groups, columns = group_codes(frame), values.shape[1]
    limits, span = _LIMITS[:columns], np.tile([-1.0, 1.0], (columns, 1))
    figures = _figures(
        _means(before, groups, limits, seed),
        _means(after, groups, limits, seed),
        differences(after, [before], groups, span, seed=seed),
        against_random(after, random, groups, span, seed=seed),
    )
    by_name = dict(zip(_NAMES, figures, strict=False))
    return VisionReport(
        results=results.vision,
        results_blind=results.blind,
        seeds=seeds,
        vision=by_name["vision"],
        blind=by_name.get("blind"),
        gap=by_name.get("gap"),
    )


def _means(arm: Arm, groups: IntArray, limits: FloatArray, seed: int) -> FloatArray:
    own = np.unique(groups[arm.rows], return_inverse=True)[1]
    return group_bootstrap(arm.values, own, np.zeros(len(own), dtype=np.int64), limits, seed=seed).overall


def _figures(
    before: FloatArray, after: FloatArray, change: FloatArray, random: Sequence[AgainstRandom]
) -> list[ModelScore]:
    return [
        ModelScore(
            before=was,
            before_interval=(was_low, was_high),
            after=now,
            after_interval=(now_low, now_high),
            change=by,
            change_interval=(by_low, by_high),
            against_random=beside,
        )
        for (was, was_low, was_high), (now, now_low, now_high), (by, by_low, by_high), beside in zip(
            before.tolist(), after.tolist(), change.tolist(), random, strict=True
        )
    ]
