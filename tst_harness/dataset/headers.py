"""Tables without a header: a question, its options and the letter or index of one, as MMLU is published."""

import re
from collections import Counter
from collections.abc import Sequence
from string import ascii_uppercase

from tst_harness.dataset.names import Role, named_for

_LEAST_ROWS = 3
_LEAST_COUNTED = 3
"""Options that are told by their number, as two columns and a 0 or 1 may be anything."""
_ROLES: tuple[Role, ...] = ("question", "options", "answer", "type", "group", "id")
_LETTER = re.compile("[A-Z]")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?")


def missing_header(rows: Sequence[Sequence[str]]) -> list[str] | None:
    """The names of the columns of a table whose first row is one like the others; None where it is a header.

    Parameters
    ----------
    rows
        The first rows of the table.

    Returns
    -------
    `$question`, `$A`, `$B`, ..., `$answer`, where the last cell of each row is the letter or the index of one
    of the cells between it and a text of several words. Else `column1`, ..., where none of the first row's
    cells is known as the name of a column and one is a number in a column of numbers, or there again below.
    """
    n = len(rows[0]) if rows else 0
    if len(rows) < _LEAST_ROWS or n < 2 or any(len(row) != n for row in rows):
        return None
    names = [f"column{place}" for place in range(1, n + 1)]
    columns = [[cell.strip() for cell in cells] for cells in zip(*rows, strict=True)]
    first = next((place for place, cells in enumerate(columns) if all(" " in cell for cell in cells)), n)
    letters = ascii_uppercase[: max(n - first - 2, 0)]
    if len(letters) > 1 and _names_cells(columns[-1], letters):
        return [*names[:first], "$question", *(f"${letter}" for letter in letters), "$answer"]
    if _names_columns(rows[0]):
        return None
    return names if any(map(_is_data, columns)) else None


def is_header(row: object) -> bool:
    """Whether a row is a list of different names of columns, some of which are known."""
    if not isinstance(row, list) or not all(isinstance(name, str) for name in row):
        return False
    return len(set(row)) == len(row) and _names_columns(row)


def _names_columns(row: Sequence[str]) -> bool:
    return any(any(named_for(role, row)) for role in _ROLES)


def _names_cells(answers: Sequence[str], letters: str) -> bool:
    """Whether the last cells of the rows are letters, or indices, of the cells before them."""
    if all(_LETTER.fullmatch(answer) and answer in letters for answer in answers):
        return True
    n = len(letters)
    counted = {str(place) for place in range(n)}, {str(place) for place in range(1, n + 1)}
    return n >= _LEAST_COUNTED and any(own.issuperset(answers) for own in counted)


def _is_data(cells: Sequence[str]) -> bool:
    """Whether the first cell of a column is one like the others: a number among numbers, or there again."""
    if all(map(_NUMBER.fullmatch, cells)):
        return True
    return bool(cells[0]) and Counter(cells)[cells[0]] > 1
