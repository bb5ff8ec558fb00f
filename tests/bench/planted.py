"""What is found of shortcuts planted in open answers and in sets of right options: `tox -e calibration`.

Samples of 120 scenes, each with a seed of its own: three types of open questions, two of several right
options. At strength 1 a shortcut decides every answer, at strength 0 none; in the null control every question
has the answer of another.
"""

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import fmean, stdev
from typing import NamedTuple

import numpy as np
from planted_formats import planted
from sample_formats import SampleFormat

from tst_harness.pruning.rediagnosis import Rediagnosis, benchmark_scores

FORMATS: tuple[SampleFormat, ...] = ("open", "multi")
STRENGTHS = (1.0, 0.5, 0.2, 0.0)
POINTS = 100.0


class Gain(NamedTuple):
    """The gain of all questions of a sample over the blind baseline, in points, and its 95% interval."""

    mean: float
    low: float
    high: float


def gains(format_: SampleFormat, strength: float, null_control: bool, samples: int) -> Iterator[Gain]:
    """The gain of each sample."""
    with tempfile.TemporaryDirectory() as folder:
        for sample in range(samples):
            experiment = planted(Path(folder), format_, strength, null_control, sample)
            rows = np.arange(len(experiment.dataset.frame))
            table = Rediagnosis(experiment, "forest").scores(rows)
            types = experiment.dataset.benchmark.question_types
            overall = benchmark_scores(table, "forest", sample, types).overall
            low, high = overall.gain_interval
            yield Gain(POINTS * overall.gain, POINTS * low, POINTS * high)


def main() -> None:
    """Print a row for each strength and for the null control, of each format."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=40)
    samples = parser.parse_args().samples
    print("| format | planted | mean gain (standard error) | least | most | above zero | below zero |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for format_ in FORMATS:
        kinds = [(f"strength {strength:g}", strength, False) for strength in STRENGTHS]
        for name, strength, null_control in [*kinds, ("strength 1, null control", 1.0, True)]:
            found = list(gains(format_, strength, null_control, samples))
            means = [gain.mean for gain in found]
            error = stdev(means) / len(means) ** 0.5
            above, below = sum(gain.low > 0 for gain in found), sum(gain.high < 0 for gain in found)
            print(
                f"| {format_} | {name} | {fmean(means):+.1f} ({error:.1f}) | {min(means):+.1f} | "
                f"{max(means):+.1f} | {above} of {samples} | {below} of {samples} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
