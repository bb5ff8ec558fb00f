"""Importing the package, asking for help and collecting load nothing heavy and touch no network."""

from pathlib import Path

import pytest
from projects import module, write_project

HEAVY = {
    *("torch", "vllm", "ray", "transformers", "datasets", "sklearn", "lightgbm", "pandas", "numpy", "scipy"),
    *("pyarrow", "huggingface_hub"),
}
# Some of these import numpy and more themselves.
NEIGHBOURS_LEFT_OUT = ["-p", "no:randomly", "-p", "no:hypothesispytest"]
# Prints the modules of this process when it ends.
LIST_MODULES = "import atexit, sys; atexit.register(lambda: print('modules:', *sys.modules))"


def heavy_modules(result: pytest.RunResult) -> set[str]:
    [line] = [line for line in result.outlines if line.startswith("modules: ")]
    modules = set(line.split())
    assert "tst_harness" in modules
    return modules & HEAVY


def test_importing_the_package(pytester: pytest.Pytester) -> None:
    assert heavy_modules(pytester.runpython_c(f"{LIST_MODULES}; import tst_harness")) == set()


@pytest.mark.parametrize("asked", [["--help"], ["audit", "--help"], ["init", "--help"]])
def test_asking_the_command_line(pytester: pytest.Pytester, asked: list[str]) -> None:
    source = f"{LIST_MODULES}; from tst_harness.cli import main; main({asked!r})"
    assert heavy_modules(pytester.runpython_c(source)) == set()


@pytest.mark.parametrize("options", ["--help", "--collect-only", "--fixtures"])
def test_asking_pytest(pytester: pytest.Pytester, options: str) -> None:
    source = f'HubDataset("owner/Toy", revision="{"0" * 40}")'
    pytester.makepyfile(test_toy=module(source=source))
    pytester.makeconftest(LIST_MODULES)
    result = pytester.runpytest_subprocess(options, *NEIGHBOURS_LEFT_OUT)
    assert result.ret == pytest.ExitCode.OK
    assert heavy_modules(result) == set()


def test_collecting_the_benchmarks_of_this_repository(pytester: pytest.Pytester) -> None:
    benchmarks = Path(__file__).parents[2] / "benchmarks"
    ini = pytester.makeini("[pytest]")
    options = ["--collect-only", "-q", f"--rootdir={pytester.path}", "-c", str(ini), *NEIGHBOURS_LEFT_OUT]
    result = pytester.runpython_c(
        f"{LIST_MODULES}; import pytest; pytest.main({[str(benchmarks), *options]!r})"
    )
    result.stdout.fnmatch_lines_random(["*test_vsi.py::TestVSI::test_check[[]shortcuts]"])
    assert heavy_modules(result) == set()


def test_a_worker_imports_what_its_diagnostic_needs_and_the_session_what_reports_need(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Set where this test is itself run by xdist.
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    write_project(pytester)
    pytester.makeconftest("""
import atexit
import os
import sys
from pathlib import Path

import pytest

name = os.environ.get("PYTEST_XDIST_WORKER", "session")
atexit.register(lambda: Path(name).write_text(" ".join(sys.modules), encoding="utf-8"))


def pytest_collection_modifyitems(items):
    items[:] = [item for item in items if "fold" in item.name]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call():
    import numpy as np

    from tst_harness.analysis.scoring import Scored
    from tst_harness.analysis.folded import Scores
    from tst_harness.analysis.protocol import Inputs
    from tst_harness.diagnostics.forest.analysis import ForestAnalysis

    def score(self, experiment, fold, split):
        zeros = np.zeros(len(fold.held_out))
        nothing = [""] * len(zeros), [None] * len(zeros), {}
        return Scores(fold.held_out, Scored(zeros, zeros, zeros, zeros, *nothing))

    ForestAnalysis.score = score
    ForestAnalysis.inputs = lambda *_: Inputs()
""")
    result = pytester.runpytest_subprocess("-n2", *NEIGHBOURS_LEFT_OUT)
    result.assert_outcomes(passed=5)
    imported = {
        name: HEAVY & set((pytester.path / name).read_text("utf-8").split())
        for name in ("gw0", "gw1", "session")
    }
    # scipy finds which questions are copies of one another.
    reading = {"numpy", "pandas", "pyarrow", "scipy"}
    assert imported == {"gw0": reading, "gw1": reading, "session": reading}
