"""Made-up questions, and what a file of them amounts to."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from data_rows import Row

THINGS = ("kettle", "ladder", "violin", "tractor", "lantern", "parrot", "helmet", "canoe")
LETTERS = "ABCDEFGH"


class Expected(NamedTuple):
    """What a layout amounts to; `types` None stands for one type that is named after the file."""

    questions: int
    formats: set[str]
    types: set[str] | None = None
    groups: int | None = None
    kept_back: int = 0
    left_out: int = 0


def options_of(i: int, n: int = 4) -> list[str]:
    return [THINGS[(3 * i + place) % len(THINGS)] for place in range(n)]


def gold_of(i: int, n: int = 4) -> int:
    return (i * i + i // 3) % n


def question_of(i: int) -> str:
    return f"What is carried out of the house in clip {i}?"


def lettered(i: int, n: int = 4, stop: str = ". ") -> str:
    lines = "\n".join(f"{x}{stop}{option}" for x, option in zip(LETTERS, options_of(i, n), strict=False))
    return f"{question_of(i)}\n{lines}"


def bare(i: int, **changes: Any) -> Row:
    """A question without options and answer."""
    return {"id": i, "question": question_of(i)} | changes


def plain(i: int, **changes: Any) -> Row:
    return {
        "id": f"q{i}",
        "question": question_of(i),
        "options": options_of(i),
        "answer": LETTERS[gold_of(i)],
    } | changes


def write_json(path: Path, value: object) -> Path:
    path.write_text(json.dumps(value, indent=1), encoding="utf-8")
    return path


def write_lines(path: Path, rows: Sequence[Row | list[Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path
