"""The distinct questions of one type: what is written once need be looked at once.

A form is a distinct (text, options) pair. Everything that depends on the text alone is computed for
forms, however many questions share one; answers are added to it later, as sums over questions.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from tst_harness.data.diagnostic import IntArray

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


@dataclass(frozen=True, eq=False)
class Forms:
    """The distinct questions of one type.

    Attributes
    ----------
    text
        One normalised question text a form.
    options
        One tuple of normalised options a form; empty tuples for num.
    slots
        One mapping of slot to normalised value a form; empty where no pattern is declared or it does
        not match.
    first
        (n_forms + 1,) where a form's rows start. A row is an option (mc) or the question itself (num).
    form_of
        (n_questions,) which form a question of the type has.
    has_slots
        Whether the declared pattern finds a slot in any question.
    """

    text: list[str]
    options: list[tuple[str, ...]]
    slots: list[dict[str, str]]
    first: IntArray
    form_of: IntArray
    has_slots: bool

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
    texts: Sequence[str], options: Sequence[tuple[str, ...] | None], pattern: re.Pattern[str] | None
) -> Forms:
    """Collect the forms of a type's questions, given in a canonical order."""
    numbers: dict[tuple[str, tuple[str, ...]], int] = {}
    form_of = np.fromiter(
        (
            numbers.setdefault((text, row or ()), len(numbers))
            for text, row in zip(texts, options, strict=True)
        ),
        dtype=np.int64,
        count=len(texts),
    )
    slots: list[dict[str, str]] = []
    for text, _ in numbers:
        match = pattern.search(text) if pattern is not None else None
        found = match.groupdict() if match is not None else {}
        slots.append({name: normalise(value) for name, value in found.items() if value})
    distinct = [tuple(normalise(option) for option in row) for _, row in numbers]
    sizes = [max(len(row), 1) for row in distinct]
    return Forms(
        text=[normalise(text) for text, _ in numbers],
        options=distinct,
        slots=slots,
        first=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        form_of=form_of,
        has_slots=any(slots),
    )


@lru_cache(maxsize=2**16)
def parse_number(text: str) -> float:
    """The number that an option consists of, units and thousands separators aside; NaN for none."""
    match = _NUMBER.fullmatch(text.translate(_MINUS))
    number = float(match["number"].replace(",", "")) if match else math.nan
    return number if abs(number) <= _LARGEST_NUMBER else math.nan
