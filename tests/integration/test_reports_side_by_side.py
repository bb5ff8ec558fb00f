"""Runs of one benchmark that measure different things: each keeps its report, and all are listed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from projects import UNITS, run, write_project

REPORTS = Path("reports")
_PLAIN = ("-p", "no:randomly", "-q")


def names() -> set[str]:
    return {path.stem for path in REPORTS.glob("*.json")}


def test_each_run_keeps_its_report_samples_and_page(pytester: pytest.Pytester) -> None:
    write_project(pytester)
    first = run(pytester)
    first.stdout.no_fnmatch_line("*all reports of this folder*")
    before = (REPORTS / "toy.json").read_bytes()
    run(pytester, "--tst-null").assert_outcomes(passed=UNITS)
    run(pytester, "--tst-limit=60")
    last = run(pytester, "--tst-split=both", "--tst-html")
    assert names() == {"toy", "toy-null", "toy-limit60", "toy-both"}
    assert (REPORTS / "toy.json").read_bytes() == before
    assert all((REPORTS / f"{name}.samples.jsonl").exists() for name in names())
    assert all((REPORTS / f"{name}.questions.jsonl").exists() for name in names())
    assert json.loads((REPORTS / "toy-both.json").read_text())["settings"]["split"] == "both"
    last.stdout.fnmatch_lines(
        [
            "report: reports/toy-both.json",
            "samples: reports/toy-both.samples.jsonl",
            "page: reports/toy-both.html",
            "",
            "all reports of this folder, newest first: reports/index.html",
            "  report *diagnostic *n *score *baseline *gain *run (UTC)",
            "  toy-* *",
        ]
    )
    page = (REPORTS / "index.html").read_text("utf-8")
    assert all(f">{name}</a>" in page for name in names())


def test_without_pages_there_is_no_index(pytester: pytest.Pytester) -> None:
    write_project(pytester)
    run(pytester, "--tst-no-html")
    result = run(pytester, "--tst-no-html", "--tst-null")
    result.stdout.fnmatch_lines(["all reports of this folder, newest first"])
    assert not (REPORTS / "index.html").exists()


def test_two_sessions_at_once_in_one_folder(pytester: pytest.Pytester) -> None:
    write_project(pytester)
    sessions = [
        subprocess.Popen(
            [sys.executable, "-m", "pytest", *_PLAIN, "--tst-html", *options],
            cwd=pytester.path,
            stdout=subprocess.PIPE,
            text=True,
        )
        for options in ([], ["--tst-split=grouped"])
    ]
    outputs = [session.communicate(timeout=300)[0] for session in sessions]
    assert [session.returncode for session in sessions] == [0, 0], outputs
    assert names() == {"toy", "toy-grouped"}
    page = (REPORTS / "index.html").read_text("utf-8")
    assert all(f'href="{name}.html">{name}</a>' in page for name in names())


def test_with_two_workers(pytester: pytest.Pytester) -> None:
    write_project(pytester)
    result = pytester.runpytest_subprocess("-n2", "--tst-null", "--tst-html")
    result.assert_outcomes(passed=UNITS)
    assert names() == {"toy-null"}
