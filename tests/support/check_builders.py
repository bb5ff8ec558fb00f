"""Datasets to check: made up, and only as long as they need to be."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from tst_harness.benchmark.declarations import Benchmark, Choice, Columns, LocalFile, Number
from tst_harness.dataset.loading import Dataset
from tst_harness.dataset.provenance import Fingerprint, SourceReport

Row = dict[str, Any]


def pick(answer: int = 0, text: str | None = None, **changes: Any) -> Row:
    """A multiple-choice question; its text is its own unless it is given one."""
    return {"type": "pick", "text": text, "options": ("red", "green", "blue"), "answer": answer, **changes}


def count(answer: float = 2, text: str | None = None, **changes: Any) -> Row:
    return {"type": "count", "text": text, "options": None, "answer": answer, **changes}


def dataset_of(rows: Sequence[Row], types: Iterable[str] = ("pick", "other")) -> Dataset:
    """Ids are row numbers, which are the places in the file too; each question is a group of its own."""
    frame = pd.DataFrame(
        {
            "id": pd.Series([str(place) for place in range(len(rows))], dtype=object),
            "type": pd.Series([row["type"] for row in rows], dtype=object),
            "format": pd.Series(["mc" if row["options"] else "num" for row in rows], dtype=object),
            "text": pd.Series(
                [own_text(place) if row["text"] is None else row["text"] for place, row in enumerate(rows)],
                dtype=object,
            ),
            "options": pd.Series([row["options"] for row in rows], dtype=object),
            "answer": np.array([row["answer"] for row in rows], dtype=np.float64),
            "group": pd.Series(
                [str(row.get("group", f"alone {place}")) for place, row in enumerate(rows)], dtype=object
            ),
            "position": np.array(
                [row.get("position", place) for place, row in enumerate(rows)], dtype=np.int64
            ),
        }
    )
    benchmark = Benchmark(
        name="toy",
        source=LocalFile("toy.jsonl"),
        columns=Columns(id="id", text="text", answer="answer", options="options", type="type", group="group"),
        question_types=[*(Choice(name) for name in types), Number("count")],
    )
    source = SourceReport(
        kind="file",
        location="toy.jsonl",
        rows=len(rows),
        questions=len(rows),
        groups=len(rows),
        fingerprint=Fingerprint(content="", row_order=""),
    )
    return Dataset(benchmark, frame, source)


def own_text(place: int) -> str:
    """A text that is like no other."""
    rng = np.random.default_rng(place)
    return " ".join(f"word{number}" for number in rng.integers(100_000, size=8))
