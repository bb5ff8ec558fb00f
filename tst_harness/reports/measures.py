"""The figures that gates and comparisons are about, from the samples of a report."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from tst_harness.data.gate_rules import LEARNT, METRICS
from tst_harness.errors import ReportError
from tst_harness.reports.bounds import Resampled
from tst_harness.reports.statistics import FloatArray, IntArray, resample, resample_weights

_QUANTILE = 0.95
_S95 = "s95"
_CHUNK_CELLS = 4_000_000


class Metric(NamedTuple):
    """What is computed in each repeat, and averaged over repeats: a mean over questions, or `s95`.

    So its expectation does not depend on the number of repeats. `above` is that of `share`.
    """

    name: str
    above: float | None = None

    @property
    def limits(self) -> tuple[float, float]:
        """The range of the figure."""
        return METRICS[self.name]

    def __str__(self) -> str:
        return self.name if self.above is None else f"{self.name}(s > {self.above:g})"


@dataclass(frozen=True)
class Runs:
    """The held-out questions of one diagnostic: n questions by id, each in every one of R repeats.

    Attributes
    ----------
    id, type
        Shape (n,), names.
    group
        Shape (n,), codes from 0 in the order of the groups' names.
    s, correct, chance, failed
        Shape (R, n), as in `Sample`; `failed` is 1 where a model gave no answer.
    s_zero_shot, correct_zero_shot
        Shape (n,), NaN where nothing was asked zero-shot.
    """

    id: npt.NDArray[np.object_]
    type: npt.NDArray[np.object_]
    group: IntArray
    s: FloatArray
    correct: FloatArray
    chance: FloatArray
    failed: FloatArray
    s_zero_shot: FloatArray
    correct_zero_shot: FloatArray

    @classmethod
    def of(cls, samples: pd.DataFrame, diagnostic: str) -> Self:
        """Return the runs of a diagnostic.

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
        repeats = [rows.sort_values("id", kind="stable") for _, rows in own.groupby("repeat", sort=True)]
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
            group=pd.factorize(first["group"].to_numpy(), sort=True)[0],
            s=stacked("s"),
            correct=stacked("correct"),
            chance=stacked("chance"),
            failed=np.stack([(rows["prediction"] == "").to_numpy(dtype=np.float64) for rows in repeats]),
            s_zero_shot=first["s_zero_shot"].to_numpy(dtype=np.float64),
            correct_zero_shot=first["correct_zero_shot"].to_numpy(dtype=np.float64),
        )

    @property
    def repeats(self) -> int:
        """How many runs there are."""
        return len(self.s)

    def only(self, ids: Sequence[str], repeats: int) -> Self:
        """Return the first repeats of the questions with these ids, all of which must be there."""
        at = pd.Index(self.id).get_indexer(pd.Index(sorted(ids)))
        columns = {
            name: getattr(self, name)[at] for name in ("id", "type", "s_zero_shot", "correct_zero_shot")
        }
        runs = {name: getattr(self, name)[:repeats][:, at] for name in ("s", "correct", "chance", "failed")}
        group = np.unique(self.group[at], return_inverse=True)[1]
        return replace(self, group=group, **columns, **runs)

    def values(self, metric: Metric) -> FloatArray:
        """Return what the metric averages, or takes the percentile of: shape (R, n)."""
        if metric.above is not None:
            return (self.s > metric.above).astype(np.float64)
        if metric.name == "gain":
            return self.correct - self.chance
        if metric.name == "delta":
            return self.correct - self.correct_zero_shot
        if metric.name == "soft_delta":
            return self.s - self.s_zero_shot
        return {"score": self.correct, "soft_score": self.s, _S95: self.s, "parse_failures": self.failed}[
            metric.name
        ]


def figures(runs: Runs, metric: Metric, type: str | None = None) -> FloatArray:
    """Return the metric in each repeat, shape (R,); over the questions of one type where it is named."""
    values = runs.values(metric)
    if type is not None:
        values = values[:, runs.type == type]
    if metric.name == _S95:
        return np.quantile(values, _QUANTILE, axis=1, method="inverted_cdf")
    found: FloatArray = values.mean(axis=1)
    return found


def resampled(
    runs: Runs, metric: Metric, *, seed: int, minus: Runs | None = None
) -> dict[str | None, Resampled]:
    """Return the metric of each type, and of all questions (None), with a bootstrap over groups.

    The resamples are those of the report's intervals. They tell how the figure varies with the questions
    asked, not with the luck of training, which repeats only average out.

    Parameters
    ----------
    runs
        The questions.
    metric
        What is computed.
    seed
        Of the resamples.
    minus
        Runs of the same questions; the figure is then the difference, paired by question.
    """
    low, high = metric.limits
    if minus is not None:
        low, high = low - high, high - low
    if metric.name == _S95:
        return _percentiles(runs, metric, seed, minus, (low, high))
    each = runs.values(metric)
    values = each.mean(axis=0)
    if minus is not None:
        values = values - minus.values(metric).mean(axis=0)
    types, names = pd.factorize(runs.type, sort=True)
    found = resample(values[:, None], runs.group, types, seed=seed)
    rows: list[str | None] = [*names, None]
    learnt = metric.name in LEARNT and minus is None
    counted = ((each == low) | (each == high)).all(axis=0)
    return {
        name: Resampled.of(
            float(found.point[row, 0]),
            found.means[:, row, 0],
            found.groups[row],
            (low, high),
            learnt=learnt,
            share=minus is None and bool(counted[(types == row) | (name is None)].all()),
        )
        for row, name in enumerate(rows)
    }


def _percentiles(
    runs: Runs, metric: Metric, seed: int, minus: Runs | None, limits: tuple[float, float]
) -> dict[str | None, Resampled]:
    found: dict[str | None, Resampled] = {}
    for name in [*sorted(set(runs.type)), None]:
        own = np.ones(len(runs.type), dtype=bool) if name is None else runs.type == name
        group = runs.group[own]
        resamples = _resampled_percentiles(runs.values(metric)[:, own], group, runs.group, seed)
        point = float(figures(runs, metric, name).mean())
        # All or none of the questions may lie below the percentile by chance.
        least = ((1.0 - _QUANTILE) ** len(group), _QUANTILE ** len(group))
        if minus is not None:
            least = (0.0, 0.0)
            resamples -= _resampled_percentiles(minus.values(metric)[:, own], group, runs.group, seed)
            point -= float(figures(minus, metric, name).mean())
        found[name] = Resampled.of(point, resamples, len(np.unique(group)), limits, least=least)
    return found


def _resampled_percentiles(values: FloatArray, group: IntArray, groups: IntArray, seed: int) -> FloatArray:
    """Return the 95th percentile of each resample, averaged over repeats; NaN where it has no question."""
    orders = np.argsort(values, axis=1)
    found = []
    for weights in resample_weights(int(groups.max()) + 1, seed):
        size = max(1, _CHUNK_CELLS // len(group))
        for start in range(0, weights.shape[1], size):
            part = weights[:, start : start + size]
            total = np.zeros(part.shape[1])
            for row, order in zip(values, orders, strict=True):
                reached = part[group[order]].cumsum(axis=0)
                at = (reached >= _QUANTILE * reached[-1]).argmax(axis=0)
                total += np.where(reached[-1] > 0.0, row[order][at], np.nan)
            found.append(total / len(values))
    return np.concatenate(found)
