"""Matched random removals: what removing as many questions of each type at random would have done."""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from tst_harness.analysis.diagnostic import FloatArray, IntArray
from tst_harness.errors import DataError
from tst_harness.pruning.controls_schema import AgainstRandom, OverSeeds, RandomControl
from tst_harness.pruning.two_folds import TwoFolds
from tst_harness.stats.intervals import intervals
from tst_harness.stats.resampling import resample_weights

SEEDS = 10
"""Random removals that a removal is compared with."""


class Arm(NamedTuple):
    """Figures of the questions that one removal leaves.

    Attributes
    ----------
    rows
        (m,) row numbers of the benchmark.
    values
        (m, columns) figures, in the order of `rows`.
    """

    rows: IntArray
    values: FloatArray


Rescore = Callable[[IntArray], Arm]
"""Diagnoses the questions of some rows alone: each question's score, and its gain."""
SCORE_LIMITS = np.array([[-1.0, 1.0], [-1.0, 1.0]])
"""Of the differences of such scores and gains."""


def counts_by_type(frame: pd.DataFrame, rows: IntArray) -> dict[str, int]:
    """How many of some rows are of each type, by the types' names."""
    return dict(sorted(Counter(frame["type"].iloc[rows]).items()))


def random_removal(
    frame: pd.DataFrame, counts: Mapping[str, int], seed: int, folds: IntArray | None = None
) -> IntArray:
    """Draw as many questions of each type, as a pure function of ids, types, folds, counts and the seed.

    Parameters
    ----------
    frame
        n questions with `id` and `type`.
    counts
        By type, at most as many as there are. Larger counts draw the same questions and more.
    seed
        Another seed is another draw.
    folds
        (repeats, n) the fold of each row. Where given, what is left of a type stays in two folds of every
        repeat, or there would be none to learn from.

    Returns
    -------
    Row numbers in ascending order.

    Raises
    ------
    DataError
        So many cannot be drawn of a type that is left in two folds.
    """
    key = f"random removal:{seed}".encode()
    members: dict[str, list[tuple[bytes, int]]] = {name: [] for name in counts}
    for row, (id_, name) in enumerate(zip(frame["id"], frame["type"], strict=True)):
        if name in members:
            digest = hashlib.blake2b(id_.encode("utf-8", "surrogatepass"), digest_size=16, key=key).digest()
            members[name].append((digest, row))
    kept = None if folds is None else TwoFolds(frame["type"].to_numpy(), folds)
    drawn: list[int] = []
    for name, count in counts.items():
        left = count
        for _, row in sorted(members[name]):
            if left and (kept is None or kept.allow(row)):
                drawn.append(row)
                left -= 1
                if kept is not None:
                    kept.remove(row)
        if left:
            raise DataError(
                f"no {count} questions of the type {name!r} can be drawn at random so that those left are in "
                "two folds; remove fewer of them, or leave the controls out (--no-controls)"
            )
    return np.array(sorted(drawn), dtype=np.int64)


def rest_of(frame: pd.DataFrame, removed: IntArray) -> IntArray:
    """The rows that are left, in ascending order."""
    return np.setdiff1d(np.arange(len(frame), dtype=np.int64), removed)


def differences(
    arm: Arm, others: Sequence[Arm], groups: IntArray, limits: FloatArray, *, seed: int
) -> FloatArray:
    """The mean of each column in one arm less that in others, with 95% intervals.

    Groups are resampled whole for all arms at once, so that arms with the same questions are paired. Where
    there are several others, resamples draw among them, too: what is subtracted is the mean over draws from
    all the removals that could have been (the two-way bootstrap of Owen, "The Pigeonhole Bootstrap", 2007,
    which rather widens an interval than narrows it).

    Parameters
    ----------
    arm
        The arm of interest.
    others
        At least one.
    groups
        (n,) codes from 0 of the benchmark's groups.
    limits
        (columns, 2) the range of each difference.
    seed
        Of the resamples.

    Returns
    -------
    (columns, 3) the difference and the ends of its interval.
    """
    n_groups = int(groups.max()) + 1
    sums = [_group_sums(each, groups, n_groups) for each in (arm, *others)]
    point = _mean(sums[0].sum(axis=1)) - np.mean([_mean(each.sum(axis=1)) for each in sums[1:]], axis=0)
    rng = np.random.default_rng([seed, len(others)])
    resampled = []
    for weights in resample_weights(n_groups, seed):
        means = np.stack([_mean(each @ weights) for each in sums])
        drawn = rng.integers(1, len(sums), size=(len(others), weights.shape[1]))
        subtracted = means[drawn, :, np.arange(weights.shape[1])].mean(axis=0)
        resampled.append(means[0].T - subtracted)
    return intervals(np.concatenate(resampled), point, len(np.unique(groups[arm.rows])), limits)


def against_random(
    removal: Arm, random: Sequence[Arm], groups: IntArray, limits: FloatArray, *, seed: int
) -> list[AgainstRandom]:
    """Put each column's mean in what a removal leaves beside that in what random removals leave.

    Parameters as for `differences`.
    """
    estimates = differences(removal, random, groups, limits, seed=seed)
    means = np.array([arm.values.mean(axis=0) for arm in random])
    return [
        AgainstRandom(
            value=float(removal.values[:, column].mean()),
            random=over_seeds(means[:, column]),
            difference=difference,
            difference_interval=(low, high),
        )
        for column, (difference, low, high) in enumerate(estimates.tolist())
    ]


def over_seeds(figures: FloatArray) -> OverSeeds:
    """Sum up (seeds,) figures; of a single one the standard deviation is 0."""
    sd = float(figures.std(ddof=1)) if len(figures) > 1 else 0.0
    return OverSeeds(mean=float(figures.mean()), sd=sd, low=float(figures.min()), high=float(figures.max()))


def random_control(
    frame: pd.DataFrame,
    removed: IntArray,
    rest: Arm,
    rescore: Rescore,
    groups: IntArray,
    *,
    seed: int,
    folds: IntArray | None = None,
    seeds: int = SEEDS,
) -> RandomControl:
    """Diagnose what matched random removals leave, and compare.

    Parameters
    ----------
    frame
        The benchmark's n questions: `id`, `type`.
    removed
        The removal's row numbers.
    rest
        What it leaves.
    rescore
        The diagnostic that scored `rest`.
    groups
        As for `differences`.
    seed
        Random removals have the seeds `seed`, `seed + 1`, ...
    folds
        As for `random_removal`.
    seeds
        How many there are.
    """
    counts = counts_by_type(frame, removed)
    draws = (random_removal(frame, counts, seed + draw, folds) for draw in range(seeds))
    random = [rescore(rest_of(frame, drawn)) for drawn in draws]
    score, gain = against_random(rest, random, groups, SCORE_LIMITS, seed=seed)
    return RandomControl(seeds=seeds, score=score, gain=gain)


def _group_sums(arm: Arm, groups: IntArray, n_groups: int) -> FloatArray:
    """(columns + 1, groups) sums of the columns, and the number of questions."""
    own = groups[arm.rows]
    columns = [*arm.values.T, np.ones(len(own))]
    return np.stack([np.bincount(own, weights=column, minlength=n_groups) for column in columns])


def _mean(sums: FloatArray) -> FloatArray:
    """(columns, ...) means from the sums of columns and the count, which comes last."""
    with np.errstate(invalid="ignore"):
        means: FloatArray = sums[:-1] / sums[-1]
    return means
