import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tst_harness import Prompts
from tst_harness.diagnostics.llm.data.conversion import instruction_of
from tst_harness.diagnostics.llm.data.numbers import format_number
from tst_harness.diagnostics.llm.data.tables import frame_test_instances, frame_training_data
from tst_harness.errors import DataError


def response(options: object, answer: object) -> str:
    frame = pd.DataFrame({"question": ["Which?"], "options": [options], "gt": [answer]}, dtype=object)
    [datum] = frame_training_data(frame, "gt", "mc")
    [instance] = frame_test_instances(frame, "gt", "mc")
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
        ({"options": [None, "red"]}, "column 'options': option 1 of 2 is empty"),
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
    assert [row.response for row in frame_training_data(frame, "gt", "num")] == ["3", "2.5", "1200"]
    instances = frame_test_instances(frame, "gt", "num")
    assert [(row.instance_id, row.ground_truth, row.options) for row in instances] == [
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
    [instance] = frame_test_instances(frame, "gt_idx", "mc", prompts)
    assert instance.instance_id == "q7"
    assert instance.instruction == "Which?|A. red\nB. green"
    assert instance.metadata == {"question": "Which?"}
    [other] = frame_test_instances(frame.drop(columns="question_id"), "gt_idx", "mc")
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
    assert {row.instruction for row in for_mc} == {instruction_of("Which?", ["a", "b", "c", "d"])}
    assert [row.response for row in for_mc] == ["ABCD"[index] for index in indices]
    for_num = frame_training_data(frame.assign(gt=number), "gt", "num")
    assert {(row.instruction, row.response) for row in for_num} == {
        (instruction_of("Which?", None), format_number(number))
    }
