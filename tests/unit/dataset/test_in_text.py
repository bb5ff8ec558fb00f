from pathlib import Path
from string import ascii_uppercase

import pytest
from data_rows import Row, load_rows, refusal
from hypothesis import given, settings
from hypothesis import strategies as st

from tst_harness.benchmark.declarations import Columns, InText
from tst_harness.dataset.in_text import split_options
from tst_harness.dataset.invalid import Invalid

WORDS = st.text("abcdefgh ,'$\\{}é汉", min_size=1, max_size=12).map(str.strip).map(lambda text: f"w{text}w")


@pytest.mark.parametrize(
    ("text", "question", "options"),
    [
        ("Which?\nOptions: A: x, B: y, C: z, D: w", "Which?", ("x", "y", "z", "w")),
        ("Which? (A) x (B) y", "Which?", ("x", "y")),
        ("Which?\nA. x\nB. y\nC. z", "Which?", ("x", "y", "z")),
        ("Which?\nA) x;\nB) y;", "Which?", ("x", "y")),
        ("Which?\nA) x,\nB) y;", "Which?", ("x", "y;")),
        ("Which? A. x; B. y; C. z; ", "Which?", ("x", "y", "z")),
        ("Which? (A) x, (B) y, (C) z,", "Which?", ("x", "y", "z")),
        ("Which?\n\nAnswer choices: a) x b) y", "Which?", ("x", "y")),
        ("Hint: say A, B or C.\nQuestion: Which?\nChoices:\n(A) 1,000\n(B) 2", None, ("1,000", "2")),
        ("Which?\nOptions: A: It is on, B: It is under., C: It is, say, beside", "Which?", None),
        ("选哪个？选项：A．红 B．蓝 C．绿", "选哪个？", ("红", "蓝", "绿")),
        ("哪个？（A）红（B）蓝", "哪个？", ("红", "蓝")),
        ("ما هذا؟\nA. كلب\nB. قطة", "ما هذا؟", ("كلب", "قطة")),
        ("<image 1> Which?\nA. <image 2>\nB. <image 3>", "<image 1> Which?", ("<image 2>", "<image 3>")),
        ("Solve $f(A)$.\n(A) $\\frac{1}{2}$ (B) $x_{B}$", "Solve $f(A)$.", ("$\\frac{1}{2}$", "$x_{B}$")),
    ],
)
def test_the_question_is_what_stands_before_the_options(
    text: str, question: str | None, options: tuple[str, ...] | None
) -> None:
    read = split_options(text)
    assert not isinstance(read, Invalid)
    assert question in (None, read[0])
    assert options in (None, read[1])
    assert "ptions" not in read[0]


@pytest.mark.parametrize(
    ("text", "options"),
    [
        (
            "Which?\nOptions: A: type B: long, B: other, C: vitamin C, good, D: vitamin E: fine",
            ("type B: long", "other", "vitamin C, good", "vitamin E: fine"),
        ),
        ("In (A) and (B), which is right? (A) x (B) y (C) z", ("x", "y", "z")),
        ("Who?\nA. Dr. A. Smith\nB. C. Jones", ("Dr. A. Smith", "C. Jones")),
        ("Known: A: 1, B: 2. Which?\nOptions: A: x, B: y, C: z", ("x", "y", "z")),
        ("Compare\nA. dogs\nB. cats\nby size. Options: A: x, B: y", ("x", "y")),
    ],
)
def test_letters_in_questions_and_options_are_no_items(text: str, options: tuple[str, ...]) -> None:
    read = split_options(text)
    assert not isinstance(read, Invalid)
    assert read[1] == options


@pytest.mark.parametrize(
    "instruction",
    [
        "Please answer directly with only the letter of the correct option and nothing else.",
        "Answer with the option's letter from the given choices directly.",
        "Please select the correct answer from the options above.",
        "Respond with only the letter (A, B, or C) of the correct option.",
        "The best answer is:",
        "Answer:",
    ],
)
def test_an_instruction_after_the_options_is_part_of_none(instruction: str) -> None:
    items = ["A. a kettle", "B. a lamp", "C. no sofa"]
    # A cue, as "Answer:", stands on a line of its own.
    for between in ("\n",) if instruction.endswith(":") else ("\n", " "):
        read = split_options(f"What is on the left?\n{between.join(items)}\n{instruction}")
        assert read == ("What is on the left?", ("a kettle", "a lamp", "no sofa"))
    read = split_options(f"What is on the left?\nA. a kettle\nB. a lamp\nC. \n{instruction}")
    assert read == ("What is on the left?", ("a kettle", "a lamp", ""))
    own_lines = split_options("What is on the left?\nA.\na kettle\nB.\na lamp")
    assert own_lines == ("What is on the left?", ("a kettle", "a lamp"))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Which is it?", "there are no options from A on in the text"),
        ("Options: A: only", "there are no options from A on"),
        ("Options: B: x, C: y", "there are no options from A on"),
        ("A: x, B: y, B: z", "more than one item of the text begins with B"),
        ("Which?\nA. x\nC. y\nB. z", "the options in the text carry the letters A, C, B"),
        ("Which?\nA. x\nB. y\nD. z", "the options in the text carry the letters A, B, D"),
        ("Options: A: x, C: y, B: z, D: w", "the options in the text carry the letters A, C, B, D"),
    ],
)
def test_what_cannot_be_told_is_said(text: str, problem: str) -> None:
    read = split_options(text)
    assert isinstance(read, Invalid)
    assert problem in read


@settings(max_examples=80, deadline=None)
@given(
    st.lists(WORDS, min_size=2, max_size=9),
    st.sampled_from(["{}: ", "({}) ", "{}. ", "{}) "]),
    st.sampled_from([", ", "\n", "; "]),
    st.sampled_from(["\nOptions: ", "\nChoices:\n", "\n"]),
)
def test_what_was_written_is_read(options: list[str], mark: str, between: str, heading: str) -> None:
    items = (mark.format(letter) + option for letter, option in zip(ascii_uppercase, options, strict=False))
    assert split_options(f"Which one?{heading}{between.join(items)}") == ("Which one?", tuple(options))


@pytest.mark.parametrize("text", ["(A) " * 300_000, "Options: A: x, " * 100_000, " " * 1_000_000 + "A: B: "])
def test_a_long_text_takes_no_more_than_one_look(text: str) -> None:
    split_options(text)


def asked(number: int, text: str, answer: object = "A", kind: str = "pick") -> Row:
    return {"id": number, "kind": kind, "question": text, "answer": answer}


def columns(blank_text: bool = False) -> Columns:
    return Columns(
        id="id", text="question", answer="answer", options=InText(), type="kind", blank_text=blank_text
    )


def test_rows_are_loaded_without_the_options_in_their_text(tmp_path: Path) -> None:
    rows = [asked(1, "Which? (A) x (B) y", "B"), asked(2, "Is (A) so? (B) no", 3, "count")]
    frame = load_rows(tmp_path, rows, columns=columns()).frame
    assert frame["text"].tolist() == ["Which?", "Is (A) so? (B) no"]
    assert frame["options"].tolist() == [("x", "y"), None]


def test_a_row_without_options_in_its_text_is_named(tmp_path: Path) -> None:
    rows = [asked(1, "Which? (A) x (B) y"), asked(2, "Which?")]
    message = refusal(tmp_path, rows, columns=columns())
    assert "row 2 (id '2'), field 'question': there are no options from A on in the text" in message
    message = refusal(tmp_path, [rows[0], asked(2, "Which? A: x, B: , C: y")], columns=columns())
    assert "row 2 (id '2'), field 'question': option 2 of 3 is empty" in message


def test_a_question_that_is_nothing_but_options_has_no_text(tmp_path: Path) -> None:
    rows = [asked(1, "Options: A: x, B: y")]
    assert "field 'question': the question has no text" in refusal(tmp_path, rows, columns=columns())
    assert load_rows(tmp_path, rows, columns=columns(blank_text=True)).frame["text"].tolist() == [""]
