"""Answers that have a file of their own, by the id of their questions."""

from tst_harness.dataset.answers import text_of
from tst_harness.dataset.names import named_for
from tst_harness.dataset.reading import Table, Value
from tst_harness.errors import DataError

_IDS = ("$key", "id", "question_id", "qid", "uid", "q_uid", "index", "idx", "ID")


def answer_ids(ids: tuple[str, ...]) -> tuple[str, ...]:
    """The names that the column of the ids may have beside the answers; the questions' own comes first."""
    return tuple(dict.fromkeys((*ids, *_IDS)))


def with_answers(questions: Table, answers: Table) -> Table:
    """The questions with the answers of their ids; None where there is none.

    Raises
    ------
    DataError
        An id is there twice with different answers, or no id of a question has an answer.
    """
    of_id: dict[str, Value] = {}
    for position, (id_, answer) in enumerate(
        zip(answers.columns["id"], answers.columns["answer"], strict=True)
    ):
        name = text_of(id_) or ""
        if of_id.setdefault(name, answer) != answer:
            raise DataError(f"{answers.place(position)}: the id {name!r} has another answer further up")
    ids = [text_of(value) or "" for value in questions.columns["id"]]
    if not any(id_ in of_id for id_ in ids):
        raise DataError(
            f"{answers.files[0][0]}: has no answer to any question of {questions.files[0][0]}: the ids in "
            f"{answers.names['id']!r} are none of those in {questions.names['id']!r}"
        )
    columns = {**questions.columns, "answer": [of_id.get(id_) for id_ in ids]}
    return Table(columns, questions.names | {"answer": answers.names["answer"]}, questions.files)


def tells_answers(columns: list[str]) -> bool:
    """Whether one of the columns is named for answers."""
    return any(tier for tier in named_for("answer", columns))
