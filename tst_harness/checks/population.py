"""How the forest's figures vary between test sets of a kind: other questions, and models of their own.

The bootstrap of a report resamples the scores of one run, so it tells of these questions alone. Here the
diagnostic is run anew, on two halves of the independent units that have no unit in common: what it learns by
luck in one half, it does not in the other. A figure of n questions varies half as much as one of n / 2.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import Field

from tst_harness.activity import far
from tst_harness.analysis.blind_baseline import accepted_by_answer
from tst_harness.analysis.diagnostic import FoldTask, IntArray, Questions
from tst_harness.analysis.independent import independent
from tst_harness.analysis.protocol import Experiment
from tst_harness.analysis.ranges import Count, Interval
from tst_harness.analysis.scoring import score
from tst_harness.analysis.units import GROUPED, HALVES, Split
from tst_harness.analysis.untrained import predict_where_trained
from tst_harness.benchmark.model import Model
from tst_harness.dataset.loading import Dataset
from tst_harness.diagnostics.features.cross_validation import dataset_folds
from tst_harness.errors import HarnessError
from tst_harness.stats.bounds import Student, upper
from tst_harness.stats.samples import Samples

PAIRS = HALVES // 2
"""So many degrees of freedom the intervals have."""
LEAST_UNITS = 20
_TAIL = 0.025
_OVERALL = ""
"""What the figures over all questions are called beside those of types."""

Figures = dict[str, tuple[float, float]]
"""The score and the gain of each type, and of all questions under `_OVERALL`."""


class PopulationScores(Model):
    """Where the score and the gain of other questions lie, with 95% confidence."""

    interval: Interval
    gain_interval: Interval


class PopulationReport(Model):
    """Intervals of the forest for other test sets of as many questions of the kind, trained on anew.

    They come from `pairs` of halves of the `units`, each half diagnosed by itself. `overall` is null where
    `reason` says why there are none. `types` lacks a type that many halves do not have.
    """

    units: Count
    pairs: Count
    overall: PopulationScores | None = None
    types: dict[str, PopulationScores] = Field(default_factory=dict)
    reason: str | None = None


def findings(experiment: Experiment, split: Split) -> dict[str, Any]:
    """Diagnose pairs of halves, each half by itself."""
    names = independent(experiment.dataset).names().astype(str)
    units = len(np.unique(names))
    pairs: list[tuple[Figures, Figures]] = []
    reason = None
    if units < LEAST_UNITS:
        reason = f"{units} independent units are too few to be halved; it takes {LEAST_UNITS}"
    try:
        for pair, chosen in enumerate(halves(names, experiment.settings.seed) if reason is None else ()):
            far(f"{2 * pair} of {2 * PAIRS} halves")
            first, second = (
                _diagnosed(experiment, np.flatnonzero(half), split, pair) for half in (chosen, ~chosen)
            )
            pairs.append((first, second))
    except HarnessError as error:
        pairs, reason = [], str(error)
    summary = reason or f"{2 * PAIRS} halves of {units:,} units"
    return {"summary": summary, "population": {"units": units, "pairs": pairs, "reason": reason}}


def halves(names: npt.NDArray[np.str_], seed: int) -> Iterator[npt.NDArray[np.bool_]]:
    """Yield for each pair which questions are in its first half, shape (n,).

    Parameters
    ----------
    names
        Shape (n,), the unit of each question; the order of the questions does not matter.
    seed
        Of the halves.
    """
    units, unit = np.unique(names, return_inverse=True)
    rng = np.random.default_rng(seed)
    for _ in range(PAIRS):
        yield (rng.permutation(len(units)) < len(units) // 2)[unit]


def population_report(raw: Mapping[str, Any], samples: Samples | None) -> PopulationReport:
    """Return the intervals that pairs of halves amount to.

    Parameters
    ----------
    raw
        From `findings`, maybe read back from JSON.
    samples
        Of the forest; None where it is incomplete.
    """
    pairs = raw["pairs"]
    report = PopulationReport(units=raw["units"], pairs=len(pairs), reason=raw["reason"])
    if not pairs or samples is None:
        return report
    score_of, gain_of = samples.mean("score"), samples.mean("score") - samples.mean("blind_baseline")
    types = {}
    for name in sorted(set(samples.type)):
        own = samples.type == name
        scores = _scores(pairs, name, (float(score_of[own].mean()), float(gain_of[own].mean())))
        if scores is not None:
            types[name] = scores
    overall = _scores(pairs, _OVERALL, (float(score_of.mean()), float(gain_of.mean())))
    return report.model_copy(update={"overall": overall, "types": types})


def _scores(
    pairs: Sequence[Sequence[Mapping[str, Sequence[float]]]], name: str, points: tuple[float, float]
) -> PopulationScores | None:
    """Return the intervals of a type; None where a half lacks it in more than half of the pairs."""
    both = [(first[name], second[name]) for first, second in pairs if name in first and name in second]
    if 2 * len(both) <= len(pairs):
        return None
    first, second = np.array(both).transpose(1, 2, 0)
    # The halves are independent, so half the mean squared difference is the variance of n / 2 questions.
    errors = np.sqrt(((first - second) ** 2).mean(axis=1) / 4.0).tolist()
    ends = []
    for point, error, low in zip(points, errors, (0.0, -1.0), strict=True):
        figure = Student(point, error, len(both), (low, 1.0))
        ends.append((figure.lower(_TAIL), upper(figure, _TAIL)))
    return PopulationScores(interval=ends[0], gain_interval=ends[1])


def _diagnosed(experiment: Experiment, rows: IntArray, split: Split, pair: int) -> Figures:
    """Cross-validate the forest on some of the questions alone."""
    from tst_harness.diagnostics.forest.diagnostic import ForestDiagnostic

    settings, whole = experiment.settings, experiment.dataset
    dataset = replace(whole, frame=whole.frame.iloc[rows].reset_index(drop=True))
    questions, forest = Questions.of(dataset), ForestDiagnostic(importances=False)
    answers = dataset.frame["answer"].to_numpy(dtype=np.float64)
    figures = np.empty((3, len(answers)))
    folds = dataset_folds(
        dataset, k=settings.folds, seed=settings.seed + pair, repeats=1, grouped=split == GROUPED
    )
    for fold in folds:
        if not len(fold.held_out):
            continue
        accepted = accepted_by_answer(dataset, fold.train)
        task = FoldTask(
            questions,
            fold.train,
            fold.held_out,
            answers[fold.train],
            fold.units,
            fold.seed,
            accepted=accepted,
        )
        scored = score(dataset, predict_where_trained(forest.predict, task), fold.train, fold.held_out)
        figures[:, fold.held_out] = scored.score, scored.blind_baseline, scored.most_frequent
    return _figures(dataset, figures)


def _figures(dataset: Dataset, figures: npt.NDArray[np.float64]) -> Figures:
    """Return scores and gains, the latter over the better of two baselines of each type, as in a report."""
    types = dataset.frame["type"].to_numpy().astype(str)
    names, code, counts = np.unique(types, return_inverse=True, return_counts=True)
    scores, chance, most_frequent = (np.bincount(code, weights=row) / counts for row in figures)
    gains = scores - np.maximum(chance, most_frequent)
    by_type = dict(zip(names.tolist(), zip(scores.tolist(), gains.tolist(), strict=True), strict=True))
    overall = (float(np.average(scores, weights=counts)), float(np.average(gains, weights=counts)))
    return {_OVERALL: overall, **by_type}
