"""Takes a record with several questions in it apart, a record each, by its structure alone."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from tst_harness.dataset.headers import names_of_cells
from tst_harness.dataset.names import holds_response, named_for
from tst_harness.dataset.question_pairs import pair_records

Record = dict[str, Any]

_DEEPEST = 6
_ASKING = ("prompt", "query", "problem", "hypothesis", "caption", "chosen", "turns")
_SIDES = {"human": "human", "user": "human", "gpt": "gpt", "assistant": "gpt", "model": "gpt", "bot": "gpt"}
_SPEAKERS = (("from", "value"), ("role", "content"))


def taken_apart(record: Record, number: int = 0) -> Iterator[Record]:
    """The questions of the record of this number, a record each."""
    pair = pair_records(record, number)
    if pair:
        yield from pair
        return
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


@lru_cache(maxsize=2**12)
def _may_ask(name: str) -> bool:
    """Whether a key is one that a question may stand under, or text that is asked about."""
    return any(named_for("question", [name]))


def asks(value: Any, depth: int = _DEEPEST) -> bool:
    """Whether a question is named somewhere in a value."""
    if not depth:
        return False
    if isinstance(value, dict):
        if any(asks_by_name(key) for key, inner in value.items() if not is_table(inner)):
            return True
        return any(asks(inner, depth - 1) for inner in value.values())
    return isinstance(value, list) and bool(value) and (asks(value[0], depth - 1) or _is_talk(value))


def is_table(value: Any) -> bool:
    """Whether a value is a list of objects."""
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


def is_container(value: Record) -> bool:
    """Whether an object holds records by key, rather than being one."""
    if not value or any(asks_by_name(key) and not is_table(value[key]) for key in value):
        return False
    return all(isinstance(inner, dict) or is_table(inner) for inner in value.values())


def asks_by_key(name: str, value: Any) -> bool:
    """Whether a member holds objects whose keys are the questions."""
    if not isinstance(value, dict) or not value or not asks_by_name(name):
        return False
    return all(isinstance(inner, dict) and " " in key.strip() for key, inner in value.items())


def _are_questions(value: Record) -> bool:
    """Whether the members of an object are questions by key, be it one."""
    return is_container(value) and all(
        isinstance(inner, dict) and _asks_itself(inner) for inner in value.values()
    )


def _side_by_side(record: Record, number: int) -> list[Record]:
    """A record for each place of lists of questions, answers and more that have the same length."""
    lists = {key: value for key, value in record.items() if isinstance(value, list) and value}
    for asking, questions in lists.items():
        alike = [key for key, value in lists.items() if len(value) == len(questions)]
        bare = all(isinstance(item, str) for item in questions)
        if not asks_by_name(asking) or not (
            bare or (is_table(questions) and not answers_in_it(questions[0]))
        ):
            continue
        if any(any(named_for("answer", [key])) for key in alike if key != asking):
            id_ = str(next((record[name] for name in ("$key", "id") if name in record), number))
            return [
                record | {key: lists[key][place] for key in alike} | {"$id": f"{id_}-{place + 1}"}
                for place in range(len(questions))
            ]
    return [record]


def answers_in_it(record: Record) -> bool:
    """Whether a key of a record is named for answers."""
    return any(any(named_for("answer", [key])) for key in record)


def _parts(record: Record, number: int) -> list[Record]:
    beside = _side_by_side(record, number)
    if beside != [record]:
        return beside
    lists = _lists_of_questions(record)
    if lists:
        shared = {key: value for key, value in record.items() if key not in lists}
        return [
            _merged(shared, question) | {"$list": key} for key, listed in lists.items() for question in listed
        ]
    if (talks := _talks(record)) is not None:
        return [record | talks]
    for key, value in record.items():
        if isinstance(value, list) and len(value) == 1 and isinstance(value[0], str) and _may_ask(key):
            return [record | {key: value[0]}]
        if asks_by_key(key, value):
            return [record | {key: {"$question": text} | inner} for text, inner in value.items()]
        if asks_by_name(key) and isinstance(value, dict) and _are_questions(value):
            parts = {name: inner | {"$part": name, "$id": name} for name, inner in value.items()}
            return [record | {key: part} for part in parts.values()]
        if isinstance(value, dict) and asks(value) and not _asks_itself(record) and not _asks_itself(value):
            if _holds_askers(value):
                return [record | {key: inner} for inner in value.values()]
            inner = _parts(value, number)
            if inner != [value]:
                return [record | {key: part} for part in inner]
        if (rows := _as_rows(value)) and not _asks_beside(record):
            return [_merged(record | {key: None}, row) for row in rows]
        if is_table(value):
            if _is_talk(value):
                turns = _turns(key, value)
                pairs = [turn[key] for turn in turns if turn[key]]
                if len(pairs) > 1 and pairs[-1]["gpt"] is None and _offers_responses(record):
                    # All of it is the prompt of the responses.
                    prompt = "\n".join(text for pair in pairs for text in pair.values() if text)
                    return [record | {key: {"human": prompt}}]
                return [record | turn for turn in turns]
            if asks(value[0]) and not _asks_beside(record):
                return [record | {key: item} for item in value]
    objects = {key: value for key, value in record.items() if isinstance(value, dict)}
    parts = {key: value for key, value in objects.items() if _asks_itself(value)}
    if len(parts) < 2 or _asks_itself(record):
        return [record]
    shared = {key: value for key, value in record.items() if key not in parts}
    id_ = str(next((shared[name] for name in ("$key", "id", "question_id") if name in shared), number))
    return [_merged(shared, part) | {"$part": key, "$id": f"{id_}-{key}"} for key, part in parts.items()]


def _as_rows(value: Any) -> list[Record]:
    """A list of lists of a question and its answer as records; none where it is anything else."""
    if not isinstance(value, list) or not value or not all(isinstance(row, list) for row in value):
        return []
    names = names_of_cells(value)
    asks_something = names is not None and any("?" in str(row[names.index("$question")]) for row in value)
    return [dict(zip(names, row, strict=True)) for row in value] if names and asks_something else []


def _merged(shared: Record, part: Record) -> Record:
    """A part of a record with what it shares; what has the name of a member of the part is renamed."""
    return {f"$row.{name}" if name in part else name: value for name, value in shared.items()} | part


def _lists_of_questions(record: Record) -> dict[str, list[Record]]:
    """The lists of a record that hold questions with their answers, where there are several; else none.

    Where all members of a record are lists, some may be empty.
    """
    lists = {key: value for key, value in record.items() if isinstance(value, list)}
    asking = {
        key: value
        for key, value in lists.items()
        if is_table(value) and _asks_itself(value[0]) and answers_in_it(value[0])
    }
    alone = len(lists) == len(record) and all(not value or key in asking for key, value in lists.items())
    several = len(lists if alone else asking) > 1
    return asking if several and not _asks_beside(record) else {}


def _holds_askers(value: Record) -> bool:
    """Whether all members of an object are records by key that hold questions deeper in them."""
    members = value.values()
    return all(isinstance(inner, dict) and asks(inner) and not _asks_itself(inner) for inner in members)


def _asks_itself(record: Mapping[str, Any]) -> bool:
    return any(isinstance(value, str) and asks_by_name(key) for key, value in record.items())


def _asks_beside(record: Record) -> bool:
    """Whether a record asks something itself beside a list of questions, where a caption asks nothing."""
    return _asks_itself({key: value for key, value in record.items() if key.casefold() != "caption"})


def _offers_responses(record: Record) -> bool:
    return sum(map(holds_response, record)) > 1


def _is_talk(value: list[Any]) -> bool:
    first = value[0]
    return isinstance(first, dict) and any(
        speaker in first and text in first and str(first[speaker]).casefold() in (*_SIDES, "system")
        for speaker, text in _SPEAKERS
    )


def _talks(record: Record) -> Record | None:
    """What is replied in several conversations that ask the same, and what they ask; None without such.

    What they ask is not said where the record asks something itself.
    """
    talks = {key: value for key, value in record.items() if is_table(value) and _is_talk(value)}
    if len(talks) < 2:
        return None
    turns = {key: [turn[key] for turn in _turns(key, talk)] for key, talk in talks.items()}
    if not all(all(turns[key]) for key in talks):
        return None
    questions = {"\n".join(turn["human"] or "" for turn in of_talk) for of_talk in turns.values()}
    if len(questions) > 1:
        return None
    replies = {key: "\n".join(turn["gpt"] or "" for turn in of_talk) for key, of_talk in turns.items()}
    return replies if _asks_itself(record) else {"$question": questions.pop()} | replies


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
