import math

import numpy as np
import pytest
from forest_builders import forms_of
from hypothesis import given
from hypothesis import strategies as st

from tst_harness.diagnostics.forest.forms import normalise, parse_number, ragged


def test_questions_with_the_same_text_and_options_share_a_form() -> None:
    forms = forms_of(
        ["Which?", "Which?", "Which?", "Where?"],
        [("sofa", "tv"), ("tv", "sofa"), ("sofa", "tv"), ("sofa", "tv", "bed")],
    )
    assert forms.form_of.tolist() == [0, 1, 0, 2]
    assert forms.options == [("sofa", "tv"), ("tv", "sofa"), ("sofa", "tv", "bed")]
    assert (forms.first.tolist(), forms.n_rows) == ([0, 2, 4, 7], 7)
    assert forms.row_form.tolist() == [0, 0, 1, 1, 2, 2, 2]


def test_a_question_without_options_has_one_row() -> None:
    forms = forms_of(["How many?", "How big?", "How many?"])
    assert (forms.n_rows, forms.row_form.tolist(), forms.form_of.tolist()) == (2, [0, 1], [0, 1, 0])


def test_the_rows_of_forms_come_in_the_order_asked_for() -> None:
    forms = forms_of(["a", "b", "c"], [("x", "y"), ("x", "y", "z"), ("x",)])
    rows, counts = forms.rows(np.array([1, 0, 1]))
    assert rows.tolist() == [2, 3, 4, 0, 1, 2, 3, 4]
    assert counts.tolist() == [3, 2, 3]


def test_slots_are_normalised_and_those_without_a_value_left_out() -> None:
    forms = forms_of(
        ["from the  Old\tSofa to the TV", "from the bed"],
        pattern=r"from the (?P<start>.+?)(?: to the (?P<goal>.+))?$",
    )
    assert forms.slots == [{"start": "old sofa", "goal": "tv"}, {"start": "bed"}]


def test_a_pattern_that_does_not_match_gives_no_slots() -> None:
    forms = forms_of(["Where is the sofa?", "What?"], pattern=r"Where is the (?P<object>\w+)")
    assert forms.slots == [{"object": "sofa"}, {}]
    assert [bool(wording) for wording in forms.wording] == [True, False]


@pytest.mark.parametrize(
    ("text", "same"), [(" A\n\tSofa ", "a sofa"), ("ÉTÉ", "été"), ("", ""), ("\u2003", "")]
)
def test_text_is_normalised(text: str, same: str) -> None:
    assert normalise(text) == same


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 5)), max_size=8))
def test_ragged_is_the_ranges_one_after_the_other(pairs: list[tuple[int, int]]) -> None:
    expected = [start + i for start, count in pairs for i in range(count)]
    starts, counts = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    assert ragged(starts, counts).tolist() == expected


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("6", 6),
        ("-2", -2),
        ("+5", 5),
        (".5", 0.5),
        ("-.5", -0.5),
        ("5.", 5),
        ("3.5 m", 3.5),
        ("3.5m", 3.5),
        ("5 m²", 5),
        ("4 m.", 4),
        ("100%", 100),
        ("$6", 6),
        ("$-6", -6),
        ("£1,000.50", 1000.5),
        ("12,345", 12345),
        ("1,234,567.8 m", 1234567.8),
        ("(2)", 2),
        ("7\n", 7),
        ("\N{MINUS SIGN}2", -2),
        ("\N{EN DASH}2.5 m", -2.5),
        ("٣", 3),
        ("1" * 25, float("1" * 25)),
    ],
)
def test_a_number_is_read_with_its_sign_thousands_and_unit_aside(text: str, number: float) -> None:
    assert parse_number(text) == number


@pytest.mark.parametrize(
    "text",
    [
        *["", " ", "5 - 6", "5 red chairs", "1 000"],
        *["1-2", "1\N{EN DASH}2", "1.2.3", "1/2", "10:30", "2024-01-01", "12/05/2020"],
        *["1,2", "12,34", "5,000,00", "1e5", "½", "-", ".", "..5"],
        *["a", "a5", "two", "nan", "inf"],
    ],
)
def test_what_is_not_one_number_is_none(text: str) -> None:
    assert math.isnan(parse_number(text))


@pytest.mark.parametrize("text", ["9" * 31, "9" * 45, "-" + "9" * 45, "9" * 450])
def test_a_number_too_large_for_a_feature_is_read_as_words(text: str) -> None:
    assert math.isnan(parse_number(text))


@given(st.text(max_size=30))
def test_any_text_is_a_finite_number_or_none(text: str) -> None:
    assert not math.isinf(parse_number(text))


@given(st.integers(-(10**12), 10**12))
def test_a_number_written_with_thousands_separators_is_itself(number: int) -> None:
    assert parse_number(f"{number:,}") == parse_number(str(number)) == number
