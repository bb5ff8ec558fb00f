"""Measures what the harness itself costs a session: `tox -e bench`.

A diagnostic that does nothing, on 200 folds of 1,000 questions in a CSV file; the cost is what the session
takes longer than one of pytest alone with as many tests that do nothing, beside the same other plugins. All
else is the harness's: importing pandas, reading the file, which the first fold of each process does and
which is counted with the session, the records, the bootstrap, the report and its page. Before that, what the
plugin adds to a session without a benchmark. A busy machine adds to wall time; the processes' own time on a
core tells how much was done.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from typing import NamedTuple

FOLDS = 200
FEW = 20
_BENCHMARK = """
from tst_harness import Benchmark, Choice, Columns, LocalFile, StressTest


class TestMany(StressTest):
    benchmark = Benchmark(
        name="many",
        source=LocalFile("many.csv"),
        columns=Columns(id="id", text="text", options=("a", "b"), answer="answer"),
        question_types=[Choice("pick")],
    )
"""
_ROWS = "id,text,a,b,answer\n" + "".join(f"{n},Question {n}?,yes,no,{'AB'[n % 2]}\n" for n in range(1000))
_EMPTY = """
import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    items[:] = [item for item in items if "fold" in item.name]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item):
    # Not before: what the harness imports, and when, is left to it.
    import numpy as np

    from tst_harness.analysis.scoring import Scored
    from tst_harness.analysis.folded import Scores
    from tst_harness.analysis.protocol import Inputs
    from tst_harness.diagnostics.forest.analysis import ForestAnalysis

    def score(self, experiment, fold, split):
        zeros = np.zeros(len(fold.held_out))
        return Scores(fold.held_out, Scored(zeros, zeros, zeros, [""] * len(zeros), [None] * len(zeros), {}))

    ForestAnalysis.score = score
    ForestAnalysis.inputs = lambda *_: Inputs()
"""
_PYTEST_ALONE = """
import pytest


@pytest.mark.parametrize("fold", range({folds}))
def test_fold(fold):
    pass
"""


_OPTIONS = ("--tst-fresh", "--tst-html")  # A page is the default outside CI.


class Taken(NamedTuple):
    """Seconds that a session took, on the wall and of all its processes' time on a core."""

    wall: float
    cpu: float


def run(folder: Path, *options: str) -> Taken:
    """Run one session."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:cacheprovider"]
    # Sessions are run again and again, so what Python compiled is there.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    before, started = getrusage(RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run([*command, *options], cwd=folder, capture_output=True, text=True, env=environment)
    wall, after = time.perf_counter() - started, getrusage(RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit((done.stdout + done.stderr)[-2000:])
    return Taken(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def project(folder: Path, name: str, module: str, conftest: str = "") -> Path:
    """A folder with one test module."""
    made = folder / name
    made.mkdir()
    (made / "pytest.ini").write_text("[pytest]\n")
    (made / "test_sample.py").write_text(module)
    (made / "conftest.py").write_text(conftest)
    (made / "many.csv").write_text(_ROWS)
    return made


def measure(runs: int) -> None:
    """Print the cost of a fold and of a session, with and without workers."""
    with tempfile.TemporaryDirectory() as folder:
        ours = project(Path(folder), "ours", _BENCHMARK, _EMPTY)
        alone = {
            folds: project(Path(folder), f"alone{folds}", _PYTEST_ALONE.format(folds=folds))
            for folds in (FEW, FOLDS)
        }
        guest = [
            (run(alone[FOLDS], "-n0"), run(alone[FOLDS], "-n0", "-p", "no:tst")) for _ in range(runs + 1)
        ][1:]
        wall, cpu = (
            statistics.median(ours[at] - pytest_alone[at] for ours, pytest_alone in guest) for at in (0, 1)
        )
        print(
            f"a session of {FOLDS} tests without a benchmark: {1000 * wall:.0f} ms more with the plugin, "
            f"{1000 * cpu:.0f} ms of processor time",
            flush=True,
        )
        for workers in ("-n0", "-n2"):
            extra = {}
            for folds in (FEW, FOLDS):
                pairs = []
                # In turns, so that a machine which slows down slows both; the first pair is not counted.
                for _ in range(runs + 1):
                    with_harness = run(ours, workers, *_OPTIONS, "--tst-folds", str(folds))
                    # The plugin is what is measured, so pytest alone goes without it.
                    pairs.append((with_harness, run(alone[folds], workers, "-p", "no:tst")))
                extra[folds] = Taken(*_medians(pairs[1:], workers, folds))
            fold = Taken(
                *((many - few) / (FOLDS - FEW) for many, few in zip(extra[FOLDS], extra[FEW], strict=True))
            )
            print(
                f"{workers}: {1000 * fold.wall:.1f} ms a fold, {extra[FEW].wall - FEW * fold.wall:.2f} s a "
                f"session beyond pytest; of processor time {1000 * fold.cpu:.1f} ms and "
                f"{extra[FEW].cpu - FEW * fold.cpu:.2f} s",
                flush=True,
            )


def _medians(pairs: list[tuple[Taken, Taken]], workers: str, folds: int) -> Iterator[float]:
    """Yield the median differences between the sessions of a pair, and print what they are of."""
    for field in Taken._fields:
        ours, alone = ([getattr(taken, field) for taken in side] for side in zip(*pairs, strict=True))
        print(
            f"{workers}, {folds} folds, {field}: {statistics.median(ours):.2f} s, pytest alone "
            f"{statistics.median(alone):.2f} s (medians of {len(pairs)})",
            flush=True,
        )
        yield statistics.median(one - other for one, other in zip(ours, alone, strict=True))


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="runs of each session (default: 5)")
    measure(parser.parse_args().runs)


if __name__ == "__main__":
    main()
