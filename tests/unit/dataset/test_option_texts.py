"""An answer names an option in other words: with or without its unit, as yes or true, in any script."""

from pathlib import Path

import pytest
from data_rows import write_rows
from hypothesis import given
from hypothesis import strategies as st
from layout_rows import gold_of, options_of, plain

from tst_harness.dataset.answers import letters_out_of_order, option_named, parse_options
from tst_harness.dataset.option_texts import option_of_text
from tst_harness.engine.proposal import propose

N = 40


@pytest.mark.parametrize(
    ("text", "options", "place"),
    [
        ("69", ("67 m", "69 m", "71 m"), 1),
        ("69.0", ("67 m", "69 m", "71 m"), 1),
        ("69 cm", ("67", "69", "71"), 1),
        ("1200", ("1,100", "1,200"), 1),
        ("12", ("$11.00", "$12.00"), 1),
        ("40", (r"$30^\circ$", r"$40^\circ$"), 1),
        ("3", ("about 2 chairs", "about 3 chairs", "None of these"), 1),
        ("3", ("3 chairs", "a table"), -1),
        ("3", ("3 chairs", "3 tables"), -1),
        ("3", ("1 to 3 chairs", "4 to 6 chairs"), -1),
        ("3 cm", ("3 m", "4 m"), -1),
        ("3m", ("3 meters", "4 meters"), 0),
        ("3 seconds", ("3 meters", "4 meters"), -1),
        ("A3", ("2", "3"), -1),
        ("Y", ("No", "Yes"), 1),
        ("The_living_room", ("a kitchen", "living room"), 1),
        ("Tom &amp; Ann", ("Tom and Ann", "Tom & Ann"), 1),
        ("well-known", ("well known", "well, known"), -1),
        ("C", ("C++", "C#"), -1),
        ("5", ("-5", "6"), -1),
        ("T", ("True", "False"), 0),
        ("False", ("T", "F"), 1),
        ("yes", ("False", "True"), 1),
        ("Yes", ("No, it is not.", "Yes, it is."), 1),
        ("Yes", ("Yes, on the left.", "Yes, on the right."), -1),
    ],
)
def test_a_text_is_the_only_option_of_the_same_words_truth_or_number(
    text: str, options: tuple[str, ...], place: int
) -> None:
    assert option_of_text(text, options) == place


@given(
    st.lists(st.integers(0, 10**6), min_size=2, max_size=6, unique=True),
    st.sampled_from([" m", " km/h", "%", "°", " chairs", ""]),
    st.data(),
)
def test_a_number_names_the_option_that_has_it_with_a_unit(
    numbers: list[int], unit: str, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(numbers) - 1))
    options = tuple(f"{number:,}{unit}" for number in numbers)
    assert option_of_text(str(numbers[place]), options) == place


def test_a_file_of_numbers_beside_options_with_units_is_read(tmp_path: Path) -> None:
    rows = [
        plain(i, options=[f"{i + 7 * place} m" for place in range(4)], answer=i + 7 * gold_of(i))
        for i in range(N)
    ]
    write_rows(tmp_path / "rows.jsonl", rows)
    frame = propose(str(tmp_path / "rows.jsonl"), "toy", {}).dataset.frame
    assert dict(zip(frame["id"], frame["answer"], strict=True)) == {f"q{i}": gold_of(i) for i in range(N)}


@pytest.mark.parametrize(
    "letters",
    ["АБВГ", "αβγδ", "أبجد", "אבגד", "甲乙丙丁", "アイウエ", "가나다라", "ㄱㄴㄷㄹ", "กขคง", "कखगघ"],
)
def test_letters_of_other_scripts_name_options(letters: str) -> None:
    options = tuple(options_of(0))
    for mark in ("{}. {}", "({}) {}", "{}) {}"):
        written = tuple(mark.format(letter, text) for letter, text in zip(letters, options, strict=True))
        assert parse_options(written) == options
        swapped = (written[0], written[2], written[1], written[3])
        assert letters_out_of_order(swapped) is not None
    assert parse_options(str(dict(zip(letters, options, strict=True)))) == options
    for place, letter in enumerate(letters):
        for text in (letter, f"({letter})", f"{letter}."):
            assert option_named(text, options, "letter") == place
        assert option_named(f"{letter}. {options[place]}", options, "text") == place


def test_a_circled_number_counts_from_1_and_is_no_index_from_0() -> None:
    options = tuple(options_of(0))
    assert [option_named("②", options, form) for form in ("letter", "index", "index1")] == [-1, -1, 1]
    for mark in ("{}{}", "{} {}", "{}. {}", "{}) {}"):
        written = tuple(mark.format(sign, text) for sign, text in zip("①②③④", options, strict=True))
        assert parse_options(written) == options
    assert parse_options(str(dict(zip("①②③④", options, strict=True)))) == options


@pytest.mark.parametrize(
    "text", ["B", "**B**", "<B>", "`B`", "(B)", "[[B]]", "B>A", "model_b", "**Answer: B**"]
)
def test_a_letter_may_stand_in_any_brackets(text: str) -> None:
    assert option_named(text, tuple(options_of(0)), "letter") == 1


def test_options_may_be_the_items_of_a_list_in_html() -> None:
    options = tuple(options_of(0))
    for tag in ("li", "option"):
        assert parse_options("".join(f"<{tag}>{option}</{tag}>\n" for option in options)) == options
