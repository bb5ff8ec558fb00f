"""How often a report's verdict finds a cue that is planted, and one that is not: `tox -e calibration`.

Questions of four options, made of words drawn at random. In a planted set, following one cue is right in so
many points more than 25% of the questions; the cue is another one from set to set: the longest option, one
with a certain word, one that shares a word with the question, the last, or one in capitals.
"""

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Callable

from scipy.stats import binomtest

import tst_harness

ENDS = ("l", "nk", "st")
WORDS = [start + middle + end for start in "bdfgkmprt" for middle in ("a", "ee", "o") for end in ENDS]
OPTIONS, LETTERS = 4, "ABCD"
SETS = ((300, 0.10), (1000, 0.05), (1000, 0.03), (300, 0.0), (1000, 0.0))
"""Numbers of questions, and by how much following the cue is right more often than by chance."""

Cue = Callable[[random.Random, list[str], list[list[str]], int], None]


def longest(rng: random.Random, question: list[str], options: list[list[str]], place: int) -> None:
    options[place] += rng.sample(WORDS, 2)


def word(rng: random.Random, question: list[str], options: list[list[str]], place: int) -> None:
    options[place][0] = "about"


def shared(rng: random.Random, question: list[str], options: list[list[str]], place: int) -> None:
    options[place][0] = rng.choice(question)


def capitals(rng: random.Random, question: list[str], options: list[list[str]], place: int) -> None:
    options[place][:] = [part.upper() for part in options[place]]


def last(rng: random.Random, question: list[str], options: list[list[str]], place: int) -> None:
    options[-1], options[place] = options[place], options[-1]


CUES: tuple[Cue, ...] = (longest, word, shared, capitals, last)


def rows_of(n: int, points: float, seed: int) -> list[dict[str, object]]:
    """Return n questions with the cue of the seed; at 0 points it says nothing about the answer."""
    rng = random.Random(f"verdicts {n} {points} {seed}")
    cue = CUES[seed % len(CUES)]
    rows: list[dict[str, object]] = []
    for number in range(n):
        question = rng.sample(WORDS, 5)
        options = [rng.sample(WORDS, 3) for _ in range(OPTIONS)]
        place = rng.randrange(OPTIONS)
        cue(rng, question, options, place)
        place = OPTIONS - 1 if cue is last else place
        right = place if rng.random() < (points / (1 - 1 / OPTIONS)) else rng.randrange(OPTIONS)
        rows.append(
            {
                "id": f"q{rng.getrandbits(40)}",
                "question": f"{' '.join(question)} {number}?",
                "options": [" ".join(option) for option in options],
                "answer": LETTERS[right],
            }
        )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=int, default=100, help="of each kind")
    parser.add_argument("--first-seed", type=int, default=0)
    settings = parser.parse_args()
    print("| questions | planted | sets | found | what |\n| ---: | ---: | ---: | ---: | --- |")
    for n, points in SETS:
        started = time.process_time()
        findings: Counter[str] = Counter()
        found = 0
        for seed in range(settings.first_seed, settings.first_seed + settings.sets):
            report = tst_harness.audit(rows_of(n, points, seed), name="planted", progress=False)
            verdict = report.content.verdict
            assert verdict is not None
            found += verdict.verdict == "found"
            findings.update(finding.kind for finding in verdict.findings)
        interval = binomtest(found, settings.sets).proportion_ci(0.95)
        ends = f"[{100 * interval.low:.1f}, {100 * interval.high:.1f}]"
        kinds = ", ".join(f"{kind} {times}" for kind, times in sorted(findings.items()))
        share = f"{100 * found / settings.sets:.1f} {ends}"
        planted = f"+{100 * points:.0f} points" if points else "nothing"
        print(f"| {n:,} | {planted} | {settings.sets} | {share} | {kinds} |", flush=True)
        seconds = (time.process_time() - started) / settings.sets
        print(f"{seconds:.1f} CPU seconds a set", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
