from pathlib import Path

import pytest
from data_rows import count, load_rows, pick, refusal
from hypothesis import given, settings
from hypothesis import strategies as st

from tst_harness.benchmark.declarations import AnswerForm, Choice, Columns
from tst_harness.dataset.answers import (
    FORMS,
    Answer,
    Invalid,
    option_named,
    parse_number,
    parse_option_cells,
    parse_options,
)
from tst_harness.dataset.choices import AmbiguousAnswers, read_choices
from tst_harness.dataset.reading import Value

PLAIN = ("sofa", "stove", "tv")


@pytest.mark.parametrize(
    "value",
    [
        PLAIN,
        (" sofa", "stove ", "tv"),
        ("A. sofa", "B. stove", "C. tv"),
        ("(A) sofa", "(B) stove", "(C) tv"),
        ("A) sofa", "B) stove", "C) tv"),
        ("A: sofa", "B: stove", "C: tv"),
        ("a. sofa", "b. stove", "c. tv"),
        '["sofa", "stove", "tv"]',
        "['sofa', 'stove', 'tv']",
        "('A. sofa', 'B. stove', 'C. tv')",
    ],
)
def test_options_are_read_however_they_are_written(value: Value) -> None:
    assert parse_options(value) == PLAIN


def test_numbers_written_in_a_list_become_text() -> None:
    assert parse_options("[1, 2.0, 2.5]") == ("1", "2", "2.5")


@pytest.mark.parametrize("options", [("A. x", "C. y"), ("A. x", "y"), ("B. x", "A. y"), ("A", "B")])
def test_letters_are_kept_unless_every_option_has_its_own(options: tuple[str, ...]) -> None:
    assert parse_options(options) == options


def test_more_options_than_letters_keep_their_text() -> None:
    options = tuple(str(number) for number in range(30))
    assert parse_options(options) == options


def test_option_columns_end_with_the_last_that_is_not_blank() -> None:
    assert parse_option_cells(["x", 2, None, ""], "ABCD") == ("x", "2")
    assert parse_option_cells(["x", None, "y"], "ABC") == "option 2 of 3 is empty"
    assert parse_option_cells([None, None], "AB") == "has no options where at least two are needed"


@pytest.mark.parametrize("wrong", [("x", "y"), '["x", "y"]', "x; y", "x;y"])
def test_a_column_of_several_options_is_a_list_of_them(wrong: Value) -> None:
    assert parse_option_cells([wrong, "z"], ["Incorrect Answers", "Best Answer"]) == ("x", "y", "z")
    assert parse_option_cells(["x; y", "z"], ["distractor1", "answer"]) == ("x; y", "z")


def test_options_in_several_columns_are_loaded(tmp_path: Path) -> None:
    columns = Columns(id="id", text="question", answer="answer", type="kind", options=("A", "B", "C"))
    rows = [pick(1, "B", A="x", B="y", C=""), pick(2, "C", A="x", B="y", C="z"), count(3, A="", B="", C="")]
    frame = load_rows(tmp_path, rows, file="r.csv", columns=columns).frame
    assert frame["options"].tolist() == [("x", "y"), ("x", "y", "z"), None]
    bad = [pick("q", "B", A="x", B="", C="")]
    assert "(id 'q'), field 'A, B, C': has one option" in refusal(tmp_path, bad, columns=columns)


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (3, 3.0),
        (2.5, 2.5),
        ("1,200", 1200.0),
        (" 3.5 ", 3.5),
        ("1,234,567.5", 1234567.5),
        ("-.5", -0.5),
        ("1e3", 1000.0),
        ("+2.", 2.0),
    ],
)
def test_numbers_are_read_as_numbers_or_text(value: Value, number: float) -> None:
    assert parse_number(value) == number


@pytest.mark.parametrize("value", ["abc", "1_000", "nan", "inf", "12,34,567", "٣", "True", 10**400])
def test_what_is_no_number_is_invalid(value: Value) -> None:
    assert isinstance(parse_number(value), Invalid)


def read(answers: list[Value], options: tuple[str, ...] = PLAIN, form: AnswerForm | None = None) -> list[int]:
    rows: dict[int, Answer] = {place: (answer, options) for place, answer in enumerate(answers)}
    return list(read_choices(rows, form)[1].values())


@pytest.mark.parametrize(
    "answers",
    [
        ["A", "B", "C"],
        ["a", "(B)", "C."],
        ["A)", "B:", "(C)"],
        [0, 1, 2],
        ["0", "1", "2"],
        [1, 2, 3],
        ["sofa", " stove", "tv "],
        ["A. sofa", "(B) stove", "C: tv"],
    ],
)
def test_every_form_of_answer_is_inferred(answers: list[Value]) -> None:
    assert read(answers) == [0, 1, 2]


def test_the_form_that_reads_most_rows_decides_and_the_others_name_nothing() -> None:
    assert read(["A", "B", "sofa", "Z"]) == [0, 1, -1, -1]
    assert read([0, 1, 2, 9]) == [0, 1, 2, -1]


def test_the_text_of_an_option_must_be_that_of_one_alone() -> None:
    assert read(["x", "y"], ("x", "y", "y")) == [0, -1]
    assert read(["A", "C"], ("x", "y", "y")) == [0, 2]


def test_a_text_answer_that_two_options_have_is_named(tmp_path: Path) -> None:
    rows = [pick(1, "sofa"), pick(2, "tv"), pick("q", "tv", options=["tv", "tv", "sofa"])]
    assert "(id 'q'), field 'answer': the answer 'tv' is 2 of the options" in refusal(tmp_path, rows)


def test_readings_that_differ_must_be_settled_by_the_declaration(tmp_path: Path) -> None:
    with pytest.raises(AmbiguousAnswers):
        read([1, 2])
    assert read([1, 2], form="index") == [1, 2]
    assert read([1, 2], form="index1") == [0, 1]
    rows = [pick("p", 1), pick("q", 2)]
    message = refusal(tmp_path, rows)
    assert "row 1 (id 'p'), field 'answer': the answer 1 names one option read as 'index'" in message
    assert "Choice('pick', answers='index')" in message
    settled = load_rows(tmp_path, rows, question_types=[Choice("pick", answers="index1")])
    assert settled.frame["answer"].tolist() == [0.0, 1.0]


def test_numeric_options_named_by_their_text_are_told_from_indices() -> None:
    assert read([3, 2, 5], ("2", "3", "5")) == [1, 0, 2]
    assert read([3, 2.5], ("2.5", "3")) == [1, 0]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=1, max_size=12), st.sampled_from(FORMS))
def test_every_form_of_the_same_gold_reads_the_same(gold: list[int], form: AnswerForm) -> None:
    options = ("bed", "lamp", "rug", "desk")
    answers: dict[str, list[Value]] = {
        "letter": ["ABCD"[index] for index in gold],
        "index": list(gold),
        "index1": [index + 1 for index in gold],
        "text": [options[index] for index in gold],
    }
    assert read(answers[form], options, form) == gold
    if form in ("letter", "text"):
        assert read(answers[form], options) == gold


@pytest.mark.parametrize("text", ["sofa | tv | rug", "sofa; tv; rug", "sofa\n tv\nrug\n"])
def test_options_may_be_parted_by_signs(text: str) -> None:
    assert parse_options(text) == ("sofa", "tv", "rug")


def test_commas_and_slashes_part_options_where_nothing_else_does() -> None:
    assert parse_options("sofa, tv, rug") == parse_options("sofa/tv/rug") == ("sofa", "tv", "rug")
    assert parse_options("Paris, France; Rome, Italy") == ("Paris, France", "Rome, Italy")
    assert isinstance(parse_options("{sofa, tv}"), Invalid)
    assert isinstance(parse_options("a sofa"), Invalid)


def test_numbers_before_all_options_are_part_of_none() -> None:
    assert parse_options(("1. sofa", "2. tv")) == parse_options(("(1) sofa", "(2) tv")) == ("sofa", "tv")
    assert parse_options(("1.5 m", "2.5 m")) == ("1.5 m", "2.5 m")
    assert parse_options(("2. sofa", "1. tv")) == ("2. sofa", "1. tv")


def test_a_mark_for_each_option_says_which_is_right() -> None:
    options = ("sofa", "tv", "rug")
    assert read([("0", "1", "0"), ("1", "0", "0")], options) == [1, 0]
    assert option_named(("1", "1", "0"), options, "index") == -1
    assert option_named(("0", "1"), options, "index") == -1
