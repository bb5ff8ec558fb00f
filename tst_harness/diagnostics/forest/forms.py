"""The distinct questions of one type: what is written once need be looked at once.

A form is a distinct (text, options) pair. Everything that depends on the text alone is computed for
forms, however many questions share one; answers are added to it later, as sums over questions.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from tst_harness.analysis.diagnostic import IntArray

_SPACE = re.compile(r"\s+")
_NUMBER = re.compile(
    r"[^\w.+-]*(?P<number>[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|[+-]?\.\d+)\s*[^\d\s]*\.?"
)
_MINUS = str.maketrans("\N{MINUS SIGN}\N{EN DASH}", "--")
_LARGEST_NUMBER = 1e30
"""Larger ones are read as words: they would not fit into a float32 feature."""


def normalise(text: str) -> str:
    """Lower case, single spaces: what a reader would call the same words."""
    return _SPACE.sub(" ", text).strip().lower()


class Pattern(NamedTuple):
    """What finds the slots of a text.

    Attributes
    ----------
    search
        Finds its match in a text.
    wording
        What the texts that it matches say, for a reader.
    names
        What its named groups are called, where that is not their name.
    """

    search: Callable[[str], re.Match[str] | None]
    wording: str
    names: Mapping[str, str]

    def slots(self, text: str) -> dict[str, str] | None:
        """Slot to normalised value, without those that have none; None where the text does not match."""
        match = self.search(text)
        if match is None:
            return None
        groups = match.groupdict().items()
        return {self.names.get(name, name): normalise(value) for name, value in groups if value}


@dataclass(frozen=True, eq=False)
class Forms:
    """The distinct questions of one type.

    Attributes
    ----------
    text
        One normalised question text a form.
    options
        One tuple of normalised options a form; empty tuples for num.
    written_text, written_options
        The same as they are written, in their case and with their spaces.
    slots
        One mapping of slot to normalised value a form; empty where no pattern matches.
    wording
        That of the pattern which matches, one a form; empty where none does.
    first
        (n_forms + 1,) where a form's rows start. A row is an option (mc) or the question itself (num).
    form_of
        (n_questions,) which form a question of the type has.
    """

    text: list[str]
    options: list[tuple[str, ...]]
    written_text: list[str]
    written_options: list[tuple[str, ...]]
    slots: list[dict[str, str]]
    wording: list[str]
    first: IntArray
    form_of: IntArray

    @property
    def n_rows(self) -> int:
        """Number of rows over all forms."""
        return int(self.first[-1])

    @property
    def row_form(self) -> IntArray:
        """(n_rows,) the form of each row."""
        return np.repeat(np.arange(len(self.text)), np.diff(self.first))

    def rows(self, forms: IntArray) -> tuple[IntArray, IntArray]:
        """The rows of some forms, flat, and how many each has."""
        counts = np.diff(self.first)[forms]
        return ragged(self.first[forms], counts), counts


def ragged(starts: IntArray, counts: IntArray) -> IntArray:
    """The indices start .. start + count - 1 of each pair, one after the other."""
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    indices: IntArray = np.arange(total) + np.repeat(starts - (ends - counts), counts)
    return indices


def make_forms(
    texts: Sequence[str], options: Sequence[tuple[str, ...] | None], patterns: Sequence[Pattern]
) -> Forms:
    """Collect the forms of a type's questions, given in a canonical order.

    Parameters
    ----------
    patterns
        The first that matches a text tells its slots.
    """
    numbers: dict[tuple[str, tuple[str, ...]], int] = {}
    form_of = np.fromiter(
        (
            numbers.setdefault((text, row or ()), len(numbers))
            for text, row in zip(texts, options, strict=True)
        ),
        dtype=np.int64,
        count=len(texts),
    )
    matched = [_first_match(text, patterns) for text, _ in numbers]
    distinct = [tuple(normalise(option) for option in row) for _, row in numbers]
    sizes = [max(len(row), 1) for row in distinct]
    return Forms(
        text=[normalise(text) for text, _ in numbers],
        options=distinct,
        written_text=[text for text, _ in numbers],
        written_options=[row for _, row in numbers],
        slots=[slots for _, slots in matched],
        wording=[wording for wording, _ in matched],
        first=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        form_of=form_of,
    )


def _first_match(text: str, patterns: Sequence[Pattern]) -> tuple[str, dict[str, str]]:
    for pattern in patterns:
        slots = pattern.slots(text)
        if slots is not None:
            return pattern.wording, slots
    return "", {}


@lru_cache(maxsize=2**16)
def parse_number(text: str) -> float:
    """The number that an option consists of, units and thousands separators aside; NaN for none."""
    match = _NUMBER.fullmatch(text.translate(_MINUS))
    number = float(match["number"].replace(",", "")) if match else math.nan
    return number if abs(number) <= _LARGEST_NUMBER else math.nan
