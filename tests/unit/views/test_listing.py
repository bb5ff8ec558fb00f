"""The reports of a folder, as a table in the terminal and as a page."""

from pathlib import Path
from typing import Any

import pytest
from snapshots import make_report

from tst_harness.analysis.figures import percent, signed
from tst_harness.cli import main
from tst_harness.engine.results import ExitStatus
from tst_harness.report import folder as folder_module
from tst_harness.report.files import write_report
from tst_harness.report.folder import reports_of
from tst_harness.report.schema import Report
from tst_harness.views.html.index import index_page, write_index
from tst_harness.views.listing import entries, listing_lines


def run_of(day: int, **options: Any) -> Report:
    report, _ = make_report(**options)
    run = report.run.model_copy(update={"started": f"2026-01-{day:02d}T10:00:00+00:00"})
    settings = report.settings.model_copy(update={"repeats": day})
    return report.model_copy(update={"run": run, "settings": settings})


def test_a_line_has_score_baseline_and_gain(tmp_path: Path) -> None:
    report = run_of(1)
    write_report(report, tmp_path)
    overall = report.diagnostics["forest"].overall
    assert overall is not None
    heading, line = listing_lines(reports_of(tmp_path).reports)
    assert heading.split() == ["report", "diagnostic", "n", "score", "baseline", "gain", "run", "(UTC)"]
    figures = [percent(overall.score), percent(overall.blind_baseline), signed(overall.gain)]
    assert line.split() == ["demo", "forest", "60", *figures, "2026-01-01", "10:00"]


def test_an_incomplete_diagnostic_has_no_figures(tmp_path: Path) -> None:
    write_report(run_of(1, missing=1), tmp_path)
    [[entry]] = entries(reports_of(tmp_path).reports)
    assert (entry.n, entry.score, entry.baseline, entry.gain) == ("-",) * 4


def test_older_reports_are_counted(tmp_path: Path) -> None:
    for day in range(1, 11):
        write_report(run_of(day), tmp_path)
    lines = listing_lines(reports_of(tmp_path).reports)
    assert [line.split()[0] for line in lines[1:-1]] == [f"demo-repeats{day}" for day in range(10, 2, -1)]
    assert lines[-1] == "and 2 older reports"


def test_the_page_links_a_page_where_there_is_one(tmp_path: Path) -> None:
    write_report(run_of(1), tmp_path)
    write_report(run_of(2).model_copy(update={"null_control": True}), tmp_path)
    (tmp_path / "demo.html").touch()
    page = index_page(reports_of(tmp_path))
    assert 'href="demo.html"' in page
    assert 'href="demo-null-repeats2.json"' in page
    assert page.index("demo-null-repeats2") < page.index("demo.html")
    assert page.count("null control") == 1


def test_a_report_that_comes_while_the_index_is_made_is_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_report(run_of(1), tmp_path)
    waiting = [run_of(2)]

    def read_then_another_session_writes(folder: Path) -> folder_module.Listing:
        listing = reports_of(folder)
        while waiting:
            write_report(waiting.pop(), folder)
        return listing

    monkeypatch.setattr("tst_harness.views.html.index.reports_of", read_then_another_session_writes)
    path, listing = write_index(tmp_path)
    assert [each.path.stem for each in listing.reports] == ["demo-repeats2", "demo"]
    assert "demo-repeats2" in path.read_text("utf-8")


def test_the_command_lists_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_report(run_of(1), tmp_path)
    (tmp_path / "old.json").write_text('{"schema_version": 1, "benchmark": "a", "diagnostics": {}}')
    assert main(["report", str(tmp_path)]) == ExitStatus.OK
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("demo ")
    assert "old.json is of schema version 1" in lines[2]
    assert lines[-1] == f"page: {tmp_path / 'index.html'}"
    assert "old.json is of schema version 1" in (tmp_path / "index.html").read_text("utf-8")


def test_a_folder_without_a_report_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(tmp_path)]) == ExitStatus.USAGE
    assert capsys.readouterr().err == f"tst-harness report: {tmp_path}: there is no report in it\n"
    assert list(tmp_path.iterdir()) == []
