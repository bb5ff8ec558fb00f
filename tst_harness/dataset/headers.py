"""Rows without names for what stands in them: tables without a header, and lists instead of objects."""

import re
from collections import Counter
from collections.abc import Sequence
from string import ascii_uppercase
from typing import Any

from tst_harness.dataset.names import Role, named_for

_LEAST_ROWS = 3
_LEAST_COUNTED = 3
"""Options that are told by their number, as two columns and a 0 or 1 may be anything."""
_LONGEST_ANSWER = 80
_ROLES: tuple[Role, ...] = ("question", "options", "answer", "type", "group", "id")
_LETTER = re.compile("[A-Z]")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?")
_ASKS = re.compile("[?？؟]")
_MEDIUM = re.compile(
    r"\S.*\.(?:jpe?g|png|webp|gif|bmp|tiff?|mp4|avi|mkv|webm|mov|wav|mp3|flac)", re.IGNORECASE
)


def missing_header(rows: Sequence[Sequence[str]], least: int = _LEAST_ROWS) -> list[str] | None:
    """The names of the columns of a table whose first row is one like the others; None where it is a header.

    Parameters
    ----------
    rows
        The first rows of the table.
    least
        How many there must be to tell.

    Returns
    -------
    `$question`, `$A`, `$B`, ..., `$answer`, where the last cell of each row is the letter or the index of one
    of the cells between it and a text of several words; or as `names_of_cells` says. Else `column1`, ...,
    where none of the first row's cells is known as the name of a column and one is a number in a column of
    numbers, or there again below.
    """
    n = len(rows[0]) if rows else 0
    if len(rows) < least or n < 2 or any(len(row) != n for row in rows):
        return None
    columns = [[cell.strip() for cell in cells] for cells in zip(*rows, strict=True)]
    first = next((place for place, cells in enumerate(columns) if all(" " in cell for cell in cells)), n)
    letters = ascii_uppercase[: max(n - first - 2, 0)]
    if len(letters) > 1 and _names_cells(columns[-1], letters):
        return [*_unnamed(first), "$question", *(f"${letter}" for letter in letters), "$answer"]
    if _names_columns(rows[0]):
        return None
    names = names_of_cells(rows)
    if names is not None and _ASKS.search(rows[0][names.index("$question")]):
        return names
    return names or _unnamed(n) if any(map(_is_data, columns)) else None


def names_of_cells(rows: Sequence[Sequence[Any]]) -> list[str] | None:
    """What stands in each place of rows of a question and its answer; None where that is not clear.

    Parameters
    ----------
    rows
        Some rows, as long as each other.

    Returns
    -------
    `$question` for the only place of texts of several words, or that in which most ask something, and
    `$answer` for the last place, or the first where the question is last; `$options` for lists of texts,
    `$medium` for files of pictures, films or sounds, and for words in the first place `$id` where all are
    different and `$key` where they are not. There is nothing else.
    """
    n = len(rows[0]) if rows else 0
    if n < 2 or any(len(row) != n for row in rows):
        return None
    columns = [list(cells) for cells in zip(*rows, strict=True)]
    prose = [place for place, cells in enumerate(columns) if all(isinstance(cell, str) for cell in cells)]
    prose = [place for place in prose if 2 * sum(" " in cell.strip() for cell in columns[place]) > len(rows)]
    asking = [place for place in prose if 2 * sum(map(_asks, columns[place])) > len(rows)]
    question = asking[0] if len(asking) == 1 else prose[0] if len(prose) == 1 and not asking else None
    if question is None:
        return None
    answer = n - 1 if question < n - 1 else 0
    if not all(map(_can_be_answer, columns[answer])) or all(map(_is_medium, columns[answer])):
        return None
    known = {question: "$question", answer: "$answer"}
    names = [known.get(place) or _name_of(cells, place) for place, cells in enumerate(columns)]
    return [name for name in names if name] if all(names) and len(set(names)) == n else None


def _name_of(cells: Sequence[Any], place: int) -> str | None:
    """What cells are that are no questions and no answers; None where that is not clear."""
    if all(isinstance(cell, list) and len(cell) > 1 for cell in cells):
        return "$options"
    if all(map(_is_medium, cells)):
        return "$medium"
    if place or not all(isinstance(cell, str | int) and " " not in str(cell) for cell in cells):
        return None
    return "$id" if len(set(cells)) == len(cells) else "$key"


def is_header(row: object) -> bool:
    """Whether a row is a list of different names of columns, some of which are known."""
    if not isinstance(row, list) or not all(isinstance(name, str) for name in row):
        return False
    return len(set(row)) == len(row) and _names_columns(row)


def _unnamed(n: int) -> list[str]:
    return [f"column{place}" for place in range(1, n + 1)]


def _asks(text: str) -> bool:
    return _ASKS.search(text) is not None


def _can_be_answer(cell: object) -> bool:
    texts = cell if isinstance(cell, list) else [cell]
    return all(isinstance(text, str | int | float) and len(str(text)) <= _LONGEST_ANSWER for text in texts)


def _is_medium(cell: object) -> bool:
    return isinstance(cell, str) and _MEDIUM.fullmatch(cell.strip()) is not None


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
