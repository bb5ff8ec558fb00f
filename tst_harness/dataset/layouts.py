"""Turns the layouts in which JSON benchmarks are published into records, one a question.

What is nested is taken apart by its structure alone, so that reading a file twice gives the same records:

- an object whose members are records, or lists of them: its keys become the column `$key`, or `$key1`,
  `$key2`, ... from the outside where several are nested;
- a list of questions inside a record: a record for each, which keeps what stands beside the list;
- an object whose keys are questions: a record for each, its key as `$question`;
- a list of questions beside lists of as many options or answers: a record for each place;
- two or more questions under keys of a record, or under its key for questions: a record for each, its key as
  `$part`;
- several lists of questions with their answers inside a record: a record for each, its list's key as `$list`;
- objects by key inside a record, with questions in each: a record for each object;
- a row that is a list with nothing that names its cells: `$question`, `$answer` and more, by what they hold;
- an object whose keys ask and whose values answer: a record for each;
- answers alone under keys, by the keys of what they are to: `$value` beside `$key1` and `$key2`;
- a row that is a list, with a list of questions in it: an object with the keys `$1`, `$2`, ...; what alone
  is no list in it, its `$key`;
- a conversation: what each side says, and `$turn` where there are several questions.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from tst_harness.dataset.headers import is_header, names_of_cells
from tst_harness.dataset.json_stream import Piece
from tst_harness.dataset.parts import (
    Record,
    answers_in_it,
    asks,
    asks_by_key,
    asks_by_name,
    is_container,
    is_table,
    taken_apart,
)

_FIRST_ROWS = 20
"""Rows without names that tell what stands in them."""
_MOST_COLUMNS = 500
"""More texts than this in a list are no names of columns."""


class _Member(NamedTuple):
    """What a member of the document's object is made of, and whether a question or an answer is in it.

    `keys` are those of an object, as a number that is the same for the same ones.
    """

    kind: str
    asks: bool
    answers: bool
    keys: int | None = None


class Layout(NamedTuple):
    """How the records of a document are found.

    `members` are the keys of the document's object that hold records, None where it is a list;
    `keyed` tells whether such a key says something of its records. `single` is a document that is one
    record, `columns` one whose members are columns, `values` one of plain values under two keys. `answers` is
    the key of the answers to questions that have none, `header` that of the names of the columns of rows that
    are lists; `names` are what stands in such rows where nothing names it.
    """

    members: frozenset[str] | None = None
    keyed: bool = True
    single: bool = False
    columns: bool = False
    values: bool = False
    answers: str | None = None
    header: str | None = None
    names: tuple[str, ...] = ()


def layout_of(pieces: Iterable[Piece]) -> Layout:
    """Recognise the layout of a document."""
    members: dict[str, _Member] = {}
    texts_of: dict[str, list[object]] = {}
    widths: dict[str, int] = {}
    lists: list[list[Any]] = []
    for piece in pieces:
        if piece.in_list and isinstance(piece.value, list) and len(lists) < _FIRST_ROWS:
            lists.append(piece.value)
        if piece.key is None:
            if not lists or len(lists) == _FIRST_ROWS:
                break
            continue
        if piece.key not in members:
            members[piece.key] = _member(piece)
            if piece.in_list and isinstance(piece.value, list):
                widths[piece.key] = len(piece.value)
        if piece.in_list and isinstance(piece.value, str):
            names = texts_of.setdefault(piece.key, [])
            names += [piece.value] * (len(names) <= _MOST_COLUMNS)
    named = names_of_cells(lists) if set(widths) == set(members) else None
    if not members or named:
        return Layout(frozenset(members) or None, names=tuple(named or ()))
    for header, names in texts_of.items():
        rows = [key for key, width in widths.items() if width == len(names)]
        if rows and is_header(names):
            return Layout(frozenset(rows), keyed=False, header=header)
    kinds = {member.kind for member in members.values()}
    texts = ("scalar", "column", "column of objects", "questions")
    names_question = any(asks_by_name(key) and member.kind in texts for key, member in members.items())
    if kinds <= {"column", "column of objects"} and names_question:
        return Layout(frozenset(members), columns=True)
    indices = {member.keys for member in members.values()}
    if len(members) > 1 and len(indices) == 1 and None not in indices and any(map(asks_by_name, members)):
        return Layout(frozenset(members), columns=True)
    if kinds == {"column of objects"} and not any(member.answers for member in members.values()):
        return Layout(frozenset(members), values=True)
    if kinds == {"scalar"} and not names_question:
        return Layout(frozenset(members))
    if names_question and "scalar" in kinds:
        return Layout(frozenset(members), single=True)
    holding = {key: member for key, member in members.items() if member.kind in ("record", "nested", "rows")}
    if (
        any(member.asks for member in holding.values())
        and len({nested.kind for nested in holding.values()}) > 1
    ):
        holding = {key: member for key, member in holding.items() if member.asks}
    elif "rows" in (inner := {member.kind for member in holding.values()}) and inner <= {"rows", "record"}:
        # As images beside annotations: only some of the tables hold questions; an object beside is none.
        holding = {key: nested for key, nested in holding.items() if nested.kind == "rows"}
        holding = {key: nested for key, nested in holding.items() if nested.asks} or holding
    lone = len(holding) == 1 and next(iter(holding.values())).kind != "record"
    bare = lone and all(nested.kind == "rows" and not nested.answers for nested in holding.values())
    beside = [key for key, member in members.items() if bare and key not in holding and member.answers]
    return Layout(frozenset(holding), keyed=not lone, answers=beside[0] if len(beside) == 1 else None)


def records(pieces: Iterable[Piece], layout: Layout) -> Iterator[Record | None]:
    """The records of a document, None for what is no object."""
    if layout.columns:
        yield from _transposed({piece.key: piece.value for piece in _joined(pieces)})
    elif layout.header is not None:
        names: list[str] = []
        for piece in pieces:
            if piece.key == layout.header:
                names.append(piece.value)
            elif piece.key in (layout.members or ()):
                fits = isinstance(piece.value, list) and len(piece.value) == len(names)
                yield dict(zip(names, piece.value, strict=True)) if fits else None
    elif layout.values:
        for piece in pieces:
            for key, value in piece.value.items():
                yield {"$key1": piece.key, "$key2": key, "$value": value}
    elif layout.single:
        yield from taken_apart({str(piece.key): piece.value for piece in _joined(pieces)})
    else:
        number = 0
        for piece in pieces:
            keys = () if piece.key is None or not layout.keyed else (piece.key,)
            value = named_cells(piece.value, layout.names)
            value = _as_object(value) if piece.key is None else value
            if piece.key is None and not isinstance(value, dict):
                yield None
            elif layout.members is None or piece.key in layout.members:
                lone = isinstance(value, dict) and piece.key is not None and not (keys or piece.in_list)
                parts = {(key,): inner for key, inner in value.items()} if lone else {keys: value}
                for record in (record for outer, part in parts.items() for record in _walk(part, outer)):
                    number += 1
                    yield from [None] if record is None else taken_apart(record, number)


def named_cells(row: Any, names: Sequence[str]) -> Any:
    """A row that is a list of as many cells as there are names as an object; anything else as it is."""
    if not names or not isinstance(row, list) or len(row) != len(names):
        return row
    return dict(zip(names, row, strict=True))


def _as_object(value: Any) -> Any:
    """A row that is a list, with questions in a list of its own, as an object of its members by place."""
    if not isinstance(value, list) or not any(is_table(item) and asks(item) for item in value):
        return value
    scalars = [place for place, item in enumerate(value) if isinstance(item, str | int)]
    names = {scalars[0]: "$key"} if len(scalars) == 1 else {}
    return {names.get(place, f"${place + 1}"): item for place, item in enumerate(value)}


def _member(piece: Piece) -> _Member:
    value = piece.value
    if piece.in_list:
        kind = "rows" if isinstance(value, dict) else "column"
    elif not isinstance(value, dict):
        kind = "column" if isinstance(value, list) else "scalar"
    elif asks_by_key(str(piece.key), value):
        kind = "questions"
    elif is_container(value):
        kind = "nested"
    elif value and not any(isinstance(inner, dict | list) for inner in value.values()) and not asks(value):
        kind = "column of objects" if all(key.isdigit() for key in value) else "record"
    else:
        kind = "record"
    by_id = kind in ("record", "column of objects") and answers_in_it({str(piece.key): value})
    answers = isinstance(value, dict) and (answers_in_it(value) if piece.in_list else by_id)
    keys = hash(tuple(value)) if isinstance(value, dict) and value and not piece.in_list else None
    return _Member(kind, asks(value), answers, keys)


def _walk(value: Any, keys: tuple[str, ...]) -> Iterator[Record | None]:
    if isinstance(value, list):
        for item in value:
            yield from _walk(item, keys)
    elif isinstance(value, dict):
        if keys and value and all(map(_is_asked, value)) and not any(map(_is_nested, value.values())):
            for question, answer in value.items():
                yield _named(keys) | {"$question": question, "$answer": answer}
        elif keys and is_container(value):
            asking = {key: inner for key, inner in value.items() if asks(inner)}
            for key, inner in (asking or value).items():
                yield from _walk(inner, (*keys, key))
        else:
            yield _named(keys) | value
    else:
        yield _named(keys) | {"$value": value} if keys else None


def _is_asked(key: str) -> bool:
    return " " in key.strip() and key.rstrip().endswith(("?", "？", "؟"))


def _is_nested(value: Any) -> bool:
    return isinstance(value, dict | list)


def _named(keys: tuple[str, ...]) -> Record:
    if len(keys) == 1:
        return {"$key": keys[0]}
    return {f"$key{place}": key for place, key in enumerate(keys, 1)}


def _joined(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """The members of an object, each as a whole."""
    lists: dict[str | None, list[Any]] = {}
    for piece in pieces:
        if piece.in_list:
            lists.setdefault(piece.key, []).append(piece.value)
        else:
            yield piece
    for key, values in lists.items():
        yield Piece(key, in_list=False, value=values)


def _transposed(columns: Mapping[str | None, Any]) -> Iterator[Record]:
    by_index = {
        str(name): dict(values) if isinstance(values, dict) else dict(enumerate(values))
        for name, values in columns.items()
    }
    index = dict.fromkeys(key for values in by_index.values() for key in values)
    for key in index:
        yield {name: values.get(key) for name, values in by_index.items()}
