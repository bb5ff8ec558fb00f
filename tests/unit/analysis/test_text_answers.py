from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tst_harness.analysis.texts import (
    agreement,
    best_texts,
    normalise_answer,
    score_matrix,
    similarity,
    text_scores,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Red Car.", "red car"),
        ("an  apple", "apple"),
        ("Two dogs!", "2 dogs"),
        ("1,200 people", "1200 people"),
        ("2.5 metres", "2.5 metres"),
        ("U.S.A.", "usa"),
        ("don't", "dont"),
        ("wi-fi", "wi fi"),
        ("-5", "-5"),
        ("\N{FULLWIDTH LATIN CAPITAL LETTER A}bc", "abc"),
        ("A", "a"),
        ("?", "?"),
    ],
)
def test_answers_are_normalised_as_vqa_and_squad_do(text: str, expected: str) -> None:
    assert normalise_answer(text) == expected


def test_an_exact_answer_is_one_of_the_accepted_texts() -> None:
    said = ["the cat", "Cat", "dog", "dogs"]
    accepted = [("cat",), ("a cat", "kitten"), ("cat",), ("dog",)]
    assert text_scores("exact", said, accepted).tolist() == [1.0, 1.0, 0.0, 0.0]


@pytest.mark.parametrize(("times", "expected"), [(0, 0.0), (1, 0.3), (2, 0.6), (3, 0.9), (4, 1.0), (10, 1.0)])
def test_agreement_of_ten_is_the_mean_over_sets_of_nine(times: int, expected: float) -> None:
    sets = [min((times - (left_out < times)) / 3, 1.0) if times else 0.0 for left_out in range(10)]
    assert agreement(times, 10) == pytest.approx(np.mean(sets)) == pytest.approx(expected)


def test_agreement_of_others_than_ten_is_a_third_each() -> None:
    assert [agreement(times, 5) for times in range(5)] == pytest.approx([0, 1 / 3, 2 / 3, 1, 1])
    accepted = [("red", "red", "Red.", "pink", "pink")]
    assert score_matrix("vqa", accepted, ["red", "pink", "blue"]) == pytest.approx(
        np.array([[1.0, 2 / 3, 0.0]])
    )


@pytest.mark.parametrize(
    ("text", "other", "expected"),
    [("kitten", "sitting", 4 / 7), ("abc", "abc", 1.0), ("abc", "xyz", 0.0), ("", "", 1.0), ("ab", "", 0.0)],
)
def test_similarity_is_that_of_levenshtein_from_a_half_on(text: str, other: str, expected: float) -> None:
    assert similarity(text, other) == pytest.approx(expected)


def slow_distance(text: str, other: str) -> int:
    row: Sequence[int] = range(len(other) + 1)
    for i, letter in enumerate(text, 1):
        new = [i]
        for j, own in enumerate(other, 1):
            new.append(min(row[j] + 1, new[-1] + 1, row[j - 1] + (letter != own)))
        row = new
    return row[-1]


@given(st.text("abc\N{GRINNING FACE}", max_size=8), st.text("abc\N{GRINNING FACE}", max_size=8))
def test_similarity_agrees_with_a_plain_loop(text: str, other: str) -> None:
    longest = max(len(text), len(other), 1)
    score = 1 - slow_distance(text, other) / longest
    assert similarity(text, other) == pytest.approx(score if score >= 0.5 else 0.0)


def test_the_best_constant_is_that_of_the_metric_and_in_its_most_frequent_form() -> None:
    accepted = [("Oak.",), ("oak",), ("oak",), ("pine",), ("pine",)]
    assert best_texts("exact", accepted, 5) == ["oak", "pine"]
    close = [("house number 1",), ("house number 2",), ("house number 3",), ("zebra",), ("zebra",)]
    assert best_texts("exact", close, 1) == ["zebra"]
    assert best_texts("anls", close, 1) == ["house number 1"]
