"""How gates and reports are told to others than their files: the terminal, JUnit and the page of a CI run."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from _pytest.junitxml import xml_key  # no public way to the properties of the whole suite

from tst_harness.engine.settings import Settings

if TYPE_CHECKING:
    from tst_harness.integrations.pytest.closing import Closing
    from tst_harness.views.terminal import Line


def outcome_lines(closing: "Closing", settings: Settings) -> "list[Line]":
    """Return the lines on other reports, gates and new references that follow the reports."""
    lines = _listing(closing)
    if not closing.gates and not closing.references:
        return lines
    from tst_harness.views.gates import gate_lines, reference_lines

    for path, old, new in closing.references:
        lines += reference_lines(str(path), old, new)
    return [*lines, *gate_lines(closing.gates, warn=settings.inconclusive != "pass")]


def _listing(closing: "Closing") -> "list[Line]":
    if not closing.listed:
        return []
    from tst_harness.views.listing import listing_lines
    from tst_harness.views.terminal import Line

    where = "" if closing.index is None else f": {closing.index}"
    heading = f"all reports of this folder, newest first{where}"
    return [
        Line("", {}),
        Line(heading, {}),
        *(Line(f"  {text}", {}) for text in listing_lines(closing.listed, width=78)),
    ]


def share_in_junit(config: pytest.Config, closing: "Closing") -> None:
    """Put scores and verdicts among the properties of the suite, where a JUnit file is written."""
    xml = config.stash.get(xml_key, None)
    if xml is None:
        return
    for written in closing.written:
        for name, diagnostic in written.report.diagnostics.items():
            if diagnostic.overall is not None:
                xml.add_global_property(
                    f"tst {written.report.benchmark}.{name}.score", diagnostic.overall.score
                )
    for gate in closing.gates:
        xml.add_global_property(f"tst gate {gate.rule}", gate.verdict)


def share_as_markdown(closing: "Closing", given: Path | None) -> None:
    """Write the summary where it was asked for, and append it to that of a CI run."""
    from tst_harness.views.markdown import is_wanted, markdown, share

    problems = [*closing.unjudged, *closing.missing, *closing.refused, *closing.problems, *closing.unwritten]
    reports = [written.report for written in closing.written]
    if is_wanted(given) and (reports or closing.gates or problems):
        closing.unwritten += share(markdown(reports, closing.gates, problems), given)
