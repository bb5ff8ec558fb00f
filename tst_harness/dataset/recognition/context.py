"""Which column tells what questions share outside the text, and which tells each from all others."""

from collections.abc import Collection, Sequence

from tst_harness.dataset.names import named_for
from tst_harness.dataset.reading import FILE_COLUMN
from tst_harness.dataset.recognition.asked import Asked, existing
from tst_harness.dataset.recognition.sheet import Column, Sheet, is_blank, tell_the_same

_MADE = "made from the content of each row"
_NEARLY_ALL = 0.9
_LEAST_FILLED = 0.5
_OUTER = (FILE_COLUMN, "$key", "$key1", "$key2")
"""Columns of what a row stands in, which tells ids apart that are the same in each."""


def find_group(
    sheet: Sheet, given: Asked, taken: Collection[str], answered: Sequence[int]
) -> tuple[str | None, str]:
    """The column of the scene, image or video, and what is to be said of it in the rows that have answers."""
    if given.group is not None:
        name = existing(sheet, given.group, "group") if given.group else None
        return name, _groups(sheet.columns[name], answered) if name else "none, as asked"
    reasons = []
    for tier in named_for("group", sheet.columns):
        columns = [sheet.columns[name] for name in tier if name not in taken]
        for column in sorted(columns, key=lambda column: not column.complete):
            reason = _no_group(column)
            if reason is None:
                also = [
                    other.name
                    for other in columns
                    if other is not column and _no_group(other) is None and not tell_the_same(other, column)
                ]
                other = f"; --group {also[0]} for another" if also else ""
                return column.name, _groups(column, answered) + other
            reasons.append(f"{column.name!r} {reason}")
    return None, f"none found ({reasons[0]})" if reasons else "none found"


def find_id(sheet: Sheet, given: Asked, taken: Collection[str]) -> tuple[str | tuple[str, ...] | None, str]:
    """The column of the ids, or those that make one together, and what is to be said of them."""
    if isinstance(given.id, tuple):
        return given.id, ""
    if given.id is not None:
        return (existing(sheet, given.id, "id"), "") if given.id else (None, _MADE)
    reasons = []
    for tier in named_for("id", sheet.columns):
        for column in (sheet.columns[name] for name in tier if name not in taken):
            # A few that repeat or lack are errors of the file, which are reported row by row.
            if column.is_scalar and len(column.distinct) >= _NEARLY_ALL * sheet.rows:
                return column.name, ""
            outer = [name for name in sheet.columns if name in _OUTER and name != column.name]
            for name in outer if column.is_scalar and column.complete else ():
                pairs = set(zip(sheet.columns[name].values, column.values, strict=True))
                if len(pairs) == sheet.rows:
                    return (name, column.name), ""
            reasons.append(_no_id(column))
    return None, f"{_MADE} ({reasons[0]})" if reasons else _MADE


def _no_id(column: Column) -> str:
    """Why a column that is named for ids has none."""
    if not column.is_scalar:
        return f"{column.name!r} holds lists or objects"
    repeated = column.filled - len(column.distinct)
    what = f"repeats in {repeated:,}" if repeated else f"is missing in {len(column.values) - column.filled:,}"
    return (
        f"{column.name!r} {what} of {len(column.values):,} rows; --id {column.name} reports those as faults"
    )


def _groups(column: Column, answered: Sequence[int]) -> str:
    values = [column.values[p] for p in answered]
    alone = sum(map(is_blank, values))
    n = len(set(values)) - (alone > 0) + alone
    groups = f"{n:,} group{'s' * (n != 1)}"
    return f"{groups}, with one for each row that names none ({alone:,})" if alone else groups


def _no_group(column: Column) -> str | None:
    """Why a column tells no groups; None where it does."""
    if not column.filled:
        return "is empty"
    if not column.is_scalar:
        return "holds lists or objects"
    if column.filled < _LEAST_FILLED * len(column.values):
        return f"is missing in {len(column.values) - column.filled:,} rows"
    if len(column.distinct) == column.filled:
        return "has another value in every row"
    if len(column.distinct) == 1:
        return "has one value in all rows"
    return None
