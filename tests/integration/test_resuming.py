"""What is done is not done again, and what is damaged is."""

from pathlib import Path

import pytest
from projects import (
    CHECKS,
    FOLDS,
    RECORDS,
    REPORT,
    SAMPLES,
    UNITS,
    assert_no_crash,
    progress,
    questions,
    read_json,
    run,
    settled,
    write_project,
    write_rows,
)

from tst_harness.analysis.records import RECORD_VERSION

VERSION = f'"record_version":{RECORD_VERSION},'.encode()
CACHED = {
    **{f"forest fold {fold}": "cached" for fold in range(FOLDS)},
    **dict.fromkeys(CHECKS, "cached"),
}


@pytest.fixture(autouse=True)
def done(pytester: pytest.Pytester) -> None:
    """A project that was audited once."""
    write_project(pytester)
    assert not set(progress(run(pytester)).values()) & {"cached"}


def records() -> dict[str, Path]:
    return {path.stem: path for path in RECORDS.glob("*.json")}


def record_of_fold(fold: int) -> Path:
    [path] = [path for path in records().values() if read_json(path).get("fold") == fold]
    return path


def test_a_second_run_computes_nothing_and_reports_the_same(pytester: pytest.Pytester) -> None:
    report, samples = settled(), SAMPLES.read_bytes()
    result = run(pytester)
    assert progress(result) == CACHED
    assert (settled(), SAMPLES.read_bytes()) == (report, samples)
    assert all(fold["cached"] for fold in read_json(REPORT)["diagnostics"]["forest"]["folds"])


def test_fresh_computes_everything_again(pytester: pytest.Pytester) -> None:
    report, keys = settled(), set(records())
    assert "cached" not in progress(run(pytester, "--tst-fresh")).values()
    assert (settled(), set(records())) == (report, keys)


def test_another_answer_is_another_key(pytester: pytest.Pytester) -> None:
    keys = set(records())
    rows = questions()
    rows[-1]["answer"] += 5
    write_rows(pytester.path / "toy.jsonl", rows)
    assert "cached" not in progress(run(pytester)).values()
    assert len(keys) == UNITS + 1
    assert len(set(records()) - keys) == UNITS + 1


@pytest.mark.parametrize(
    "damage", ["cut short", "not UTF-8", "of another version", "of another number", "another's"]
)
def test_a_damaged_record_is_named_set_aside_and_computed_again(
    pytester: pytest.Pytester, damage: str
) -> None:
    report, path = settled(), record_of_fold(3)
    content = path.read_bytes()
    path.write_bytes(
        {
            "cut short": content[: len(content) // 2],
            "not UTF-8": b"\xff" + content,
            "of another version": content.replace(VERSION, b'"record_version":99,'),
            "of another number": content.replace(b'"n_train":', b'"n_train":1'),
            "another's": record_of_fold(2).read_bytes(),
        }[damage]
    )
    # Also where the project makes errors of warnings, as this one's tests do.
    result = run(pytester)
    result.assert_outcomes(passed=UNITS, warnings=1)
    result.stdout.fnmatch_lines([f"*{path.name}*set aside as {path.name}.corrupt*"])
    assert_no_crash(result)
    again = {unit for unit, state in progress(result).items() if state != "cached"}
    assert again == {"forest fold 3"}
    assert path.with_name(f"{path.name}.corrupt").exists()
    assert settled() == report
    assert progress(run(pytester)) == CACHED


COMPUTED_AGAIN_MEANWHILE = """
    import os, subprocess, sys

    import pytest


    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish():
        if "ANOTHER" not in os.environ:
            options = ["-q", "-p", "no:hypothesispytest", "--tst-no-html", "--tst-fresh"]
            environment = {**os.environ, "ANOTHER": "1"}
            subprocess.run([sys.executable, "-m", "pytest", *options], env=environment, check=True)
        return (yield)
"""


def test_two_sessions_on_one_folder_do_each_other_no_harm(pytester: pytest.Pytester) -> None:
    report = settled()
    pytester.makeconftest(COMPUTED_AGAIN_MEANWHILE)
    result = run(pytester, "--tst-fresh")
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["*another session on *toy wrote some of its records again*"])
    assert not list(RECORDS.glob("*.corrupt"))
    assert settled() == report


def test_what_a_crash_left_half_written_does_no_harm(pytester: pytest.Pytester) -> None:
    report = settled()
    (RECORDS / ".0123456789abcdef.tmp").write_text('{"key": "ha', encoding="utf-8")
    (RECORDS.parent / ".fedcba9876543210.tmp").touch()
    assert progress(run(pytester)) == CACHED
    assert settled() == report


def test_a_fold_without_a_record_is_the_only_one_computed_again(pytester: pytest.Pytester) -> None:
    report, path = settled(), record_of_fold(3)
    path.unlink()
    REPORT.unlink()
    again = progress(run(pytester))
    assert again.pop("forest fold 3") != "cached"
    assert set(again.values()) == {"cached"}
    assert settled() == report
