"""Held-out questions as arrays, and the figures that reports, gates and comparisons make of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from tst_harness.dataset.order import canonical_order
from tst_harness.errors import ReportError
from tst_harness.stats.bounds import Resampled
from tst_harness.stats.metrics import LEARNT, S95, Metric
from tst_harness.stats.resampling import ROUNDING, FloatArray, IntArray, resample, resample_weights

_QUANTILE = 0.95
_OF_QUESTIONS = ("id", "type", "format", "zero_shot", "s_zero_shot")
_OF_REPEATS = ("s", "score", "blind_baseline", "failed")


@dataclass(frozen=True)
class Samples:
    """The held-out questions of one diagnostic: n questions in canonical order, each in all R repeats.

    Attributes
    ----------
    id, type, format
        Shape (n,), names.
    group
        Shape (n,), codes from 0 in the order of the groups' names.
    s, score, blind_baseline, failed
        Shape (R, n), as in `Sample`; `failed` is 1 where a model gave no answer.
    s_zero_shot, zero_shot
        Shape (n,), NaN where nothing was asked zero-shot.
    """

    id: npt.NDArray[np.object_]
    type: npt.NDArray[np.object_]
    format: npt.NDArray[np.object_]
    group: IntArray
    s: FloatArray
    score: FloatArray
    blind_baseline: FloatArray
    failed: FloatArray
    s_zero_shot: FloatArray
    zero_shot: FloatArray

    @classmethod
    def of(cls, samples: pd.DataFrame, diagnostic: str) -> Self:
        """Return the samples of a diagnostic.

        Parameters
        ----------
        samples
            As from `read_samples`.
        diagnostic
            One that has samples.

        Raises
        ------
        ReportError
            A question does not come once in every repeat.
        """
        own = samples[samples["diagnostic"] == diagnostic]
        repeats = [_in_order(rows) for _, rows in own.groupby("repeat", sort=True)]
        if not repeats:
            raise ReportError(f"there are no samples of {diagnostic}: run it again")
        first = repeats[0]
        names = first["id"].to_numpy()
        for rows in repeats:
            ids = rows["id"].to_numpy()
            if len(ids) != len(names) or (ids != names).any() or rows["id"].duplicated().any():
                raise ReportError(
                    f"the samples of {diagnostic} do not have every question once in every repeat: run it "
                    f"again"
                )

        def stacked(name: str) -> FloatArray:
            return np.stack([rows[name].to_numpy(dtype=np.float64) for rows in repeats])

        return cls(
            id=names,
            type=first["type"].to_numpy(),
            format=first["format"].to_numpy(),
            group=pd.factorize(first["group"].to_numpy(), sort=True)[0],
            s=stacked("s"),
            score=stacked("score"),
            blind_baseline=stacked("blind_baseline"),
            failed=np.stack([(rows["prediction"] == "").to_numpy(dtype=np.float64) for rows in repeats]),
            s_zero_shot=first["s_zero_shot"].to_numpy(dtype=np.float64),
            zero_shot=first["zero_shot"].to_numpy(dtype=np.float64),
        )

    @property
    def repeats(self) -> int:
        """How many runs there are."""
        return len(self.s)

    def only(self, ids: Sequence[str], repeats: int) -> Self:
        """Return the first repeats of the questions with these ids, all of which must be there."""
        at = pd.Index(self.id).get_indexer(pd.Index([ids[place] for place in canonical_order(ids)]))
        columns = {name: getattr(self, name)[at] for name in _OF_QUESTIONS}
        runs = {name: getattr(self, name)[:repeats][:, at] for name in _OF_REPEATS}
        group = np.unique(self.group[at], return_inverse=True)[1]
        return replace(self, group=group, **columns, **runs)

    def mean(self, name: Literal["s", "score", "blind_baseline"]) -> FloatArray:
        """Return the means over repeats, shape (n,)."""
        values: FloatArray = getattr(self, name).mean(axis=0)
        return values

    @property
    def has_zero_shot(self) -> bool:
        """Whether every question was also asked before training."""
        return not bool(np.isnan(self.zero_shot).any())

    def values(self, metric: Metric) -> FloatArray:
        """Return what the metric averages, or takes the percentile of: shape (R, n)."""
        if metric.above is not None:
            return (self.s > metric.above).astype(np.float64)
        if metric.name == "gain":
            return self.score - self.blind_baseline
        if metric.name == "delta":
            return self.score - self.zero_shot
        if metric.name == "mean_s_delta":
            return self.s - self.s_zero_shot
        return {"score": self.score, "mean_s": self.s, S95: self.s, "parse_failures": self.failed}[
            metric.name
        ]


def _in_order(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.iloc[canonical_order(rows["id"].tolist())]


def figures(samples: Samples, metric: Metric, type: str | None = None) -> FloatArray:
    """Return the metric in each repeat, shape (R,); over the questions of one type where it is named."""
    values = samples.values(metric)
    if type is not None:
        values = values[:, samples.type == type]
    if metric.name == S95:
        return np.quantile(values, _QUANTILE, axis=1, method="inverted_cdf")
    means: FloatArray = values.mean(axis=1)
    return means


def resampled(
    samples: Samples, metric: Metric, *, seed: int, minus: Samples | None = None
) -> dict[str | None, Resampled]:
    """Return the metric of each type, and of all questions (None), with a bootstrap over groups.

    The resamples are those of the report's intervals. They tell how the figure varies with the questions
    asked, not with the luck of training, which repeats only average out.

    Parameters
    ----------
    samples
        The questions.
    metric
        What is computed.
    seed
        Of the resamples.
    minus
        Samples of the same questions; the figure is then the difference, paired by question.
    """
    low, high = metric.limits
    if minus is not None:
        low, high = low - high, high - low
    if metric.name == S95:
        return _percentiles(samples, metric, seed, minus, (low, high))
    each = samples.values(metric)
    values = each.mean(axis=0)
    if minus is not None:
        values = values - minus.values(metric).mean(axis=0)
    types, names = pd.factorize(samples.type, sort=True)
    resamples = resample(values[:, None], samples.group, types, seed=seed)
    rows: list[str | None] = [*names, None]
    learnt = metric.name in LEARNT and minus is None
    counted = ((each == low) | (each == high)).all(axis=0)
    return {
        name: Resampled.of(
            float(resamples.point[row, 0]),
            resamples.means[:, row, 0],
            resamples.groups[row],
            (low, high),
            learnt=learnt,
            share=minus is None and bool(counted[(types == row) | (name is None)].all()),
        )
        for row, name in enumerate(rows)
    }


def _percentiles(
    samples: Samples, metric: Metric, seed: int, minus: Samples | None, limits: tuple[float, float]
) -> dict[str | None, Resampled]:
    percentiles: dict[str | None, Resampled] = {}
    for name in [*sorted(set(samples.type)), None]:
        own = np.ones(len(samples.type), dtype=bool) if name is None else samples.type == name
        group = samples.group[own]
        low, high = _resampled_percentiles(samples.values(metric)[:, own], group, samples.group, seed)
        point = float(figures(samples, metric, name).mean())
        if minus is not None:
            low = high = (
                low - _resampled_percentiles(minus.values(metric)[:, own], group, samples.group, seed)[0]
            )
            point -= float(figures(minus, metric, name).mean())
        percentiles[name] = Resampled.of(point, low, len(np.unique(group)), limits, above=high)
    return percentiles


def _resampled_percentiles(
    values: FloatArray, group: IntArray, groups: IntArray, seed: int
) -> tuple[FloatArray, FloatArray]:
    """Return resamples of the 95th percentile, averaged over repeats; NaN where they have no question.

    How many questions lie below the percentile is resampled, and the question of that rank is taken
    (Woodruff, "Confidence Intervals for Medians and Other Position Measures", 1952), for a lower bound; for
    an upper bound, the next one. Beyond the questions lie the ends of the range, 0 and 1.
    """
    n, n_groups = values.shape[1], int(groups.max()) + 1
    ranked = np.pad(np.sort(values, axis=1), ((0, 0), (1, 1)), constant_values=((0.0, 0.0), (0.0, 1.0)))
    rank = int(np.ceil(_QUANTILE * n - ROUNDING))
    below = np.argsort(values, axis=1, kind="stable")[:, :rank]
    counts = np.stack([np.bincount(group[row], minlength=n_groups) for row in below])
    sizes = np.bincount(group, minlength=n_groups)
    percentiles = []
    for weights in resample_weights(n_groups, seed):
        drawn = sizes @ weights
        with np.errstate(invalid="ignore"):
            ranks = np.where(drawn > 0.0, n * (counts @ weights) / drawn, rank)
        low = np.floor(ranks - (rank - _QUANTILE * n) + ROUNDING)
        both = np.stack([low, np.ceil(ranks - ROUNDING) + 1.0]).clip(0, n + 1).astype(np.int64)
        means = np.stack([np.take_along_axis(ranked, sample, axis=1).mean(axis=0) for sample in both])
        percentiles.append(np.where(drawn > 0.0, means, np.nan))
    low, high = np.concatenate(percentiles, axis=1)
    return low, high
