"""Measures how often comparisons and bounds are wrong, and what they find: `tox -e calibration`.

A/A: the same questions twice, with other folds and other seeds; whoever finds a difference is wrong.
Planted: the same questions with more of their answers decided by a shortcut. No run is in two comparisons
of the same kind. Bounds: single runs of the A/A samples, and samples that nothing else has. Null: those of
the latter in which nothing is planted; whoever finds a gain is wrong. The forest is trained on two types of
the bundled sample's generator.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from forest_runs import forest_runs, runs_of
from sample_generator import generate
from scipy.stats import binomtest

from tst_harness.analysis.diagnostic import FloatArray
from tst_harness.benchmark.declarations import LocalFile
from tst_harness.dataset.loading import Dataset, load
from tst_harness.dataset.sample import benchmark
from tst_harness.gates.comparison import ALPHA, compare_runs
from tst_harness.stats.bounds import Evidence, Student, detectable, upper
from tst_harness.stats.metrics import Metric
from tst_harness.stats.samples import Samples, figures, resampled

TYPES = ("object_counting", "object_rel_direction_easy")
SCENES = 100
FOLDS = 5
REPEATS = 5
SAMPLES = 10
BEFORE = 0.5
AFTER = (0.55, 0.6, 0.65, 0.75)
SCORE, SOFT_SCORE, GAIN = Metric("score"), Metric("mean_s"), Metric("gain")

MADE_UP_QUESTIONS = 2_000
FOLD_NOISE = 0.01
QUESTION_NOISE = 0.1


class Kind(NamedTuple):
    """Samples of one kind, each with runs of its own."""

    strength: float
    repeats: int = 1
    grouped: bool = False

    def __str__(self) -> str:
        folds = "folds grouped by scene" if self.grouped else "random folds"
        return f"strength {self.strength:g}, {folds}{f', {self.repeats} runs' if self.repeats > 1 else ''}"


NULL = Kind(0.0)
NULLS = (NULL, Kind(0.0, grouped=True), Kind(0.0, repeats=3))
KINDS = (*NULLS, Kind(0.5), Kind(1.0), Kind(1.0, grouped=True))


class Decision(NamedTuple):
    """A way to decide whether a second run scores more, and the p-value that it gives."""

    name: str
    p_value: Callable[[Samples, Samples, Metric], float]


def evidence(new: Samples, old: Samples, metric: Metric) -> Evidence:
    """What the harness makes of two runs."""
    return compare_runs(new, old, metric, folds=FOLDS, seed=0)[None].evidence


def one_run(new: Samples, old: Samples, metric: Metric) -> float:
    """One repeat of each, the questions resampled."""
    ids = new.id.tolist()
    return evidence(new.only(ids, 1), old.only(ids, 1), metric).p_above(0.0, at_least=False)


def uncorrected(new: Samples, old: Samples, metric: Metric) -> float:
    """All repeats, as if runs on the same questions were independent."""
    found = figures(new, metric) - figures(old, metric)
    error = float(found.std(ddof=1)) / len(found) ** 0.5
    return Student(float(found.mean()), error, len(found) - 1, (-1.0, 1.0)).p_above(0.0, at_least=False)


def corrected(new: Samples, old: Samples, metric: Metric) -> float:
    """All repeats, as the harness compares them."""
    return evidence(new, old, metric).p_above(0.0, at_least=False)


DECISIONS = (
    Decision("1 run, questions resampled", one_run),
    Decision(f"{REPEATS} runs, uncorrected", uncorrected),
    Decision(f"{REPEATS} runs, Nadeau-Bengio", corrected),
)


class Pool:
    """Makes runs of the forest on one sample at one strength, each with a seed of its own."""

    def __init__(self, strength: float, sample: int, folder: Path) -> None:
        rows = [row for row in generate(strength, sample, SCENES) if row["question_type"] in TYPES]
        path = folder / f"{sample}_{strength}.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        declared = benchmark()
        self._dataset: Dataset = load(
            declared.model_copy(
                update={
                    "source": LocalFile(str(path)),
                    "question_types": tuple(one for one in declared.question_types if one.name in TYPES),
                }
            )
        )
        self._seed = round(1_000_000 * strength)

    def runs(self, repeats: int = REPEATS, grouped: bool = False) -> Samples:
        """New runs, which nothing else has."""
        seeds = [self._seed + 10 * repeat for repeat in range(1, repeats + 1)]
        self._seed = seeds[-1]
        return forest_runs(self._dataset, seeds, folds=FOLDS, grouped=grouped)


def made_up(rng: np.random.Generator, base: FloatArray) -> Samples:
    """Runs in which each fold is a point better or worse for all of its questions alike."""
    shape = (REPEATS, len(base))
    folds = rng.permuted(np.tile(np.arange(len(base)) % FOLDS, (REPEATS, 1)), axis=1)
    luck = np.take_along_axis(rng.normal(0.0, FOLD_NOISE, (REPEATS, FOLDS)), folds, axis=1)
    soft = base + luck + rng.normal(0.0, QUESTION_NOISE, shape)
    ids = [f"{number:05d}" for number in range(len(base))]
    return runs_of(ids, ["soft"] * len(base), np.arange(len(base)), soft, soft, np.zeros(shape))


def share(found: Sequence[bool]) -> str:
    """A share with its exact 95% interval, in percent."""
    ends = binomtest(sum(found), len(found)).proportion_ci(method="exact")
    return f"{100 * np.mean(found):.1f} [{100 * ends.low:.1f} {100 * ends.high:.1f}]"


def row(name: str, pairs: Sequence[tuple[Samples, Samples]], metric: Metric) -> str:
    """A line of the table: how often each decision says that the second of a pair scores more."""
    shares = (share([one.p_value(new, old, metric) < ALPHA for old, new in pairs]) for one in DECISIONS)
    return f"| {name} | {len(pairs)} | {' | '.join(shares)} |"


def table(
    same: Sequence[tuple[Samples, Samples]],
    planted: Mapping[float, Sequence[tuple[Samples, Samples]]],
    noisy: int,
) -> Iterator[str]:
    """The table, line by line, in Markdown."""
    yield f"| more found in the second run, % | comparisons | {' | '.join(one.name for one in DECISIONS)} |"
    yield "| --- | ---: |" + " ---: |" * len(DECISIONS)
    yield row("A/A: nothing changed", same, SCORE)
    rng = np.random.default_rng(0)
    base = rng.uniform(0.3, 0.7, MADE_UP_QUESTIONS)
    pairs = [(made_up(rng, base), made_up(rng, base)) for _ in range(noisy)]
    yield row("A/A, made up: 1 point of noise a fold", pairs, SOFT_SCORE)
    for changed in planted.values():
        true = np.mean([figures(new, SCORE).mean() - figures(old, SCORE).mean() for old, new in changed])
        yield row(f"planted: {100 * true:+.1f} points", changed, SCORE)
    least = [detectable(evidence(new, old, SCORE), ALPHA) or 0.0 for old, new in same]
    yield ""
    yield f"Said to be detectable with {REPEATS} runs, mean of A/A: {100 * np.mean(least):.1f} points"


def bounds_table(
    same: Sequence[Sequence[Samples]], samples: Mapping[Kind, Sequence[Samples]]
) -> Iterator[str]:
    """How often the truth lies beyond a one-sided bound, by which gates judge, line by line, in Markdown.

    The truth is the mean of all runs of the same questions, or of all samples of a kind.
    """
    yield (
        f"| the truth lies beyond the bound, % (nominal {100 * ALPHA:g}) | runs | score, below | above "
        "| gain, below | above |"
    )
    yield "| --- | ---: |" + " ---: |" * 4
    alike = {f"the same questions, other folds: {Kind(BEFORE)}": same}
    for name, sets in {
        **alike,
        **{f"other questions: {kind}": [runs] for kind, runs in samples.items()},
    }.items():
        shares = []
        for metric in (SCORE, GAIN):
            found = [[resampled(one, metric, seed=0)[None] for one in runs] for runs in sets]
            truths = [float(np.mean([one.point for one in own])) for own in found]
            judged = [(truth, one) for truth, own in zip(truths, found, strict=True) for one in own]
            shares.append(share([truth < one.lower(ALPHA) for truth, one in judged]))
            shares.append(share([truth > upper(one, ALPHA) for truth, one in judged]))
        yield f"| {name} | {sum(map(len, sets))} | {' | '.join(shares)} |"


def null_table(samples: Mapping[Kind, Sequence[Samples]]) -> Iterator[str]:
    """How often a gain is found in samples without one, line by line, in Markdown."""
    yield "| a gain found where nothing is planted, % of samples | as reported | from questions alone |"
    yield "| --- | ---: | ---: |"
    for kind in NULLS:
        for name in [*TYPES, None]:
            found = [resampled(one, GAIN, seed=0)[name] for one in samples[kind]]
            alone = [replace(one, learnt=False) for one in found]
            sure = (share([one.lower(0.025) > 0.0 for one in asked]) for asked in (found, alone))
            yield f"| {kind}: {name or 'both types'} | {' | '.join(sure)} |"


def main() -> None:
    """Make the runs and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--same", type=int, default=20, help="A/A comparisons for each of 10 samples")
    parser.add_argument("--planted", type=int, default=25, help="comparisons for each of 4 sizes")
    parser.add_argument("--samples", type=int, default=200, help="of each kind, for bounds and gains")
    asked = parser.parse_args()
    spared = SAMPLES * (2 * asked.same // len(AFTER))
    if asked.planted > spared:
        parser.error(f"--planted: {asked.same} A/A comparisons of a sample leave runs for {spared} at most")
    started = time.perf_counter()
    same: list[tuple[Samples, Samples]] = []
    alike: list[list[Samples]] = []
    planted: dict[float, list[tuple[Samples, Samples]]] = {strength: [] for strength in AFTER}
    with tempfile.TemporaryDirectory() as name:
        for sample in range(SAMPLES):
            before = Pool(BEFORE, sample, Path(name))
            own = [(before.runs(), before.runs()) for _ in range(asked.same)]
            # Runs of A/A comparisons serve once more, as the first of a pair of another kind.
            spare = iter([old for old, _ in own] + [new for _, new in own])
            for strength in AFTER:
                after = Pool(strength, sample, Path(name))
                for _ in range(sample, asked.planted, SAMPLES):
                    planted[strength].append((next(spare), after.runs()))
            same += own
            alike.append([run.only(run.id.tolist(), 1) for pair in own for run in pair])
            done = f"sample {sample + 1} of {SAMPLES}: {time.perf_counter() - started:.0f} s"
            print(done, file=sys.stderr, flush=True)
        samples: dict[Kind, list[Samples]] = {kind: [] for kind in KINDS}
        for kind, found in samples.items():
            for sample in range(asked.samples):
                found.append(
                    Pool(kind.strength, SAMPLES + sample, Path(name)).runs(kind.repeats, kind.grouped)
                )
            print(f"{kind}: {time.perf_counter() - started:.0f} s", file=sys.stderr, flush=True)
    questions, seconds = len(same[0][0].id), time.perf_counter() - started
    print(f"{SAMPLES} samples of {questions} questions, {FOLDS} folds; runs made in {seconds:.0f} s\n")
    for line in table(same, planted, len(same)):
        print(line, flush=True)
    for lines in (bounds_table(alike, samples), null_table(samples)):
        print()
        for line in lines:
            print(line, flush=True)


if __name__ == "__main__":
    main()
