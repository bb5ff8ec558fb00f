import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pytest
from control_builders import Row, declare, load_rows, refused, rows_of, write_jsonl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from tst_harness.benchmark.declarations import HubDataset
from tst_harness.dataset.loading import Dataset, load
from tst_harness.pruning.export import Export, ExportAs

ODD: Row = {
    "naïve \u2028 ключ": "日本語 \U0001f600 \u2028",
    "nested": {"boxes": [[1, 2], []], "none": None},
    "big": 2**53 + 1,
    "whole": 3,
    "part": 0.1,
    "flag": True,
}
REMOVED = ("p1", "c0")

one_folder = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25
)


def text_rows(picks: int = 12) -> list[Row]:
    """With answers of one kind, as Parquet needs them."""
    return [{**row, "answer": str(row["answer"])} for row in rows_of(picks)]


def odd_rows() -> list[Row]:
    """In another order than that of ids, with columns that the benchmark does not declare."""
    return [{**row, **ODD} for row in reversed(text_rows())]


def places(dataset: Dataset, ids: tuple[str, ...] = REMOVED) -> Any:
    return np.flatnonzero(dataset.frame["id"].isin(ids))


def export(dataset: Dataset, path: Path, form: ExportAs) -> int:
    return Export(path, form, dataset).write(places(dataset))


def expected(rows: list[Row], form: ExportAs) -> list[Row]:
    if form == "split":
        return [row for row in rows if row["id"] not in REMOVED]
    return [{**row, "pruned": row["id"] in REMOVED} for row in rows]


def read_back(path: Path) -> list[Row]:
    if path.suffix == ".parquet":
        rows: list[Row] = parquet.read_table(path).to_pylist()
        return rows
    return [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]


def write_source(folder: Path, suffix: str, rows: list[Row]) -> Dataset:
    path = folder / f"toy{suffix}"
    if suffix == ".jsonl":
        write_jsonl(path, rows)
    elif suffix == ".json":
        path.write_text(json.dumps(rows), encoding="utf-8")
    else:
        parquet.write_table(pyarrow.Table.from_pylist(rows), path, row_group_size=7)
    return load(declare(path))


@pytest.mark.parametrize("form", ["column", "split"])
@pytest.mark.parametrize("target", ["new/toy.jsonl", "new/toy.parquet"])
@pytest.mark.parametrize("source", [".jsonl", ".json", ".parquet"])
def test_rows_come_back_untouched_and_in_order(
    tmp_path: Path, source: str, target: str, form: ExportAs
) -> None:
    rows = odd_rows()
    written = export(write_source(tmp_path, source, rows), tmp_path / target, form)
    found = read_back(tmp_path / target)
    assert found == expected(rows, form)
    assert written == len(found)
    assert [[type(value) for value in row.values()] for row in found] == [
        [type(value) for value in row.values()] for row in expected(rows, form)
    ]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@one_folder
@given(st.lists(VALUES, min_size=20, max_size=20), st.sampled_from(["column", "split"]))
def test_json_lines_lose_nothing(tmp_path: Path, values: list[Any], form: ExportAs) -> None:
    rows = [{**row, "more": value} for row, value in zip(rows_of(), values, strict=True)]
    export(load_rows(tmp_path, rows), tmp_path / "new.jsonl", form)
    assert read_back(tmp_path / "new.jsonl") == expected(rows, form)


def test_a_line_of_json_stays_as_it_is_written(tmp_path: Path) -> None:
    dataset = load_rows(tmp_path)
    path = tmp_path / "toy.jsonl"
    odd = [
        line[:-1] + ',"n" :1.50,"e":1E3, "twice": 1, "twice": 2 }' for line in path.read_text().splitlines()
    ]
    path.write_text("\ufeff" + "\r\n\r\n".join(odd), encoding="utf-8")
    export(dataset, tmp_path / "split.jsonl", "split")
    export(dataset, tmp_path / "column.jsonl", "column")
    kept = [line for line in odd if not any(f'"{id_}"' in line for id_ in REMOVED)]
    assert (tmp_path / "split.jsonl").read_text().splitlines() == kept
    marked = (tmp_path / "column.jsonl").read_text().splitlines()
    assert [line.rpartition(', "pruned": ')[0] + "}" for line in marked] == odd


def test_cells_of_csv_files_are_text(tmp_path: Path) -> None:
    rows = [{**row, "options": json.dumps(row["options"]) if row["options"] else ""} for row in rows_of()]
    with (tmp_path / "toy.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    for target in ("new.jsonl", "new.parquet"):
        export(load(declare(tmp_path / "toy.csv")), tmp_path / target, "split")
        texts = [{name: str(value) for name, value in row.items()} for row in expected(rows, "split")]
        assert read_back(tmp_path / target) == texts


def test_bytes_and_the_metadata_of_parquet_stay(tmp_path: Path) -> None:
    table = pyarrow.Table.from_pylist([{**row, "image": b"\x00\xff"} for row in text_rows()])
    path = tmp_path / "toy.parquet"
    parquet.write_table(table.replace_schema_metadata({"huggingface": "{}"}), path)
    dataset = load(declare(path))
    export(dataset, tmp_path / "new.parquet", "split")
    found = parquet.read_table(tmp_path / "new.parquet")
    assert found.schema.metadata == {b"huggingface": b"{}"}
    assert found.schema.equals(table.schema)
    assert set(found["image"].to_pylist()) == {b"\x00\xff"}
    said = refused(export, dataset, tmp_path / "new.jsonl", "split")
    assert said.startswith(f"{path}: JSON cannot hold its rows")
    assert said.endswith("export to .parquet")
    assert not (tmp_path / "new.jsonl").exists()


def test_several_files_become_one(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "toys"
    folder.mkdir(parents=True)
    rows = text_rows()
    for number, part in enumerate((rows[:13], rows[13:])):
        # Of the options of counts alone it cannot be told that they are texts.
        table = pyarrow.Table.from_pylist(part, pyarrow.Table.from_pylist(rows).schema)
        parquet.write_table(table, folder / f"test-{number}.parquet")
    source = HubDataset("owner/toys", revision="a" * 40, file="test*.parquet", folder="toys")
    dataset = load(declare(tmp_path, source=source), tmp_path / "data")
    for target in ("new.jsonl", "new.parquet"):
        Export(tmp_path / target, "column", dataset, tmp_path / "data").write(places(dataset))
        assert read_back(tmp_path / target) == expected(rows, "column")


def test_rows_that_are_not_scored_are_kept(tmp_path: Path) -> None:
    opened = {"id": "o1", "kind": "open", "question": "Why?", "options": None, "answer": "", "room": "x"}
    rows = [opened, *rows_of()]
    export(load_rows(tmp_path, rows), tmp_path / "new.jsonl", "column")
    assert read_back(tmp_path / "new.jsonl") == expected(rows, "column")


def refusal(
    tmp_path: Path, target: str, rows: list[Row] | None = None, form: ExportAs = "column", **changes: Any
) -> str:
    return refused(export, load_rows(tmp_path, rows, **changes), tmp_path / target, form)


def test_what_cannot_be_exported_is_said(tmp_path: Path) -> None:
    assert refusal(tmp_path, "new.jsonl", redistributable=False) == (
        "toy: its terms forbid passing its texts on, so it is not exported; publish the ids instead "
        "(removed_ids.txt), with which anybody who has the benchmark can prune it"
    )
    assert refusal(tmp_path, "new.csv").endswith("cannot export '.csv' files, only .jsonl and .parquet")
    assert refusal(tmp_path, "toy.jsonl").endswith(
        "is the file of toy itself, which stays as it is; name another one"
    )
    before = [{**row, "pruned": False} for row in rows_of()]
    assert (
        refusal(tmp_path, "new.jsonl", before) == "toy: has a column 'pruned' already; use --export-as split"
    )
    assert refusal(tmp_path, "new.parquet").endswith(
        "Parquet cannot hold the column 'answer' as it is, since its values are not of one kind; export to "
        ".jsonl"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["toy.jsonl"]


@pytest.mark.parametrize("target", ["new.jsonl", "new.parquet"])
@pytest.mark.parametrize("rows", [19, 21])
def test_a_file_that_changes_meanwhile(tmp_path: Path, target: str, rows: int) -> None:
    texts = text_rows(picks=13)
    dataset = load_rows(tmp_path, texts[:20])
    (tmp_path / target).write_text("older")
    write_jsonl(tmp_path / "toy.jsonl", texts[:rows])
    assert f"has {rows} rows where 20 were loaded" in refused(export, dataset, tmp_path / target, "column")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([target, "toy.jsonl"])
    assert (tmp_path / target).read_text() == "older"
