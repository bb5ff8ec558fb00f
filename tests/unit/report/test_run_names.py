"""What the files of a run are called, and what a folder of them holds."""

import os
from pathlib import Path
from typing import Any

import pytest
from snapshots import make_report

from tst_harness.report.files import canonical_json, write_report
from tst_harness.report.folder import reports_of, stamp
from tst_harness.report.names import run_name
from tst_harness.report.schema import Report


def plain(**settings: Any) -> Report:
    report, _ = make_report()
    return report.model_copy(update={"settings": report.settings.model_copy(update=settings)})


def with_source(**fields: Any) -> Report:
    report = plain()
    return report.model_copy(update={"source": report.source.model_copy(update=fields)})


def with_diagnostics(*names: str) -> Report:
    report = plain()
    return report.model_copy(update={"diagnostics": dict.fromkeys(names, report.diagnostics["forest"])})


@pytest.mark.parametrize(
    ("report", "name"),
    [
        (plain(), "demo"),
        (plain(split="grouped"), "demo-grouped"),
        (plain(split="both"), "demo-both"),
        (plain(repeats=3), "demo-repeats3"),
        (plain(allow_leak=True), "demo-leak"),
        (plain(limit=20), "demo-limit20"),
        (plain(limit=60), "demo"),
        (plain(folds=9, seed=1), "demo"),
        (plain().model_copy(update={"null_control": True}), "demo-null"),
        (with_source(substituted_for="owner/Rooms"), "demo-sample"),
        (with_source(kind="sample"), "demo"),
        (with_diagnostics("forest", "forest_grouped"), "demo"),
        (with_diagnostics("forest", "features"), "demo"),
        (with_diagnostics("features"), "demo-features"),
        (with_diagnostics("llm"), "demo-llm"),
        (with_diagnostics("llm", "features", "llm_grouped"), "demo-llm"),
        (with_diagnostics("words", "forest"), "demo-forest-words"),
    ],
)
def test_a_name_says_what_is_not_plain(report: Report, name: str) -> None:
    assert run_name(report) == name


def test_what_differs_is_named_together() -> None:
    report = plain(limit=20, split="grouped", repeats=2).model_copy(update={"null_control": True})
    assert run_name(report) == "demo-null-limit20-grouped-repeats2"


def test_runs_of_one_benchmark_keep_their_files(tmp_path: Path) -> None:
    reports = [plain(), plain(split="grouped"), plain(repeats=2)]
    paths = {write_report(report, tmp_path) for report in reports}
    assert {path.name for path in paths} == {"demo.json", "demo-grouped.json", "demo-repeats2.json"}


def started(report: Report, time: str) -> Report:
    return report.model_copy(update={"run": report.run.model_copy(update={"started": time})})


def test_a_folder_lists_its_reports_newest_first(tmp_path: Path) -> None:
    write_report(started(plain(), "2026-01-01T10:00:00+00:00"), tmp_path)
    write_report(started(plain(split="grouped"), "2026-01-03T10:00:00+00:00"), tmp_path)
    write_report(started(plain(repeats=2), "2026-01-02T10:00:00+00:00"), tmp_path)
    listing = reports_of(tmp_path)
    assert [each.path.stem for each in listing.reports] == ["demo-grouped", "demo-repeats2", "demo"]
    assert listing.problems == []


def test_what_is_no_report_is_passed_over_and_what_is_damaged_is_named(tmp_path: Path) -> None:
    write_report(plain(), tmp_path)
    (tmp_path / "notes.json").write_text('{"mine": 1}')
    (tmp_path / "cut.json").write_text('{"schema')
    (tmp_path / "list.json").write_text("[]")
    old = plain().model_dump(mode="json") | {"schema_version": 1}
    (tmp_path / "old.json").write_text(canonical_json(old))
    listing = reports_of(tmp_path)
    assert [each.path.stem for each in listing.reports] == ["demo"]
    assert len(listing.problems) == 1
    assert "old.json is of schema version 1" in listing.problems[0]


def test_an_empty_folder_has_no_reports(tmp_path: Path) -> None:
    assert reports_of(tmp_path) == ([], [])


def test_the_stamp_of_a_folder_changes_with_any_report(tmp_path: Path) -> None:
    path = write_report(plain(), tmp_path)
    before = stamp(tmp_path)
    assert stamp(tmp_path) == before
    os.utime(path, ns=(1, 1))
    touched = stamp(tmp_path)
    assert touched != before
    write_report(plain(repeats=2), tmp_path)
    assert stamp(tmp_path) > touched
