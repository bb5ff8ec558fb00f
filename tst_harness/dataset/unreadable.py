"""Rows of a file that cannot be read, which are findings unless there are many of them."""

from tst_harness.dataset.batch import Batch
from tst_harness.dataset.parts import Record
from tst_harness.errors import DataError

UNREADABLE = "$unreadable"
"""The one key of a record that stands for such a row: why it cannot be read, "line 3: is not valid JSON"."""
NO_OBJECT = "is not a JSON object with a key a column"
_MOST = 0.5


def unreadable(error: DataError, name: str) -> Record:
    """The record that stands for a row that a reader of the file of this name cannot read."""
    return {UNREADABLE: str(error).removeprefix(f"{name} ")}


class Losses:
    """How many rows of a file cannot be read."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._first: str | None = None
        self._lost = 0
        self._rows = 0

    def count(self, batch: Batch) -> None:
        """Count the rows of a batch, and those of them that cannot be read."""
        self._rows += len(batch.records)
        for record in batch.records:
            if UNREADABLE in record:
                self._lost += 1
                self._first = self._first or str(record[UNREADABLE])

    def check(self) -> None:
        """Raise DataError where the file has no rows, or half of them or more cannot be read."""
        if not self._rows:
            raise DataError(f"{self._name}: is empty, it has no rows")
        if self._first is not None and self._lost >= _MOST * self._rows:
            others = f"; {self._lost:,} of {self._rows:,} rows cannot be read" if self._lost > 1 else ""
            raise DataError(f"{self._name} {self._first}{others}")
