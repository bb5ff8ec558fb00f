"""Measures on real data whether intervals tell how scores differ between sets of questions: `tox -e bench`.

Halves of VSI-Bench that have no scene in common, each diagnosed by itself: other questions, and models that
learnt from other questions. Needs TST_DATA_DIR.
"""

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from forest_runs import forest_runs

from tst_harness.dataset.loading import load
from tst_harness.integrations.pytest.declared import collect
from tst_harness.stats.metrics import Metric
from tst_harness.stats.samples import resampled

ROOT = Path(__file__).parents[2]
FOLDS = 5


def main() -> None:
    """Print how many times as much halves differ as their intervals say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--splits", type=int, default=16, help="splits into halves (default: 16)")
    splits = parser.parse_args().splits
    if not os.environ.get("TST_DATA_DIR"):
        sys.exit("TST_DATA_DIR is not set")
    declared = collect(ROOT / "benchmarks").named("vsi")
    dataset = load(declared, Path(os.environ["TST_DATA_DIR"]), require_real=True)
    scenes = np.unique(dataset.frame["group"].to_numpy(dtype=str))
    rng = np.random.default_rng(0)
    squares: dict[tuple[str, str | None], list[tuple[float, float]]] = {}
    for split in range(splits):
        shuffled = rng.permutation(scenes)
        halves = [
            replace(dataset, frame=rows.reset_index(drop=True))
            for chosen in np.array_split(shuffled, 2)
            for rows in [dataset.frame[dataset.frame["group"].isin(chosen)]]
        ]
        one, other = (forest_runs(half, [split], folds=FOLDS) for half in halves)
        for name in ("score", "gain"):
            for of, found in resampled(one, Metric(name), seed=0).items():
                than = resampled(other, Metric(name), seed=0)[of]
                expected = (found.standard_error or 0.0) ** 2 + (than.standard_error or 0.0) ** 2
                squares.setdefault((name, of), []).append(((found.point - than.point) ** 2, expected))
    print(f"{splits} splits into halves of {len(scenes)} scenes: differences, in standard errors as reported")
    for (name, of), pairs in squares.items():
        seen, expected = np.mean(pairs, axis=0)
        print(f"{name}, {of or 'all questions'}: {np.sqrt(seen / expected):.2f}")


if __name__ == "__main__":
    main()
