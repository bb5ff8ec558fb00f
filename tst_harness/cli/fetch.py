"""download the data of declared benchmarks from the Hugging Face Hub"""

import argparse
import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from tst_harness.data.declarations import Benchmark
from tst_harness.errors import DataError, HarnessError
from tst_harness.results import ExitStatus
from tst_harness.stress_test import benchmark_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("names", nargs="+", metavar="NAME", help="a benchmark's name, as in its declaration")
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        help="put the files into DIR/<folder>, for --tst-data DIR (default: the Hub's cache)",
    )
    parser.add_argument(
        "--benchmarks",
        type=Path,
        metavar="DIR",
        default=Path("benchmarks"),
        help="where the benchmark modules are (default: benchmarks)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Fetch each benchmark; what cannot be had is said, and the others are fetched all the same."""
    declared = _collect(arguments.benchmarks)
    status = ExitStatus.OK
    for name in dict.fromkeys(arguments.names):
        try:
            print(_fetch(declared.named(name), arguments.data), flush=True)
        except HarnessError as error:
            print(f"tst-harness fetch: {error}", file=sys.stderr)
            status = ExitStatus.USAGE
    return status


class _Declared:
    """A plugin that takes the benchmarks of the modules that are collected."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._benchmarks: dict[str, Benchmark] = {}
        self._broken: list[str] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for benchmark in map(benchmark_of, items):
            if benchmark is not None:
                self._benchmarks[benchmark.name] = benchmark

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._broken.append(report.nodeid)

    def named(self, name: str) -> Benchmark:
        if name in self._benchmarks:
            return self._benchmarks[name]
        known = ", ".join(sorted(self._benchmarks)) or "none"
        broken = f"; {', '.join(self._broken)} cannot be collected" if self._broken else ""
        raise DataError(
            f"no benchmark in {str(self._folder)!r} is named {name!r}; declared there: {known}{broken}"
        )


def _collect(folder: Path) -> _Declared:
    if not folder.exists():
        raise DataError(
            f"there is no folder {str(folder)!r}; say where the modules are with --benchmarks DIR"
        )
    declared = _Declared(folder)
    # Options of the project, as -n 4, are for running tests.
    options = ["--collect-only", "-q", "-o", "addopts=", "-p", "no:cacheprovider"]
    said = io.StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        pytest.main([str(folder), *options], plugins=[declared])
    return declared


def _fetch(benchmark: Benchmark, data_dir: Path | None) -> str:
    from tst_harness.data.loading import load
    from tst_harness.data.sources import download

    files = download(benchmark, data_dir).paths
    source = load(benchmark, data_dir, require_real=True, skip_invalid=True).source
    invalid = f", {len(source.skipped):,} invalid" if source.skipped else ""
    return "\n".join(
        [
            f"{benchmark.name}: {source.questions:,} questions in {source.rows:,} rows{invalid}",
            *(f"  {path.absolute()}" for path in files),
            f"  row order {source.fingerprint.row_order}",
            f"  content {source.fingerprint.content}",
        ]
    )
