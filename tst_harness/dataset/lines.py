"""Reads JSON Lines: an object a line, or a list a line below one of the columns' names."""

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from tst_harness.dataset.batch import CHARACTERS, ROWS
from tst_harness.dataset.headers import is_header, names_of_cells
from tst_harness.dataset.opening import DataFile, not_json, not_utf8, open_bytes
from tst_harness.dataset.parts import Record, is_table, taken_apart
from tst_harness.dataset.unreadable import NO_OBJECT, UNREADABLE, unreadable
from tst_harness.errors import DataError

_FIRST_ROWS = 20


def is_lines(file: DataFile) -> bool:
    """Whether a file is JSON Lines, whatever it is called: its first line is a whole row."""
    named = file.suffix != ".json"
    with open_bytes(file) as stream:
        rows = (line.decode("utf-8-sig", "replace").strip() for line in stream)
        first = next((line for line in rows if line), "")
        if first.startswith("["):
            return _is_row(first) and _is_row(next((line for line in rows if line), ""))
        try:
            read, end = json.JSONDecoder().raw_decode(first)
        except (ValueError, RecursionError):
            return named and first != "{"
        if first[end:].lstrip().startswith((",", "{")):
            return False
        return named or (isinstance(read, dict) and next((True for line in rows if line), False))


def lines(file: DataFile) -> Iterator[list[Record]]:
    """The records of JSON Lines, many at a time.

    Raises
    ------
    DataError
        The file cannot be opened. A line that is not valid JSON, not UTF-8, or no record is a record that
        says so, as `unreadable` has it.
    """
    batch: list[Record] = []
    header = _names_of_lists(file)
    size = rows = 0
    with open_bytes(file) as stream:
        for number, line in enumerate(stream, 1):
            try:
                row = json.loads(line)
            except (ValueError, RecursionError):
                if not line.strip():
                    continue
                try:
                    row = _json_line(file, number, line)
                except DataError as error:
                    rows += 1
                    batch.append(unreadable(error, file.name))
                    continue
            row = read_twice(row)
            if header is None and not rows and is_header(row):
                header = row
                continue
            rows += 1
            if header is not None and type(row) is list and len(row) == len(header):
                row = dict(zip(header, row, strict=True))
            if type(row) is dict:
                batch += taken_apart(row, rows)
                size += len(line)
            else:
                batch.append({UNREADABLE: f"row {rows}: {NO_OBJECT}"})
            if len(batch) >= ROWS or size >= CHARACTERS:
                yield batch
                batch, size = [], 0
    if batch:
        yield batch


def read_twice(value: Any) -> Any:
    """What a text says as a JSON object or list; any other value itself."""
    if not isinstance(value, str) or not value.lstrip().startswith(("{", "[")):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def _names_of_lists(file: DataFile) -> list[str] | None:
    """What stands in rows that are lists, the first of which is one like the others."""
    with open_bytes(file) as stream:
        first = list(islice(filter(bytes.strip, stream), _FIRST_ROWS))
    if not first or not first[0].lstrip(b"\xef\xbb\xbf \t").startswith(b"["):
        return None
    try:
        rows = [_json_line(file, number, line) for number, line in enumerate(first, 1)]
    except DataError:
        return None
    if is_header(rows[0]) or not all(isinstance(row, list) for row in rows):
        return None
    return names_of_cells(rows)


def _json_line(file: DataFile, number: int, line: bytes) -> Any:
    try:
        return json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8"))
    except UnicodeDecodeError as error:
        raise not_utf8(file, number, error) from None
    except (ValueError, RecursionError) as error:
        raise not_json(f"{file.name} line {number}", error) from None


def _is_row(line: str) -> bool:
    """Whether a line is a list of what is no object."""
    try:
        read = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(read, list) and not is_table(read)
