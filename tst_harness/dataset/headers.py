"""Tables without a header: a question, its options and a letter in every row, as MMLU is published."""

import re
from collections.abc import Sequence
from string import ascii_uppercase

from tst_harness.dataset.names import named_for

_LEAST_ROWS = 3
_LEAST_CELLS = 4
_LETTER = re.compile("[A-Z]")


def missing_header(rows: Sequence[Sequence[str]]) -> list[str] | None:
    """The names of the columns of a table whose first row is a question; None where it is a header.

    Parameters
    ----------
    rows
        The first rows of the table.

    Returns
    -------
    `$question`, `$A`, `$B`, ..., `$answer`, where the last cell of each row is the letter of one of the cells
    between, the first is a text of several words, and none of the first row's cells is known as the name of a
    column.
    """
    n = len(rows[0]) if rows else 0
    if len(rows) < _LEAST_ROWS or n < _LEAST_CELLS or any(len(row) != n for row in rows):
        return None
    letters = ascii_uppercase[: n - 2]
    if not all(_LETTER.fullmatch(row[-1].strip()) and row[-1].strip() in letters for row in rows):
        return None
    named = any(any(named_for(role, rows[0])) for role in ("question", "answer"))
    if named or not all(" " in row[0].strip() for row in rows):
        return None
    return ["$question", *(f"${letter}" for letter in letters), "$answer"]
