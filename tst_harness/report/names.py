"""What a report's files are called, so that different runs of one benchmark do not overwrite each other."""

from collections.abc import Iterator

from tst_harness.analysis.names import FEATURES, FOREST, ungrouped
from tst_harness.analysis.units import RANDOM
from tst_harness.report.schema import Report


def run_name(report: Report) -> str:
    """Return the name of a report's files, without ending: that of the benchmark, and how the run differs.

    The plain run has the benchmark's name alone: "vsi". Another one says what is not plain: "vsi-grouped",
    "vsi-llm-repeats3", "vsi-null". Number of folds, seed and models do not tell runs apart.
    """
    return "-".join([report.benchmark, *_differences(report)])


def _differences(report: Report) -> Iterator[str]:
    settings, limit = report.settings, report.settings.limit
    if report.source.substituted_for is not None:
        yield "sample"
    if report.null_control:
        yield "null"
    if limit is not None and limit < report.source.questions:
        yield f"limit{limit}"
    yield from _diagnostics(report)
    if settings.split != RANDOM:
        yield settings.split
    if settings.repeats > 1:
        yield f"repeats{settings.repeats}"
    if settings.allow_leak:
        yield "leak"


def _diagnostics(report: Report) -> list[str]:
    """The diagnostics, where they are not those of a plain run: the forest, and a benchmark's own models."""
    names = list(dict.fromkeys(sorted(map(ungrouped, report.diagnostics))))
    chosen = [name for name in names if name != FEATURES] or names
    return [] if chosen == [FOREST] else chosen
