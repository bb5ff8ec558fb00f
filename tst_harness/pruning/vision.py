"""What a removal does to a model's scores with the image and without it."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tst_harness.analysis.diagnostic import FloatArray, IntArray
from tst_harness.analysis.independent import independent
from tst_harness.dataset.loading import Dataset
from tst_harness.errors import DataError
from tst_harness.pruning.controls import (
    SEEDS,
    Arm,
    against_random,
    counts_by_type,
    differences,
    random_removal,
    rest_of,
)
from tst_harness.pruning.controls_schema import AgainstRandom, ModelScore, VisionReport
from tst_harness.results.key import AnswerKey
from tst_harness.results.reading import read_results
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
        nothing without it. NaN where a question has none.
    recognised
        What the files were recognised as, in sentences.
    """

    vision: str
    blind: str | None
    values: FloatArray
    recognised: list[str]

    @classmethod
    def read(
        cls,
        vision: Path,
        blind: Path | None,
        dataset: Dataset,
        *,
        percent: bool = False,
        allow_missing: bool = False,
    ) -> "Results":
        """Read the files, as `tst-harness models` does.

        Raises
        ------
        DataError
            As `tst_harness.results.reading.read_results`.
        """
        key = AnswerKey.of_dataset(dataset)
        seen, *unseen = (
            read_results(path.stem, path, key, percent=percent, allow_missing=allow_missing)
            for path in (vision, blind)
            if path is not None
        )
        columns = [seen.score, *(own.score for own in unseen)]
        return cls(
            vision.name,
            None if blind is None else blind.name,
            np.column_stack([*columns, *(seen.score - own.score for own in unseen)]),
            [line for own in (seen, *unseen) for line in own.lines()],
        )


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

    Raises
    ------
    DataError
        The removal leaves no question that has results.
    """
    frame, values = dataset.frame, results.values
    known = np.asarray(np.isfinite(values).all(axis=1))
    if not known[rest_of(frame, removed)].any():
        raise DataError(f"{results.vision}: has results of no question that is left; give those of all")
    counts = counts_by_type(frame, removed)
    before, after, *random = (
        Arm(rows[known[rows]], values[rows[known[rows]]])
        for rows in (
            np.arange(len(frame)),
            rest_of(frame, removed),
            *(rest_of(frame, random_removal(frame, counts, seed + draw, folds)) for draw in range(seeds)),
        )
    )
    groups, columns = independent(dataset).codes(), values.shape[1]
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
