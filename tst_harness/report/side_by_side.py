"""Two scores of the same questions side by side: on different folds, or of different diagnostics."""

from collections.abc import Mapping

from tst_harness.analysis.names import GROUPED, STACK, ungrouped
from tst_harness.checks.comparison import ContextReport, compare
from tst_harness.report.schema import DiagnosticReport
from tst_harness.stats.samples import Samples


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
            comparison = compare(name, scores, grouped, seed)
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
        Of each complete diagnostic; those that ran on other folds (grouped, or not) are left out, and so is
        the stack, which has learnt from the model itself.
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
        elsewhere = other.endswith(GROUPED) != name.endswith(GROUPED)
        if other == name or elsewhere or ungrouped(other) == STACK or not shared:
            continue
        paired = compare(name, {id: scores[id] for id in shared}, against, seed).overall
        if paired.difference_interval[1] < 0.0:
            better[other] = paired
    return report.model_copy(update={"beaten_by": better})
