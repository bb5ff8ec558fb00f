"""Answers that have a file of their own: by the id of their questions, or a line each in their order."""

import re
from dataclasses import replace
from pathlib import Path

from tst_harness.dataset.names import named_for
from tst_harness.dataset.opening import is_readable
from tst_harness.dataset.reading import Table, Value
from tst_harness.dataset.wanted import ids_of
from tst_harness.errors import DataError

LINE = "$line"
"""The column of a file that has an answer a line."""
_LINES = ".lst"
_ANSWERS = frozenset(["a", "answer", "answers", "annotation", "annotations", "label", "labels", "gt", "gold"])
_ASIDE = _ANSWERS | {
    "q",
    "question",
    "questions",
    "query",
    "queries",
    "input",
    "openended",
    "multiplechoice",
    "subset",
}
"""Words of a file's name that do not tell of which questions it is."""
_IDS = ("$key", "id", "question_id", "qid", "uid", "q_uid", "index", "idx", "ID")


def ids_beside(ids: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """The names that each column of the ids, or of the two that make them, may have beside the answers."""
    if len(ids) == 1:
        return (tuple(dict.fromkeys((*ids, *_IDS))),)
    return tuple((name, f"$key{place}") for place, name in enumerate(ids, 1))


def answers_beside(questions: Path) -> list[Path]:
    """The files of answers beside a file of questions, by their names.

    As `test_a.json` to `test_q.json`, `val_annotations.json` to `OpenEnded_val_questions.json`, and
    `valid-labels.lst` to `valid.jsonl`. Where there is none, those whose names say the same and more.
    """
    of = _told_by(questions)
    beside = [path for path in sorted(questions.parent.iterdir()) if path != questions and path.is_file()]
    answers = [
        path
        for path in beside
        if (is_readable(path.name) or path.suffix == _LINES) and not _ANSWERS.isdisjoint(_words(path))
    ]
    alike = [path for path in answers if _told_by(path) == of]
    return alike or [path for path in answers if of and set(of).issubset(_told_by(path))]


def _told_by(path: Path) -> list[str]:
    """The words of a file's name that tell of which questions it is."""
    return [word for word in _words(path) if word not in _ASIDE]


def _words(path: Path) -> list[str]:
    return [word for word in re.split(r"[\W_]+", path.name.partition(".")[0].casefold()) if word]


def with_lines(questions: Table, answers: Table) -> Table:
    """The questions with the answers of a file that has one a line, in their order.

    Raises
    ------
    DataError
        There are more or fewer of them.
    """
    if answers.rows != questions.rows:
        raise DataError(
            f"{answers.files[0][0]}: has {answers.rows:,} lines where {questions.files[0][0]} has "
            f"{questions.rows:,} questions, and each line must be the answer to the question in its place"
        )
    columns = {**questions.columns, "answer": answers.columns["answer"]}
    return replace(questions, columns=columns, names=questions.names | {"answer": LINE})


def with_answers(questions: Table, answers: Table) -> Table:
    """The questions with the answers of their ids, and whatever else `answers` has; None where it has none.

    Raises
    ------
    DataError
        An id is there twice with different answers, or no id of a question has an answer.
    """
    place: dict[str, int] = {}
    answer_column = answers.columns["answer"]
    for position, name in enumerate(ids_of(answers) or []):
        if answer_column[place.setdefault(name, position)] != answer_column[position]:
            raise DataError(f"{answers.place(position)}: the id {name!r} has another answer further up")
    ids = ids_of(questions) or []
    if not any(id_ in place for id_ in ids):
        raise DataError(
            f"{answers.files[0][0]}: has no answer to any question of {questions.files[0][0]}: the ids in "
            f"{_named_ids(answers)} are none of those in {_named_ids(questions)}"
        )
    added: dict[str, list[Value]] = {
        role: [values[place[id_]] if id_ in place else None for id_ in ids]
        for role, values in answers.columns.items()
        if role.partition(".")[0] != "id"
    }
    names = {role: answers.names[role] for role in added}
    return replace(questions, columns=questions.columns | added, names=questions.names | names)


def _named_ids(table: Table) -> str:
    return " and ".join(repr(name) for role, name in table.names.items() if role.partition(".")[0] == "id")


def tells_answers(columns: list[str]) -> bool:
    """Whether one of the columns is named for answers."""
    return any(tier for tier in named_for("answer", columns))
