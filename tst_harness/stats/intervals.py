"""Means of several columns at once, each with its 95% interval."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tst_harness.stats.bounds import Resampled
from tst_harness.stats.resampling import FloatArray, IntArray, resample


@dataclass(frozen=True)
class Estimates:
    """The mean of each column and its 95% interval; the last axis is (mean, low, high).

    Attributes
    ----------
    overall
        Shape (columns, 3), over all questions.
    types
        Shape (types, columns, 3), over the questions of each type.
    macro
        Shape (columns, 3), the unweighted mean over types.
    """

    overall: FloatArray
    types: FloatArray
    macro: FloatArray


def group_bootstrap(
    values: FloatArray,
    groups: IntArray,
    types: IntArray,
    limits: FloatArray,
    *,
    seed: int,
    learnt: Sequence[bool] = (),
) -> Estimates:
    """Return means, with 95% intervals from 2,000 resamples of the groups, with replacement.

    Parameters
    ----------
    values
        Shape (n, columns), one row a question, averaged over repeats.
    groups
        Shape (n,), codes from 0.
    types
        Shape (n,), codes from 0, each of which occurs.
    limits
        Shape (columns, 2), the range in which each column's mean can lie.
    seed
        Of the resamples.
    learnt
        (columns,) whether a column is what was learnt on the other folds, as in `Resampled`; by default none.
    """
    resamples = resample(values, groups, types, seed=seed)
    n_types = len(resamples.groups) - 2
    estimates = np.stack(
        [
            intervals(resamples.means[:, row], resamples.point[row], n, limits, learnt)
            for row, n in enumerate(resamples.groups)
        ]
    )
    return Estimates(types=estimates[:n_types], overall=estimates[n_types], macro=estimates[n_types + 1])


def intervals(
    resamples: FloatArray, point: FloatArray, n_groups: int, limits: FloatArray, learnt: Sequence[bool] = ()
) -> FloatArray:
    """Return (mean, low, high) of each column, shape (columns, 3).

    Parameters
    ----------
    resamples
        Shape (resamples, columns); NaN throughout where a resample has no question.
    point
        Shape (columns,), the means themselves.
    n_groups
        The number of groups that were resampled.
    limits
        Shape (columns, 2).
    learnt
        As for `group_bootstrap`.
    """
    rows = []
    for column, (mean, (low, high)) in enumerate(zip(point.tolist(), limits.tolist(), strict=True)):
        is_learnt = bool(learnt) and learnt[column]
        estimate = Resampled.of(mean, resamples[:, column], n_groups, (low, high), learnt=is_learnt)
        rows.append((mean, *estimate.interval()))
    return np.array(rows)
