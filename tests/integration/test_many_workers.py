"""Sessions of several workers: what each gets of the machine, and what is left when one dies."""

import json
from pathlib import Path

import pytest
from projects import (
    FOLDS,
    REPORT,
    UNITS,
    assert_no_crash,
    last_words,
    progress,
    records_of_tests,
    run,
    settled,
    write_project,
)

# As a diagnostic of another package may; it is looked at where diagnostics are named.
NEEDS_GPU = """
    from tst_harness.diagnostics.forest.analysis import FOREST

    FOREST.needs_gpu = True
"""
NAMED = "--tst-diagnostic=forest"
WRITES_ENVIRONMENT = """
    import json, os, pathlib, signal

    import pytest


    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_call(item):
        worker = os.environ["PYTEST_XDIST_WORKER"]
        started = {name: os.environ.get(name) for name in ("CUDA_VISIBLE_DEVICES", "OMP_NUM_THREADS")}
        pathlib.Path(f"{worker}.json").write_text(json.dumps(started))
        if item.name == "test_fold[forest-fold2]":
            pathlib.Path("died").write_text(worker)
            os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def devices(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3,MIG-aaaa")
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    write_project(pytester)
    pytester.makeconftest(NEEDS_GPU)


@pytest.mark.usefixtures("devices")
def test_a_worker_that_dies_loses_its_fold_and_its_successor_keeps_the_device(
    pytester: pytest.Pytester,
) -> None:
    pytester.makeconftest(NEEDS_GPU + WRITES_ENVIRONMENT)
    result = pytester.runpytest_subprocess("-n2", NAMED, "-p", "no:randomly", "--tst-fresh")
    result.stdout.fnmatch_lines(["tst: a CUDA device for each worker: 3, MIG-aaaa"])
    died = Path("died").read_text()
    environments = {path.stem: json.loads(path.read_text()) for path in pytester.path.glob("gw?.json")}
    assert {environments[name]["CUDA_VISIBLE_DEVICES"] for name in ("gw0", "gw1")} == {"3", "MIG-aaaa"}
    # It may come too late to be given a test.
    for successor in environments.keys() - {"gw0", "gw1"}:
        assert environments[successor] == environments[died]
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    reason = f"toy: 1 of {FOLDS} folds left no record (forest repeat 0 fold 2), so there is no report"
    assert last_words(result).startswith(f"no verdict: {reason}")
    assert not REPORT.exists()
    assert len(records_of_tests()) == UNITS - 1

    (pytester.path / "conftest.py").unlink()
    again = run(pytester)
    assert [fold for fold, taken in progress(again).items() if taken != "cached"] == ["forest fold 2"]
    report = settled()
    run(pytester, "--tst-fresh")
    assert settled() == report


@pytest.mark.usefixtures("devices")
def test_more_workers_than_devices_is_refused(pytester: pytest.Pytester) -> None:
    # pytest-benchmark has a warning of its own for sessions with workers.
    result = pytester.runpytest_subprocess("-n3", NAMED, "-p", "no:benchmark")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    [line] = [line for line in result.errlines if line]
    assert line.startswith(
        "ERROR: 3 workers were asked for and there are 2 CUDA devices (3, MIG-aaaa): use -n 2"
    )
    assert_no_crash(result)


@pytest.mark.usefixtures("devices")
def test_what_needs_no_device_is_never_refused_for_want_of_one(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    (pytester.path / "conftest.py").unlink()
    result = pytester.runpytest_subprocess("-n2", "-p", "no:randomly")
    assert result.ret == pytest.ExitCode.OK
    assert "CUDA device" not in result.stdout.str()


@pytest.mark.usefixtures("devices")
def test_auto_is_a_worker_for_each_device(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_subprocess("-nauto", "-v", NAMED)
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["scheduling tests via FoldScheduling"])
    assert len({line.split("]")[0] for line in result.outlines if line.startswith("[gw")}) == 2


@pytest.mark.usefixtures("devices")
def test_sessions_without_a_benchmark_are_left_to_xdist(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_XDIST_AUTO_NUM_WORKERS", "3")
    (pytester.path / "test_toy.py").unlink()
    pytester.makepyfile(
        test_other="""
        import os

        def test_other():
            assert os.environ["CUDA_VISIBLE_DEVICES"] == "3,MIG-aaaa"
        """
    )
    result = pytester.runpytest_subprocess("-nauto", "-v")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*3 workers*"])
