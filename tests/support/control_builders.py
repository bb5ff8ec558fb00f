"""A made-up benchmark for the tests of controls: picks and counts in rooms, in files of any kind."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tst_harness.benchmark.declarations import Benchmark, Choice, Columns, LocalFile, NotScored, Number
from tst_harness.dataset.loading import Dataset, load
from tst_harness.errors import DataError

Row = dict[str, Any]
OPTIONS = ["red", "green", "blue"]


def rows_of(picks: int = 12, counts: int = 8) -> list[Row]:
    """Picks `p0` ... and counts `c0` ..., two questions a room."""
    found: list[Row] = [
        {
            "id": f"p{n}",
            "kind": "pick",
            "question": f"Which, {n}?",
            "options": OPTIONS,
            "answer": "ABC"[n % 3],
        }
        for n in range(picks)
    ]
    found += [
        {"id": f"c{n}", "kind": "count", "question": f"How many, {n}?", "options": None, "answer": n % 4 + 1}
        for n in range(counts)
    ]
    return [{**row, "room": f"room {place // 2}"} for place, row in enumerate(found)]


def write_jsonl(path: Path, rows: Sequence[Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def declare(path: Path, **changes: Any) -> Benchmark:
    fields: dict[str, Any] = {
        "name": "toy",
        "source": LocalFile(str(path)),
        "columns": Columns(
            id="id", text="question", answer="answer", options="options", type="kind", group="room"
        ),
        "question_types": [Choice("pick"), Number("count"), NotScored("open")],
    }
    return Benchmark(**(fields | changes))


def load_rows(folder: Path, rows: Sequence[Row] | None = None, **changes: Any) -> Dataset:
    path = write_jsonl(folder / "toy.jsonl", rows_of() if rows is None else rows)
    return load(declare(path, **changes))


def refused(call: Any, *arguments: Any) -> str:
    """The sentence that a call ends with."""
    with pytest.raises(DataError) as caught:
        call(*arguments)
    return str(caught.value)
