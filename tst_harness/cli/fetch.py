"""Download the data of declared benchmarks from the Hugging Face Hub."""

import argparse
import sys
from pathlib import Path

from tst_harness.benchmark.declarations import Benchmark
from tst_harness.cli.proposal import declare_folder
from tst_harness.engine.results import ExitStatus
from tst_harness.errors import HarnessError
from tst_harness.integrations.pytest.declared import collect


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("names", nargs="+", metavar="NAME", help="a benchmark's name, as in its declaration")
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        help="put the files into DIR/<folder>, for --tst-data DIR (default: the Hub's cache)",
    )
    declare_folder(parser)


def run(arguments: argparse.Namespace) -> int:
    """Fetch each benchmark; what cannot be had is said, and the others are fetched all the same."""
    declared = collect(arguments.benchmarks)
    status = ExitStatus.OK
    for name in dict.fromkeys(arguments.names):
        try:
            print(_fetch(declared.named(name), arguments.data), flush=True)
        except HarnessError as error:
            print(f"tst-harness fetch: {error}", file=sys.stderr)
            status = ExitStatus.USAGE
    return status


def _fetch(benchmark: Benchmark, data_dir: Path | None) -> str:
    from tst_harness.dataset.loading import load
    from tst_harness.dataset.sources import download

    files = download(benchmark, data_dir).paths
    source = load(benchmark, data_dir, require_real=True, faults="report").source
    invalid = f", {len(source.left_out):,} faulty" if source.left_out else ""
    return "\n".join(
        [
            f"{benchmark.name}: {source.questions:,} questions in {source.rows:,} rows{invalid}",
            *(f"  {path.absolute()}" for path in files),
            f"  row order {source.fingerprint.row_order}",
            f"  content {source.fingerprint.content}",
        ]
    )
