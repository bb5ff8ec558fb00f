"""Answers in a list of their own beside the questions of a JSON document, which are joined by their ids."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from tst_harness.dataset.json_stream import Piece
from tst_harness.dataset.layouts import Layout
from tst_harness.dataset.names import named_for
from tst_harness.dataset.parts import Record


class Answers(NamedTuple):
    """What stands beside questions by the value of their column `id`."""

    id: str
    by_id: Mapping[str, Record]


def answers_in(pieces: Iterable[Piece], layout: Layout) -> Answers | None:
    """The answers of a document; None where no column of its questions and its answers has the same ids."""
    ids_of: dict[str, set[str]] = {}
    questions = 0
    answers: list[Record] = []
    for piece in pieces:
        if not isinstance(piece.value, dict):
            continue
        if piece.key in (layout.members or ()):
            questions += 1
            for name in _ids(piece.value):
                ids_of.setdefault(name, set()).add(str(piece.value[name]))
        elif piece.key == layout.answers:
            by_key = ({"$key": key, "$value": value} for key, value in piece.value.items())
            answers += [piece.value] if piece.in_list else by_key
    best = None
    most = questions // 2  # of other tables, as of categories, the numbers may be ids of some questions
    # Annotations may have numbers of their own: what is called after the question comes first.
    for theirs in sorted(_ids(answers[0]), key=lambda name: not name.startswith("q")) if answers else ():
        by_id = {str(answer.get(theirs)): answer for answer in answers}
        for name, ids in ids_of.items():
            both = len(ids & by_id.keys())
            if len(ids) == questions and len(by_id) == len(answers) and both > most:
                most = both
                best = Answers(name, {key: _without(row, theirs) for key, row in by_id.items()})
    return best


def with_answers(pieces: Iterable[Piece], layout: Layout, answers: Answers | None) -> Iterator[Piece]:
    """The pieces, in each question what stands beside it."""
    for piece in pieces:
        value = piece.value
        if answers is not None and piece.key in (layout.members or ()) and isinstance(value, dict):
            beside = answers.by_id.get(str(value.get(answers.id)), {})
            piece = piece._replace(value=value | {k: v for k, v in beside.items() if k not in value})
        yield piece


def _ids(record: Record) -> list[str]:
    named = [name for tier in named_for("id", list(record)) for name in tier]
    return [name for name in named if isinstance(record[name], str | int)]


def _without(record: Record, name: str) -> Record:
    return {key: value for key, value in record.items() if key != name}
