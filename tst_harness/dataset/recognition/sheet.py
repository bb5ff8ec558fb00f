"""A file whose columns nobody has declared: what stands in them."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import permutations

from tst_harness.dataset.answers import text_of
from tst_harness.dataset.names import named_for, option_series, question_holders
from tst_harness.dataset.own_answers import LINE, ids_beside
from tst_harness.dataset.reading import DataFile, Value, column_names, places_of, read
from tst_harness.errors import DataError

_SAMPLE = 2_000
_LONGEST_EXAMPLE = 60
_LETTERS_WITHOUT_SPACES = "\u0e00"
"""From here on there are scripts that set no spaces between words."""


@dataclass(frozen=True, eq=False)
class Column:
    """One column; `at` are rows from all over the file, at most 2,000, for decisions about the whole."""

    name: str
    values: list[Value]
    at: Sequence[int]

    @cached_property
    def filled(self) -> int:
        """How many rows have a value."""
        return sum(not is_blank(value) for value in self.values)

    @cached_property
    def distinct(self) -> frozenset[Value]:
        """The values, without blanks."""
        return frozenset(value for value in set(self.values) if not is_blank(value))

    @property
    def complete(self) -> bool:
        """Whether no row lacks a value."""
        return self.filled == len(self.values)

    @cached_property
    def sample(self) -> list[Value]:
        """Values of the rows `at`, without blanks."""
        return [self.values[p] for p in self.at if not is_blank(self.values[p])]

    @cached_property
    def is_scalar(self) -> bool:
        """Whether the values are text or numbers, neither lists nor JSON objects."""
        return not any(isinstance(value, tuple) or is_object(value) for value in self.sample)

    @cached_property
    def is_prose(self) -> bool:
        """Whether most values are text of several words."""
        return 2 * sum(map(_has_words, self.sample)) > len(self.sample) and self.is_scalar


@dataclass(frozen=True, eq=False)
class Sheet:
    """All columns of a file by name, in its order; `name` is what messages call the file."""

    name: str
    rows: int
    columns: dict[str, Column]

    def with_values(self, name: str, values: list[Value]) -> "Sheet":
        """The sheet with other values in a column."""
        column = Column(name, values, self.columns[name].at)
        return Sheet(self.name, self.rows, self.columns | {name: column})

    def filled(self, names: Iterable[str], share: float = 0.0) -> list[Column]:
        """Of these columns those with a value in more than a share of the rows."""
        return [self.columns[name] for name in names if self.columns[name].filled > share * self.rows]


def read_sheet(files: Sequence[DataFile], name: str) -> Sheet:
    """Read every column that all files have, and the options of some, but embedded images.

    Raises
    ------
    DataError
        As `tst_harness.dataset.reading.read` does.
    """
    names = _columns_of([column_names(file) for file in files])
    # What stands in these has columns of its own.
    holders = question_holders(names)
    names = [key for key in names if key not in holders]
    places = places_of(files)
    varying = [key for key in places[0] if len({place.get(key) for place in places}) > 1]
    names = [*varying, *(key for key in names if key not in varying)]
    table = read(files, {key: (key,) for key in names}, in_some=names)
    columns, rows = table.columns, table.rows - len(table.unreadable)
    if table.unreadable:
        kept = [position for position in range(table.rows) if position not in table.unreadable]
        columns = {key: [values[position] for position in kept] for key, values in columns.items()}
    at = sorted(random.Random(0).sample(range(rows), min(rows, _SAMPLE)))
    return Sheet(name, rows, {key: Column(key, columns[key], at) for key in names})


def _columns_of(files: Sequence[list[str]]) -> list[str]:
    """The columns that all files have, and those named for options that some have."""
    names = list(dict.fromkeys(name for columns in files for name in columns))
    offering = {name for tier in named_for("options", names) for name in tier}
    offering |= {name for series in option_series(names) for name in series}
    return [name for name in names if name in offering or all(name in columns for columns in files)]


def with_own_answers(sheet: Sheet, answers: Sheet) -> tuple[Sheet, str | tuple[str, ...] | None]:
    """The sheet with the columns of the answers' own file, and the column of the ids that both have, or two.

    There are no ids where the answers stand a line each.

    Raises
    ------
    DataError
        No column of one has the ids of the other, or there are more or fewer lines than questions.
    """
    if LINE in answers.columns:
        if answers.rows != sheet.rows:
            raise DataError(
                f"{answers.name}: has {answers.rows:,} lines where there are {sheet.rows:,} questions; "
                "each line must be the answer to the question in its place"
            )
        lines = Column(LINE, answers.columns[LINE].values, next(iter(sheet.columns.values())).at)
        return Sheet(sheet.name, sheet.rows, sheet.columns | {LINE: lines}), None
    scalar = [name for name, column in sheet.columns.items() if column.is_scalar]
    for own in (*((name,) for name in scalar), *permutations(scalar, 2)):
        theirs = [
            next((name for name in names if name in answers.columns), None) for names in ids_beside(own)
        ]
        named = [name for name in theirs if name is not None]
        rows = _matched(sheet, answers, own, named) if len(named) == len(own) else None
        if rows is not None:
            columns = dict(sheet.columns)
            for other in answers.columns.values():
                if other.name not in named and other.name not in columns:
                    values = [None if place is None else other.values[place] for place in rows]
                    columns[other.name] = Column(other.name, values, sheet.columns[own[0]].at)
            return Sheet(sheet.name, sheet.rows, columns), own if len(own) > 1 else own[0]
    raise DataError(
        f"{answers.name}: its ids are those of no column of {sheet.name}, so the answers cannot be told "
        f"apart; the columns are {', '.join(answers.columns)} and {', '.join(sheet.columns)}"
    )


def _matched(
    sheet: Sheet, answers: Sheet, own: Sequence[str], theirs: Sequence[str]
) -> list[int | None] | None:
    """The row of the answer to each question, by columns that tell all questions apart; None without."""
    ids = list(zip(*(map(text_of, sheet.columns[name].values) for name in own), strict=True))
    if len(set(ids)) < sheet.rows or any(None in id_ for id_ in ids):
        return None
    cells = zip(*(map(text_of, answers.columns[name].values) for name in theirs), strict=True)
    places = {id_: place for place, id_ in enumerate(cells)}
    rows = [places.get(id_) for id_ in ids]
    known = sum(place is not None for place in rows)
    return rows if 2 * known >= min(sheet.rows, answers.rows) else None


def tell_the_same(first: Column, second: Column) -> bool:
    """Whether two columns tell the same rows apart."""
    pairs = set(zip(first.values, second.values, strict=True))
    return len(pairs) == len(first.distinct) == len(second.distinct)


def is_blank(value: Value) -> bool:
    """Whether a cell holds nothing."""
    return value is None or value == () or (isinstance(value, str) and not value.strip())


def is_object(value: Value) -> bool:
    """Whether a cell holds a JSON object, or a list of them."""
    if not isinstance(value, str) or '"' not in value:
        return False
    return value.startswith(("{", "[{")) and value.endswith(("}", "}]"))


def example(value: Value) -> str:
    """A cell for a line of the terminal: short, quoted, nothing in it that moves the cursor."""
    text = " ".join((text_of(value) or str(value or ""))[: 2 * _LONGEST_EXAMPLE].split())
    short = text if len(text) <= _LONGEST_EXAMPLE else text[: _LONGEST_EXAMPLE - 3].rstrip() + "..."
    return '"' + "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in short) + '"'


def _has_words(value: Value) -> bool:
    if not isinstance(value, str):
        return False
    return " " in value.strip() or any(letter >= _LETTERS_WITHOUT_SPACES for letter in value[:100])
