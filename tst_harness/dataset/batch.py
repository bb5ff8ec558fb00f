"""Some records of a file at a time."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from tst_harness.dataset.parts import Record

ROWS = 10_000
CHARACTERS = 1 << 23
"""What a batch holds at most, so that pictures in rows do not fill the memory."""

Wanted = frozenset[str] | None
"""The columns to read, by path; None for all."""


class Batch(NamedTuple):
    """Some records of a file, and the columns that the file says it has; JSON files do not say."""

    records: list[Record]
    columns: list[str]


def in_batches(rows: Iterable[Record]) -> Iterator[list[Record]]:
    """The records in lists of at most `ROWS`."""
    rest = iter(rows)
    while batch := list(islice(rest, ROWS)):
        yield batch
