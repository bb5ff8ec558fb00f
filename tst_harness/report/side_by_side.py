"""Two scores of the same questions side by side: on different folds, or of different diagnostics."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from tst_harness.analysis.names import GROUPED
from tst_harness.checks.records import ChecksRecord
from tst_harness.checks.schema import ChecksReport, Comparison, ContextReport, PairedScores
from tst_harness.errors import ReportError
from tst_harness.report.schema import DiagnosticReport
from tst_harness.stats.intervals import group_bootstrap
from tst_harness.stats.resampling import FloatArray
from tst_harness.stats.samples import Samples

_LIMITS = np.array([[0.0, 1.0], [0.0, 1.0], [-1.0, 1.0]])


def context_reports(samples: Mapping[str, Samples], seed: int) -> list[ContextReport]:
    """Return random folds beside grouped ones, for each diagnostic that ran on both.

    Parameters
    ----------
    samples
        Of each complete diagnostic.
    seed
        Of the resamples.
    """
    reports = []
    for name, random in sorted(samples.items()):
        grouped = samples.get(name + GROUPED)
        if grouped is not None:
            scores = dict(zip(random.id.tolist(), random.mean("score").tolist(), strict=True))
            comparison = _compare(name, scores, grouped, seed)
            reports.append(ContextReport(diagnostic=name, overall=comparison.overall, types=comparison.types))
    return reports


def with_better(
    report: DiagnosticReport, name: str, samples: Mapping[str, Samples], seed: int
) -> DiagnosticReport:
    """Return a language model's report with the diagnostics that score significantly more than it.

    Parameters
    ----------
    report
        Of one diagnostic; it is returned as it is where no model was asked, or where it is incomplete.
    name
        Its name.
    samples
        Of each complete diagnostic; those that ran on other folds (grouped, or not) are left out.
    seed
        Of the resamples.
    """
    own = samples.get(name)
    if report.llm is None or own is None:
        return report
    scores = dict(zip(own.id.tolist(), own.mean("score").tolist(), strict=True))
    better = {}
    for other, against in sorted(samples.items()):
        shared = scores.keys() & set(against.id.tolist())
        if other == name or other.endswith(GROUPED) != name.endswith(GROUPED) or not shared:
            continue
        paired = _compare(name, {id: scores[id] for id in shared}, against, seed).overall
        if paired.difference_interval[1] < 0.0:
            better[other] = paired
    return report.model_copy(update={"beaten_by": better})


def checks_with_comparison(record: ChecksRecord, forest: Samples | None, seed: int) -> ChecksReport:
    """Return the checks, the score with duplicates kept together beside that of the forest.

    Parameters
    ----------
    record
        The checks.
    forest
        What it scored; None where it is incomplete or did not run.
    seed
        Of the resamples.
    """
    checks = record.checks
    kept = checks.duplicates.kept_together
    if kept is None or record.kept_together is None or forest is None:
        return checks
    known = dict(zip(forest.id.tolist(), forest.mean("score").tolist(), strict=True))
    scores = {id: known.get(id, np.nan) for id in record.as_before}
    scores |= zip(record.kept_together.id, record.kept_together.score, strict=True)
    kept = kept.model_copy(update={"comparison": _compare("checks", scores, forest, seed)})
    duplicates = checks.duplicates.model_copy(update={"kept_together": kept})
    return checks.model_copy(update={"duplicates": duplicates})


def _compare(name: str, scores: Mapping[str, float], against: Samples, seed: int) -> Comparison:
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
