"""When a page is written beside a report, and `tst-harness report` and `compare --html` later."""

import re
from pathlib import Path

import pytest
from projects import REPORT, SAMPLES, UNITS, assert_no_crash, questions, run, write_project, write_rows

from tst_harness.cli import main
from tst_harness.engine.results import ExitStatus

PAGE = REPORT.with_suffix(".html")
QUESTIONS = REPORT.with_suffix(".questions.jsonl")


@pytest.fixture(autouse=True)
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    write_project(pytester)


def run_as_asked(pytester: pytest.Pytester, *args: str) -> pytest.RunResult:
    """Unlike `run`, without an option for or against pages."""
    return pytester.runpytest_inprocess("-p", "no:randomly", "-p", "no:hypothesispytest", *args)


@pytest.mark.parametrize(
    ("in_ci", "ini", "options", "written"),
    [
        pytest.param(False, "", [], True, id="by default"),
        pytest.param(True, "", [], False, id="not in CI"),
        pytest.param(True, "", ["--tst-html"], True, id="in CI where asked"),
        pytest.param(False, "", ["--tst-no-html"], False, id="not where declined"),
        pytest.param(True, "tst_html = true", [], True, id="ini: yes"),
        pytest.param(False, "tst_html = no", [], False, id="ini: no"),
        pytest.param(False, "tst_html = no", ["--tst-html"], True, id="the option before the ini file"),
    ],
)
def test_a_page_is_written_where_somebody_looks(
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    in_ci: bool,
    ini: str,
    options: list[str],
    written: bool,
) -> None:
    if in_ci:
        monkeypatch.setenv("CI", "true")
    pytester.makeini(f"[pytest]\n{ini}\n")
    result = run_as_asked(pytester, *options)
    result.assert_outcomes(passed=UNITS)
    assert PAGE.exists() == written
    assert (f"page: {PAGE}" in result.outlines) == written
    assert QUESTIONS.exists()


def test_an_ini_key_that_makes_no_sense_is_an_error(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\ntst_html = perhaps\n")
    result = run_as_asked(pytester)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: --tst-html: *boolean*, not 'perhaps'"])


def test_a_page_that_cannot_be_written_is_a_failure_that_loses_no_report(pytester: pytest.Pytester) -> None:
    PAGE.mkdir(parents=True)
    result = run(pytester, "--tst-html")
    assert result.ret == ExitStatus.FAILED
    result.stdout.fnmatch_lines([f"toy: *{PAGE.name} cannot be written (*"])
    assert_no_crash(result)
    assert f"report: {REPORT}" in result.outlines
    assert REPORT.exists()


def test_no_page_of_an_older_report_stays(pytester: pytest.Pytester) -> None:
    run(pytester, "--tst-html")
    assert "What colour is the" in QUESTIONS.read_text("utf-8")
    run(pytester, "--tst-texts=omit")
    assert not PAGE.exists()
    assert "What colour is the" not in QUESTIONS.read_text("utf-8")


def test_the_page_written_later_is_the_same(
    pytester: pytest.Pytester, capsys: pytest.CaptureFixture[str]
) -> None:
    run(pytester, "--tst-html")
    page = PAGE.read_bytes()
    PAGE.unlink()
    capsys.readouterr()
    assert main(["report", str(REPORT)]) == ExitStatus.OK
    assert capsys.readouterr().out == f"page: {PAGE}\n"
    assert PAGE.read_bytes() == page
    assert main(["report", str(REPORT), "--output", "elsewhere/page.html"]) == ExitStatus.OK
    assert Path("elsewhere/page.html").read_bytes() == page


def test_a_report_of_an_older_version_has_a_page_without_texts(pytester: pytest.Pytester) -> None:
    run(pytester)
    QUESTIONS.unlink()
    samples = SAMPLES.read_text("utf-8")
    SAMPLES.write_text(
        re.sub(r'"probabilities":(?: ?null|\[[^]]*\]| \[[^]]*\]), ?(?=")', "", samples), "utf-8"
    )
    assert '"probabilities"' not in SAMPLES.read_text("utf-8")
    REPORT.write_text(re.sub(r'"samples": "\w+"', '"samples": null', REPORT.read_text("utf-8")), "utf-8")
    assert main(["report", str(REPORT)]) == ExitStatus.OK
    assert PAGE.exists()


def test_what_is_missing_is_said(pytester: pytest.Pytester, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "reports/toy.json"]) == ExitStatus.USAGE
    assert "toy.json does not exist: run the benchmark first" in capsys.readouterr().err
    run(pytester)
    SAMPLES.unlink()
    capsys.readouterr()
    assert main(["report", "reports/toy.json"]) == ExitStatus.USAGE
    assert "toy.samples.jsonl does not exist: run the benchmark first" in capsys.readouterr().err


def test_a_page_of_what_changed(pytester: pytest.Pytester, capsys: pytest.CaptureFixture[str]) -> None:
    run(pytester, "--tst-reference-update", "--tst-report=old")
    rows = questions()[:-10]
    write_rows(pytester.path / "toy.jsonl", rows)
    run(pytester)
    capsys.readouterr()
    for before in ("old/toy.json", "old/references/toy.json"):
        assert main(["compare", before, str(REPORT)]) in (ExitStatus.OK, ExitStatus.FAILED)
        plain = capsys.readouterr().out
        asked = ["compare", before, str(REPORT), "--html", "changed.html"]
        assert main(asked) in (ExitStatus.OK, ExitStatus.FAILED)
        assert capsys.readouterr().out == f"{plain}page: changed.html\n"
        page = Path("changed.html").read_text("utf-8")
        assert "forest: 10 of 100 questions are only before" in page
        assert "questions in the source: 100 -&gt; 90" in page
