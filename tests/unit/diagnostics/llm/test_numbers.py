import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tst_harness.diagnostics.llm.data.numbers import format_number, parse_number

WORDS = ["one", "twenty-three", "a", "hundred", "thousand", "million", "dozen", "half", "and", "minus", "3"]
FINITE = st.floats(allow_nan=False, allow_infinity=False)

SAID = [
    ("3", "3"),
    ("3.", "3"),
    ("The answer is 3.", "3"),
    ("**3**", "3"),
    ("_3_", "3"),
    (r"\boxed{3}", "3"),
    ("3, 4", "3"),
    ("3 4", "3"),
    ("about 3", "3"),
    ("2.50 m", "2.5"),
    (".5", "0.5"),
    ("12cm", "12"),
    ("50%", "50"),
    ("$1,234.50", "1234.5"),
    ("1,200", "1200"),
    ("1 200", "1200"),
    ("1\u202f200", "1200"),
    ("1_200_300", "1200300"),
    ("1,2000", "1"),
    ("approximately -4.2", "-4.2"),
    ("−5", "-5"),
    ("-$4", "-4"),
    ("x=-4", "-4"),
    ("- 4 chairs", "4"),
    ("minus four", "-4"),
    ("-0.0", "0"),
    ("1e5", "100000"),
    ("-3.2E-4", "-0.00032"),
    ("2 x 10^3", "2000"),
    ("2×10³ m", "2000"),
    (r"2 \times 10^{-2}", "0.02"),
    ("10 m²", "10"),
    ("３．５", "3.5"),
    ("٣", "3"),
    ("1/2", "0.5"),
    ("3/4.", "0.75"),
    ("1½", "1.5"),
    ("3 1/2", "3.5"),
    ("3/0", "3"),
    ("3/4/2020", "3"),
    ("3-4", "3"),
    ("3 - 4", "3"),
    ("3–4", "3"),
    ("-3-4", "-3"),
    ("between two and three", "2"),
    ("zero", "0"),
    ("Fourteen chairs", "14"),
    ("twenty-one", "21"),
    ("ninety nine", "99"),
    ("a hundred", "100"),
    ("three hundred and forty-two", "342"),
    ("two thousand three hundred", "2300"),
    ("one million two hundred thousand and six", "1200006"),
    ("2.5 million", "2500000"),
    ("a dozen", "12"),
    ("half a dozen", "6"),
    ("2 dozen", "24"),
    ("one and a half", "1.5"),
    ("12 and a half", "12.5"),
    ("three quarters", "0.75"),
    ("half a metre", "0.5"),
    ("two point five", "2.5"),
    ("one", "1"),
    ("The one on the left is 4 m away", "4"),
    ("The area in m2 is 30", "30"),
    ("X-4", "4"),
    ("9" * 400 + " or 3", "3"),
]


@pytest.mark.parametrize(("answer", "number"), SAID, ids=[answer[:30] for answer, _ in SAID])
def test_the_first_number_that_is_said(answer: str, number: str) -> None:
    assert parse_number(answer) == number


@pytest.mark.parametrize(
    "answer", ["", "none", "nan", "inf", "-", ".", "often", "someone", "v1.2", "m2", "9" * 5000, "1e999"]
)
def test_what_says_no_number(answer: str) -> None:
    assert parse_number(answer) is None


@given(FINITE)
@example(5e-324)
@example(1.7976931348623157e308)
@example(1e21)
@example(-1e-6)
def test_a_number_reads_back_as_it_was_written(value: float) -> None:
    text = format_number(value)
    assert float(text) == value
    assert parse_number(text) == text
    assert parse_number(f"The answer is {text} cm.") == text


@given(st.integers(-(10**6), 10**6), st.integers(0, 3))
def test_a_number_of_everyday_size_has_no_exponent_and_no_idle_zero(number: int, places: int) -> None:
    text = format_number(number / 10**places)
    assert "e" not in text
    assert text == "0" or not text.startswith("-0.") or number < 0
    assert "." not in text or not text.endswith("0")


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_cannot_be_written(value: float) -> None:
    with pytest.raises(ValueError, match="is not a finite number"):
        format_number(value)


@given(
    st.one_of(
        st.text(),
        st.text("0123456789.,-+eE/ %½²−_'xX*^"),
        st.lists(st.sampled_from(WORDS)).map(" ".join),
    )
)
@example("1" * 100_000)
@example("1 " * 20_000)
@example("one hundred " * 5_000)
def test_any_text_gives_a_finite_number_in_canonical_form_or_none(text: str) -> None:
    number = parse_number(text)
    if number is not None:
        assert math.isfinite(float(number))
        assert format_number(float(number)) == number


@given(st.integers(1, 10**12), st.sampled_from([",", " ", "_", "\N{NARROW NO-BREAK SPACE}"]))
def test_thousands_may_be_parted(number: int, separator: str) -> None:
    assert parse_number(f"{number:,}".replace(",", separator)) == str(number)
