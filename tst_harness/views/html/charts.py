"""The charts of a page as SVG: placed here, written by `charts.svg.j2`, coloured by the page's style sheet.

What belongs to a row or is a bar has the attribute `data-row` or `data-bin`, for the page's script, which
moves rows by `data-pitch`; without scripts a chart is a picture beside a table.
"""

from collections.abc import Sequence
from itertools import accumulate, count
from typing import NamedTuple
from unicodedata import east_asian_width

import numpy as np
import numpy.typing as npt
from markupsafe import Markup

from tst_harness.report.schema import Interval
from tst_harness.views.html.rendering import chart

BINS = 10
"""Of a histogram of s(x)."""
MOST_DRAWN = 60
"""Question types that charts show; the tables have all of them."""

# Lengths are in units of a chart's view box; letters are 12 high.
_WIDTH = 640
_MARGIN = 22
_PITCH = 26
_LETTER = 7.0
_LONGEST_NAME = 32
_NARROW_WIDTH = 340
_NARROW_PITCH = 44
_MOST_TICKS = 9


class Row(NamedTuple):
    """What a chart says of one thing: scores in [0, 1], None where there is none."""

    name: str
    score: float
    interval: Interval | None = None
    blind_baseline: float | None = None
    zero_shot: float | None = None
    others: tuple[float | None, ...] = ()


class Scale(NamedTuple):
    """An axis from 0 to the largest value, and where it starts and ends in the view box."""

    largest: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Return where a value is."""
        return round(self.start + (self.end - self.start) * value / self.largest, 1)


def score_chart(rows: Sequence[Row], label: str) -> Markup:
    """Return a chart with a line a row: the score with its interval, beside blind baseline and zero-shot."""
    named = [(_cut(row.name), row) for row in rows]
    start = _MARGIN + _LETTER * max(_columns(name) for name, _ in named)
    return _drawn("wide", label, named, _WIDTH, _PITCH, Scale(1.0, start, _WIDTH - _MARGIN))


def score_charts(rows: Sequence[Row], label: str) -> Markup:
    """Return `score_chart` and the same for narrow screens, where names stand above their lines."""
    named = [(_cut(row.name), row) for row in rows]
    narrow = Scale(1.0, _MARGIN / 2, _NARROW_WIDTH - _MARGIN)
    return score_chart(rows, label) + _drawn("narrow", label, named, _NARROW_WIDTH, _NARROW_PITCH, narrow)


def _drawn(
    kind: str, label: str, named: Sequence[tuple[str, Row]], width: int, pitch: int, x: Scale
) -> Markup:
    bottom = pitch * len(named)
    return chart(
        "score_chart",
        kind=kind,
        label=label,
        width=width,
        height=bottom + 26,
        x=x,
        bottom=bottom,
        pitch=pitch,
        rows=named,
    )


class Step(NamedTuple):
    """What is left after a number of questions was removed: score, interval and blind baseline, in [0, 1]."""

    removed: int
    score: float
    interval: Interval
    blind_baseline: float


class RandomRemovals(NamedTuple):
    """What random removals of a number of questions leave: the mean score, the least and the largest."""

    removed: int
    mean: float
    low: float
    high: float


class Quarter(NamedTuple):
    """A model's score in a quarter of the questions with its interval, and without seeing, in [0, 1]."""

    score: float
    interval: Interval
    blind: float | None = None


def quarter_chart(quarters: Sequence[Quarter], label: str) -> Markup:
    """Return a model's scores by quarter, from what the text gives away least to most."""
    return chart(
        "quarter_chart",
        label=label,
        width=208,
        height=112,
        x=Scale(len(quarters), 26, 204),
        y=Scale(1.0, 90, 6),
        quarters=quarters,
    )


def removal_chart(steps: Sequence[Step], random: RandomRemovals | None, label: str) -> Markup:
    """Return the curve of the score against the questions removed, with the random control at its end."""
    most = max([1, *(step.removed for step in steps), *([] if random is None else [random.removed])])
    return chart(
        "removal_chart",
        label=label,
        width=_WIDTH,
        height=284,
        x=Scale(most, 50, _WIDTH - _MARGIN),
        y=Scale(1.0, 236, 8),
        ticks=ticks(most),
        steps=steps,
        random=random,
    )


def ticks(largest: int) -> list[int]:
    """Return at most nine numbers from 0 to a largest one or just below, in steps of 1, 2 or 5 times 10^k."""
    steps = (digit * 10**power for power in count() for digit in (1, 2, 5))
    step = next(step for step in steps if largest // step < _MOST_TICKS)
    return list(range(0, largest + 1, step))


def histogram(s: npt.NDArray[np.float64], label: str) -> Markup:
    """Return the distribution of s(x), shape (n,), in ten bars; an empty one has no bar."""
    counts, _ = np.histogram(s, bins=BINS, range=(0.0, 1.0))
    return chart(
        "histogram",
        label=label,
        width=208,
        height=92,
        x=Scale(1.0, 4, 204),
        y=Scale(max(1, int(counts.max())), 72, 14),
        counts=counts.tolist(),
    )


def _columns(text: str) -> int:
    """The width of a text in letters; some are twice as wide as others."""
    return sum(2 if east_asian_width(letter) in "FW" else 1 for letter in text)


def _cut(name: str) -> str:
    if _columns(name) <= _LONGEST_NAME:
        return name
    ends = accumulate(map(_columns, name))
    return f"{name[: sum(end < _LONGEST_NAME for end in ends)]}…"
