import time
from typing import Any

import pytest

from tst_harness.results.answers import (
    chosen_option,
    chosen_options,
    given_number,
    in_the_end,
    other_order,
    without_lead,
)
from tst_harness.results.values import all_spoken

OPTIONS = ("red", "dark red", "a blue box", "7")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("B", 1),
        ("(b)", 1),
        ("C.", 2),
        ("B. dark red", 1),
        ("(D) 7", 3),
        ("dark red", 1),
        ("Dark  Red.", 1),
        ("ANSWER: C", 2),
        ("The answer is (A).", 0),
        ("**Answer:** B", 1),
        ("I first thought the answer is A, but the correct answer is C", 2),
        (r"so \boxed{D}", 3),
        ("<answer>B</answer>", 1),
        ("It is the (C), surely", 2),
        ("I see it: dark red.", 1),
        ("It looks like a blue box to me", 2),
        ("either red or a blue box", None),
        ("Z", None),
        ("I cannot tell", None),
        ("", None),
        ("(A) or (B)", None),
    ],
)
def test_the_option_that_an_answer_names(text: str, place: int | None) -> None:
    assert chosen_option(text, OPTIONS) == place


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("B", "B"),
        ("**B**", "B"),
        ("`C.`", "C."),
        ("<think>A? Or B?</think>\n\nC", "C"),
        ("A? Or B?\n</think>\n<answer> C </answer>", "C"),
        ("<think>one</think><answer>A</answer>, no: <answer>B</answer>", "B"),
        ("<thinking>\nIt may be 77 or 3\n</thinking> **13.5 m**", "13.5 m"),
        ("<think>It may be A, or", ""),
        ("<think>It is A</think>", ""),
        ("I think A", "I think A"),
    ],
)
def test_what_is_said_in_the_end(text: str, said: str) -> None:
    assert in_the_end(text) == said


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Paris", "Paris"),
        ("The answer is Paris.", "Paris"),
        ("So, the final answer is: **New York**", "New York"),
        ("Answer: A, C.", "A, C"),
        ("Options are A and C", "A and C"),
        ("The answer is unknown to me\nParis", "The answer is unknown to me\nParis"),
    ],
)
def test_an_answer_without_its_lead(text: str, answer: str) -> None:
    assert without_lead(text) == answer


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (["A", "C"], "A, C"),
        (["A", "A"], "A"),
        ([["A"], ["C"]], "A"),
        ({"answer": ["A", "C"]}, "A, C"),
        ({"reason": "none"}, None),
        (3.0, "3"),
        ([], None),
    ],
)
def test_all_that_an_answer_lists(value: Any, said: str | None) -> None:
    assert all_spoken(value) == said


def test_long_thoughts_are_passed_over_at_once() -> None:
    thoughts = "I wonder whether it is (A), or the answer is B. " * 20_000
    began = time.process_time()
    assert in_the_end(f"<think>{thoughts}</think>C") == "C"
    assert in_the_end(thoughts).startswith("I wonder")
    assert given_number(thoughts) is None
    assert time.process_time() - began < 5.0


def test_a_letter_with_the_text_of_another_option() -> None:
    assert other_order("A. dark red", OPTIONS)
    assert not other_order("B. dark red", OPTIONS)
    assert not other_order("A. crimson", OPTIONS)
    assert not other_order("dark red", OPTIONS)


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("A, C", {0, 2}),
        ("AC", {0, 2}),
        ("A and B", {0, 1}),
        ("[C]", {2}),
        ("red; 7", {0, 3}),
        ("none of them", None),
        ("", None),
    ],
)
def test_the_options_that_an_answer_names(text: str, places: set[int] | None) -> None:
    assert chosen_options(text, OPTIONS) == (None if places is None else frozenset(places))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("3", 3.0),
        ("about 2.5 metres", 2.5),
        ("There are four chairs.", 4.0),
        ("many", None),
        ("5 m by 4 m, so the answer is 20 square metres", 20.0),
        ("2 chairs and 1 stool, **Answer:** 3", 3.0),
        (r"5 times 4 is \boxed{20}.", 20.0),
        ("the answer is: there are 7", 7.0),
        ("4; no other answer: none", 4.0),
    ],
)
def test_the_number_that_an_answer_gives(text: str, number: float | None) -> None:
    assert given_number(text) == number
