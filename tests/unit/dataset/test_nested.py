"""Options that are written as objects."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tst_harness.dataset.answers import parse_options
from tst_harness.dataset.nested import nested_options, stated_answer


@pytest.mark.parametrize(
    ("cell", "answer", "options", "letter"),
    [
        ({"text": ["x", "y"], "label": ["A", "B"]}, "B", ("x", "y"), "B"),
        ({"text": ["x", "y"], "label": ["1", "2"]}, "2", ("x", "y"), "B"),
        ({"choices": ["x", "y"], "labels": ["1", "2"]}, 1, ("x", "y"), "A"),
        ({"A": "x", "B": "y", "C": "z"}, "C", ("x", "y", "z"), "C"),
        ({"option_a": "x", "option_b": "y"}, "option_b", ("x", "y"), "B"),
        ({"0": "x", "1": 7}, 0, ("x", "7"), "A"),
        ([{"label": "A", "text": "x"}, {"label": "B", "text": "y"}], "A", ("x", "y"), "A"),
        ({"A": "x", "B": "y"}, "y", ("x", "y"), "y"),
    ],
)
def test_options_with_their_letters(
    cell: Any, answer: str | int, options: tuple[str, ...], letter: str
) -> None:
    for written in (json.dumps(cell), repr(cell)):
        assert parse_options(written) == options
        assert stated_answer(written, answer) == letter


@pytest.mark.parametrize(
    "cell",
    [
        {"choices": ["z", "x", "y"], "labels": [1, 0, 0]},
        [{"text": "z", "correct": True}, {"text": "x", "correct": False}, {"text": "y", "correct": False}],
    ],
)
def test_options_with_which_is_right_are_put_into_an_order_that_does_not_tell(cell: Any) -> None:
    written = json.dumps(cell)
    assert parse_options(written) == ("x", "y", "z")
    assert stated_answer(written, written) == "C"


def test_without_a_right_option_the_answer_is_left_as_it_is() -> None:
    written = json.dumps({"choices": ["x", "y"], "labels": [0, 0]})
    assert stated_answer(written, written) == written


@pytest.mark.parametrize(
    "cell",
    [
        {"choices": ["z", "x", "y"], "labels": [1, 0, 1]},
        [
            {"choice_id": n, "choice": text, "program": ["a"], "answer": mark}
            for n, (text, mark) in enumerate([("z", "correct"), ("x", "wrong"), ("y", "correct")])
        ],
    ],
)
def test_several_options_may_be_marked_as_right(cell: Any) -> None:
    written = json.dumps(cell)
    assert parse_options(written) == ("x", "y", "z")
    assert stated_answer(written, written) == ("B", "C")


def test_options_may_be_the_keys_of_their_marks() -> None:
    written = json.dumps({"the sun": 1, "a lamp": 0, "the moon": 0})
    assert parse_options(written) == ("a lamp", "the moon", "the sun")
    assert stated_answer(written, written) == "C"


def test_objects_without_letters_are_options_by_their_texts() -> None:
    cell = [{"choice_id": n, "choice": text, "program": [{"f": 1}]} for n, text in enumerate("xyz")]
    assert parse_options(json.dumps(cell)) == ("x", "y", "z")
    assert stated_answer(json.dumps(cell), "y") == "y"


@pytest.mark.parametrize(
    "cell",
    [
        "{not json",
        '["x", "y"]',
        '{"category": "vqa", "grade": "high"}',
        '{"text": ["x", "y"], "answer_start": [1, 2]}',
        '{"text": "x", "label": "y"}',
        '[{"label": "A", "text": "x"}, {"text": "y"}]',
        '{"text": [["x"], ["y"]], "label": ["A", "B"]}',
    ],
)
def test_other_objects_are_no_options(cell: str) -> None:
    assert nested_options(cell) is None
    assert stated_answer(cell, "A") == "A"


@given(
    texts=st.lists(st.text(min_size=1), min_size=2, max_size=8, unique=True),
    data=st.data(),
)
def test_the_right_option_is_found_wherever_it_stands(texts: list[str], data: st.DataObject) -> None:
    right = data.draw(st.integers(0, len(texts) - 1))
    cell = json.dumps({"choices": texts, "labels": [int(place == right) for place in range(len(texts))]})
    nested = nested_options(cell)
    assert nested is not None
    [place] = nested.right
    assert nested.options[place] == texts[right]
    shuffled = data.draw(st.permutations(range(len(texts))))
    again = {"choices": [texts[i] for i in shuffled], "labels": [int(i == right) for i in shuffled]}
    assert nested_options(json.dumps(again)) == nested
