"""Numbers as people write them: each form is read and named, and what is no number is a finding."""

from pathlib import Path

import pytest
from data_rows import count, load_rows
from hypothesis import given
from hypothesis import strategies as st

from tst_harness.dataset.invalid import Invalid
from tst_harness.dataset.numbers import number_form, parse_number


@pytest.mark.parametrize(
    ("text", "number", "form"),
    [
        ("3", 3.0, None),
        ("-3.25", -3.25, None),
        ("\u22123", -3.0, None),
        ("1.5e3", 1500.0, None),
        ("2E-2", 0.02, None),
        ("1,5", 1.5, "a decimal comma"),
        ("1.234,5", 1234.5, "a decimal comma"),
        ("-0,75", -0.75, "a decimal comma"),
        ("1,200", 1200.0, "commas between thousands"),
        ("1,234,567.5", 1234567.5, "commas between thousands"),
        ("12 345", 12345.0, "spaces between thousands"),
        ("12'345,5", 12345.5, "spaces between thousands"),
        ("1\u2019000", 1000.0, "spaces between thousands"),
        ("2 cm", 2.0, "a unit"),
        ("2.5cm", 2.5, "a unit"),
        ("45°", 45.0, "a unit"),
        ("3 square meters", 3.0, "a unit"),
        ("5 km/h", 5.0, "a unit"),
        ("10 °C", 10.0, "a unit"),
        ("70 kg", 70.0, "a unit"),
        ("\uff15", 5.0, None),
        ("3×10^4", 30000.0, "a power of ten"),
        ("2.5 x 10⁴", 25000.0, "a power of ten"),
        ("6.02 × 10^{23} mol", 6.02e23, "a unit"),
        ("approximately 3.5 meters", 3.5, "about"),
        ("$5", 5.0, "a unit"),
        ("5 €", 5.0, "a unit"),
        ("30%", 30.0, "per cent"),
        ("12,5 %", 12.5, "per cent"),
        ("7 percent", 7.0, "per cent"),
        ("1/2", 0.5, "a fraction"),
        ("2 3/4", 2.75, "a fraction"),
        ("-1/4", -0.25, "a fraction"),
        ("about 5", 5.0, "about"),
        ("~3 cm", 3.0, "about"),
        ("approx. 1,200", 1200.0, "about"),
        ("ca. 1/2", 0.5, "about"),
    ],
)
def test_a_form_is_read_and_named(text: str, number: float, form: str | None) -> None:
    assert parse_number(text) == number
    assert number_form(text) == form


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("5-9", "range"),
        ("5 to 9", "range"),
        ("5 cm - 9 cm", "range"),
        ("between 5 and 9", "not a number"),
        ("1/0", "not a number"),
        ("five", "not a number"),
        ("12,34,567", "not a number"),
        ("3 of 5", "not a number"),
        ("2 elephants", "not a number"),
        ("1.2.3", "not a number"),
        ("N/A", "missing answer"),
        ("-", "missing answer"),
        ("  ", "missing answer"),
    ],
)
def test_what_is_no_number_is_a_finding_of_its_kind(text: str, kind: str) -> None:
    read = parse_number(text)
    assert isinstance(read, Invalid)
    assert read.kind == kind


def test_findings_among_numbers_are_left_out_and_named(tmp_path: Path) -> None:
    rows = [count(n, answer) for n, answer in enumerate(["1,5", "3", "2 cm", "5-9", "N/A", "7", "8", "9"])]
    dataset = load_rows(tmp_path, rows, skip=True)
    assert dataset.frame["answer"].tolist() == [1.5, 3.0, 2.0, 7.0, 8.0, 9.0]
    assert dataset.source.fault_counts == {"missing answer": 1, "range": 1}


@given(st.integers(-(10**9), 10**9))
def test_thousands_may_be_parted_in_every_way(number: int) -> None:
    written = f"{number:,}"
    for mark in (",", " ", "'", "\u00a0"):
        assert parse_number(written.replace(",", mark)) == number


@given(st.decimals(-(10**6), 10**6, places=2))
def test_a_decimal_comma_is_a_decimal_point(number: object) -> None:
    assert parse_number(str(number).replace(".", ",")) == float(str(number))
