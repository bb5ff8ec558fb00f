"""The labels that answers without options are from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tst_harness.dataset.reading import Value
from tst_harness.dataset.recognition.labels import labels_of, shared_labels


@pytest.mark.parametrize(
    ("answers", "coded", "expected"),
    [
        (["yes", "No", "no", "no"], False, ("no", "yes")),
        (["True", "False"], False, ("False", "True")),
        (["neutral", "-", "entailment"] * 9, False, ("entailment", "neutral")),
        ([0, 1, 2, -1] * 9, True, ("0", "1", "2")),
        ([0, 1, 2] * 9, False, None),
        ([0, 1] * 9, False, ("0", "1")),
        (["1", "2", "3", "4", "5"] * 9, True, ("1", "2", "3", "4", "5")),
        ([1, 3, 7] * 9, True, None),
        (["red", "blue", "green"], False, None),
        ([f"text {i}" for i in range(21)] * 9, False, None),
        (["only"] * 9, False, None),
        ([], False, None),
    ],
)
def test_labels(answers: list[Value], coded: bool, expected: tuple[str, ...] | None) -> None:
    assert labels_of(answers, coded) == expected


def test_types_that_share_an_answer_share_their_labels() -> None:
    labels = ("contradiction", "entailment", "neutral")
    answers: dict[str, list[Value]] = {
        "large": [*labels] * 9,
        "small": ["neutral"] * 3,
        "presence": ["yes", "no", "-"] * 5,
        "colour": ["red", "green", "-"] * 5,
        "count": [0, 1, 2, 3, 4, 5] * 5,
        "open": [f"text {i}" for i in range(30)],
        "odd": ["yes", *(f"other text {i}" for i in range(30))],
    }
    assert shared_labels(answers, coded=False) == {
        "large": labels,
        "small": labels,
        "presence": ("no", "yes"),
        "colour": ("green", "red"),
    }


@given(
    st.dictionaries(
        st.sampled_from("abcd"), st.lists(st.sampled_from(["yes", "no", "maybe", "red", "2"]), min_size=9)
    ),
)
def test_the_order_of_types_and_answers_does_not_matter(answers: dict[str, list[Value]]) -> None:
    backwards = {name: answers[name][::-1] for name in reversed(answers)}
    assert shared_labels(backwards, coded=False) == shared_labels(answers, coded=False)
