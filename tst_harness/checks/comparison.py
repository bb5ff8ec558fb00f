"""Two scores of the same questions side by side: on different folds, or of different diagnostics."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from tst_harness.analysis.ranges import Count, Difference, Fraction, Interval
from tst_harness.benchmark.model import Model
from tst_harness.errors import ReportError
from tst_harness.stats.intervals import group_bootstrap
from tst_harness.stats.resampling import FloatArray
from tst_harness.stats.samples import Samples

_LIMITS = np.array([[0.0, 1.0], [0.0, 1.0], [-1.0, 1.0]])


class PairedScores(Model):
    """Two scores of the same questions: of one diagnostic on different folds, or of two diagnostics.

    `difference` is `score - against`, paired by question. Intervals are 95% and from a bootstrap over groups.
    """

    n: Count
    score: Fraction
    interval: Interval
    against: Fraction
    difference: Difference
    difference_interval: Interval


class Comparison(Model):
    """Two scores of the same questions, over all of them and for each type."""

    overall: PairedScores
    types: dict[str, PairedScores]


class ContextReport(Comparison):
    """What questions give away of others about the same scene, image or video.

    `score` is that of `diagnostic` on random folds and `against` that on folds that keep groups whole.
    """

    diagnostic: str


def compare(name: str, scores: Mapping[str, float], against: Samples, seed: int) -> Comparison:
    """Return the scores by id beside those of other folds, with differences paired by question."""
    place = {id: at for at, id in enumerate(against.id.tolist())}
    if alone := scores.keys() - place.keys():
        raise ReportError(
            f"question {min(alone)} is held out on some folds of {name} and not on others: remove its "
            f"records and run it again"
        )
    rows = np.array(sorted(place[id] for id in scores), dtype=np.int64)
    score = np.array([scores[id] for id in against.id[rows].tolist()])
    types, names = pd.factorize(against.type[rows], sort=True)
    groups, _ = pd.factorize(against.group[rows], sort=True)
    other = against.mean("score")[rows]
    values = np.column_stack([score, other, score - other])
    estimates = group_bootstrap(values, groups, types, _LIMITS, seed=seed)
    counts = np.bincount(types).tolist()
    return Comparison(
        overall=_paired(estimates.overall, len(types)),
        types={name: _paired(estimates.types[code], counts[code]) for code, name in enumerate(names)},
    )


def _paired(estimates: FloatArray, n: int) -> PairedScores:
    (score, low, high), (against, *_), (difference, least, most) = estimates.tolist()
    return PairedScores(
        n=n,
        score=score,
        interval=(low, high),
        against=against,
        difference=difference,
        difference_interval=(least, most),
    )
