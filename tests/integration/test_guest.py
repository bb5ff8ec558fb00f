"""Sessions that have nothing to do with benchmarks are left as they are."""

import pytest
from projects import UNITS

OWN_FIXTURES = """
import gc
import os
import sys

import pytest


@pytest.fixture
def trainer():
    return "coach"


@pytest.fixture(scope="session")
def predictor():
    return "oracle"


def test_own_fixtures(trainer, predictor):
    assert (trainer, predictor) == ("coach", "oracle")


def test_nothing_is_done():
    assert gc.get_freeze_count() == 0
    assert "OMP_NUM_THREADS" not in os.environ
    heavy = {"numpy", "pydantic", "tst_harness.benchmark.declarations", "tst_harness.engine.settings"}
    assert not heavy & set(sys.modules)


def test_no_fixture_of_ours(request):
    for name in ("trainable", "run_fold", "run_checks", "describe_shortcuts", "ask_zero_shot"):
        with pytest.raises(pytest.FixtureLookupError):
            request.getfixturevalue(name)
"""
NEIGHBOURS_LEFT_OUT = ("-p", "no:randomly", "-p", "no:hypothesispytest")


@pytest.mark.parametrize("workers", [(), ("-n2",)], ids=["alone", "two workers"])
def test_a_project_without_benchmarks(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, workers: tuple[str, ...]
) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    pytester.makepyfile(OWN_FIXTURES)
    result = pytester.runpytest_subprocess(*NEIGHBOURS_LEFT_OUT, *workers)
    result.assert_outcomes(passed=3)
    assert "tst: " not in result.stdout.str()


def test_what_is_collected_is_what_is_listed(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        from tst_harness import Benchmark, Choice, Columns, LocalFile, StressTest


        class TestToy(StressTest):
            benchmark = Benchmark(
                name="toy",
                source=LocalFile("toy.jsonl"),
                columns=Columns(id="id", text="question", options="options", answer="answer", type="kind"),
                question_types=[Choice("pick")],
            )
        """
    )
    result = pytester.runpytest_subprocess("--collect-only", "-q", *NEIGHBOURS_LEFT_OUT)
    listed = [line for line in result.outlines if "::" in line]
    assert len(listed) == UNITS
    result.stdout.fnmatch_lines([f"{UNITS} tests collected in *"])
