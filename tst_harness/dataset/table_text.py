"""Takes the text of a table apart: its encoding, what parts its cells, and its rows."""

import codecs
import csv
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from typing import IO, Any

from tst_harness.dataset.opening import DataFile, open_bytes, open_text
from tst_harness.dataset.parts import Record
from tst_harness.dataset.unreadable import UNREADABLE
from tst_harness.errors import DataError

WINDOWS = "cp1252"
_DELIMITERS = ",;\t|"
_COMMENT = "#"
_NAMED_DELIMITER = re.compile(r"sep=(.)\s*$", re.IGNORECASE)
_HIGH = re.compile(rb"[\x80-\xff]+")
_MOST_IN_RUNS = 0.2
_OTHER_BYTE = re.compile("[\udc80-\udcff]")
_FIRST_OTHER = 0xDC00


def says_something(cells: Iterable[Any]) -> bool:
    """Whether a row of a table has anything but blanks."""
    return any(cell is not None and (not isinstance(cell, str) or cell.strip()) for cell in cells)


@contextmanager
def open_table(file: DataFile) -> Iterator[IO[str]]:
    """Open a table as `open_text` does, in the encoding of Western Windows where no line of it is UTF-8.

    Bytes of a line that are no UTF-8 among others that are become half surrogate pairs.
    """
    with open_text(file, *encoding_of(file)) as text:
        yield text


def encoding_of(file: DataFile) -> tuple[str, str] | tuple[()]:
    """The encoding of a table and what becomes of other bytes; nothing where it is UTF-8, or UTF-16.

    Windows-1252 has its accents and quotes one by one, where other encodings have runs of such bytes.
    """
    others: list[bytes] = []
    utf_8 = False
    with open_bytes(file) as stream:
        for number, line in enumerate(stream):
            if not number and line.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                return ()
            if not line.isascii():
                try:
                    line.decode()
                    utf_8 = True
                except UnicodeDecodeError:
                    others.append(line)
    if utf_8 and others:
        return ("utf-8-sig", "surrogateescape")
    text = b"".join(others)
    runs = [len(run) for run in _HIGH.findall(text)]
    if not runs or sum(run for run in runs if run > 1) > _MOST_IN_RUNS * sum(runs):
        return ()
    try:
        text.decode(WINDOWS)
    except UnicodeDecodeError:
        return ()
    return (WINDOWS, "strict")


def encodings_told(files: Iterable[DataFile]) -> Iterator[str]:
    """Which tables are read in the encoding of Western Windows, in words."""
    for file in files:
        if file.suffix in (".csv", ".tsv") and encoding_of(file)[:1] == (WINDOWS,):
            yield f"{file.name} is no UTF-8 and is read as Windows-1252; save it as UTF-8 if texts look wrong"


def rows_of_text(file: DataFile, text: IO[str], quoted: bool) -> Iterator[list[str] | Record]:
    """The rows of a table that say something, and records for those that cannot be read.

    Comments above the header, "# Title", are none of them. Cells that are `quoted` may hold what parts cells.

    Raises
    ------
    DataError
        A quote is not closed at the end, and it may hide rows.
    """
    head = []
    for line in text:
        head.append(line)
        if not line.startswith(_COMMENT):
            break
    named = _NAMED_DELIMITER.match(head[-1]) if head else None
    if named is not None:  # as Excel writes it
        head.append(text.readline())
    usual = _delimiter(head[-1]) if quoted and file.suffix != ".tsv" and head else "\t"
    delimiter = named[1] if named else usual
    above = len(head) - 1 if named else _comments(head, delimiter)
    lines = chain(head[above:], text)
    reader = csv.reader(
        lines,
        delimiter=delimiter,
        quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
        strict=quoted,
    )
    longest = 1
    while True:
        start = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            problem = f"{_lines(start + above, reader.line_num + above)}: is truncated or corrupt ({error})"
            if reader.line_num - start >= longest:
                raise DataError(f"{file.name} {problem}") from None
            yield {UNREADABLE: problem}
            continue
        longest = max(longest, reader.line_num - start + 1)
        byte = next((sign for cell in row for sign in cell if "\udc80" <= sign <= "\udcff"), None)
        if byte is not None:
            where = _lines(start + above, reader.line_num + above)
            yield {
                UNREADABLE: f"{where}: is not UTF-8 (byte 0x{ord(byte) - 0xDC00:02x}); save the file as UTF-8"
            }
        elif says_something(row):
            yield row


def _comments(head: list[str], delimiter: str) -> int:
    """How many of the first lines are comments: those before the last, if that has more cells."""
    if len(head) < 2:
        return 0
    last, header = head[-2], head[-1]
    return len(head) - 1 - (last.count(delimiter) == header.count(delimiter) > 0)


def _lines(first: int, last: int) -> str:
    return f"line {last}" if first >= last else f"lines {first} to {last}"


def _delimiter(header: str) -> str:
    """What parts the cells: a comma unless the header has none and another sign."""
    return "," if "," in header else max(_DELIMITERS, key=header.count)
