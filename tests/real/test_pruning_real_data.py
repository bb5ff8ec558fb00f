"""Pruning VSI-Bench, where TST_DATA_DIR has it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tst_harness.pruning.files import REPORT, read_pruning
from tst_harness.pruning.schema import PruningReport

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(
    not os.environ.get("TST_DATA_DIR"), reason="TST_DATA_DIR is not set, so there is no VSI-Bench to prune"
)


def prune(output: Path, threads: int) -> PruningReport:
    command = "import sys; from tst_harness.cli import main; sys.exit(main())"
    asked = [
        "vsi",
        "--budgets",
        "mc=100,num=100",
        "--no-controls",
        "--output",
        str(output),
        "--tst-require-real",
    ]
    done = subprocess.run(
        [sys.executable, "-c", command, "prune", *asked],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": str(threads)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return read_pruning(output / REPORT)


def test_the_result_is_the_same_with_any_number_of_threads(tmp_path: Path) -> None:
    one, two = (prune(tmp_path / str(threads), threads) for threads in (1, 2))
    assert [found.n for found in one.iterations] == [5130, 5030, 4930]
    assert one.iterations == two.iterations
    assert one.key == two.key
    assert one.before.overall.score > 0.60
    assert one.after.overall.gain < one.before.overall.gain - 0.01
