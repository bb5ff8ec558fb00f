"""Questions and their answers in two lists of one JSON document."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from data_rows import Row
from layout_rows import LETTERS, gold_of, options_of, question_of

from tst_harness.dataset.loading import Dataset
from tst_harness.engine.proposal import propose
from tst_harness.errors import DataError

N = 30
COLOURS = ("red", "dark blue", "green", "grey")
QUESTIONS: list[Row] = [{"id": i, "question": question_of(i), "options": options_of(i)} for i in range(N)]
GOLD = {question_of(i): options_of(i)[gold_of(i)] for i in range(N)}


def proposed(folder: Path, document: dict[str, Any]) -> Dataset:
    path = folder / "toy.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return propose(str(path), "toy", {}).dataset


def right(dataset: Dataset) -> dict[str, str]:
    rows = dataset.frame[["text", "options", "answer"]].itertuples(index=False)
    return {text: options[int(answer)] for text, options, answer in rows}


@pytest.mark.parametrize(
    "beside",
    [
        lambda i: {"id": i, "answer": LETTERS[gold_of(i)]},
        lambda i: {"question_id": i, "answer": LETTERS[gold_of(i)]},
        # Numbers of their own, which are those of other questions.
        lambda i: {"id": (i + 7) % N, "question_id": i, "label": gold_of(i)},
        lambda i: {"qid": str(i), "answer": options_of(i)[gold_of(i)]},
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_answers_are_joined_by_the_ids(tmp_path: Path, beside: Callable[[int], Row], first: bool) -> None:
    annotations = {"annotations": [beside(i) for i in reversed(range(N))]}
    questions = {"info": {"version": 1}, "questions": QUESTIONS}
    document = annotations | questions if first else questions | annotations
    assert right(proposed(tmp_path, document)) == GOLD


def test_answers_may_be_an_object_by_id(tmp_path: Path) -> None:
    answers = {str(i): LETTERS[gold_of(i)] for i in reversed(range(N))}
    assert right(proposed(tmp_path, {"questions": QUESTIONS, "answers": answers})) == GOLD


def test_answers_of_ten_are_joined(tmp_path: Path) -> None:
    questions = [{"image_id": i // 2, "question": question_of(i), "question_id": i} for i in range(N)]
    annotations = [
        {"question_id": i, "answers": [{"answer": COLOURS[i % 4], "answer_id": k} for k in range(10)]}
        for i in range(N)
    ]
    dataset = proposed(tmp_path, {"task": "open", "questions": questions, "annotations": annotations})
    rows = zip(dataset.frame["text"], dataset.frame["answer"], strict=True)
    accepted = {text: set(dataset.accepted[int(place)]) for text, place in rows}
    assert accepted == {question_of(i): {COLOURS[i % 4]} for i in range(N)}
    assert dataset.frame["group"].nunique() == N // 2


def test_questions_without_one_are_kept_back(tmp_path: Path) -> None:
    annotations = [{"id": i, "answer": LETTERS[gold_of(i)]} for i in range(20)]
    source = proposed(tmp_path, {"questions": QUESTIONS, "annotations": annotations}).source
    assert (source.questions, source.kept_back, source.fault_counts) == (20, 10, {})


@pytest.mark.parametrize(
    "beside",
    [
        {"categories": [{"id": i, "label": LETTERS[i % 4]} for i in range(12)]},
        {"annotations": [{"id": i // 2, "answer": LETTERS[i % 4]} for i in range(2 * N)]},
        {"annotations": [{"id": 100 + i, "answer": LETTERS[i % 4]} for i in range(N)]},
        {name: [{"id": i, "answer": LETTERS[i % 4]} for i in range(N)] for name in ("first", "second")},
    ],
)
def test_other_lists_are_no_answers(tmp_path: Path, beside: dict[str, Any]) -> None:
    with pytest.raises(DataError, match="no column is recognised as the answers"):
        proposed(tmp_path, {"questions": QUESTIONS} | beside)


def test_questions_with_answers_have_no_others(tmp_path: Path) -> None:
    answered = [row | {"answer": LETTERS[gold_of(i)]} for i, row in enumerate(QUESTIONS)]
    predicted = [{"id": i, "label": "A", "answer": "A"} for i in range(N)]
    dataset = proposed(tmp_path, {"questions": answered, "predictions": predicted})
    assert right(dataset) == GOLD
