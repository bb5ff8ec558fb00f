"""Rows with several questions, each with an answer, in columns of their own."""

from pathlib import Path

import pytest
from data_rows import Row
from layout_rows import THINGS, gold_of, options_of, question_of
from proposing import read_rows

from tst_harness.dataset.question_pairs import question_pairs
from tst_harness.errors import DataError

N = 30


def pair(i: int, names: str, keys: tuple[str, str]) -> Row:
    """A row of two questions, whose answers are yes and no."""
    row: Row = {"image": f"{i // 3}.jpg"}
    for key, answer in zip(keys, ("yes", "no"), strict=True):
        row[names.format(key, "question")] = f"Is there a {THINGS[i % 8]} in picture {i}, {key}?"
        row[names.format(key, "answer")] = answer
    return row


@pytest.mark.parametrize("suffix", [".jsonl", ".json", ".csv", ".parquet", ".xlsx"])
@pytest.mark.parametrize(
    ("names", "keys"),
    [
        ("{}_{}", ("pos", "neg")),
        ("{}_{}", ("original", "adversarial")),
        ("{1}_{0}", ("1", "2")),
        ("{1}{0}", ("1", "2")),
        ("{0} {1}", ("positive", "negative")),
    ],
)
def test_each_question_of_a_row_is_read(
    tmp_path: Path, names: str, keys: tuple[str, str], suffix: str
) -> None:
    read = read_rows(tmp_path, [pair(i, names, keys) for i in range(N)], suffix)
    frame = read.dataset.frame.sort_values("position")
    assert read.golds == ["yes", "no"] * N
    expected = [f"Is there a {THINGS[i % 8]} in picture {i}, {key}?" for i in range(N) for key in keys]
    assert frame["text"].tolist() == expected
    assert read.dataset.source.groups == N // 3
    said = ", ".join(sorted(keys))
    assert read.lines[0].endswith(f"; a row for each of several questions in one ({said})")


def test_options_of_each_question_go_with_it(tmp_path: Path) -> None:
    rows = [
        {
            f"{name}_{n}": value
            for n in (1, 2)
            for name, value in {
                "question": f"{question_of(i)} ({n})",
                "options": options_of(i + n),
                "answer": "ABCD"[gold_of(i + n)],
            }.items()
        }
        for i in range(N)
    ]
    expected = [options_of(i + n)[gold_of(i + n)] for i in range(N) for n in (1, 2)]
    assert read_rows(tmp_path, rows).golds == expected


@pytest.mark.parametrize(
    "columns",
    [
        ("question", "answer", "original_question", "original_answer"),
        ("question_en", "answer_en", "question_zh", "answer_zh"),
        ("question_1", "question_2", "answer"),
        ("question", "answer_1", "answer_2"),
        ("question_type", "answer_type", "question_id", "answer_id", "text"),
        ("question_type", "answer_type", "question_length", "answer_length", "text"),
        ("question_red", "answer_red", "question_blue", "answer_blue", "question"),
    ],
)
def test_other_columns_are_no_pairs(columns: tuple[str, ...]) -> None:
    parts = question_pairs(columns)
    assert parts == {}


def test_two_wordings_with_one_answer_are_asked_about(tmp_path: Path) -> None:
    rows = [
        {
            "original_question": question_of(i),
            "adversarial_question": f"{question_of(i)} Is it not?",
            "options": options_of(i),
            "answer": "ABCD"[gold_of(i)],
        }
        for i in range(N)
    ]
    with pytest.raises(
        DataError, match="can each be the questions, as wordings of one; say which with --question"
    ):
        read_rows(tmp_path, rows)
    assert len(read_rows(tmp_path, rows, question="original_question").dataset.frame) == N
