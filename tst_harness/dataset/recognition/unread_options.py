"""Columns that are named for options and hold none that can be read."""

import re
from collections.abc import Iterator

from tst_harness.dataset.names import named_for, named_like
from tst_harness.dataset.recognition.sheet import Column, Sheet, example
from tst_harness.errors import DataError

OFFERING = re.compile(r"option|choice|candidate|ending|alternative", re.IGNORECASE)
_LEAST_FILLED = 0.5


def unread_options(sheet: Sheet, question: str | None) -> Iterator[str]:
    """What is to be said of a file with such columns, from which no options are read.

    Raises
    ------
    DataError
        Each row is an option of a question that several rows have.
    """
    names = {*next(named_for("options", sheet.columns)), *named_like("options", sheet.columns)} - {question}
    offering = [name for name in sheet.columns if name in names and OFFERING.search(name.rpartition(".")[2])]
    columns = sheet.filled(offering, _LEAST_FILLED)
    if not columns:
        return
    long = next((column.name for column in columns if _is_row_by_row(sheet, question, column)), None)
    if long is not None:
        raise DataError(
            f"{sheet.name}: each row seems to be an option, in {long!r}, of a question that several rows "
            "have; write a row for each question with its options in a list, or say --options '' if each row "
            "is a question"
        )
    listed = ", ".join(repr(column.name) for column in columns)
    yield (
        f"no options are read from {listed}, as {example(columns[0].sample[0])}; write them as lists, or "
        "name columns of an option each with --options"
    )


def _is_row_by_row(sheet: Sheet, question: str | None, column: Column) -> bool:
    """Whether a column has another value in each row of a question, of which there are two or more."""
    if question is None:
        return False
    texts = sheet.columns[question]
    rows = set(zip(texts.values, column.values, strict=True))
    return 2 * len(texts.distinct) <= sheet.rows == len(rows)
