"""The reports of a folder, told in the terminal."""

from collections.abc import Iterable
from typing import NamedTuple

from tst_harness.analysis.figures import counted, percent, signed
from tst_harness.report.folder import Listed
from tst_harness.report.schema import DiagnosticReport
from tst_harness.views.tables import aligned

_MOST = 8


class Entry(NamedTuple):
    """One diagnostic of a report, in figures as they are shown; "-" where it is incomplete."""

    name: str
    diagnostic: str
    n: str
    score: str
    baseline: str
    gain: str
    started: str


HEADINGS = Entry("report", "diagnostic", "n", "score", "baseline", "gain", "run (UTC)")


def entries(reports: Iterable[Listed]) -> list[list[Entry]]:
    """Return what is listed of each report: an entry a diagnostic."""
    return [
        [_entry(listed, name, diagnostic) for name, diagnostic in listed.report.diagnostics.items()]
        for listed in reports
    ]


def _entry(listed: Listed, name: str, diagnostic: DiagnosticReport) -> Entry:
    started = listed.report.run.started[:16].replace("T", " ")
    overall = diagnostic.overall
    if overall is None:
        return Entry(listed.path.stem, name, "-", "-", "-", "-", started)
    figures = (percent(overall.score), percent(overall.blind_baseline), signed(overall.gain))
    return Entry(listed.path.stem, name, f"{overall.n:,}", *figures, started)


def listing_lines(reports: list[Listed], width: int = 80) -> list[str]:
    """Return the lines of a table of reports, the first few of them."""
    rows = [entry for each in entries(reports[:_MOST]) for entry in each]
    lines = aligned([HEADINGS, *rows], width, right=(2, 3, 4, 5))
    if len(reports) > _MOST:
        lines.append(f"and {counted(len(reports) - _MOST, 'older report')}")
    return lines
