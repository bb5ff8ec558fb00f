"""Measured benchmarks on one page: scores, strongest shortcuts, faults, and how each was measured."""

from collections.abc import Iterator, Sequence

from tst_harness.analysis.figures import interval, percent, signed
from tst_harness.analysis.names import ungrouped
from tst_harness.checks.faults import FAULTS
from tst_harness.errors import ReportError
from tst_harness.report.schema import Report
from tst_harness.views.card import method, strongest
from tst_harness.views.markdown import escaped
from tst_harness.views.shortcuts import most_worth
from tst_harness.views.tables import markdown_table
from tst_harness.views.verdict import verdict_sentence

_SHORTCUTS = 3
_HEADINGS = ("benchmark", "diagnostic", "folds", "questions", "text only", "guessing", "gain [95%]")


def gallery(reports: Sequence[Report]) -> str:
    """Return the page as Markdown; null controls and runs on the bundled sample are left out.

    It quotes the words that rules are about, as far as the reports do, and no question.

    Raises
    ------
    ReportError
        No report is left, or of one no diagnostic is complete.
    """
    measured = [each for each in reports if not each.null_control and each.source.kind != "sample"]
    if not measured:
        raise ReportError("there is no report of real data to show: audit a benchmark first")
    measured.sort(key=lambda report: (-strongest(report)[2].gain, report.benchmark))
    rows = [row for report in measured for row in _rows(report)]
    parts = [
        "# Measured benchmarks",
        "What a model that sees the text alone scores on each, trained on the other folds of the test set, "
        "beside what guessing scores. A score is a lower bound on what can be solved without looking. "
        "Made by `tst-harness report FOLDER --gallery FILE.md` of a folder of reports.",
        markdown_table([_HEADINGS, *rows], right=range(3, 7)),
        *(part for report in measured for part in _parts(report)),
    ]
    return "\n\n".join(parts) + "\n"


def _rows(report: Report) -> Iterator[tuple[str, ...]]:
    for name, diagnostic in report.diagnostics.items():
        overall = diagnostic.overall
        if overall is None:
            continue
        yield (
            escaped(report.title),
            ungrouped(name),
            _folds(report, name),
            f"{overall.n:,}",
            percent(overall.score),
            percent(overall.blind_baseline),
            f"{signed(overall.gain)} {interval(overall.gain_interval)}",
        )


def _folds(report: Report, name: str) -> str:
    return "grouped" if name != ungrouped(name) or report.settings.split == "grouped" else "random"


def _parts(report: Report) -> Iterator[str]:
    name, diagnostic, _ = strongest(report)
    yield f"## {escaped(report.title)}"
    sentence = verdict_sentence(report)
    if sentence is not None:
        yield f"**{escaped(sentence)}**"
    # Shortcuts stand with the forest, where another diagnostic is the strongest, too.
    ruled = next((each for each in (diagnostic, *report.diagnostics.values()) if each.shortcuts), diagnostic)
    yield from _listed("Shortcuts that are worth most", most_worth(ruled, _SHORTCUTS))
    yield from _listed("Faults of rows", FAULTS.sentences({"faults": report.source}))
    yield " ".join(method(report, name))


def _listed(heading: str, sentences: Iterator[str] | list[str]) -> Iterator[str]:
    items = [f"- {escaped(sentence)}" for sentence in sentences]
    if items:
        yield f"{heading}:"
        yield "\n".join(items)
