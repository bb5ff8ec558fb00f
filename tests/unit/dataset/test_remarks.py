"""Faults of questions that can be scored: each is found, and what only looks like one is not."""

from pathlib import Path

import pytest
from data_rows import load_rows, pick

from tst_harness.dataset.remarks import remarks

PLAIN = ("sofa", "stove", "lamp")


def kinds(text: str = "Which is it?", options: tuple[str, ...] = PLAIN, gold: int | None = 0) -> list[str]:
    return [problem.kind for problem in remarks(text, options, gold)]


def test_a_plain_question_has_none() -> None:
    assert kinds() == []


@pytest.mark.parametrize(
    "text", ["CafÃ© au lait?", "It is 25 Â°C.", "The catâ€™s tail", "It saysâ€¦", "A broken \ufffd sign"]
)
def test_mojibake_is_found(text: str) -> None:
    assert kinds(text) == ["mojibake"]
    assert kinds(options=(text, "other")) == ["mojibake"]


@pytest.mark.parametrize("options", [("mW", "MW", "kW"), ("AA", "Aa", "aa")])
def test_case_tells_short_signs_apart(options: tuple[str, ...]) -> None:
    assert kinds(options=options) == []
    assert kinds(options=(*options, options[0])) == ["options alike"]
    assert kinds(options=("Sofa", "sofa", "lamp")) == ["options alike"]


def test_half_a_surrogate_pair_is_named_by_its_number() -> None:
    [problem] = remarks("Which \ud83d?", PLAIN, 0)
    assert problem.kind == "mojibake"
    assert str(problem) == "has half a surrogate pair, U+D83D, shown as ?"
    assert kinds(options=("\ud800", "other")) == ["mojibake"]
    assert kinds("Which \U0001f600?") == []


@pytest.mark.parametrize(
    "text", ["São Ângela naïve, à la carte", "¿Qué? Ça va, Âge d'or", "25 °C … “so”", "哪个？", "ما هذا؟ Â"]
)
def test_accents_are_no_mojibake(text: str) -> None:
    assert kinds(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Which <b>one</b>?",
        "x<br>y",
        "x<br/>y",
        "<p>Which?</p>",
        '<a href="x">this</a>',
        '<i class="x">this',
        "R&amp;D",
        "a&nbsp;b",
        "it&#39;s",
        "H<sub>2</sub>O",
    ],
)
def test_html_is_found(text: str) -> None:
    assert kinds(text) == ["HTML"]


@pytest.mark.parametrize(
    "text",
    [
        "Is a < b and b > c?",
        "<image 1> Which?",
        "<img> Which?",
        "What is <a|b>?",
        "for <i> in x",
        "AT&T; R&D; Tom&Jerry; x",
        "Look at <IMG_1>.",
        "p <q> r",
    ],
)
def test_other_signs_are_no_html(text: str) -> None:
    assert kinds(text) == []


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("red", "red car", "blue"), ["option within another"]),
        (("The dog", "A cat", "the dog, which barks"), ["option within another"]),
        (("red", "redder", "blue"), []),
        (("1", "1.5", "1,000"), []),
        (("2", "2 m", "3 m"), []),
        (("blue car", "car", "red"), []),
    ],
)
def test_an_option_that_begins_another_is_found(options: tuple[str, ...], expected: list[str]) -> None:
    assert kinds(options=options) == expected


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        ("Where is the sofa, beside the door?", PLAIN, ["answer in the question"]),
        ("Where is the SOFA?", PLAIN, ["answer in the question"]),
        ("Is it the sofa or the stove?", PLAIN, []),
        ("Who sits on sofas?", PLAIN, []),
        ("Where is the stove?", PLAIN, []),
        ("Are there 300 of 500?", ("300", "400"), []),
        ("Is it on?", ("on", "off"), []),
    ],
)
def test_a_question_that_tells_its_answer_is_found(
    text: str, options: tuple[str, ...], expected: list[str]
) -> None:
    assert kinds(text, options) == expected
    assert kinds(text, options, gold=None) == []


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("A. sofa", "C. stove", "B. lamp"), ["letters out of order"]),
        (("A. sofa", "B. stove", "B. lamp"), ["letters out of order"]),
        (("(A) sofa", "(B) stove", "(D) lamp"), ["letters out of order"]),
        (("B. sofa", "C. stove", "D. lamp"), ["letters out of order"]),
        (("J. Smith", "A. Jones", "K. Hill"), []),
        (("A. sofa", "stove", "B. lamp"), []),
        (("A", "C", "B"), []),
        (("(A) = 6 D, (B) = 4 D", "(A) = 4 D, (B) = 6 D", "(A) = 6 D, (B) = 6 D"), []),
    ],
)
def test_letters_out_of_order_are_found(options: tuple[str, ...], expected: list[str]) -> None:
    assert kinds(options=options) == expected


def test_what_a_letter_means_cannot_be_told_where_they_are_out_of_order(tmp_path: Path) -> None:
    odd = ["A. sofa", "C. stove", "B. lamp"]
    source = load_rows(tmp_path, [pick(1), pick(2, "C"), pick(3, "B", options=odd)], skip=True).source
    assert [(fault.kind, fault.id, fault.scored) for fault in source.faults] == [
        ("letters out of order", "3", False)
    ]
    source = load_rows(tmp_path, [pick(1, "sofa"), pick(2, "tv"), pick(3, "B. lamp", options=odd)]).source
    assert [(fault.kind, fault.field, fault.scored) for fault in source.faults] == [
        ("letters out of order", "options", True)
    ]


def test_faults_of_scored_questions_are_counted_and_named(tmp_path: Path) -> None:
    rows = [pick(1), pick(2, question="The sofa, <b>which</b> one?"), pick(3, question="CafÃ©?")]
    source = load_rows(tmp_path, rows).source
    assert source.questions == 3
    assert source.fault_counts == {"HTML": 1, "answer in the question": 1, "mojibake": 1}
    assert [(fault.row, fault.kind) for fault in source.faults] == [
        (2, "HTML"),
        (2, "answer in the question"),
        (3, "mojibake"),
    ]
