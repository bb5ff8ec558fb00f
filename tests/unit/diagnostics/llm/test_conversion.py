import json
from pathlib import Path
from string import ascii_uppercase
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tst_harness import Benchmark, Choice, Columns, LocalFile, Number, Prompts
from tst_harness.analysis.diagnostic import Questions
from tst_harness.dataset.loading import load
from tst_harness.diagnostics.llm.data import conversion
from tst_harness.diagnostics.llm.data.conversion import frame_training_data, instruction_of, letter_options
from tst_harness.diagnostics.llm.data.numbers import format_number
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
        (["red", " "], "option 2 of 2 is empty"),
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


def response(options: object, answer: object) -> str:
    frame = pd.DataFrame({"question": ["Which?"], "options": [options], "gt": [answer]}, dtype=object)
    [datum] = frame_training_data(frame, "gt", "mc")
    [instance] = conversion.frame_test_instances(frame, "gt", "mc")
    assert instance.ground_truth == datum.response
    assert instance.instruction == datum.instruction
    assert datum.instruction.startswith("Which?\nA. ")
    return datum.response


@pytest.mark.parametrize(
    ("options", "answer", "letter"),
    [
        (["red", "green"], 1, "B"),
        (["red", "green"], np.int64(1), "B"),
        (["red", "green"], 1.0, "B"),
        (("red", "green"), "1", "B"),
        (np.array(["red", "green"]), "green", "B"),
        (np.array([4, 2]), "2", "B"),
        ([4, 2], 1, "B"),
        ([1, 0], "1", "A"),
        ("['red', 'green']", "b", "B"),
        ('["A. red", "B. green"]', "B. green", "B"),
        (["A) red", "B) green"], "(B)", "B"),
        (["A", "B"], "B", "B"),
    ],
)
def test_how_a_table_may_name_the_right_option(options: object, answer: object, letter: str) -> None:
    assert response(options, answer) == letter


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"gt": 2}, "column 'gt': the answer 2, read as an index from 0, names none of the 2 options"),
        ({"gt": -1}, "column 'gt': the answer -1"),
        ({"gt": "blue"}, "column 'gt': the answer 'blue', read as text, names none of the 2 options"),
        ({"gt": None}, "column 'gt': the answer is missing"),
        ({"gt": float("nan")}, "column 'gt': the answer is missing"),
        ({"options": ["B", "A"], "gt": "A"}, "is the letter of one option and the text of another"),
        ({"options": ["red", "red"], "gt": "red"}, "'red' is 2 of the options"),
        ({"options": "red"}, "column 'options': is not a list of options"),
        ({"options": None}, "column 'options': there are no options"),
        ({"options": ["red", None]}, "column 'options': option 2 of 2 is empty"),
        ({"question": None}, "column 'question': the question has no text"),
        ({"question": pd.NA}, "column 'question': the question has no text"),
        ({"question": "a\ud800"}, "is no Unicode text"),
    ],
)
def test_a_cell_that_cannot_be_used_names_row_and_column(changes: dict[str, object], message: str) -> None:
    good = {"idx": 7, "question": "Which?", "options": ["red", "green"], "gt": 0}
    frame = pd.DataFrame([good, good | {"idx": 8} | changes], dtype=object)
    with pytest.raises(DataError, match=f"row with id '8'.*{message}"):
        frame_training_data(frame, "gt", "mc")


def test_numbers_of_a_table() -> None:
    frame = pd.DataFrame({"text": ["How many?"] * 3, "gt": [3, "2.50", np.float64(1200)]}, dtype=object)
    assert [one.response for one in frame_training_data(frame, "gt", "num")] == ["3", "2.5", "1200"]
    instances = conversion.frame_test_instances(frame, "gt", "num")
    assert [(one.instance_id, one.ground_truth, one.options) for one in instances] == [
        ("0", "3", None),
        ("1", "2.5", None),
        ("2", "1200", None),
    ]
    with pytest.raises(DataError, match="row with id '1', column 'gt': the answer 'a few' is not a number"):
        frame_training_data(frame.assign(gt=[1, "a few", 2]), "gt", "num")


def test_the_columns_of_a_table() -> None:
    frame = pd.DataFrame(
        {
            "prompt": ["no"],
            "query": ["Which?"],
            "choices": [["red", "green"]],
            "options_text": ["x"],
            "gt_idx": [1],
            "question_id": ["q7"],
        },
        index=[3],
    )
    prompts = Prompts(mc="{question}|{options}")
    [instance] = conversion.frame_test_instances(frame, "gt_idx", "mc", prompts)
    assert instance.instance_id == "q7"
    assert instance.instruction == "Which?|A. red\nB. green"
    assert instance.metadata == {"question": "Which?"}
    [other] = conversion.frame_test_instances(frame.drop(columns="question_id"), "gt_idx", "mc")
    assert other.instance_id == "3"
    for missing, message in [
        (["prompt", "query"], "no column 'question' or 'text' .* for the questions; its columns are choices"),
        (["choices"], "no column 'options' or 'choices' for the options"),
        (["gt_idx"], "no column 'gt_idx' for the answers"),
    ]:
        with pytest.raises(DataError, match=message):
            frame_training_data(frame.drop(columns=missing), "gt_idx", "mc")


@given(st.lists(st.integers(0, 3), min_size=1), st.floats(-1e6, 1e6))
def test_an_instruction_does_not_depend_on_the_answer(indices: list[int], number: float) -> None:
    frame = pd.DataFrame(
        {"question": ["Which?"] * len(indices), "options": [["a", "b", "c", "d"]] * len(indices)}
    )
    for_mc = frame_training_data(frame.assign(gt=indices), "gt", "mc")
    assert {one.instruction for one in for_mc} == {instruction_of("Which?", ["a", "b", "c", "d"])}
    assert [one.response for one in for_mc] == ["ABCD"[index] for index in indices]
    for_num = frame_training_data(frame.assign(gt=number), "gt", "num")
    assert {(one.instruction, one.response) for one in for_num} == {
        (instruction_of("Which?", None), format_number(number))
    }
