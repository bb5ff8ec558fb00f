import random

import numpy as np
import pytest
from forest_builders import Asked, count, task_of

from tst_harness.analysis.metrics import best_constant, relative_accuracy
from tst_harness.diagnostics.forest.arithmetic import numbers_in, numbers_told
from tst_harness.diagnostics.forest.diagnostic import ForestDiagnostic

WORDS = ("lamp", "door", "sofa", "tree", "wall", "roof")


def gain(rows: list[Asked]) -> float:
    """What is had on the held-out questions beyond the best constant of the others."""
    task = task_of(rows)
    truth = np.array([rows[row].answer for row in task.held_out])
    predicted = ForestDiagnostic(importances=False).predict(task).values
    constant = best_constant(task.answers)
    return float((relative_accuracy(predicted, truth) - relative_accuracy(constant, truth)).mean())


def draws(rng: random.Random, n: int, share: float) -> list[Asked]:
    """Questions whose answer is the number in them, or a draw."""
    rows = []
    for _ in range(n):
        number = rng.randint(1, 60)
        answer = number if rng.random() < share else rng.randint(1, 60)
        rows.append(count(f"Of the {number} things, how many are near the {rng.choice(WORDS)}?", answer))
    return rows


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("of the 12 things 3.5 are", [12.0, 3.5]),
        ("1,200 in all", [1200.0]),
        ("B2 and 3D", []),
        ("none", []),
    ],
)
def test_numbers_are_read_from_a_text(text: str, numbers: list[float]) -> None:
    assert numbers_in(text) == numbers


def test_of_several_numbers_sums_are_told() -> None:
    told = numbers_told("3 and 5 and 4")
    assert told["sum of the numbers"] == 12.0
    assert told["difference of the numbers"] == 2.0
    assert (told["smallest number"], told["largest number"]) == (3.0, 5.0)


def test_the_number_in_the_question_is_said_where_it_is_often_the_answer() -> None:
    assert gain(draws(random.Random(0), 500, 0.5)) > 0.1


def test_an_answer_that_follows_a_word_is_said() -> None:
    rng = random.Random(1)
    rows = []
    for _ in range(500):
        word = rng.choice(WORDS)
        answer = 7.0 * (WORDS.index(word) + 1) if rng.random() < 0.6 else rng.randint(1, 60)
        rows.append(count(f"How far is the {word}?", answer))
    assert gain(rows) > 0.1


@pytest.mark.simulation
def test_where_nothing_tells_little_is_lost_and_nothing_gained() -> None:
    found = [gain(draws(random.Random(seed), 150, 0.0)) for seed in range(40)]
    error = float(np.std(found, ddof=1) / len(found) ** 0.5)
    assert np.mean(found) < 2 * error
    assert np.mean(found) > -0.02
