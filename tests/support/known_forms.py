"""What files of 40 made-up questions in the layouts of well-known sets are built of."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from data_rows import Row
from layout_rows import (
    LETTERS,
    THINGS,
    Expected,
    gold_of,
    options_of,
    write_json,
    write_lines,
)

N = 40
Build = Callable[[Path], Path]


class Known(NamedTuple):
    """A file of 40 questions, what it amounts to, and the right answer to the question of a number.

    An answer is the text of an option, the set of several, a number, or the set of accepted texts.
    """

    build: Build
    expected: Expected
    right: Callable[[int], object]


def right_option(i: int, n: int = 4) -> str:
    return options_of(i, n)[gold_of(i, n)]


def letter(i: int, n: int = 4) -> str:
    return LETTERS[gold_of(i, n)]


def of(n: int) -> Callable[[int], str]:
    """The right option of n."""
    return lambda i: right_option(i, n)


def named(i: int, names: str, n: int = 4, first: int = 1) -> Row:
    """A column an option; "{}" in the name stands for its number."""
    return {names.format(first + place): option for place, option in enumerate(options_of(i, n))}


def labelled(i: int, n: int = 4) -> list[Row]:
    return [{"label": x, "text": o} for x, o in zip(LETTERS, options_of(i, n), strict=False)]


def lines(row: Callable[[int], Row]) -> Build:
    return lambda folder: write_lines(folder / "rows.jsonl", [row(i) for i in range(N)])


def document(make: Callable[[], Any]) -> Build:
    return lambda folder: write_json(folder / "rows.json", make())


def table(row: Callable[[int], Row], delimiter: str = ",") -> Build:
    def write(folder: Path) -> Path:
        path = folder / ("rows.csv" if delimiter == "," else "rows.tsv")
        rows = [row(i) for i in range(N)]
        with path.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.DictWriter(stream, list(rows[0]), delimiter=delimiter)
            writer.writeheader()
            writer.writerows(rows)
        return path

    return write


def thing(i: int) -> str:
    return f"the {THINGS[i % 8]} {i}"


MC, MULTI, NUM, OPEN = {"mc"}, {"multi"}, {"num"}, {"open"}
BOTH = {"rows (num)", "rows (open)"}
