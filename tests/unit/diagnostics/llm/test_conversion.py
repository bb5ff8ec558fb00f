import json
from pathlib import Path
from string import ascii_uppercase
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tst_harness import Benchmark, Choice, Columns, LocalFile, Number, Prompts
from tst_harness.analysis.diagnostic import Questions
from tst_harness.dataset.loading import load
from tst_harness.diagnostics.llm.data import conversion
from tst_harness.diagnostics.llm.data.conversion import instruction_of, letter_options
from tst_harness.errors import DataError

WORDS = st.text("abcxyz é", min_size=1, max_size=8).filter(str.strip).map(str.strip)
OPTIONS = st.lists(WORDS, min_size=2, max_size=26)
LETTERED = ["{}. {}", "({}) {}", "{}) {}", "{}: {}"]


@given(OPTIONS)
def test_options_are_lettered_in_order(options: list[str]) -> None:
    lines = letter_options(options).split("\n")
    assert lines == [f"{letter}. {one}" for letter, one in zip(ascii_uppercase, options, strict=False)]


@given(OPTIONS, st.sampled_from(LETTERED))
def test_options_are_lettered_once(options: list[str], form: str) -> None:
    own = [form.format(letter, one) for letter, one in zip(ascii_uppercase, options, strict=False)]
    assert letter_options(own) == letter_options(options)
    assert letter_options(letter_options(options).split("\n")) == letter_options(options)


@pytest.mark.parametrize(
    "options",
    [
        ["A. red", "green"],
        ["B. red", "A. green"],
        ["A. red", "C. green"],
        ["A red", "B green"],
        ["A.M.", "P.M."],
    ],
)
def test_letters_that_do_not_count_up_are_text(options: list[str]) -> None:
    assert letter_options(options) == f"A. {options[0]}\nB. {options[1]}"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["red"], "has one option where at least two are needed"),
        ([" ", "red"], "option 1 of 2 is empty"),
        (["x"] * 27, "a question has 27 options, and there are 26 letters for them"),
    ],
)
def test_options_that_cannot_be_lettered(options: list[str], message: str) -> None:
    with pytest.raises(DataError, match=message):
        letter_options(options)


def test_the_built_in_wording() -> None:
    assert instruction_of("Which?", ["red", "green"]) == (
        "Which?\nA. red\nB. green\nAnswer with the letter of the correct option only."
    )
    assert instruction_of("How many?", None) == "How many?\nAnswer with a single number only."


def test_a_benchmarks_own_wording_is_taken_literally() -> None:
    prompts = Prompts(mc=r"\1 100% {options} then {question}")
    assert instruction_of("{options}?", ["a{question}", r"\2"], prompts) == (
        "\\1 100% A. a{question}\nB. \\2 then {options}?"
    )
    assert instruction_of("How many?", None, prompts) == instruction_of("How many?", None)


ROWS: list[dict[str, Any]] = [
    {"id": "1", "kind": "pick", "text": "Which?", "options": ["(A) red", "(B) green"], "answer": "B"},
    {"id": "2", "kind": "count", "text": "How many?", "options": None, "answer": 215},
    {"id": "3", "kind": "count", "text": "How far?", "options": None, "answer": 2.5},
]


def questions(folder: Path, rows: list[dict[str, Any]], prompts: Prompts | None = None) -> Questions:
    path = folder / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    columns = Columns(id="id", text="text", answer="answer", options="options", type="kind")
    types: list[Choice | Number] = [Choice("pick"), Number("count")]
    return Questions.of(load(Benchmark("toy", LocalFile(str(path)), columns, types, prompts=prompts)))


def test_the_questions_of_a_benchmark(tmp_path: Path) -> None:
    asked = questions(tmp_path, ROWS, Prompts(num="{question} In metres."))
    training = conversion.training_data(asked, np.array([2, 0]), np.array([2.5, 1.0]))
    assert [one.response for one in training] == ["2.5", "B"]
    assert [one.instruction for one in training] == [
        "How far? In metres.",
        instruction_of("Which?", ["red", "green"]),
    ]
    assert training[1].metadata == {"question": "Which?", "type": "pick"}
    instances = conversion.test_instances(asked, np.array([0, 1]))
    assert [one.instance_id for one in instances] == ["1", "2"]
    assert [one.options for one in instances] == [("red", "green"), None]
    assert [one.ground_truth for one in instances] == [None, None]
    assert instances[0].instruction == training[1].instruction
    assert instances[0].metadata == training[1].metadata


def test_too_many_options_and_broken_text_name_the_question(tmp_path: Path) -> None:
    many = questions(tmp_path, [ROWS[0] | {"options": [f"o{n}" for n in range(27)], "answer": "o3"}])
    with pytest.raises(DataError, match="toy: question '1': a question has 27 options"):
        conversion.test_instances(many, np.array([0]))
    broken = questions(tmp_path, [ROWS[1] | {"text": "a\ud800"}])
    with pytest.raises(DataError, match=r"toy: question '2': '\\ud800' is no Unicode text; remove it"):
        conversion.training_data(broken, np.array([0]), np.array([1.0]))
