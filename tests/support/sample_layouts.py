"""Rows of the bundled sample in the layouts in which benchmarks are published."""

import bz2
import csv
import gzip
import json
import lzma
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import zstandard
from data_rows import Row
from pyarrow import Table, parquet

Written = tuple[str, dict[str, str | None]]
"""The path, and the columns that are called otherwise than in the rows; None where they are recognised."""
Write = Callable[[list[Row], Path], Written]
RECOGNISED: dict[str, str | None] = {"group": None, "type": None}


def _text(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    return str(path)


def _lines(rows: list[Row]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def _json_lines(rows: list[Row], folder: Path) -> Written:
    return _text(folder / "rows.jsonl", _lines(rows)), {}


def _by_id(rows: list[Row], folder: Path) -> Written:
    records = {str(row["id"]): {name: row[name] for name in row if name != "id"} for row in rows}
    return _text(folder / "by_id.json", json.dumps(records)), {"id": "$key"}


def _nested(rows: list[Row], folder: Path) -> Written:
    nested: dict[str, Any] = {}
    for row in rows:
        bare = {name: row[name] for name in row if name not in ("scene_name", "question_type")}
        nested.setdefault(row["scene_name"], {}).setdefault(row["question_type"], []).append(bare)
    return _text(folder / "nested.json", json.dumps(nested)), {"group": "$key1", "type": "$key2"}


def _of_videos(rows: list[Row], folder: Path) -> Written:
    videos: dict[str, list[Row]] = {}
    for row in rows:
        videos.setdefault(row["scene_name"], []).append(row)
    records = [{"clip": name, "qa": questions} for name, questions in videos.items()]
    return _text(folder / "videos.json", json.dumps(records)), RECOGNISED


def _under_a_key(rows: list[Row], folder: Path) -> Written:
    return _text(folder / "under.json", json.dumps({"info": {"version": 1}, "data": rows})), {}


def _columns(rows: list[Row], folder: Path) -> Written:
    columns = {name: [row.get(name) for row in rows] for name in rows[0]}
    return _text(folder / "columns.json", json.dumps(columns)), {}


def _own_answers(rows: list[Row], folder: Path) -> Written:
    bare = [{name: row[name] for name in row if name != "ground_truth"} for row in rows]
    answers = [{"id": row["id"], "ground_truth": row["ground_truth"]} for row in rows]
    _text(folder / "own_answers.json", json.dumps(answers))
    return _text(folder / "own_questions.json", json.dumps({"questions": bare})), {}


def _table(name: str, delimiter: str) -> Write:
    def write(rows: list[Row], folder: Path) -> Written:
        with (folder / name).open("w", newline="", encoding="utf-8-sig") as stream:
            table = csv.DictWriter(stream, list(rows[0]), delimiter=delimiter)
            table.writeheader()
            table.writerows(row | {"options": row["options"] and json.dumps(row["options"])} for row in rows)
        return str(folder / name), {}

    return write


def _column_an_option(rows: list[Row], folder: Path) -> Written:
    most = max(len(row["options"] or ()) for row in rows)
    letters = [f"option_{chr(ord('a') + place)}" for place in range(most)]
    names = [name for name in rows[0] if name != "options"]
    with (folder / "wide.csv").open("w", newline="", encoding="utf-8") as stream:
        table = csv.DictWriter(stream, [*names, *letters])
        table.writeheader()
        for row in rows:
            bare = {name: row[name] for name in names}
            table.writerow(bare | dict(zip(letters, row["options"] or (), strict=False)))
    return str(folder / "wide.csv"), {}


def _parquet(rows: list[Row], folder: Path) -> Written:
    image = {"bytes": b"\x89PNG", "path": None}
    parquet.write_table(Table.from_pylist([row | {"image": image} for row in rows]), folder / "rows.parquet")
    return str(folder / "rows.parquet"), {}


def _structs(rows: list[Row], folder: Path) -> Written:
    parquet.write_table(Table.from_pylist([{"meta": 1, "doc": row} for row in rows]), folder / "docs.parquet")
    return str(folder / "docs.parquet"), {"group": "doc.scene_name", "type": "doc.question_type"}


def _shards(rows: list[Row], folder: Path) -> Written:
    (folder / "shards").mkdir()
    schema = Table.from_pylist(rows).schema
    for number, start in enumerate(range(0, len(rows), 250)):
        part = Table.from_pylist(rows[start : start + 250], schema=schema)
        parquet.write_table(part, folder / f"shards/test-{number:05d}-of-00003.parquet")
    return str(folder / "shards"), {}


def _files(rows: list[Row], folder: Path) -> Written:
    (folder / "parts").mkdir()
    for number, start in enumerate(range(0, len(rows), 250)):
        _text(folder / f"parts/part{number}.json", json.dumps(rows[start : start + 250]))
    return str(folder / "parts"), {"id": "id"}


def _compressed(suffix: str, compress: Callable[[bytes], bytes]) -> Write:
    def write(rows: list[Row], folder: Path) -> Written:
        path = folder / f"rows.jsonl.{suffix}"
        path.write_bytes(compress(_lines(rows).encode()))
        return str(path), {}

    return write


def _zipped(rows: list[Row], folder: Path) -> Written:
    with zipfile.ZipFile(folder / "rows.zip", "w") as archive:
        archive.writestr("data/rows.jsonl", _lines(rows))
    return str(folder / "rows.zip"), {}


SAMPLES: dict[str, Write] = {
    "JSON Lines": _json_lines,
    "records by id": _by_id,
    "nested by scene and type": _nested,
    "questions of videos": _of_videos,
    "under a key": _under_a_key,
    "columns": _columns,
    "answers of their own": _own_answers,
    "CSV": _table("rows.csv", ","),
    "TSV": _table("rows.tsv", "\t"),
    "a column an option": _column_an_option,
    "Parquet with pictures": _parquet,
    "Parquet of structs": _structs,
    "shards": _shards,
    "a folder of files": _files,
    "gz": _compressed("gz", gzip.compress),
    "bz2": _compressed("bz2", bz2.compress),
    "xz": _compressed("xz", lzma.compress),
    "zst": _compressed("zst", lambda raw: zstandard.ZstdCompressor().compress(raw)),
    "zip": _zipped,
}
