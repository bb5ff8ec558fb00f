"""Turns the layouts in which JSON benchmarks are published into records, one a question.

What is nested is taken apart by its structure alone, so that reading a file twice gives the same records:

- an object whose members are records, or lists of them: its keys become the column `$key`, or `$key1`,
  `$key2`, ... from the outside where several are nested;
- a list of questions inside a record: a record for each, which keeps what stands beside the list;
- an object whose keys are questions: a record for each, its key as `$question`;
- a list of questions beside lists of as many options or answers: a record for each place;
- two or more questions under keys of a record, or under its key for questions: a record for each, its key as
  `$part`;
- a row that is a list, with a list of questions in it: an object with the keys `$1`, `$2`, ...; what alone
  is no list in it, its `$key`;
- a conversation: what each side says, and `$turn` where there are several questions.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from tst_harness.dataset.json_stream import Piece
from tst_harness.dataset.names import named_for

Record = dict[str, Any]

_DEEPEST = 6
_ASKING = ("prompt", "query", "problem", "hypothesis", "caption", "chosen")
_SIDES = {"human": "human", "user": "human", "gpt": "gpt", "assistant": "gpt", "model": "gpt", "bot": "gpt"}
_SPEAKERS = (("from", "value"), ("role", "content"))


class _Member(NamedTuple):
    """What a member of the document's object is made of, and whether a question or an answer is in it."""

    kind: str
    asks: bool
    answers: bool


class Layout(NamedTuple):
    """How the records of a document are found.

    `members` are the keys of the document's object that hold records, None where it is a list;
    `keyed` tells whether such a key says something of its records. `single` is a document that is one
    record, `columns` one whose members are columns. `answers` is the key of the answers to questions that
    have none.
    """

    members: frozenset[str] | None = None
    keyed: bool = True
    single: bool = False
    columns: bool = False
    answers: str | None = None


def layout_of(pieces: Iterable[Piece]) -> Layout:
    """Recognise the layout of a document."""
    members: dict[str, _Member] = {}
    for piece in pieces:
        if piece.key is None:
            return Layout()
        if piece.key not in members:
            members[piece.key] = _member(piece)
    if not members:
        return Layout()
    kinds = {member.kind for member in members.values()}
    texts = ("scalar", "column", "column of objects", "questions")
    names_question = any(asks_by_name(key) and member.kind in texts for key, member in members.items())
    if kinds <= {"column", "column of objects"} and names_question:
        return Layout(frozenset(members), columns=True)
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
    elif layout.single:
        yield from taken_apart({str(piece.key): piece.value for piece in _joined(pieces)})
    else:
        number = 0
        for piece in pieces:
            keys = () if piece.key is None or not layout.keyed else (piece.key,)
            value = _as_object(piece.value) if piece.key is None else piece.value
            if piece.key is None and not isinstance(value, dict):
                yield None
            elif layout.members is None or piece.key in layout.members:
                lone = isinstance(value, dict) and piece.key is not None and not (keys or piece.in_list)
                parts = {(key,): inner for key, inner in value.items()} if lone else {keys: value}
                for record in (record for outer, part in parts.items() for record in _walk(part, outer)):
                    number += 1
                    yield from [None] if record is None else taken_apart(record, number)


def _as_object(value: Any) -> Any:
    """A row that is a list, with questions in a list of its own, as an object of its members by place."""
    if not isinstance(value, list) or not any(_is_table(item) and _asks(item) for item in value):
        return value
    scalars = [place for place, item in enumerate(value) if isinstance(item, str | int)]
    names = {scalars[0]: "$key"} if len(scalars) == 1 else {}
    return {names.get(place, f"${place + 1}"): item for place, item in enumerate(value)}


def taken_apart(record: Record, number: int = 0) -> Iterator[Record]:
    """The questions of the record of this number, a record each."""
    if not any(isinstance(value, dict | list) for value in record.values()):
        yield record
        return
    rows = [record]
    for _ in range(_DEEPEST):
        deeper = [part for row in rows for part in _parts(row, number)]
        if len(deeper) == len(rows) and all(a is b for a, b in zip(deeper, rows, strict=True)):
            break
        rows = deeper
    yield from rows


@lru_cache(maxsize=2**12)
def asks_by_name(name: str) -> bool:
    """Whether a key is one that questions stand under, rather than other text."""
    return bool(next(named_for("question", [name]))) or name.casefold() in _ASKING


def _member(piece: Piece) -> _Member:
    value = piece.value
    if piece.in_list:
        kind = "rows" if isinstance(value, dict) else "column"
    elif not isinstance(value, dict):
        kind = "column" if isinstance(value, list) else "scalar"
    elif _asks_by_key(str(piece.key), value):
        kind = "questions"
    elif _is_container(value):
        kind = "nested"
    elif value and not any(isinstance(inner, dict | list) for inner in value.values()) and not _asks(value):
        kind = "column of objects" if all(key.isdigit() for key in value) else "record"
    else:
        kind = "record"
    by_id = kind in ("record", "column of objects") and _answers({str(piece.key): value})
    answers = isinstance(value, dict) and (_answers(value) if piece.in_list else by_id)
    return _Member(kind, _asks(value), answers)


def _asks(value: Any, depth: int = _DEEPEST) -> bool:
    """Whether a question is named somewhere in a value."""
    if not depth:
        return False
    if isinstance(value, dict):
        if any(asks_by_name(key) for key, inner in value.items() if not _is_table(inner)):
            return True
        return any(_asks(inner, depth - 1) for inner in value.values())
    return isinstance(value, list) and bool(value) and (_asks(value[0], depth - 1) or _is_talk(value))


def _is_table(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


def _is_container(value: Record) -> bool:
    """Whether an object holds records by key, rather than being one."""
    if not value or any(asks_by_name(key) and not _is_table(value[key]) for key in value):
        return False
    return all(isinstance(inner, dict) or _is_table(inner) for inner in value.values())


def _walk(value: Any, keys: tuple[str, ...]) -> Iterator[Record | None]:
    if isinstance(value, list):
        for item in value:
            yield from _walk(item, keys)
    elif isinstance(value, dict):
        if keys and _is_container(value):
            asking = {key: inner for key, inner in value.items() if _asks(inner)}
            for key, inner in (asking or value).items():
                yield from _walk(inner, (*keys, key))
        else:
            yield _named(keys) | value
    else:
        yield _named(keys) | {"$value": value} if keys else None


def _named(keys: tuple[str, ...]) -> Record:
    if len(keys) == 1:
        return {"$key": keys[0]}
    return {f"$key{place}": key for place, key in enumerate(keys, 1)}


def _asks_by_key(name: str, value: Any) -> bool:
    """Whether a member holds objects whose keys are the questions."""
    if not isinstance(value, dict) or not value or not asks_by_name(name):
        return False
    return all(isinstance(inner, dict) and " " in key.strip() for key, inner in value.items())


def _are_questions(value: Record) -> bool:
    """Whether the members of an object are questions by key, be it one."""
    return _is_container(value) and all(
        isinstance(inner, dict) and _asks_itself(inner) for inner in value.values()
    )


def _side_by_side(record: Record, number: int) -> list[Record]:
    """A record for each place of lists of questions, answers and more that have the same length."""
    lists = {key: value for key, value in record.items() if isinstance(value, list) and value}
    for asking, questions in lists.items():
        alike = [key for key, value in lists.items() if len(value) == len(questions)]
        bare = all(isinstance(item, str) for item in questions)
        if not asks_by_name(asking) or not (bare or (_is_table(questions) and not _answers(questions[0]))):
            continue
        if any(any(named_for("answer", [key])) for key in alike if key != asking):
            id_ = str(next((record[name] for name in ("$key", "id") if name in record), number))
            return [
                record | {key: lists[key][place] for key in alike} | {"$id": f"{id_}-{place + 1}"}
                for place in range(len(questions))
            ]
    return [record]


def _answers(record: Record) -> bool:
    return any(any(named_for("answer", [key])) for key in record)


def _parts(record: Record, number: int) -> list[Record]:
    beside = _side_by_side(record, number)
    if beside != [record]:
        return beside
    for key, value in record.items():
        if _asks_by_key(key, value):
            return [record | {key: {"$question": text} | inner} for text, inner in value.items()]
        if asks_by_name(key) and isinstance(value, dict) and _are_questions(value):
            parts = {name: inner | {"$part": name, "$id": name} for name, inner in value.items()}
            return [record | {key: part} for part in parts.values()]
        if isinstance(value, dict) and _asks(value) and not _asks_itself(record) and not _asks_itself(value):
            inner = _parts(value, number)
            if inner != [value]:
                return [record | {key: part} for part in inner]
        if _is_table(value):
            if _is_talk(value):
                return [record | turn for turn in _turns(key, value)]
            if _asks(value[0]) and not _asks_itself(record):
                return [record | {key: item} for item in value]
    objects = {key: value for key, value in record.items() if isinstance(value, dict)}
    parts = {key: value for key, value in objects.items() if _asks_itself(value)}
    if len(parts) < 2 or _asks_itself(record):
        return [record]
    shared = {key: value for key, value in record.items() if key not in parts}
    id_ = str(next((shared[name] for name in ("$key", "id", "question_id") if name in shared), number))
    return [
        {f"$row.{name}" if name in part else name: value for name, value in shared.items()}
        | part
        | {"$part": key, "$id": f"{id_}-{key}"}
        for key, part in parts.items()
    ]


def _asks_itself(record: Mapping[str, Any]) -> bool:
    return any(isinstance(value, str) and asks_by_name(key) for key, value in record.items())


def _is_talk(value: list[Any]) -> bool:
    first = value[0]
    return isinstance(first, dict) and any(
        speaker in first and text in first and str(first[speaker]).casefold() in (*_SIDES, "system")
        for speaker, text in _SPEAKERS
    )


def _turns(key: str, talk: list[Record]) -> list[Record]:
    """What is asked and what is answered, a record for each answer."""
    turns: list[Record] = []
    question: str | None = None
    for line in talk:
        speaker, text = next((pair for pair in _SPEAKERS if pair[0] in line), _SPEAKERS[0])
        side = _SIDES.get(str(line.get(speaker)).casefold())
        if side == "human":
            question = _spoken(line.get(text))
        elif side == "gpt" and question is not None:
            turns.append({key: {"human": question, "gpt": _spoken(line.get(text))}})
            question = None
    if question is not None:
        turns.append({key: {"human": question, "gpt": None}})
    if len(turns) > 1:
        turns = [turn | {"$turn": number} for number, turn in enumerate(turns, 1)]
    return turns or [{key: None}]


def _spoken(content: Any) -> str | None:
    if isinstance(content, list):
        texts = [item.get("text") for item in content if isinstance(item, dict)]
        return "\n".join(text for text in texts if isinstance(text, str))
    return None if content is None else str(content)


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
