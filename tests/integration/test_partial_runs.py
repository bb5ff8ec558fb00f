"""A run of some folds leaves records and no report, says what is missing, and is not wasted."""

import re
from fnmatch import fnmatch
from pathlib import Path

import pytest
from projects import (
    FOLDS,
    REPORT,
    SAMPLES,
    UNITS,
    assert_no_crash,
    last_words,
    progress,
    records_of_tests,
    run,
    settled,
    write_project,
)

from tst_harness.engine.results import ExitStatus


def test_one_fold_gives_a_record_that_the_whole_run_reuses(pytester: pytest.Pytester) -> None:
    write_project(pytester)
    result = run(pytester, "-k", "fold3")
    result.assert_outcomes(passed=1, deselected=UNITS - 1)
    assert result.ret == ExitStatus.INCOMPLETE
    assert re.match(
        r"no verdict: toy: 4 of 5 folds left no record \(.*fold 0.*fold 4\), so there is no report",
        last_words(result),
    )
    assert_no_crash(result)
    assert len(records_of_tests()) == 1
    assert not REPORT.exists()
    assert not SAMPLES.exists()

    whole = progress(run(pytester))
    assert {unit for unit, state in whole.items() if state == "cached"} == {"forest fold 3"}
    kept = settled()
    run(pytester, "--tst-fresh")
    assert settled() == kept


def test_a_report_of_before_stays_where_a_later_run_is_partial(pytester: pytest.Pytester) -> None:
    write_project(pytester)
    run(pytester)
    before = REPORT.read_bytes()
    assert run(pytester, "-k", "fold3").ret == ExitStatus.INCOMPLETE
    assert REPORT.read_bytes() == before


def test_folds_run_one_after_the_other_need_no_computing_at_the_end(pytester: pytest.Pytester) -> None:
    write_project(pytester)
    for half in ("fold0 or fold1", "not fold0 and not fold1"):
        assert run(pytester, "-k", half).ret == ExitStatus.INCOMPLETE
    result = run(pytester)
    assert result.ret == pytest.ExitCode.OK
    assert set(progress(result).values()) == {"cached"}


def test_collecting_alone_leaves_nothing(pytester: pytest.Pytester) -> None:
    write_project(pytester)
    result = run(pytester, "--collect-only", "-q")
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["test_toy.py::TestToy::test_fold?forest-fold3?"])
    assert not Path("reports").exists()


BREAKS_FOLD_2 = """
    import pytest


    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_call(item):
        if item.name == "test_fold[forest-fold2]":
            raise OSError("the disk is gone")
"""


@pytest.mark.parametrize("options", [[], ["-x"]], ids=["all", "-x"])
def test_after_a_failure_the_last_failed_alone_is_said_to_be_incomplete(
    pytester: pytest.Pytester, options: list[str]
) -> None:
    write_project(pytester)
    pytester.makeconftest(BREAKS_FOLD_2)
    broken = run(pytester, *options)
    assert broken.ret == ExitStatus.FAILED
    missing = "3 of 5 folds left no record (*fold 2*fold 3*fold 4)" if options else "1 of 5 * (*fold 2)"
    assert fnmatch(last_words(broken), f"no verdict: toy: {missing}*")
    assert not REPORT.exists()

    (pytester.path / "conftest.py").unlink()
    failed = run(pytester, "--lf")
    assert failed.ret == ExitStatus.INCOMPLETE
    assert last_words(failed).startswith("no verdict: toy: 4 of 5 folds left no record")
    assert not REPORT.exists()

    whole = run(pytester)
    assert whole.ret == ExitStatus.OK
    assert progress(whole)["forest fold 2"] == "cached"
    kept = settled()
    run(pytester, "--tst-fresh")
    assert settled() == kept


@pytest.mark.parametrize(
    ("ends", "options", "status"),
    [
        ("raise OSError('the disk is gone')", ["-x"], pytest.ExitCode.TESTS_FAILED),
        ("raise KeyboardInterrupt", [], pytest.ExitCode.INTERRUPTED),
        (
            "os.kill(os.getpid(), signal.SIGKILL)",
            ["-n1", "--max-worker-restart=0"],
            pytest.ExitCode.TESTS_FAILED,
        ),
    ],
    ids=["failed", "interrupted", "killed"],
)
def test_a_benchmark_without_any_result_is_said_to_lack_its_folds(
    pytester: pytest.Pytester, ends: str, options: list[str], status: int
) -> None:
    write_project(pytester)
    pytester.makeconftest(
        "import os, signal, pytest\n\n"
        f"@pytest.hookimpl(tryfirst=True)\ndef pytest_runtest_call(item):\n    {ends}\n"
    )
    result = pytester.runpytest_subprocess("-p", "no:randomly", *options)
    assert result.ret == status
    unfinished = [f"forest fold {fold}" for fold in range(FOLDS)]["-x" in options :]
    assert last_words(result) == (
        f"no verdict: test_toy.py::TestToy: {len(unfinished)} folds were not finished "
        f"({', '.join(unfinished)}), so there is no report; run it again"
    )
    assert not REPORT.exists()
