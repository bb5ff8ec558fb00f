from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tst_harness.analysis.metrics import best_constant, relative_accuracy

NUMBERS = st.integers(-2000, 2000).map(lambda tenths: tenths / 10)


def exact(prediction: float, truth: float, inclusive: bool) -> float:
    """The definition in exact arithmetic, for numbers with one decimal."""
    predicted, true = Fraction(round(prediction * 10)), Fraction(round(truth * 10))
    if true == 0:
        return float(predicted == 0)
    error = abs(predicted - true) / abs(true)
    tolerances = [Fraction(percent, 100) for percent in range(5, 55, 5)]
    hits = sum(error <= it if inclusive else error < it for it in tolerances)
    return hits / len(tolerances)


@settings(max_examples=300)
@given(NUMBERS, NUMBERS, st.booleans())
def test_it_is_the_definition_in_exact_arithmetic(prediction: float, truth: float, inclusive: bool) -> None:
    assert float(relative_accuracy(prediction, truth, inclusive)) == exact(prediction, truth, inclusive)


@given(st.floats(), st.floats(allow_nan=False, allow_infinity=False), st.booleans())
def test_it_lies_between_0_and_1(prediction: float, truth: float, inclusive: bool) -> None:
    assert 0.0 <= float(relative_accuracy(prediction, truth, inclusive)) <= 1.0


@pytest.mark.parametrize(
    ("prediction", "truth"),
    [(9, 10), (11, 10), (0.9, 1), (1.1, 1), (2.7, 3), (6.3, 7), (-0.9, -1), (90, 100)],
)
def test_an_error_of_a_tenth_is_within_a_tenth_only_inclusively(prediction: float, truth: float) -> None:
    assert float(relative_accuracy(prediction, truth)) == 0.8
    assert float(relative_accuracy(prediction, truth, inclusive=True)) == 0.9


def test_a_truth_of_zero_is_met_only_exactly() -> None:
    assert relative_accuracy([0, 1e-12, np.nan], 0).tolist() == [1.0, 0.0, 0.0]


def test_a_prediction_that_is_not_finite_scores_nothing() -> None:
    assert relative_accuracy([np.nan, np.inf, -np.inf], 3).tolist() == [0.0, 0.0, 0.0]


def test_predictions_and_truths_broadcast() -> None:
    assert relative_accuracy(np.ones((3, 1)), np.ones(2)).shape == (3, 2)


@settings(max_examples=100)
@given(st.lists(st.integers(-30, 60).map(lambda tenths: tenths / 10), min_size=1, max_size=30), st.booleans())
def test_no_answer_is_a_better_constant_and_no_smaller_one_as_good(
    answers: list[float], inclusive: bool
) -> None:
    constant = best_constant(answers, inclusive)
    scores = {
        number: int(np.rint(relative_accuracy(number, answers, inclusive) * 10).sum())
        for number in [constant, *answers, *np.linspace(min(answers), max(answers), 500)]
    }
    assert scores[constant] == max(scores.values())
    best = [answer for answer in answers if scores[answer] == scores[constant]]
    assert constant == min(best, default=constant)


def test_the_best_constant_may_lie_between_answers() -> None:
    assert 10.3 < best_constant([10.0, 10.8]) < 10.5


def test_there_is_no_best_constant_of_nothing() -> None:
    with pytest.raises(ValueError, match="no answers"):
        best_constant([])


def test_the_best_constant_of_many_answers_is_found_quickly() -> None:
    answers = np.random.default_rng(0).lognormal(1, 1, 200_000)
    assert answers.min() < best_constant(answers) < answers.max()
