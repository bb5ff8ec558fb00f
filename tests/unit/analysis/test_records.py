from typing import Any

import pytest
from pydantic import ValidationError
from record_builders import make_account, make_fold, make_held_out, make_zero_shot


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(ValidationError, match="different length"):
        make_held_out(["1", "2"], blind_baseline=[0.25])


def test_zero_shot_columns_of_different_length_are_refused() -> None:
    with pytest.raises(ValidationError, match="different length"):
        make_zero_shot(["1", "2"], s=[0.5])


def test_a_failure_of_a_question_that_was_not_asked_is_refused() -> None:
    account = make_account(failed=["2", "9"])
    with pytest.raises(ValidationError, match="question 9 failed but is none of those asked"):
        make_fold(held_out=make_held_out(["1", "2"]), llm=account)
    with pytest.raises(ValidationError, match="question 9 failed but is none of those asked"):
        make_zero_shot(["1", "2"], llm=account)
    assert make_fold(held_out=make_held_out(["2", "9"]), llm=account).llm == account


@pytest.mark.parametrize("score", [1.5, -0.1, float("nan"), float("inf")])
@pytest.mark.parametrize("column", ["s", "score", "blind_baseline"])
def test_a_score_outside_its_range_is_refused(column: str, score: float) -> None:
    changed: dict[str, Any] = {column: [score, 0.5]}
    with pytest.raises(ValidationError, match=f"{column}.0"):
        make_held_out(["1", "2"], **changed)


def test_a_prediction_keeps_its_kind() -> None:
    held_out = make_held_out(["1", "2"], prediction=["3", 3.0])
    assert held_out.prediction == ["3", 3.0]
    assert [type(prediction) for prediction in held_out.prediction] == [str, float]
