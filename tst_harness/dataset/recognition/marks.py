"""Columns that mark the right options, one a column, as `label_1` to `label_4` beside a list of four."""

import re
from collections.abc import Iterable

from tst_harness.dataset.names import named_for
from tst_harness.dataset.nested import mark_of
from tst_harness.dataset.recognition.asked import Asked
from tst_harness.dataset.recognition.options import FoundOptions
from tst_harness.dataset.recognition.sheet import Column, Sheet, is_blank

_LEAST_MARKED = 0.5
_PLACE = re.compile(r"(?<![A-Za-z])[A-Za-z](?![A-Za-z])|\d+")
"""What tells the names of such columns apart: a letter by itself, or a number."""


def mark_columns(sheet: Sheet, given: Asked, options: FoundOptions, guesses: list[str]) -> tuple[str, ...]:
    """The columns that mark each option as right or not, in the options' order, which `guesses` says.

    There are none where another column is named for answers, as where annotators mark the questions.
    """
    n = max((len(of_row) for of_row in options.of_row if of_row is not None), default=0)
    if given.answer is not None or options.with_answer is not None or n < 2:
        return ()
    for names in _series(name for name in sheet.columns if name not in options.columns):
        columns = [sheet.columns[name] for name in names]
        if len(names) == n and all(map(_is_mark, columns)) and _mark_one(columns):
            named = (name for tier in named_for("answer", sheet.columns) for name in tier)
            if any(sheet.columns[name].filled for name in named if name not in (*names, *options.columns)):
                return ()
            guesses.append(
                f"{', '.join(map(repr, names))} mark which options are right; --answer for a column "
                "that says it"
            )
            return names
    return ()


def columns_in_turn(sheet: Sheet, given: Asked, options: FoundOptions) -> tuple[str, ...]:
    """The column whose options say which are right, and that of all other rows' answers; none without."""
    place = options.with_answer
    if given.answer is not None or place is None or place != options.place:
        return ()
    bare = [p for p, has in enumerate(options.offered) if not has]
    for name in (name for tier in named_for("answer", sheet.columns) for name in tier):
        column = sheet.columns[name]
        filled = [p for p in range(sheet.rows) if not is_blank(column.values[p])]
        if bare and name != place and not name.startswith(f"{place}.") and filled == bare:
            return (place, name)
    return ()


def _series(names: Iterable[str]) -> list[tuple[str, ...]]:
    """Columns whose names are alike but for a letter or number, which run from the first on without gaps."""
    members: dict[tuple[str, str, bool], dict[int, str]] = {}
    for name in names:
        for match in _PLACE.finditer(name):
            digits = match[0].isdigit()
            place = int(match[0]) if digits else ord(match[0].lower()) - ord("a")
            around = name[: match.start()], name[match.end() :], digits
            members.setdefault(around, {})[place] = name
    runs = [[by_place[place] for place in sorted(by_place)] for by_place in members.values()]
    places = [sorted(by_place) for by_place in members.values()]
    return [
        tuple(run)
        for run, at in zip(runs, places, strict=True)
        if at[0] in (0, 1) and at == list(range(at[0], at[0] + len(at)))
    ]


def _is_mark(column: Column) -> bool:
    return bool(column.sample) and all(mark_of(value) is not None for value in column.sample)


def _mark_one(columns: list[Column]) -> bool:
    """Whether at least one option is marked in most of the rows in which any column says something."""
    rows = [
        row for row in zip(*(column.values for column in columns), strict=True) if not all(map(is_blank, row))
    ]
    return sum(any(map(mark_of, row)) for row in rows) > _LEAST_MARKED * len(rows)
