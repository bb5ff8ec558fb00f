"""Measured benchmarks on one page."""

from pathlib import Path

import pytest
from record_builders import make_shortcut
from snapshots import make_report

from tst_harness.analysis.figures import percent
from tst_harness.cli import main
from tst_harness.engine.results import ExitStatus
from tst_harness.errors import ReportError
from tst_harness.report.files import write_report
from tst_harness.report.schema import Report
from tst_harness.views.gallery import gallery


def named(name: str, **changes: object) -> Report:
    report, _ = make_report(llm=True)
    return report.model_copy(update={"benchmark": name, "title": name.title(), **changes})


def test_each_benchmark_has_a_row_a_diagnostic_and_a_part() -> None:
    text = gallery([named("rooms"), named("halls")])
    report = named("rooms")
    for name, diagnostic in report.diagnostics.items():
        assert diagnostic.overall is not None
        figures = f"{percent(diagnostic.overall.score)} | {percent(diagnostic.overall.blind_baseline)}"
        assert f"| Rooms | {name} | random | 60 | {figures} |" in text
    assert [line for line in text.splitlines() if line.startswith("## ")] == ["## Halls", "## Rooms"]
    assert text.count("Measured with tst-harness") == 2


def test_shortcuts_and_faults_are_told() -> None:
    report = named("rooms")
    text = gallery([report])
    strongest = max(report.diagnostics.values(), key=lambda each: each.overall.score if each.overall else 0)
    assert bool(strongest.shortcuts) == ("Shortcuts that are worth most:" in text)
    counted = report.source.model_copy(
        update={
            "faults": [
                {"row": 3, "id": "c", "field": "answer", "kind": "range", "problem": "p", "scored": False}
            ],
            "fault_counts": {"range": 1},
        }
    )
    faulty = Report.model_validate({**report.model_dump(), "source": counted.model_dump(warnings=False)})
    assert "Faults of rows:\n\n- range: 1 row, left out (id c)" in gallery([faulty])


@pytest.mark.parametrize("place", [0, 1])
def test_shortcuts_are_told_whichever_diagnostic_has_them(place: int) -> None:
    report = named("rooms")
    diagnostics = {
        name: each.model_copy(update={"rules_tried": 9, "shortcuts": [make_shortcut()] * (number == place)})
        for number, (name, each) in enumerate(report.diagnostics.items())
    }
    text = gallery([report.model_copy(update={"diagnostics": diagnostics})])
    assert "Shortcuts that are worth most:\n\n- route: when " in text


def test_what_tells_nothing_of_a_benchmark_is_left_out() -> None:
    sample = named("rooms").source.model_copy(update={"kind": "sample"})
    text = gallery([named("halls"), named("rooms", null_control=True), named("rooms", source=sample)])
    assert "Rooms" not in text
    with pytest.raises(ReportError, match="there is no report of real data to show"):
        gallery([named("rooms", null_control=True)])


def test_the_command_writes_the_page_of_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_report(named("rooms"), tmp_path)
    page = tmp_path / "docs" / "gallery.md"
    assert main(["report", str(tmp_path), "--gallery", str(page)]) == ExitStatus.OK
    assert capsys.readouterr().out == f"gallery: {page}\n"
    assert page.read_text("utf-8").startswith("# Measured benchmarks\n")
    (tmp_path / "cut.json").write_text('{"schema_version": 2, "benchmark": "x", "diagnostics": {}}')
    assert main(["report", str(tmp_path), "--gallery", str(page)]) == ExitStatus.USAGE
    assert "cut.json is not valid" in capsys.readouterr().err
