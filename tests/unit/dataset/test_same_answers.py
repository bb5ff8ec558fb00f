"""Answers in other words, and rows that lack a type or share an id."""

from pathlib import Path
from typing import Any

import pytest
from layout_rows import gold_of, options_of, plain, question_of
from proposing import read_rows

N = 40


@pytest.mark.parametrize("spellings", [("yes", "no", "Yes.", "No."), ("True", "False", "true.", " false")])
def test_a_stop_makes_no_other_label(tmp_path: Path, spellings: tuple[str, ...]) -> None:
    rows = [{"id": i, "question": question_of(i), "answer": spellings[gold_of(i)]} for i in range(N)]
    frame = read_rows(tmp_path, rows).dataset.frame.sort_values("position")
    assert len(frame["options"].iloc[0]) == 2
    words = [options[int(gold)] for options, gold in zip(frame["options"], frame["answer"], strict=True)]
    expected = [spellings[gold_of(i)].strip(" .").casefold() for i in range(N)]
    assert [word.strip(" .").casefold() for word in words] == expected


@pytest.mark.parametrize("answers", [("true", "false"), (True, False), ("Y", "N"), ("YES.", "no")])
@pytest.mark.parametrize("options", [["Yes", "No"], ["No", "Yes"], ["True", "False"]])
def test_answers_that_mean_yes_or_no_name_the_option_that_does(
    tmp_path: Path, answers: tuple[Any, Any], options: list[str]
) -> None:
    rows = [plain(i, options=options, answer=answers[gold_of(i, 2)]) for i in range(N)]
    read = read_rows(tmp_path, rows)
    yes, no = (next(word for word in options if word in pair) for pair in (("Yes", "True"), ("No", "False")))
    assert read.golds == [(yes, no)[gold_of(i, 2)] for i in range(N)]
    expected = {
        f"the answer {str(answer)!r} is read as the option {word!r}"
        for answer, word in zip(answers, (yes, no), strict=True)
    }
    other_words = str(answers[0]).casefold().rstrip(".") != yes.casefold()
    assert expected.issubset(read.guesses) if other_words else read.guesses == []


@pytest.mark.parametrize(("options", "guesses"), [(["Yes", "No"], 2), (["No", "Yes"], 0)])
def test_0_and_1_beside_yes_and_no_are_told_where_they_count_otherwise(
    tmp_path: Path, options: list[str], guesses: int
) -> None:
    read = read_rows(tmp_path, [plain(i, options=options, answer=gold_of(i, 2)) for i in range(N)])
    assert read.golds == [options[gold_of(i, 2)] for i in range(N)]
    assert len(read.guesses) == guesses


def test_a_type_that_one_row_lacks_is_that_rows_fault(tmp_path: Path) -> None:
    rows = [plain(i, task="" if i == 7 else ("count", "place")[i % 2]) for i in range(N)]
    read = read_rows(tmp_path, rows)
    assert read.dataset.benchmark.columns.type == "task"
    assert [(fault.row, fault.kind) for fault in read.dataset.source.left_out] == [(8, "unknown type")]


def test_a_type_that_many_rows_lack_is_none(tmp_path: Path) -> None:
    rows = [plain(i, task="" if i % 4 == 0 else ("count", "place")[i % 2]) for i in range(N)]
    read = read_rows(tmp_path, rows)
    assert read.dataset.benchmark.columns.type is None
    assert len(read.dataset.frame) == N


@pytest.mark.parametrize(
    ("ids", "why"),
    [
        (
            [i // 2 for i in range(N)],
            "'id' repeats in 20 of 40 rows; --id id reports those as faults",
        ),
        ([i if i % 4 else None for i in range(N)], "'id' is missing in 10 of 40 rows; --id id reports those"),
        ([[i] * 2 for i in range(N)], "'id' holds lists or objects"),
    ],
)
def test_it_is_said_why_ids_are_not_taken(tmp_path: Path, ids: list[Any], why: str) -> None:
    read = read_rows(tmp_path, [plain(i, id=id_) for i, id_ in enumerate(ids)])
    assert read.line("id").startswith(f"id: made from the content of each row ({why}")


def test_the_id_of_the_data_is_a_group_where_questions_share_it(tmp_path: Path) -> None:
    rows = [plain(i, question_id=i, data_id=f"{i // 2}_7") | {"options": options_of(i)} for i in range(N)]
    for row in rows:
        del row["id"]
    read = read_rows(tmp_path, rows)
    assert read.dataset.benchmark.columns.id == "question_id"
    assert read.dataset.benchmark.columns.group == "data_id"
