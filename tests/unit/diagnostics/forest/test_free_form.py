"""Free-form questions, without a pattern: what is planted is recovered, and nothing where nothing is."""

from collections.abc import Callable

import numpy as np
import pytest
from forest_builders import Asked, count, pick, questions_of, task_of

from tst_harness.diagnostics.forest.diagnostic import ForestDiagnostic

FOLDS = 4
STRENGTH = 0.6
TELLING = {
    "entailment": ["outdoors", "person", "some"],
    "neutral": ["tall", "sad", "winning"],
    "contradiction": ["nobody", "not", "sleeping"],
}
WORDS = np.array([a + b + c for a in "bdfgklmnpr" for b in ("ar", "el", "is", "on", "ut") for c in "tskdm"])
FREQUENCY = 1.0 / np.arange(1, len(WORDS) + 1)

Make = Callable[[np.random.Generator], Asked]


def words(rng: np.random.Generator, least: int, most: int) -> list[str]:
    drawn = rng.choice(WORDS, rng.integers(least, most + 1), p=FREQUENCY / FREQUENCY.sum())
    return [str(word) for word in drawn]


def question(rng: np.random.Generator) -> tuple[str, list[str]]:
    return " ".join(words(rng, 6, 16)) + "?", [" ".join(words(rng, 2, 7)) for _ in range(4)]


def mostly(rng: np.random.Generator, option: int, n: int = 4) -> int:
    """The option itself as often as `STRENGTH` says, or another."""
    return option if rng.random() < STRENGTH else int((option + rng.integers(1, n)) % n)


def nothing(rng: np.random.Generator) -> Asked:
    text, options = question(rng)
    return pick(text, int(rng.integers(4)), tuple(options))


def longest(rng: np.random.Generator) -> Asked:
    text, options = question(rng)
    return pick(text, mostly(rng, int(np.argmax([len(option) for option in options]))), tuple(options))


def all_of_the_above(rng: np.random.Generator) -> Asked:
    text, options = question(rng)
    if rng.random() < 0.5:
        return pick(text, int(rng.integers(4)), tuple(options))
    return pick(text, 3, (*options[:3], "All of the above"))


def overlapping(rng: np.random.Generator) -> Asked:
    text, options = question(rng)
    one = int(rng.integers(4))
    options[one] = " ".join([*words(rng, 1, 4), *rng.choice(text[:-1].split()[-5:], 2, replace=False)])
    return pick(text, mostly(rng, one), tuple(options))


def of_another_size(rng: np.random.Generator) -> Asked:
    one = int(rng.integers(4))
    sizes = np.exp(rng.uniform(0, 6)) * rng.uniform(0.7, 1.4, 4)
    sizes[one] *= rng.choice([0.02, 50])
    return pick(question(rng)[0], mostly(rng, one), tuple(f"{size:.3g} m" for size in sizes))


def in_another_unit(rng: np.random.Generator) -> Asked:
    one = int(rng.integers(4))
    unit, other = rng.choice(["km", "kg", "V", "s"], 2, replace=False)
    options = [f"{rng.integers(2, 99)} {other if place == one else unit}" for place in range(4)]
    return pick(question(rng)[0], mostly(rng, one), tuple(options))


def hypothesis(rng: np.random.Generator) -> Asked:
    label = int(rng.integers(3))
    said = words(rng, 3, 9)
    if rng.random() < STRENGTH:
        said.insert(int(rng.integers(len(said) + 1)), str(rng.choice(TELLING[list(TELLING)[label]])))
    return pick(" ".join(said).capitalize() + ".", label, tuple(TELLING))


def yes_or_no(rng: np.random.Generator) -> Asked:
    answer = int(rng.integers(2))
    said = words(rng, 3, 9)
    if rng.random() < STRENGTH:
        said.append(str(rng.choice([["visible", "any"], ["only", "entirely"]][answer])))
    return pick(f"Is {' '.join(said)}?", answer, ("yes", "no"))


def made(make: Make, n: int, seed: int = 0) -> list[Asked]:
    rng = np.random.default_rng(seed)
    return [make(rng) for _ in range(n)]


def gain(rows: list[Asked]) -> float:
    """Held-out accuracy less chance."""
    questions, diagnostic = questions_of(rows), ForestDiagnostic()
    gains: list[float] = []
    for fold in range(FOLDS):
        held_out = list(range(fold, len(rows), FOLDS))
        found = diagnostic.predict(task_of(rows, held_out, questions=questions, seed=fold))
        for row, values in zip(held_out, np.split(found.values, np.cumsum(found.counts)[:-1]), strict=True):
            best = np.flatnonzero(values == values.max())
            gains.append(float(np.mean(best == rows[row].answer)) - 1 / len(values))
    return float(np.mean(gains))


@pytest.mark.simulation
@pytest.mark.parametrize(
    ("make", "planted"),
    [
        (longest, 0.35),
        (all_of_the_above, 0.375),
        (overlapping, 0.35),
        (of_another_size, 0.35),
        (in_another_unit, 0.35),
        (hypothesis, 0.4),
        (yes_or_no, 0.3),
    ],
)
def test_most_of_what_is_planted_is_recovered(make: Make, planted: float) -> None:
    # Other options share words with the question by luck.
    least = 0.6 if make is overlapping else 0.65
    assert least * planted < gain(made(make, 400)) < 1.3 * planted


def test_words_of_a_question_that_asks_for_a_number_tell_of_it() -> None:
    rng = np.random.default_rng(0)
    rows = []
    for i in range(200):
        said = words(rng, 4, 8)
        rows.append(count(" ".join([*said, "ants" if i % 3 else "herds"]) + "?", 400 if i % 3 else 7))
    found = ForestDiagnostic().predict(task_of(rows))
    answers = np.array([rows[row].answer for row in range(0, 200, 5)])
    assert (np.abs(found.values / answers - 1) < 0.1).mean() > 0.9


@pytest.mark.simulation
def test_nothing_is_gained_where_nothing_is_planted() -> None:
    gains = [gain(made(nothing, 120, seed)) for seed in range(12)]
    assert abs(np.mean(gains)) < 3 * np.std(gains, ddof=1) / len(gains) ** 0.5
