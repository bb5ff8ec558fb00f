"""Small tables for the tests of tst_harness.dataset, and writers for every format it reads."""

import csv
import json
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped, unused-ignore]
import pyarrow
import pytest
import yaml
from pyarrow import parquet

from tst_harness.benchmark.declarations import Benchmark, Choice, Columns, LocalFile, Number
from tst_harness.dataset.loading import Dataset, load
from tst_harness.errors import DataError

Row = dict[str, Any]


def pick(id_: object, answer: object = "A", **changes: Any) -> Row:
    row = {"id": id_, "kind": "pick", "question": f"Which one, {id_}?", "options": ["sofa", "stove", "tv"]}
    return row | {"answer": answer, "scene": f"scene {id_}"} | changes


def count(id_: object, answer: object = 3, **changes: Any) -> Row:
    row = {"id": id_, "kind": "count", "question": f"How many, {id_}?", "options": None}
    return row | {"answer": answer, "scene": f"scene {id_}"} | changes


def write_rows(path: Path, rows: list[Row]) -> None:
    if path.suffix in (".jsonl", ".ndjson"):
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    elif path.suffix == ".json":
        path.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    elif path.suffix == ".parquet":
        parquet.write_table(pyarrow.Table.from_pylist(rows), path)
    elif path.suffix == ".arrow":
        whole = pyarrow.Table.from_pylist(rows)
        with pyarrow.OSFile(str(path), "wb") as sink, pyarrow.ipc.new_stream(sink, whole.schema) as writer:
            writer.write_table(whole)
    elif path.suffix in (".yaml", ".yml"):
        path.write_text(yaml.safe_dump(rows, allow_unicode=True, sort_keys=False), encoding="utf-8")
    elif path.suffix == ".xlsx":
        book = openpyxl.Workbook()
        for cells in (list(rows[0]), *(list(row.values()) for row in rows)):
            book.worksheets[0].append(cells)
        book.save(path)
    else:
        with path.open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, list(rows[0]), delimiter="\t" if path.suffix == ".tsv" else ",")
            table.writeheader()
            table.writerows(rows)


def declare(path: Path, **changes: Any) -> Benchmark:
    """A benchmark over a local file: a Choice `pick`, a Number `count`; anything can be replaced."""
    columns = Columns(
        id="id", text="question", answer="answer", options="options", type="kind", group="scene"
    )
    fields: dict[str, Any] = {
        "name": "toy",
        "source": LocalFile(str(path)),
        "columns": columns,
        "question_types": [Choice("pick"), Number("count")],
    }
    return Benchmark(**(fields | changes))


def load_rows(
    folder: Path, rows: list[Row], file: str = "rows.jsonl", skip: bool = False, **changes: Any
) -> Dataset:
    write_rows(folder / file, rows)
    return load(declare(folder / file, **changes), faults="report" if skip else None)


def refusal(folder: Path, rows: list[Row], **changes: Any) -> str:
    """The message that loading these rows ends with."""
    with pytest.raises(DataError) as caught:
        load_rows(folder, rows, **changes)
    return str(caught.value)
