"""Importing the package, asking for help and collecting load nothing heavy and touch no network."""

from pathlib import Path

import pytest
from projects import module

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
    result.stdout.fnmatch_lines_random(["*test_vsi.py::TestVSI::test_shortcuts"])
    assert heavy_modules(result) == set()
