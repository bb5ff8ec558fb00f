"""Reads the kinds of files that hold tables: JSON Lines, JSON, CSV, TSV, Parquet and Excel.

A reader yields batches of records. Where columns are wanted, a table's other columns are not read; the
records of JSON files hold all of theirs.
"""

import csv
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import IO, Any

from tst_harness.dataset.answer_lists import answers_in, with_answers
from tst_harness.dataset.batch import CHARACTERS, ROWS, Batch, Wanted, in_batches
from tst_harness.dataset.columnar import read_arrow, read_parquet
from tst_harness.dataset.headers import missing_header
from tst_harness.dataset.inside import question_parts, workbook
from tst_harness.dataset.json_stream import ExtraDataError, Piece, concatenated, pieces, pieces_of
from tst_harness.dataset.layouts import Layout, layout_of, records
from tst_harness.dataset.lines import is_lines, lines, read_twice
from tst_harness.dataset.opening import (
    SUFFIXES,
    DataFile,
    begins_as_json,
    check_is_data,
    holds_tabs,
    open_text,
)
from tst_harness.dataset.parts import Record, taken_apart
from tst_harness.dataset.question_pairs import question_pairs
from tst_harness.dataset.table_text import open_table, rows_of_text, says_something
from tst_harness.dataset.text_blocks import holds_blocks, text_blocks
from tst_harness.dataset.unreadable import NO_OBJECT, UNREADABLE, Losses
from tst_harness.dataset.xml_records import xml_records
from tst_harness.errors import DataError, EngineUnavailable

_NULLS = ("", "~", "null")
_FIRST_ROWS = 20
"""Rows that tell whether a table has a header."""


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
        yield from (Batch(rows, []) for rows in in_batches(apart))
        return
    reader = _READERS.get(file.suffix)
    if reader is None:
        reader = _json if begins_as_json(file) else _csv if holds_tabs(file) else None
    if reader is None and file.suffix == ".txt" and holds_blocks(file):
        reader = _blocks
    if reader is None:
        raise DataError(f"{file.name}: cannot read {file.suffix!r} files, only {', '.join(SUFFIXES)}")
    losses = Losses(file.name)
    try:
        if file.is_empty():
            raise DataError(f"{file.name}: is empty")
        check_is_data(file)
        for batch in reader(file, wanted):
            losses.count(batch)
            yield batch
    except OSError as error:
        raise DataError(f"{file.name}: cannot be read: {error.strerror or error}") from None
    losses.check()


def _json(file: DataFile, wanted: Wanted) -> Iterator[Batch]:
    del wanted
    if file.part is None and is_lines(file):
        yield from (Batch(rows, []) for rows in lines(file))
        return
    read: Callable[[IO[str], DataFile], Iterator[Piece]] = _pieces
    try:
        with open_text(file) as text:
            layout = layout_of(_pieces(text, file))
    except ExtraDataError:
        with open_text(file) as text:
            layout = layout_of(concatenated(text, file.name))
        read = _concatenated
    yield from _document(file, layout, lambda text: read(text, file))


def _document(file: DataFile, layout: Layout, read: Callable[[IO[str]], Iterable[Piece]]) -> Iterator[Batch]:
    """The records of a document, which is read anew each time."""
    if layout.members == frozenset():
        raise DataError(f"{file.name}: is not a list of rows, nor an object that holds records")
    answers = None
    if layout.answers is not None:
        with open_text(file) as text:
            answers = answers_in(read(text), layout)
    with open_text(file) as text:
        document = with_answers(read(text), layout, answers)
        yield from (Batch(rows, []) for rows in in_batches(_checked(file, records(document, layout))))


def _yaml(file: DataFile, wanted: Wanted) -> Iterator[Batch]:
    del wanted
    try:
        import yaml
    except ImportError:
        raise EngineUnavailable(
            f"{file.name}: reading YAML needs a package that is not installed: "
            "pip install 'tst-harness[files]'"
        ) from None
    # All as the text that it is written as: yes is no truth, and 007 no number.
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        with open_text(file) as text:
            parts = list(map(_with_nulls, yaml.load_all(text, loader)))
    except (yaml.YAMLError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise DataError(
            f"{file.name}: is not valid YAML ({reason}), the file is truncated or corrupt"
        ) from None
    document = list(pieces_of(parts[0] if len(parts) == 1 else parts))
    yield from _document(file, layout_of(document), lambda text: document)


def _pieces(text: IO[str], file: DataFile) -> Iterator[Piece]:
    """The pieces of a document, or of the part of it that is read; one that is a text may hold a document."""
    for piece in pieces(text, file.name):
        if piece.key is None and not piece.in_list:
            yield from pieces_of(read_twice(piece.value))
        elif file.part in (None, piece.key):
            yield piece


def _concatenated(text: IO[str], file: DataFile) -> Iterator[Piece]:
    return concatenated(text, file.name)


def _with_nulls(value: Any) -> Any:
    """A value of a YAML document with None for members without one."""
    if isinstance(value, dict):
        return {key: None if inner in _NULLS else _with_nulls(inner) for key, inner in value.items()}
    return list(map(_with_nulls, value)) if isinstance(value, list) else value


def _checked(file: DataFile, rows: Iterable[Record | None]) -> Iterator[Record]:
    for number, row in enumerate(rows, 1):
        yield {UNREADABLE: f"row {number}: {NO_OBJECT}"} if row is None else row


def _csv(file: DataFile, wanted: Wanted) -> Iterator[Batch]:
    limit = csv.field_size_limit(sys.maxsize)  # tables of image benchmarks hold images as text
    try:
        with open_table(file) as text:
            known = file.suffix in (".csv", ".tsv")
            rest = rows_of_text(file, text, known)
            first = list(islice(rest, _FIRST_ROWS))
            rows = [row for row in first if isinstance(row, list)]
            # A file of another name says by it that it is no table with a header.
            header = missing_header(rows) if known else missing_header(rows, least=1)
            yield from _cells(file, chain([] if header is None else [header], first, rest), wanted)
    finally:
        csv.field_size_limit(limit)


def _plain_lines(file: DataFile, wanted: Wanted) -> Iterator[Batch]:
    """An answer a line, as of questions that stand in another file."""
    del wanted
    with open_text(file) as text:
        lines = ({"$line": line.strip()} for line in text)
        yield from (Batch(rows, ["$line"]) for rows in in_batches(lines))


def _cells(file: DataFile, reader: Iterator[list[str] | Record], wanted: Wanted) -> Iterator[Batch]:
    header = next(reader, [])
    if isinstance(header, dict):
        raise DataError(f"{file.name} {header[UNREADABLE]}")
    pairs = question_pairs(tuple(header))
    wanted = None if pairs else wanted
    places = {name: place for place, name in enumerate(header) if wanted is None or name in wanted}
    _check_names(file, list(filter(places.__contains__, header)))
    batch: list[Record] = []
    size = 0
    for number, cells in enumerate((row for row in reader if row != header), 1):
        if isinstance(cells, dict):
            batch.append(cells)
        elif len(cells) != len(header):
            problem = f"has {len(cells)} cells where the header has {len(header)}"
            batch.append(
                {UNREADABLE: f"row {number}: {problem}; the file is truncated or a cell is not quoted"}
            )
        else:
            row = {name: cells[place] or None for name, place in places.items()}
            batch += taken_apart(row, number) if pairs else [row]
            size += sum(len(value) for value in row.values() if value)
        if len(batch) >= ROWS or size >= CHARACTERS:
            yield Batch(batch, [] if pairs else header)
            batch, size = [], 0
    yield Batch(batch, [] if pairs else header)


def _check_names(file: DataFile, header: Sequence[str]) -> None:
    twice = next((name for name in header if name and header.count(name) > 1), None)
    if twice is not None:
        raise DataError(f"{file.name}: has two columns named {twice!r}")


def _xlsx(file: DataFile, wanted: Wanted) -> Iterator[Batch]:
    if file.part is None:
        file = next(iter(question_parts(file)), file)
    with workbook(file) as book:
        sheet = book.worksheets[0] if file.part is None else book[file.part]
        cells = sheet.iter_rows(values_only=True)
        header = ["" if name is None else str(name) for name in next(cells, ())]
        _check_names(file, header)
        pairs = question_pairs(tuple(header))
        wanted = None if pairs else wanted
        kept = [(p, name) for p, name in enumerate(header) if name and (wanted is None or name in wanted)]
        rows = ({name: row[p] for p, name in kept} for row in cells if says_something(row))
        if pairs:
            header, numbered = [], enumerate(rows, 1)
            rows = (part for number, row in numbered for part in taken_apart(row, number))
        yield from (Batch(batch, header) for batch in in_batches(rows))


def _xml(file: DataFile, wanted: Wanted) -> Iterator[Batch]:
    del wanted
    document = list(pieces_of(xml_records(file)))
    yield from _document(file, layout_of(document), lambda text: document)


def _blocks(file: DataFile, wanted: Wanted) -> Iterator[Batch]:
    del wanted
    yield from (Batch(rows, []) for rows in in_batches(text_blocks(file)))


_READERS: Mapping[str, Callable[[DataFile, Wanted], Iterator[Batch]]] = {
    ".jsonl": _json,
    ".json": _json,
    ".ndjson": _json,
    ".yaml": _yaml,
    ".yml": _yaml,
    ".csv": _csv,
    ".tsv": _csv,
    ".parquet": read_parquet,
    ".arrow": read_arrow,
    ".xlsx": _xlsx,
    ".lst": _plain_lines,
    ".xml": _xml,
}
