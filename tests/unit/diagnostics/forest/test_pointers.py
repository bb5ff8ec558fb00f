"""Answers that open questions say themselves."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tst_harness.diagnostics.forest.families import Key
from tst_harness.diagnostics.forest.forms import make_forms
from tst_harness.diagnostics.forest.pointers import Pointers
from tst_harness.diagnostics.forest.settings import MOST_POINTERS

ANIMALS = ("cat", "dog", "cow", "hen", "fox", "owl", "bee", "ant", "elk", "eel", "emu", "yak")


def pointed(texts: list[str]) -> list[dict[Key, str]]:
    """What each text points at."""
    pointers = Pointers.of(make_forms(texts, [None] * len(texts), []))
    return [
        {key: text for key, text in zip(pointers.keys, row, strict=True) if text} for row in pointers.texts
    ]


def test_words_numbers_and_quotes_are_pointed_at() -> None:
    (row,) = pointed(['Which of the 12 signs, or 1,300 marks, says "No Entry" twice?'])
    assert row["word", 0] == "which"
    assert row["word", -1] == "twice"
    assert row["number", 0] == "12"
    assert row["number", -1] == "1300"
    assert row["quoted", 0] == "no entry"


def test_neighbours_of_frequent_words_are_pointed_at_within_their_clause() -> None:
    texts = [f"Is it {first} or {second}, by the look of it?" for first, second in pairwise(ANIMALS)]
    for row, (first, second) in zip(pointed(texts), pairwise(ANIMALS), strict=True):
        assert row["before", "or"] == first
        assert row["after", "or"] == second
        assert row["rest", "it"] == f"{first} or {second}"
        assert ("rest", "or") not in row


def test_neighbours_of_rare_words_are_not() -> None:
    assert ("after", "or") not in pointed(["Is it red or blue?"])[0]


def test_the_pointers_followed_are_those_that_hit_what_others_miss() -> None:
    texts = [f"Is it {first} or {second}?" for first in ANIMALS for second in ANIMALS if first != second]
    forms = make_forms(texts, [None] * len(texts), [])
    pointers = Pointers.of(forms)
    answers = [text.split()[2 if i % 3 else 4].rstrip("?") for i, text in enumerate(texts)]
    hits = pointers.hits(np.arange(len(texts)), [{answer} for answer in answers])
    before, after = (pointers.keys[i] for i in pointers.telling(hits))
    assert before in {("before", "or"), ("after", "it")}
    assert after in {("after", "or"), ("word", -1)}


def test_where_no_answer_is_in_its_question_nothing_is_followed() -> None:
    texts = [f"Is it {first} or {second}?" for first, second in pairwise(ANIMALS)]
    pointers = Pointers.of(make_forms(texts, [None] * len(texts), []))
    assert pointers.telling(pointers.hits(np.arange(len(texts)), [{"neither"}] * len(texts))) == []


@given(st.lists(st.text(), min_size=1, max_size=30))
def test_any_text_is_read_and_few_pointers_are_followed(texts: list[str]) -> None:
    pointers = Pointers.of(make_forms(texts, [None] * len(texts), []))
    forms = np.zeros(50, dtype=np.int64)
    hits = pointers.hits(forms, [set(pointers.texts[0])] * 50)
    assert len(pointers.telling(hits)) <= MOST_POINTERS
