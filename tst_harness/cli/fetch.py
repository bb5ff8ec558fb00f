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
from tst_harness.stress_test import StressTest


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
    declared = _declared(arguments.benchmarks)
    status = ExitStatus.OK
    for name in dict.fromkeys(arguments.names):
        try:
            print(_fetch(_named(name, declared, arguments.benchmarks), arguments.data), flush=True)
        except HarnessError as error:
            print(f"tst-harness fetch: {error}", file=sys.stderr)
            status = ExitStatus.USAGE
    return status


class _Declared:
    """A plugin that takes the benchmarks of whatever is collected."""

    def __init__(self) -> None:
        self.benchmarks: dict[str, Benchmark] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            cls = item.cls if isinstance(item, pytest.Function) else None
            if isinstance(cls, type) and issubclass(cls, StressTest):
                self.benchmarks[cls.benchmark.name] = cls.benchmark


def _declared(folder: Path) -> dict[str, Benchmark]:
    if not folder.exists():
        raise DataError(
            f"there is no folder {str(folder)!r}; say where the modules are with --benchmarks DIR"
        )
    found, said = _Declared(), io.StringIO()
    # Options of the project, as -n 4, are for running tests.
    options = ["--collect-only", "-q", "-o", "addopts=", "-p", "no:cacheprovider"]
    with redirect_stdout(said), redirect_stderr(said):
        status = pytest.main([str(folder), *options], plugins=[found])
    if status == pytest.ExitCode.INTERRUPTED:
        raise DataError(
            f"a module in {str(folder)!r} cannot be collected; `pytest --collect-only {folder}` says why"
        )
    return found.benchmarks


def _named(name: str, declared: dict[str, Benchmark], folder: Path) -> Benchmark:
    if name not in declared:
        known = ", ".join(sorted(declared)) or "none"
        raise DataError(f"no benchmark in {str(folder)!r} is named {name!r}; declared there: {known}")
    return declared[name]


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
