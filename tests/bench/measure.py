"""Measures the figures of the forest that the README quotes: `tox -e bench`.

Scores are of the real data in TST_DATA_DIR; each run is a whole command in a process of its own, so
that its wall time and its peak memory are what a user pays. Wall times are the median of the runs.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from sample_generator import write

ROOT = Path(__file__).parents[2]
MODULE = """
from tst_harness import LocalFile, StressTest
from tst_harness.dataset.sample import benchmark

SAMPLE = benchmark()


class TestMillion(StressTest):
    benchmark = SAMPLE.__class__(
        name="million",
        source=LocalFile({path!r}),
        columns=SAMPLE.columns,
        question_types=SAMPLE.question_types,
    )
"""


class Run(NamedTuple):
    """One whole command: wall seconds, peak memory in MB, and the report it wrote."""

    seconds: float
    megabytes: float
    report: Path


def run(benchmark: str, target: Path, *options: str) -> Run:
    """Run pytest on one benchmark from nothing stored."""
    folder = Path(tempfile.mkdtemp())
    command = [
        sys.executable,
        "-m",
        "pytest",
        str(target),
        "-k",
        benchmark,
        "-q",
        "--tst-report",
        str(folder),
    ]
    started = time.perf_counter()
    process = subprocess.Popen([*command, *options], cwd=ROOT, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    if status:
        sys.exit(f"{' '.join(command)} failed")
    return Run(seconds, usage.ru_maxrss / 1024, folder / f"{benchmark}.json")


def score(report: Path) -> str:
    """The weighted mean with its interval, in percent."""
    overall = json.loads(report.read_text())["diagnostics"]["forest"]["overall"]
    low, high = overall["interval"]
    soft = 100 * overall["mean_s"]
    return f"{100 * overall['score']:.1f} [{100 * low:.1f} {100 * high:.1f}], soft {soft:.1f}"


def measure_real(runs: int) -> None:
    """Scores, time and memory on VSI-Bench and CV-Bench."""
    for benchmark in ("vsi", "cvb"):
        for name, options in (("random folds", ()), ("grouped folds", ("--tst-split=grouped",))):
            found = [run(benchmark, ROOT / "benchmarks", *options) for _ in range(runs)]
            seconds = statistics.median(one.seconds for one in found)
            megabytes = max(one.megabytes for one in found)
            print(
                f"{benchmark}, {name}: {score(found[0].report)}; whole command {seconds:.1f} s, "
                f"{megabytes:.0f} MB",
                flush=True,
            )


def measure_million() -> None:
    """The bundled sample, repeated with new ids to a million questions."""
    with tempfile.TemporaryDirectory() as folder:
        rows = Path(folder) / "million.jsonl"
        write(rows, times=1_000_000 // 600 + 1)
        module = Path(folder) / "test_million.py"
        module.write_text(MODULE.format(path=str(rows)))
        found = run("million", module)
        questions = json.loads(found.report.read_text())["source"]["questions"]
        print(f"{questions:,} questions: {found.seconds:.0f} s, {found.megabytes:.0f} MB, report included")


def main() -> None:
    """Print the machine, the date and every figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="runs of each command (default: 3)")
    parser.add_argument("--no-million", action="store_true", help="leave out the million questions")
    asked = parser.parse_args()
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(f"{datetime.now(UTC):%Y-%m-%d}, {machine}")
    if os.environ.get("TST_DATA_DIR"):
        measure_real(asked.runs)
    else:
        print("real data: not measured, TST_DATA_DIR is not set")
    if not asked.no_million:
        measure_million()


if __name__ == "__main__":
    main()
