"""The answer of a cell that holds more: a worked solution, texts with scores, an object of several kinds."""

import json
import re
from functools import lru_cache
from typing import Any, NamedTuple

from tst_harness.dataset.reading import Value, scalar_text

_LAST_LINE = re.compile(r"(?:^|\n)[ \t]*#{4}[ \t]*([^\n#][^\n]{0,79})\s*$")
_BOX = "\\boxed{"
_TAG = "</answer>"
_TAGGED = re.compile(r"<answer>\s*((?:(?!<answer>).)*?)\s*</answer>\s*$", re.DOTALL | re.IGNORECASE)
_SCORED = re.compile(r'"(\w*(?:score|votes|weight|rating))"\s*:', re.IGNORECASE)
_TEXTS = ("text", "answer", "value", "content", "body")
_OF_THE_RECORD = re.compile(r"(?:.*[\W_])?(?:id|uid|hash)", re.IGNORECASE)


class Bare(NamedTuple):
    """An answer without what stands around it, and what that was, None where there was nothing."""

    value: Value
    around: str | None = None


def bare_answer(value: Value) -> Value:
    """The answer proper: what a worked solution comes to, or the one member of an object that is filled.

    A solution ends in a line "#### 42" or in `<answer>42</answer>`, or has its result in `\\boxed{}`. Of an
    object as `{"number": "", "date": {"day": "", "month": ""}, "spans": ["a lamp"]}` the filled member is
    taken, its parts joined; an object with nothing in it is no answer, and one with several members is left
    as it is. Of texts with a score each, as `[{"text": "a lamp", "score": 3}, ...]`, those of the highest are
    taken.
    """
    return bared(value).value


def bared(value: Value) -> Bare:
    """As `bare_answer`, with what stood around the answer."""
    if not isinstance(value, str) or not (
        "####" in value or _BOX in value or value.startswith(("{", "[{", "[[")) or _TAG in value.casefold()
    ):
        return Bare(value)
    return _bared(value)


@lru_cache(maxsize=2**12)
def _bared(text: str) -> Bare:
    if text.startswith("[["):
        return _of_one_list(text)
    if text.startswith(("{", "[{")):
        return best_scored(text) or _of_object(text)
    tagged = _TAGGED.search(text)
    if tagged is not None:
        return Bare(tagged[1], "the result of a worked solution")
    last_line = _LAST_LINE.search(text)
    result = last_line[1].strip() if last_line else _boxed(text)
    return Bare(text) if result is None else Bare(result, "the result of a worked solution")


@lru_cache(maxsize=2**12)
def best_scored(text: str) -> Bare | None:
    """The texts of the highest score, of a list of objects or an object of lists; None of anything else."""
    named = _SCORED.search(text)
    if named is None:
        return None
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(read, list) and read and all(isinstance(item, dict) for item in read):
        read = {name: [item.get(name) for item in read] for name in read[0]}
    if not isinstance(read, dict):
        return None
    texts: Any = next((read[name] for name in _TEXTS if name in read), None)
    scores: Any = read.get(named[1])
    if not (_are_all(texts, str) and _are_all(scores, (int, float))) or len(texts) != len(scores):
        return None
    pairs = list(zip(texts, scores, strict=True))
    best = tuple(dict.fromkeys(answer for answer, score in pairs if score == max(scores)))
    return Bare(best[0] if len(best) == 1 else best, f"those of the highest {named[1]!r} alone")


def _are_all(values: Any, kind: type | tuple[type, ...]) -> bool:
    return isinstance(values, list) and bool(values) and all(isinstance(value, kind) for value in values)


def _of_one_list(text: str) -> Bare:
    """The texts of a list in a list, as of the spellings of one answer."""
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        return Bare(text)
    if len(read) != 1 or not _are_all(read[0], str):
        return Bare(text)
    return Bare(tuple(read[0]) if len(read[0]) > 1 else read[0][0])


def _of_object(text: str) -> Bare:
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        return Bare(text)
    if not isinstance(read, dict):
        return Bare(text)
    members = [_parts(value) for name, value in read.items() if not _OF_THE_RECORD.fullmatch(name)]
    filled = [parts for parts in members if parts]
    if len(filled) > 1 or not members or filled == [None]:
        return Bare(text)
    return Bare(filled[0] if filled else None, "the filled member of an object")


def _parts(value: object) -> str | None:
    """The text of a member, "" where it is blank; None where it is no answer."""
    if value is None:
        return ""
    if isinstance(value, list):
        texts = [_parts(item) for item in value]
        return None if None in texts else ", ".join(text for text in texts if text)
    if isinstance(value, dict):
        texts = [_parts(item) for item in value.values()]
        return None if None in texts else " ".join(text for text in texts if text)
    return scalar_text(value).strip()


def _boxed(text: str) -> str | None:
    """What stands in the last box, its braces balanced."""
    start = text.rfind(_BOX)
    if start < 0:
        return None
    start += len(_BOX)
    depth = 1
    for end in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[end], 0)
        if not depth:
            return text[start:end].strip() or None
    return None
