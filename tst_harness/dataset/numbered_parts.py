"""Rows with several questions under numbered keys: `question1`, `answer1`, `question2`, `answer2`.

Each becomes a record: `$question`, `$answer` and what else has its number, as `$options`; its number as
`$part` and that of the row as `$row`; and what stands beside them. A question with an answer for each of
several pictures, as `Image_0_Question_1`, becomes a record for each.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from tst_harness.dataset.names import Role, named_for

_NUMBERED = re.compile(r"(.*?[A-Za-z])[\W_]*(\d{1,2})")
_ROLES: tuple[Role, ...] = ("question", "options", "answer")


class _Plan(NamedTuple):
    """How records are taken apart: by part, the keys of its own by name; and the keys that all share."""

    parts: dict[str, dict[str, str]]
    shared: tuple[str, ...]


def numbered_parts(record: Mapping[str, Any], number: int) -> Iterator[dict[str, Any]]:
    """The questions of the record of this number, a record each; none where no keys number several."""
    plan = _plan(tuple(record))
    if plan is None:
        return
    shared = {key: record[key] for key in plan.shared}
    for part, keys in plan.parts.items():
        own = {name: record[key] for name, key in keys.items()}
        if own["$question"] is not None and str(own["$question"]).strip():
            yield shared | own | {"$part": part, "$row": number}


def are_numbered(keys: Iterable[str]) -> bool:
    """Whether keys number several questions."""
    return _plan(tuple(keys)) is not None


@lru_cache(maxsize=2**10)
def _plan(keys: tuple[str, ...]) -> _Plan | None:
    by_stem: dict[str, dict[str, str]] = {}
    for key in keys:
        match = _NUMBERED.fullmatch(key)
        if match is not None:
            by_stem.setdefault(match[1], {})[match[2]] = key
    for stem, questions in by_stem.items():
        if len(questions) > 1 and next(named_for("question", [stem])):
            numbers = questions.keys()
            alike = {other: by_number for other, by_number in by_stem.items() if by_number.keys() == numbers}
            if any(any(named_for("answer", [other])) for other in alike):
                parts = {n: {_name(other): alike[other][n] for other in alike} for n in numbers}
                return _with_shared(parts, keys)
            by_picture = {
                f"{key.removesuffix(question)}{n}": {"$question": question, "$answer": key}
                for n, question in questions.items()
                for key in keys
                if key != question and key.endswith((f"_{question}", f" {question}"))
            }
            if len(by_picture) > len(questions):
                return _with_shared(by_picture, keys)
    return None


def _with_shared(parts: dict[str, dict[str, str]], keys: tuple[str, ...]) -> _Plan:
    own = {key for by_name in parts.values() for key in by_name.values()}
    return _Plan(parts, tuple(key for key in keys if key not in own))


def _name(stem: str) -> str:
    """What keys with this stem hold, under a name of their own."""
    return next((f"${role}" for role in _ROLES if any(named_for(role, [stem]))), f"${stem}")
