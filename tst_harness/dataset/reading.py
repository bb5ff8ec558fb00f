"""Reads JSONL, JSON, CSV, TSV and Parquet into plain columns, only those that are asked for.

A value is text, an integer, a float that is no integer, None where it is missing (null, NaN, an empty
CSV cell), or a tuple for a list; what is nested deeper is text, as JSON. Nothing is inferred: a CSV cell
is text, and "007" stays "007". Equal values of a column are one object, which keeps a large file with
repeated questions small.
"""

import csv
import json
import math
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from tst_harness.errors import DataError

Value = str | int | float | tuple[str | None, ...] | None

_CHUNK = 10_000


class DataFile(NamedTuple):
    """A file to read and the name that messages and reports call it by."""

    path: Path
    name: str


@dataclass(frozen=True)
class Table:
    """Columns of equal length by role, over all files; `names` is each role's column in the file."""

    columns: dict[str, list[Value]]
    names: dict[str, str]
    files: tuple[tuple[str, int], ...]

    @property
    def rows(self) -> int:
        """Rows of all files together."""
        return sum(rows for _, rows in self.files)

    def place(self, position: int) -> str:
        """Where a row stands, position counted from 0 over all files: "test.jsonl row 12"."""
        for name, rows in self.files:
            if position < rows:
                return f"{name} row {position + 1}"
            position -= rows
        raise IndexError(position)


class _Chunk(NamedTuple):
    """Some rows of a file: the wanted columns that it has, and the names of all that it has."""

    rows: int
    columns: Mapping[str, Sequence[object]]
    available: Iterable[str]


def read(files: Sequence[DataFile], wanted: Mapping[str, tuple[str, ...]]) -> Table:
    """Read the columns that roles ask for.

    Parameters
    ----------
    files
        Read in this order; the suffix decides how.
    wanted
        For each role the names its column may have; the first that a file has is read.

    Raises
    ------
    DataError
        A file that is missing, empty, truncated, corrupt, not UTF-8, of an unknown kind, or without
        a wanted column; the message names the file and, for text files, the line.
    """
    columns: dict[str, list[Value]] = {role: [] for role in wanted}
    names: dict[str, str] = {}
    counts = []
    for file in files:
        found, rows = _read_file(file, wanted)
        for role, (name, values) in found.items():
            names.setdefault(role, name)
            columns[role].extend(values)
        counts.append((file.name, rows))
    return Table(columns, names, tuple(counts))


def column_names(file: DataFile) -> list[str]:
    """The columns of a file, in its order, without embedded images and other bytes.

    Raises
    ------
    DataError
        As `read` does.
    """
    available: dict[str, None] = {}
    for chunk in _chunks(file, ()):
        available.update(dict.fromkeys(chunk.available))
    left_out = _bytes_columns(file)
    return [name for name in available if name.strip() and name not in left_out]


def _bytes_columns(file: DataFile) -> set[str]:
    if file.path.suffix.lower() != ".parquet":
        return set()
    from pyarrow import parquet

    return {field.name for field in parquet.read_schema(file.path) if "binary" in str(field.type)}


def _chunks(file: DataFile, wanted: tuple[str, ...]) -> Iterator[_Chunk]:
    reader = _READERS.get(file.path.suffix.lower())
    if reader is None:
        raise DataError(f"{file.name}: cannot read {file.path.suffix!r} files, only {', '.join(SUFFIXES)}")
    rows = 0
    try:
        if file.path.stat().st_size == 0:
            raise DataError(f"{file.name}: is empty")
        for chunk in reader(file, wanted):
            rows += chunk.rows
            yield chunk
    except OSError as error:
        raise DataError(f"{file.name}: cannot be read: {error.strerror or error}") from None
    if rows == 0:
        raise DataError(f"{file.name}: is empty, it has no rows")


def _read_file(
    file: DataFile, wanted: Mapping[str, tuple[str, ...]]
) -> tuple[dict[str, tuple[str, list[Value]]], int]:
    every = tuple(dict.fromkeys(name for names in wanted.values() for name in names))
    columns: dict[str, _Column] = {name: _Column() for name in every}
    present: set[str] = set()
    available: dict[str, None] = {}
    rows = 0
    for chunk in _chunks(file, every):
        for name in every:
            columns[name].extend(chunk.columns.get(name) or [None] * chunk.rows)
        present.update(chunk.columns)
        available.update(dict.fromkeys(chunk.available))
        rows += chunk.rows
    found = {}
    for role, names in wanted.items():
        first = next((name for name in names if name in present), None)
        if first is None:
            missing = " or ".join(map(repr, names))
            raise DataError(
                f"{file.name}: there is no column {missing}, declared as columns.{role}; "
                f"its columns are {', '.join(available)}"
            )
        found[role] = (first, columns[first].values)
    return found, rows


class _Column:
    """A column that grows by chunks; equal values become one object where values repeat."""

    def __init__(self) -> None:
        self.values: list[Value] = []
        self._texts: dict[str, str] = {}
        self._lists: dict[tuple[str | None, ...], tuple[str | None, ...]] = {}

    def extend(self, raw: Iterable[object]) -> None:
        texts = self._texts
        self.values.extend(
            texts.setdefault(value, value) if type(value) is str else self._plain(value) for value in raw
        )
        if (len(texts) + len(self._lists)) * 2 > len(self.values):
            texts.clear()
            self._lists.clear()

    def _plain(self, value: object) -> Value:
        if value is None or type(value) is int:
            return value
        if isinstance(value, float):
            return None if math.isnan(value) else int(value) if value.is_integer() else value
        if isinstance(value, list | tuple):
            if any(isinstance(item, list | tuple | dict) for item in value):
                return _as_json(value)
            items = tuple(map(self._item, value))
            return self._lists.setdefault(items, items)
        if isinstance(value, dict):
            return _as_json(value)
        return str(value)

    def _item(self, value: object) -> str | None:
        if value is None or (isinstance(value, float) and math.isnan(value)):
            return None
        text = scalar_text(value)
        return self._texts.setdefault(text, text)


def _as_json(value: object) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def plain_value(value: object) -> Value:
    """A value of a table that is in memory, as reading it from a file would give it."""
    column = _Column()
    column.extend([value])
    return column.values[0]


def scalar_text(value: object) -> str:
    """A scalar as text: 3.0 is "3", as an integer and the float that equals it are one answer."""
    return str(int(value) if isinstance(value, float) and value.is_integer() else value)


def _jsonl(file: DataFile, wanted: tuple[str, ...]) -> Iterator[_Chunk]:
    first = 1
    with file.path.open("rb") as source:
        while lines := list(islice(source, _CHUNK)):
            try:
                rows = [json.loads(line.decode()) for line in lines]
            except (ValueError, RecursionError):
                numbered = enumerate(lines, first)
                rows = [_json_line(file, number, line) for number, line in numbered if line.strip()]
            for number, row in enumerate(rows, first):
                if type(row) is not dict:
                    raise DataError(f"{file.name} row {number}: is not a JSON object with a key a column")
            yield _records(rows, wanted)
            first += len(lines)


def _json_line(file: DataFile, number: int, line: bytes) -> Any:
    try:
        return json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8"))
    except UnicodeDecodeError as error:
        raise _not_utf8(file, number, error) from None
    except (ValueError, RecursionError) as error:
        reason = str(error).partition(":")[0]
        raise DataError(
            f"{file.name} line {number}: is not valid JSON ({reason}), the file is truncated or corrupt"
        ) from None


def _records(rows: list[dict[str, Any]], wanted: tuple[str, ...]) -> _Chunk:
    columns = {name: [row.get(name) for row in rows] for name in wanted if any(name in row for row in rows)}
    return _Chunk(len(rows), columns, dict.fromkeys(name for row in rows for name in row))


def _json(file: DataFile, wanted: tuple[str, ...]) -> Iterator[_Chunk]:
    content = file.path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
        rows = json.loads(text) if text.strip() else []
    except UnicodeDecodeError as error:
        raise _not_utf8(file, content.count(b"\n", 0, error.start) + 1, error) from None
    except (ValueError, RecursionError) as error:
        reason = str(error).partition(" (char")[0]
        raise DataError(
            f"{file.name}: is not valid JSON ({reason}), the file is truncated or corrupt"
        ) from None
    if not isinstance(rows, list):
        raise DataError(f"{file.name}: is not a JSON list of rows")
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            raise DataError(f"{file.name} row {number}: is not a JSON object with a key a column")
    yield _records(rows, wanted)


def _csv(file: DataFile, wanted: tuple[str, ...], delimiter: str = ",") -> Iterator[_Chunk]:
    limit = csv.field_size_limit(sys.maxsize)  # tables of image benchmarks hold images as text
    try:
        with file.path.open(encoding="utf-8-sig", newline="") as text:
            reader = csv.reader(text, delimiter=delimiter, strict=True)
            try:
                yield from _cells(file, reader, wanted)
            except csv.Error as error:
                raise DataError(
                    f"{file.name} line {reader.line_num}: is truncated or corrupt ({error})"
                ) from None
    except UnicodeDecodeError as error:
        raise _first_not_utf8(file, error) from None
    finally:
        csv.field_size_limit(limit)


def _cells(file: DataFile, reader: Iterator[list[str]], wanted: tuple[str, ...]) -> Iterator[_Chunk]:
    header = next(reader, [])
    places = {name: header.index(name) for name in wanted if name in header}
    twice = next((name for name in places if header.count(name) > 1), None)
    if twice is not None:
        raise DataError(f"{file.name}: has two columns named {twice!r}")
    number = 0
    columns: dict[str, list[str | None]] = {name: [] for name in places}
    for number, cells in enumerate((cells for cells in reader if cells), 1):
        if len(cells) != len(header):
            raise DataError(
                f"{file.name} row {number}: has {len(cells)} cells where the header has {len(header)}; "
                "the file is truncated or a cell is not quoted"
            )
        for name, place in places.items():
            columns[name].append(cells[place] or None)
        if number % _CHUNK == 0:
            yield _Chunk(_CHUNK, columns, header)
            columns = {name: [] for name in places}
    yield _Chunk(number % _CHUNK, columns, header)


def _tsv(file: DataFile, wanted: tuple[str, ...]) -> Iterator[_Chunk]:
    return _csv(file, wanted, delimiter="\t")


def _parquet(file: DataFile, wanted: tuple[str, ...]) -> Iterator[_Chunk]:
    import pyarrow
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(file.path) as source:
            available = source.schema_arrow.names
            present = [name for name in wanted if name in available]
            for batch in source.iter_batches(batch_size=_CHUNK, columns=present):
                columns = {name: batch.column(name).to_pylist() for name in present}
                yield _Chunk(batch.num_rows, columns, available)
    except pyarrow.ArrowException as error:
        reason = str(error).strip().partition("\n")[0]
        raise DataError(f"{file.name}: is no Parquet file, or a truncated one ({reason})") from None


def _not_utf8(file: DataFile, line: int, error: UnicodeDecodeError) -> DataError:
    byte = error.object[error.start]
    return DataError(f"{file.name} line {line}: is not UTF-8 (byte 0x{byte:02x}); save the file as UTF-8")


def _first_not_utf8(file: DataFile, error: UnicodeDecodeError) -> DataError:
    with file.path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                line.decode()
            except UnicodeDecodeError as found:
                return _not_utf8(file, number, found)
    return _not_utf8(file, 1, error)


_READERS: dict[str, Callable[[DataFile, tuple[str, ...]], Iterator[_Chunk]]] = {
    ".jsonl": _jsonl,
    ".json": _json,
    ".csv": _csv,
    ".tsv": _tsv,
    ".parquet": _parquet,
}
SUFFIXES = tuple(_READERS)
