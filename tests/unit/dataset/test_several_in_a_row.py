"""Rows with an answer for each of several pictures and questions, and what numbers no questions."""

from pathlib import Path

import pyarrow
import pytest
from data_rows import Row, write_rows
from layout_rows import gold_of, question_of
from pyarrow import parquet

from tst_harness.dataset.loading import Dataset
from tst_harness.dataset.question_pairs import pair_records, question_pairs
from tst_harness.engine.proposal import propose

N = 20


def answers(v: int, question: int) -> tuple[str, str]:
    """Of the two pictures of row v, which differ."""
    return ("Yes", "No") if (gold_of(v, 2) + question) % 2 else ("No", "Yes")


def row(v: int) -> Row:
    asked = {f"Question_{j}": question_of(2 * v + j) for j in range(2)}
    told = {f"Image_{k}_Question_{j}": answers(v, j)[k] for j in range(2) for k in range(2)}
    return {"Index": v, **asked, **told, "Question_Type": ("yes_no", "other")[v % 2], "Source": "made up"}


def check(dataset: Dataset) -> None:
    frame = dataset.frame
    assert (len(frame), frame["group"].nunique(), set(frame["type"])) == (4 * N, N, {"yes_no", "other"})
    words = [options[int(gold)] for options, gold in zip(frame["options"], frame["answer"], strict=True)]
    told = sorted(zip(frame["text"], words, strict=True))
    expected = [(question_of(2 * v + j), word) for v in range(N) for j in range(2) for word in answers(v, j)]
    assert told == sorted(expected)


@pytest.mark.parametrize("suffix", [".json", ".jsonl", ".csv", ".tsv", ".xlsx"])
def test_a_question_has_an_answer_for_each_picture(tmp_path: Path, suffix: str) -> None:
    write_rows(tmp_path / f"rows{suffix}", [row(v) for v in range(N)])
    check(propose((tmp_path / f"rows{suffix}").as_posix(), "toy", {}).dataset)


def test_pictures_beside_such_answers_are_not_read(tmp_path: Path) -> None:
    pictures = {f"Image_{k}": {"bytes": b"\x01", "path": None} for k in range(2)}
    path = tmp_path / "rows.parquet"
    parquet.write_table(pyarrow.Table.from_pylist([row(v) | pictures for v in range(N)]), path)
    check(propose(path.as_posix(), "toy", {}).dataset)


@pytest.mark.parametrize(
    "keys",
    [
        ["question", "answer1", "answer2", "answer3"],
        ["question1", "question2", "is_duplicate"],
        ["question", "option1", "option2", "answer"],
        ["Question_0", "Question_1", "Image_0_Question_0"],
    ],
)
def test_keys_that_number_something_else_are_left_alone(keys: list[str]) -> None:
    assert not question_pairs(tuple(keys))


def test_a_question_that_a_row_lacks_is_none_of_its_parts() -> None:
    record = {"question1": "Is it?", "answer1": "yes", "question2": None, "answer2": None, "video": "v"}
    assert pair_records(record, 7) == [
        {"video": "v", "question": "Is it?", "answer": "yes", "$part": "1", "$id": "7-1", "$row": 7}
    ]
