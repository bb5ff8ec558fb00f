"""Answers in a file of their own, where a question's id is that of its video and a number in it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from data_rows import Row
from layout_rows import LETTERS, gold_of, options_of, question_of, write_json, write_lines

from tst_harness.dataset.raw import raw_rows
from tst_harness.engine.proposal import Proposed, propose
from tst_harness.errors import DataError

VIDEOS, EACH = 10, 4
GOLD = {question_of(i): options_of(i)[gold_of(i)] for i in range(VIDEOS * EACH)}


def asked(i: int) -> Row:
    return {"question": question_of(i), "options": options_of(i)}


def by_video(value: Callable[[int], Any]) -> dict[str, Any]:
    return {f"{video}.mp4": value(video) for video in reversed(range(VIDEOS))}


def nested(folder: Path) -> tuple[Path, Path]:
    def questions(video: int) -> list[Row]:
        return [{"question_id": j} | asked(EACH * video + j) for j in range(EACH)]

    answers = by_video(lambda video: {str(j): LETTERS[gold_of(EACH * video + j)] for j in range(EACH)})
    return write_json(folder / "q.json", by_video(questions)), write_json(folder / "key.json", answers)


def rows(folder: Path) -> tuple[Path, Path]:
    ids = [{"video": f"{i // EACH}.mp4", "qid": i % EACH} for i in range(VIDEOS * EACH)]
    answers = [id_ | {"answer": LETTERS[gold_of(i)]} for i, id_ in enumerate(ids)]
    questions = [id_ | asked(i) for i, id_ in enumerate(ids)]
    return write_lines(folder / "q.jsonl", questions), write_lines(folder / "key.jsonl", answers[::-1])


def proposed(questions: Path, answers: Path) -> Proposed:
    return propose(str(questions), "toy", {}, answers=str(answers))


@pytest.mark.parametrize("write", [nested, rows])
def test_answers_are_joined_by_the_video_and_the_number(
    tmp_path: Path, write: Callable[[Path], tuple[Path, Path]]
) -> None:
    dataset = proposed(*write(tmp_path)).dataset
    frame = dataset.frame
    pairs = zip(frame["text"], frame["options"], frame["answer"], strict=True)
    assert {text: options[int(answer)] for text, options, answer in pairs} == GOLD
    assert frame["group"].nunique() == VIDEOS
    answers = raw_rows(dataset)[str(dataset.benchmark.columns.answer)]
    assert answers.map(LETTERS.index).tolist() == frame["answer"].astype(int).tolist()


def test_questions_without_an_answer_are_kept_back(tmp_path: Path) -> None:
    questions, _ = nested(tmp_path)
    some = {f"{video}.mp4": {"0": "A", "1": "B", "2": "C"} for video in range(VIDEOS)}
    source = proposed(questions, write_json(tmp_path / "some.json", some)).dataset.source
    assert (source.questions, source.kept_back) == (30, 10)


def test_answers_of_other_videos_are_refused(tmp_path: Path) -> None:
    questions, _ = nested(tmp_path)
    other = {f"{video}.avi": {"0": "A", "1": "B"} for video in range(VIDEOS)}
    with pytest.raises(DataError, match="its ids are those of no column"):
        proposed(questions, write_json(tmp_path / "other.json", other))
