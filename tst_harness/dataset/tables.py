"""Reads the kinds of files that hold tables: JSON Lines, JSON, CSV, TSV, Parquet and Excel.

A reader yields batches of records. Where columns are wanted, a table's other columns are not read; the
records of JSON files hold all of theirs.
"""

import csv
import math
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Any, NamedTuple

from tst_harness.dataset.answer_lists import answers_in, with_answers
from tst_harness.dataset.headers import missing_header
from tst_harness.dataset.json_stream import pieces
from tst_harness.dataset.layouts import layout_of, records
from tst_harness.dataset.lines import CHARACTERS, ROWS, is_lines, lines
from tst_harness.dataset.opening import (
    SUFFIXES,
    DataFile,
    begins_as_json,
    open_seekable,
    open_text,
)
from tst_harness.dataset.parts import Record, asks_by_name, taken_apart
from tst_harness.errors import DataError, EngineUnavailable

MEMORY_LIMIT = "TST_MEMORY_GB"
_USUAL_LIMIT = "4"
_COPIES = 4.5
"""Bytes of memory for each byte of a Parquet file's texts, as measured."""
_PARQUET_ROWS = 1_000
"""Fewer at a time: as objects they take several times what they take in the file."""
_DELIMITERS = ",;\t|"
_FIRST_ROWS = 20
"""Rows that tell whether a table has a header."""

Wanted = frozenset[str] | None
"""The columns to read, by path; None for all."""


class Batch(NamedTuple):
    """Some records of a file, and the columns that the file says it has; JSON files do not say."""

    records: list[Record]
    columns: list[str]


def batches(file: DataFile, wanted: Wanted) -> Iterator[Batch]:
    """The records of a file, in order.

    Raises
    ------
    DataError
        A file that is missing, empty, truncated, corrupt, not UTF-8, or of an unknown kind; the message
        names the file and, for text files, the line.
    """
    if file.records is not None:
        numbered = enumerate(file.records, 1)
        apart = (part for number, record in numbered for part in taken_apart(dict(record), number))
        yield from (Batch(rows, []) for rows in _in_batches(apart))
        return
    reader = _READERS.get(file.suffix) or (_json if begins_as_json(file) else None)
    if reader is None:
        raise DataError(f"{file.name}: cannot read {file.suffix!r} files, only {', '.join(SUFFIXES)}")
    rows = 0
    try:
        if file.is_empty():
            raise DataError(f"{file.name}: is empty")
        for batch in reader(file, wanted):
            rows += len(batch.records)
            yield batch
    except OSError as error:
        raise DataError(f"{file.name}: cannot be read: {error.strerror or error}") from None
    if rows == 0:
        raise DataError(f"{file.name}: is empty, it has no rows")


def _in_batches(rows: Iterable[Record]) -> Iterator[list[Record]]:
    rest = iter(rows)
    while batch := list(islice(rest, ROWS)):
        yield batch


def _json(file: DataFile, wanted: Wanted) -> Iterator[Batch]:
    del wanted
    if is_lines(file):
        yield from (Batch(rows, []) for rows in lines(file))
        return
    with open_text(file) as text:
        layout = layout_of(pieces(text, file.name))
    if layout.members == frozenset():
        raise DataError(f"{file.name}: is not a JSON list of rows, nor an object that holds records")
    answers = None
    if layout.answers is not None:
        with open_text(file) as text:
            answers = answers_in(pieces(text, file.name), layout)
    with open_text(file) as text:
        document = with_answers(pieces(text, file.name), layout, answers)
        yield from (Batch(rows, []) for rows in _in_batches(_checked(file, records(document, layout))))


def _checked(file: DataFile, rows: Iterable[Record | None]) -> Iterator[Record]:
    for number, row in enumerate(rows, 1):
        if row is None:
            raise DataError(f"{file.name} row {number}: is not a JSON object with a key a column")
        yield row


def _csv(file: DataFile, wanted: Wanted) -> Iterator[Batch]:
    limit = csv.field_size_limit(sys.maxsize)  # tables of image benchmarks hold images as text
    try:
        with open_text(file) as text:
            first = text.readline()
            delimiter = "\t" if file.suffix == ".tsv" else _delimiter(first)
            reader = csv.reader(chain([first], text), delimiter=delimiter, strict=True)
            try:
                rows = list(islice(reader, _FIRST_ROWS))
                header = missing_header(rows)
                yield from _cells(file, chain([] if header is None else [header], rows, reader), wanted)
            except csv.Error as error:
                raise DataError(
                    f"{file.name} line {reader.line_num}: is truncated or corrupt ({error})"
                ) from None
    finally:
        csv.field_size_limit(limit)


def _delimiter(header: str) -> str:
    """What parts the cells: a comma unless the header has none and another sign."""
    return "," if "," in header else max(_DELIMITERS, key=header.count)


def _plain_lines(file: DataFile, wanted: Wanted) -> Iterator[Batch]:
    """An answer a line, as of questions that stand in another file."""
    del wanted
    with open_text(file) as text:
        lines = ({"$line": line.strip()} for line in text)
        yield from (Batch(rows, ["$line"]) for rows in _in_batches(lines))


def _cells(file: DataFile, reader: Iterator[list[str]], wanted: Wanted) -> Iterator[Batch]:
    header = next(reader, [])
    places = {name: place for place, name in enumerate(header) if wanted is None or name in wanted}
    twice = next((name for name in places if name and header.count(name) > 1), None)
    if twice is not None:
        raise DataError(f"{file.name}: has two columns named {twice!r}")
    batch: list[Record] = []
    size = 0
    for number, cells in enumerate(filter(_says_something, reader), 1):
        if len(cells) != len(header):
            raise DataError(
                f"{file.name} row {number}: has {len(cells)} cells where the header has {len(header)}; "
                "the file is truncated or a cell is not quoted"
            )
        row = {name: cells[place] or None for name, place in places.items()}
        batch.append(row)
        size += sum(len(value) for value in row.values() if value)
        if len(batch) == ROWS or size >= CHARACTERS:
            yield Batch(batch, header)
            batch, size = [], 0
    yield Batch(batch, header)


def _says_something(cells: Iterable[Any]) -> bool:
    """Whether a row of a table has anything but blanks."""
    return any(cell is not None and (not isinstance(cell, str) or cell.strip()) for cell in cells)


def _parquet(file: DataFile, wanted: Wanted) -> Iterator[Batch]:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        with open_seekable(file) as stream, parquet.ParquetFile(stream) as source:
            schema = source.schema_arrow
            names = [name for field in schema for name in _column_paths(field, field.name)]
            leaves = _wanted_leaves([leaf for field in schema for leaf in _leaves(field, field.name)], wanted)
            _check_size(source, leaves, file.name)
            read = 0
            for batch in source.iter_batches(batch_size=_batch_rows(source), columns=leaves):
                rows = batch.to_pylist() if leaves else [{} for _ in range(batch.num_rows)]
                numbered = enumerate(rows, read + 1)
                yield Batch([part for number, row in numbered for part in taken_apart(row, number)], names)
                read += batch.num_rows
    except UnicodeDecodeError as error:
        raise DataError(
            f"{file.name}: a text is not UTF-8 ({error.reason}); write the file again with texts in UTF-8"
        ) from None
    except pa.ArrowException as error:
        reason = str(error).strip().partition("\n")[0]
        raise DataError(f"{file.name}: is no Parquet file, or a truncated one ({reason})") from None


def _check_size(source: Any, leaves: list[str] | None, name: str) -> None:
    """Refuse what would take more memory than is allowed, before it is read."""
    size = 0
    for place in range(source.metadata.num_row_groups):
        group = source.metadata.row_group(place)
        for number in range(group.num_columns):
            column = group.column(number)
            path = f"{column.path_in_schema}."
            if leaves is None or any(path.startswith(f"{leaf}.") for leaf in leaves):
                size += column.total_uncompressed_size
    needed = size * _COPIES / 1e9
    try:
        limit = float(os.environ.get(MEMORY_LIMIT, _USUAL_LIMIT))
    except ValueError:
        raise DataError(f"{MEMORY_LIMIT} is no number of gigabytes: {os.environ[MEMORY_LIMIT]!r}") from None
    if needed > limit:
        raise DataError(
            f"{name}: reading it takes about {needed:.1f} GB of memory, more than the {limit:g} GB that are "
            f"allowed; leave out columns that are not needed, or allow more with {MEMORY_LIMIT}="
            f"{math.ceil(needed)} in the environment"
        )


def _batch_rows(source: Any) -> int:
    """Fewer rows at a time where they are large."""
    sizes = (source.metadata.row_group(place) for place in range(source.metadata.num_row_groups))
    size = sum(group.total_byte_size for group in sizes)
    return int(min(_PARQUET_ROWS, max(100, CHARACTERS * max(source.metadata.num_rows, 1) // max(size, 1))))


def _wanted_leaves(leaves: list[str], wanted: Wanted) -> list[str]:
    """The columns to read; all where a wanted one is made of others, as `$part` is."""
    if wanted is None:
        return leaves
    chosen = {
        name: [leaf for leaf in leaves if f"{leaf}.".startswith(f"{name}.") or name.startswith(f"{leaf}.")]
        for name in wanted
    }
    if not all(chosen[name] for name in wanted if name.startswith("$") or "." in name):
        return leaves
    # Whether a record is taken apart depends on whether it asks something itself.
    return [leaf for leaf in leaves if asks_by_name(leaf) or any(leaf in chosen[name] for name in wanted)]


def _leaves(field: Any, path: str) -> Iterator[str]:
    """The paths of a column without the bytes in it, as embedded pictures are."""
    import pyarrow as pa

    if pa.types.is_struct(field.type):
        for inner in field.type:
            yield from _leaves(inner, f"{path}.{inner.name}")
    elif "binary" not in str(field.type):
        yield path


def _column_paths(field: Any, path: str) -> Iterator[str]:
    import pyarrow as pa

    inner = list(_leaves(field, path))
    if not pa.types.is_struct(field.type) or not _holds_bytes(field.type):
        yield from [path] if inner else []
    yield from (leaf for leaf in inner if leaf != path)


def _holds_bytes(struct: Any) -> bool:
    return any("binary" in str(inner.type) for inner in struct)


def _xlsx(file: DataFile, wanted: Wanted) -> Iterator[Batch]:
    try:
        import openpyxl  # type: ignore[import-untyped, unused-ignore]
    except ImportError:
        raise EngineUnavailable(
            f"{file.name}: reading Excel needs a package that is not installed: "
            "pip install 'tst-harness[files]'"
        ) from None
    from zipfile import BadZipFile

    with open_seekable(file) as stream:
        try:
            book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
        except (BadZipFile, KeyError, ValueError) as error:
            raise DataError(f"{file.name}: is no Excel file, or a truncated one ({error})") from None
        cells = book.worksheets[0].iter_rows(values_only=True)
        header = ["" if name is None else str(name) for name in next(cells, ())]
        kept = [(p, name) for p, name in enumerate(header) if name and (wanted is None or name in wanted)]
        rows = ({name: row[p] for p, name in kept} for row in cells if _says_something(row))
        yield from (Batch(batch, header) for batch in _in_batches(rows))


_READERS: Mapping[str, Callable[[DataFile, Wanted], Iterator[Batch]]] = {
    ".jsonl": _json,
    ".json": _json,
    ".ndjson": _json,
    ".csv": _csv,
    ".tsv": _csv,
    ".parquet": _parquet,
    ".xlsx": _xlsx,
    ".lst": _plain_lines,
}
