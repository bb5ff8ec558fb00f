"""Rows in memory become the file that any other reader would have been given."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tst_harness.api.rows import write_rows
from tst_harness.errors import DataError

ROWS: list[dict[str, Any]] = [
    {"id": 1, "question": "Où?", "options": ["left", "right"], "answer": "A", "weight": 0.1},
    {"id": 2, "question": "How many?", "options": None, "answer": 3, "weight": 1 / 3},
]


def written(data: Any, folder: Path) -> list[dict[str, Any]]:
    path = folder / "rows.jsonl"
    write_rows(data, path)
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_dicts_are_written_as_they_are(tmp_path: Path) -> None:
    assert written(ROWS, tmp_path) == ROWS
    assert written(iter(ROWS), tmp_path) == ROWS


def test_a_frame_is_its_rows(tmp_path: Path) -> None:
    assert written(pd.DataFrame(ROWS), tmp_path) == ROWS
    assert written(pd.DataFrame(ROWS, index=[7, 7]), tmp_path) == ROWS


def test_a_dataset_is_its_rows_without_images(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    rows = [{**row, "answer": str(row["answer"])} for row in ROWS]
    assert written(datasets.Dataset.from_list(rows), tmp_path) == rows
    pictured = datasets.Dataset.from_list([{"question": "What?", "image": {"bytes": b"-", "path": None}}])
    pictured = pictured.cast_column("image", datasets.Image())
    assert written(pictured, tmp_path) == [{"question": "What?"}]


def test_values_of_numpy_and_pandas_are_plain(tmp_path: Path) -> None:
    [row] = written(
        [
            {
                "integer": np.int64(3),
                "number": np.float32(0.5),
                "missing": float("nan"),
                "absent": pd.NA,
                "never": pd.NaT,
                "day": date(2025, 1, 31),
                "list": np.array(["a", "b"], dtype=object),
                "nested": {"left": np.bool_(True), "image": b"\x00"},
                "image": b"\x00",
                "images": [b"\x00"],
            }
        ],
        tmp_path,
    )
    assert row == {
        "integer": 3,
        "number": 0.5,
        "missing": None,
        "absent": None,
        "never": None,
        "day": "2025-01-31",
        "list": ["a", "b"],
        "nested": {"left": True},
    }


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "the data have no rows"),
        (pd.DataFrame({"question": []}), "the data have no rows"),
        ([["What?", "A"]], "row 1 is no dict but of type list"),
        ({"train": ROWS}, "data of type dict cannot be audited: pass a path, "),
        (7, "data of type int cannot be audited: pass a path, "),
        (
            [{"answer": object()}],
            "row 1, column 'answer': a value of type object is neither text nor a number",
        ),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "two columns of the DataFrame have the same name: a, a"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(data: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(DataError) as raised:
        write_rows(data, tmp_path / "rows.jsonl")
    assert str(raised.value).startswith(message)
