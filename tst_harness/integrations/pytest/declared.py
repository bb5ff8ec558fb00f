"""The benchmarks that the modules of a folder declare, found by pytest's own collection."""

import io
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from tst_harness.benchmark.declarations import Benchmark
from tst_harness.engine.settings import Settings
from tst_harness.errors import DataError, HarnessError
from tst_harness.integrations.pytest.options import settings_of
from tst_harness.integrations.pytest.passed_on import complaint_of
from tst_harness.integrations.pytest.stress_test import benchmark_of
from tst_harness.suggestions import did_you_mean


class Declared:
    """A plugin that takes the benchmarks of the modules that are collected, and the options.

    Attributes
    ----------
    options
        What the arguments and the ini file of the folder amount to; None where they make no sense.
    """

    def __init__(self, folder: Path) -> None:
        self.options: Settings | None = None
        self._folder = folder
        self._benchmarks: dict[str, Benchmark] = {}
        self._broken: list[str] = []

    def pytest_configure(self, config: pytest.Config) -> None:
        """Take the options."""
        self.options = settings_of(config)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Take the benchmarks."""
        for benchmark in map(benchmark_of, items):
            if benchmark is not None:
                self._benchmarks[benchmark.name] = benchmark

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note what cannot be collected."""
        if report.failed:
            self._broken.append(report.nodeid)

    def named(self, name: str) -> Benchmark:
        """Return a benchmark by its name.

        Raises
        ------
        DataError
            There is none; the message lists those that there are.
        """
        if name in self._benchmarks:
            return self._benchmarks[name]
        known = ", ".join(sorted(self._benchmarks)) or "none"
        broken = f"; {', '.join(self._broken)} cannot be collected" if self._broken else ""
        raise DataError(
            f"no benchmark in {str(self._folder)!r} is named {name!r}; declared there: {known}{broken}"
            f"{did_you_mean(name, self._benchmarks)}"
        )


def collect(folder: Path, arguments: Sequence[str] = ()) -> Declared:
    """Collect the modules of a folder, with further arguments of pytest.

    Raises
    ------
    HarnessError
        There is no such folder, or an argument makes no sense.
    """
    if not folder.exists():
        raise DataError(
            f"there is no folder {str(folder)!r}; say where the modules are with --benchmarks DIR"
        )
    declared = Declared(folder)
    # Options of the project, as -n 4 or warnings that are errors, are for running tests.
    without = ["-o", "addopts=", "-o", "filterwarnings=", "-p", "no:cacheprovider", "--assert=plain"]
    options = ["--collect-only", "-q", *without]
    output = io.StringIO()
    with redirect_stdout(output), redirect_stderr(output):
        pytest.main([str(folder), *options, *arguments], plugins=[declared])
    if declared.options is None:
        raise HarnessError(complaint_of(output.getvalue()))
    return declared
