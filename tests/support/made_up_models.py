"""Made-up models on made-up questions whose truth is known."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from tst_harness.results.bias import Bias
from tst_harness.results.evidence import Answers

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
OPTIONS = 4
_LETTERS = np.array(list("ABCD"), dtype=object)
_POPULAR = 0.6
"""How often the text's wrong answer is the wrong option that most texts fall for."""


@dataclass(frozen=True)
class World:
    """n questions in groups, with what any text-only learner has a chance of: `easy`, in (0, 1)."""

    bias: Bias
    easy: FloatArray
    hard: npt.NDArray[np.bool_]
    gold: IntArray
    distractor: IntArray

    def letters(self, places: IntArray) -> list[str | None]:
        """Options as letters."""
        letters: list[str | None] = _LETTERS[places].tolist()
        return letters


def world(rng: np.random.Generator, groups: int = 60, size: int = 10) -> World:
    """Draw questions of two types, an easy and a hard one for text, with a forest's samples."""
    n = groups * size
    group = np.repeat(np.arange(groups), size)
    hard = rng.random(n) < 0.5
    logit = rng.normal(0.0, 1.2, n) + rng.normal(0.0, 0.5, groups)[group] + np.where(hard, -1.0, 0.6)
    easy = 1.0 / (1.0 + np.exp(-logit))
    gold = rng.integers(OPTIONS, size=n)
    distractor = (gold + rng.integers(1, OPTIONS, size=n)) % OPTIONS
    answer, right = _read(rng, easy, gold, distractor)
    # What a forest is sure of is what can be learnt, give or take.
    s = np.clip(easy + rng.normal(0.0, 0.1, n), 0.01, 0.99)
    samples = pd.DataFrame(
        {
            "diagnostic": "forest",
            "id": [f"{number:06d}" for number in range(n)],
            "type": np.where(hard, "hard", "plain"),
            "format": "mc",
            "group": [f"g{code}" for code in group],
            "fold": 0,
            "repeat": 0,
            "s": s,
            "score": right.astype(np.float64),
            "blind_baseline": 1.0 / OPTIONS,
            "s_zero_shot": np.nan,
            "zero_shot": np.nan,
            "prediction": _LETTERS[answer],
            "probabilities": pd.Series([_shares(place) for place in answer], dtype=object),
        }
    )
    return World(Bias.of(samples, "forest"), easy, hard, gold, distractor)


def _shares(place: int) -> list[float]:
    return [0.7 if option == place else 0.1 for option in range(OPTIONS)]


def _wrong(rng: np.random.Generator, gold: IntArray) -> IntArray:
    """Any wrong option."""
    return (gold + rng.integers(1, OPTIONS, size=len(gold))) % OPTIONS


def _read(
    rng: np.random.Generator, easy: FloatArray, gold: IntArray, distractor: IntArray
) -> tuple[IntArray, npt.NDArray[np.bool_]]:
    right = rng.random(len(gold)) < easy
    error = np.where(rng.random(len(gold)) < _POPULAR, distractor, _wrong(rng, gold))
    return np.where(right, gold, error), right


def seer(rng: np.random.Generator, questions: World, score: float | FloatArray = 0.6) -> Answers:
    """Right at random, and wrong at random, whatever the text says."""
    right = rng.random(len(questions.gold)) < score
    chosen = np.where(right, questions.gold, _wrong(rng, questions.gold))
    return Answers(right.astype(np.float64), questions.letters(chosen))


def reader(rng: np.random.Generator, questions: World) -> Answers:
    """What another text-only learner answers."""
    chosen, right = _read(rng, questions.easy, questions.gold, questions.distractor)
    return Answers(right.astype(np.float64), questions.letters(chosen))


def mixture(rng: np.random.Generator, questions: World, share: float) -> Answers:
    """The reader's answer to this share of the questions, the seer's to the others."""
    seen, read = seer(rng, questions), reader(rng, questions)
    by_text = rng.random(len(questions.gold)) < share
    chosen = [b if text else a for a, b, text in zip(seen.prediction, read.prediction, by_text, strict=True)]
    return Answers(np.where(by_text, read.score, seen.score), chosen)


def knower(rng: np.random.Generator, questions: World) -> Answers:
    """Worse on questions of the hard type, and random within each."""
    return seer(rng, questions, np.where(questions.hard, 0.3, 0.8))


MADE: dict[str, Callable[[np.random.Generator, World], Answers]] = {
    "seer": seer,
    "reader": reader,
    "quarter": lambda rng, questions: mixture(rng, questions, 0.25),
    "half": lambda rng, questions: mixture(rng, questions, 0.5),
    "knower": knower,
}
