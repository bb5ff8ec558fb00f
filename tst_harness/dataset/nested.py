"""Options that are written as objects, with their letters or with which one is right beside them."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from string import ascii_uppercase
from typing import Any, NamedTuple

from tst_harness.dataset.letters import LETTER, letter_place
from tst_harness.dataset.literals import read_literal
from tst_harness.dataset.reading import Value, scalar_text

_TEXTS = ("text", "texts", "choices", "options", "option", "choice", "content", "value")
_KEYS = ("label", "labels", "key", "keys", "letter", "letters", "id")
_RIGHT = ("labels", "correct", "is_correct", "isCorrect", "answer", "label")
_MARKS = dict.fromkeys(("0", "0.0", "false", "wrong", "incorrect"), False) | dict.fromkeys(
    ("1", "1.0", "true", "correct"), True
)
_KEY = re.compile(rf"(?:(?:option|choice|opt)[\W_]?)?(?:[{LETTER}①-⑳]|\d{{1,2}})", re.IGNORECASE)


class Nested(NamedTuple):
    """Options, what each is called beside its text, and the places of the right ones where that is said."""

    options: tuple[str | None, ...]
    keys: tuple[str, ...] = ()
    right: tuple[int, ...] = ()


@lru_cache(maxsize=2**12)
def nested_options(cell: str) -> Nested | None:
    """Read the objects that public sets write options as; None for anything else.

    These are `{"text": [...], "label": ["A", ...]}`, `{"A": ..., "B": ...}`, a list of
    `{"label": "A", "text": ...}`, be it by letter, of `{"A": ...}` or of `["A", ...]`, and
    `{"choices": [...], "labels": [1, 0, ...]}`, a list of `{"text": ..., "correct": true}` or
    `{"a text": 1, "another": 0}`, which say which options are right.
    There the options are put in alphabetical order, since the right one often comes first.
    """
    if "{" not in cell and not cell.startswith(("[[", "[(")):
        return None
    read = read_literal(cell)
    if isinstance(read, list) and len(read) > 1 and (by_letter := _by_letter(read)):
        read = by_letter
    if isinstance(read, list) and len(read) > 1 and all(isinstance(item, dict) for item in read):
        names = tuple(read[0])
        if any(tuple(item) != names for item in read):
            return None
        return _columns({name: [item[name] for item in read] for name in names}, of_objects=True)
    if isinstance(read, dict):
        read = {str(name): value for name, value in read.items()}
    if isinstance(read, dict) and len(read) > 1 and all(_KEY.fullmatch(name) for name in read):
        texts = list(read.values())
        if all(isinstance(text, dict) for text in texts):
            texts = [next((text[name] for name in text if _is_named(name, _TEXTS)), None) for text in texts]
        return (
            None
            if any(isinstance(t, dict | list) for t in texts)
            else Nested(tuple(map(_text, texts)), tuple(read))
        )
    if isinstance(read, dict) and len(read) > 1 and all(mark in (0, 1) for mark in read.values()):
        return _marked(tuple(read), list(read.values()))
    return _columns(read) if isinstance(read, dict) else None


def stated_answer(cell: Value, answer: Value) -> Value:
    """The letters of the options that an answer means where their cell says which; else the answer."""
    nested = nested_options(cell) if isinstance(cell, str) else None
    if nested is None:
        return answer
    if answer in (cell, (cell,)):
        letters = tuple(ascii_uppercase[place] for place in nested.right)
        return letters if len(letters) > 1 else letters[0] if letters else answer
    name = None if answer is None or isinstance(answer, tuple) else scalar_text(answer).strip()
    return ascii_uppercase[nested.keys.index(name)] if name in nested.keys else answer


def _by_letter(items: list[Any]) -> dict[str, object] | None:
    """What a list holds as pairs of a letter and a text, or as objects of such a member; None for others."""
    pairs = [
        next(iter(item.items())) if isinstance(item, dict) and len(item) == 1 else item for item in items
    ]
    if not all(isinstance(pair, list | tuple) and len(pair) == 2 for pair in pairs):
        return None
    read = {scalar_text(letter): text for letter, text in pairs if isinstance(letter, str | int)}
    places = [letter_place(letter) for letter in read]
    counted = list(read) in ([str(n + first) for n in range(len(items))] for first in (0, 1))
    return read if len(read) == len(items) and (places == list(range(len(items))) or counted) else None


def _columns(read: Mapping[str, object], of_objects: bool = False) -> Nested | None:
    named = [*_TEXTS, *(name for name in read if of_objects and _is_named(name, _TEXTS))]
    if of_objects:
        named += _unnamed_texts(read)
    texts = next((value for name in named if isinstance(value := read.get(name), list)), None)
    if not texts or len(texts) > len(ascii_uppercase) or any(isinstance(text, list | dict) for text in texts):
        return None
    options = tuple(map(_text, texts))
    for name in _RIGHT:
        marks = read.get(name)
        if isinstance(marks, list) and len(marks) == len(options) and all(map(_is_mark, marks)):
            return _marked(options, marks)
    for name in (*_KEYS, *(name for name in read if of_objects and _is_named(name, _KEYS))):
        keys = read.get(name)
        if isinstance(keys, list) and len(keys) == len(options) == len(set(map(str, keys))):
            return Nested(options, tuple(scalar_text(key) for key in keys))
    return Nested(options) if of_objects else None


def _unnamed_texts(read: Mapping[str, object]) -> list[str]:
    """What is the text of options, whatever it is called, as it is beside the marks of the right ones."""
    lists = {name: values for name, values in read.items() if isinstance(values, list)}
    marks = [name for name in _RIGHT if name in lists and all(map(_is_mark, lists[name]))]
    texts = [name for name, values in lists.items() if all(isinstance(value, str) for value in values)]
    return [name for name in texts if name not in marks] if marks else []


def _is_named(name: str, words: Sequence[str]) -> bool:
    """Whether a name ends in one of some words, as "atext" or "choice_id"."""
    return name.casefold().endswith(tuple(words))


def mark_of(value: object) -> bool | None:
    """Whether a value marks an option as right (1, true, "correct") or wrong; None where it is no mark."""
    return _MARKS.get(str(value).casefold())


def _is_mark(value: object) -> bool:
    return mark_of(value) is not None


def _marked(options: Sequence[str | None], marks: Sequence[object]) -> Nested:
    order = sorted(range(len(options)), key=lambda place: options[place] or "")
    right = tuple(place for place, old in enumerate(order) if mark_of(marks[old]))
    return Nested(tuple(options[old] for old in order), (), right)


def _text(value: object) -> str | None:
    return None if value is None else scalar_text(value)
