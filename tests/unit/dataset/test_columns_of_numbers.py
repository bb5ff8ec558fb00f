"""What the numbers of a column mean together: the sign of their decimals and their units."""

from pathlib import Path
from typing import Any

import pytest
from data_rows import Row
from hypothesis import given
from hypothesis import strategies as st
from layout_rows import question_of
from proposing import read_rows

from tst_harness.dataset.numbers import notation_of, number_form, parse_number, unit_of

N = 40


def answered(answers: list[Any]) -> list[Row]:
    return [{"id": i, "question": question_of(i), "answer": answer} for i, answer in enumerate(answers)]


@pytest.mark.parametrize("shows", ["1.234,5", "12,5", "0,125", "1234,567", "1.234.567", "-3,5 m", "ca. 2,5"])
def test_one_number_with_a_decimal_comma_tells_how_all_are_written(tmp_path: Path, shows: str) -> None:
    assert notation_of([shows, "1.234", 3, None, "a chair"]).sign == ","
    read = read_rows(tmp_path, answered([shows, *(f"{i}.250" for i in range(1, N))]), ".csv")
    assert sorted(read.dataset.frame["answer"])[-1] >= 39250.0
    assert any("dots between thousands in" in line for line in read.lines)


@pytest.mark.parametrize("shows", ["1,234.5", "12.5", "0.125", "1234.567", "1,234,567", "-3.5 m", "ca. 2.5"])
def test_one_number_with_a_decimal_point_tells_so(shows: str) -> None:
    assert notation_of([shows, "1.234", "1,234"]) == (".", None)


def test_what_both_signs_may_mean_is_told(tmp_path: Path) -> None:
    [guess] = read_rows(tmp_path, answered([f"{i}.250" for i in range(1, N)]), ".csv").guesses
    assert guess.startswith("'1.250' is read as 1.25; ")
    [guess] = read_rows(tmp_path, answered(["2,5", *(f"{i},250" for i in range(1, N))]), ".csv").guesses
    assert guess.startswith("'1,250' is read as 1.25; ")
    [guess] = read_rows(
        tmp_path, answered(["2,5", "3.5", *(f"{i}.250" for i in range(1, N))]), ".csv"
    ).guesses
    assert guess.startswith("'1.250' is read as 1.25; ")


def test_commas_between_thousands_alone_are_no_guess(tmp_path: Path) -> None:
    read = read_rows(tmp_path, answered([f"{i},250" for i in range(1, N)]), ".csv")
    assert read.dataset.frame["answer"].max() == 39250
    assert read.guesses == []


def test_commas_that_part_several_numbers_are_no_decimal_commas() -> None:
    notation = notation_of(["3,6,9", "0,1", "7"])
    assert notation.sign == "list"
    assert isinstance(parse_number("0,1", notation.sign), str)
    assert notation_of(["5, -3", "0,1"]).sign == "list"
    assert notation_of(["5,-3", "0,1"]).sign == "list"


@given(st.integers(0, 10**9), st.integers(1, 99))
def test_a_number_is_the_same_by_either_sign(whole: int, parts: int) -> None:
    english = f"{whole:,}.{parts:02}"
    german = english.translate(str.maketrans(",.", ".,"))
    assert (
        parse_number(german, notation_of([german]).sign)
        == parse_number(english)
        == float(f"{whole}.{parts:02}")
    )
    assert number_form(german, ",") == ("a decimal comma" if whole < 1000 else "dots between thousands")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("m", "metres"),
        ("cm", "centimeters"),
        ("%", "per cent"),
        ("kg", "kilograms"),
        ("sq m", "m²"),
        ("h", "hours"),
    ],
)
def test_spellings_of_a_unit_are_one_unit(tmp_path: Path, first: str, second: str) -> None:
    assert unit_of(f"3 {first}") == unit_of(f"4.5 {second}") is not None
    read = read_rows(tmp_path, answered([f"{i} {(first, second)[i % 2]}" for i in range(N)]))
    assert read.guesses == []
    assert "another unit" not in read.dataset.source.fault_counts


@pytest.mark.parametrize(("usual", "other"), [("{} m", "{}0 cm"), ("${}", "{} €"), ("{} %", "{} m")])
def test_another_unit_is_a_fault_that_is_scored(tmp_path: Path, usual: str, other: str) -> None:
    read = read_rows(tmp_path, answered([(other if i % 4 == 1 else usual).format(i) for i in range(N)]))
    source = read.dataset.source
    assert source.fault_counts == {"another unit": N // 4}
    assert len(read.dataset.frame) == N
    assert "nothing is converted" in source.faults[0].problem
    [guess] = [guess for guess in read.guesses if guess.startswith("units differ")]
    assert f"in {N * 3 // 4}, " in guess


def test_questions_with_several_answers_are_told_apart_by_the_column_that_says_so(tmp_path: Path) -> None:
    rows = [
        {
            "id": i,
            "question": question_of(i),
            "final_answer": [f"{i},{i + 1}" if i % 4 == 0 else str(7 * i % 40)],
            "is_multiple_answer": i % 4 == 0,
            "answer_type": "Numerical",
        }
        for i in range(N)
    ]
    frame = read_rows(tmp_path, rows).dataset.frame
    assert dict(frame.groupby("type")["format"].first()) == {"False": "num", "True": "open"}
    assert frame["format"].value_counts().to_dict() == {"num": 30, "open": 10}
