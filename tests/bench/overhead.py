"""Measures what the harness itself costs a session: `tox -e bench`.

A diagnostic that does nothing, on 200 folds of 1,000 questions; the cost is what the session takes longer
than one of pytest alone with as many tests that do nothing. The first fold of a process is counted with the
session: it loads the data.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

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
def pytest_runtest_setup(item):
    # Not before: the process that starts the workers imports none of this until it makes the report.
    import numpy as np

    from tst_harness.core.scoring import Scored
    from tst_harness.prepared import Prepared, Runner, Scores

    def score(fold):
        zeros = np.zeros(len(fold.held_out))
        return Scores(fold.held_out, Scored(zeros, zeros, zeros, [""] * len(zeros), [None] * len(zeros), {}))

    Prepared._forest = lambda self: Runner("forest", {}, {}, [], "", score)
"""
_PYTEST_ALONE = """
import pytest


@pytest.mark.parametrize("fold", range({folds}))
def test_fold(fold):
    pass
"""


def seconds(folder: Path, *options: str) -> float:
    """Wall time of one session."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:cacheprovider"]
    started = time.perf_counter()
    done = subprocess.run([*command, *options], cwd=folder, capture_output=True, text=True)
    taken = time.perf_counter() - started
    if done.returncode:
        sys.exit((done.stdout + done.stderr)[-2000:])
    return taken


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
        for workers in ("-n0", "-n2"):
            extra = {}
            for folds in (FEW, FOLDS):
                with_harness = [
                    seconds(ours, workers, "--tst-fresh", "--tst-folds", str(folds)) for _ in range(runs)
                ]
                # The plugin is what is measured, so pytest alone goes without it.
                without = [seconds(alone[folds], workers, "-p", "no:tst") for _ in range(runs)]
                extra[folds] = statistics.median(with_harness) - statistics.median(without)
            fold = (extra[FOLDS] - extra[FEW]) / (FOLDS - FEW)
            print(
                f"{workers}: {1000 * fold:.1f} ms a fold, {extra[FEW] - FEW * fold:.2f} s a session "
                f"beyond pytest (medians of {runs})",
                flush=True,
            )


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="runs of each session (default: 5)")
    measure(parser.parse_args().runs)


if __name__ == "__main__":
    main()
