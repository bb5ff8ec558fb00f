"""The charts of a page as SVG: drawn by matplotlib, coloured by the page's style sheet, text as text.

What belongs to a row or is a bar has the attribute `data-row` or `data-bin`, for the page's script; without
scripts a chart is a picture beside a table.
"""

import re
import warnings
from collections.abc import Callable, Sequence
from html import escape
from io import StringIO
from typing import Any, NamedTuple

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from tst_harness.reports.schema import Interval
from tst_harness.reports.statistics import FloatArray

BINS = 10
"""Of a histogram of s(x)."""
MOST_DRAWN = 60
"""Question types that charts show; the tables have all of them."""

# Stand-ins, replaced by variables of the style sheet, which differ between light and dark.
_COLOURS = {
    name: f"#0102{place:02x}"
    for place, name in enumerate(("ink", "muted", "line", "score", "baseline", "zero-shot"))
}
_STYLE: Any = {"svg.fonttype": "none", "svg.hashsalt": "tst-harness", "font.size": 9.5}
_WIDTH = 7.2
_ROW = 0.3
_AXIS = 0.36
_LETTER = 0.0105
_LONGEST_NAME = 32
_SIZE_AND_NAMESPACES = re.compile(
    r' width="[\d.]+pt" height="[\d.]+pt"| xmlns(:xlink)?="[^"]*"| version="[^"]*"'
)


class Row(NamedTuple):
    """What a chart says of one thing: scores in [0, 1], None where there is none."""

    name: str
    score: float
    interval: Interval | None = None
    baseline: float | None = None
    zero_shot: float | None = None


def score_chart(rows: Sequence[Row], label: str) -> str:
    """Return a chart with a line a row: the score with its interval, beside baseline and zero-shot."""
    return _rows([row.name for row in rows], label, lambda axes, place: _scores(axes, place, rows[place]))


def _scores(axes: Axes, place: int, row: Row) -> None:
    score, colour = 100 * row.score, _COLOURS["score"]
    if row.baseline is not None:
        base = 100 * row.baseline
        axes.plot([base, score], [place, place], color=colour, lw=1, alpha=0.4, gid=f"row-{place}-gain")
        axes.plot([base], [place], "|", ms=11, mew=2, color=_COLOURS["baseline"], gid=f"row-{place}-base")
    if row.interval is not None:
        ends = [100 * end for end in row.interval]
        axes.plot(ends, [place, place], color=colour, lw=3.2, alpha=0.45, gid=f"row-{place}-ends")
    if row.zero_shot is not None:
        zero = 100 * row.zero_shot
        axes.plot([zero], [place], "D", ms=5, color=_COLOURS["zero-shot"], gid=f"row-{place}-zero")
    axes.plot([score], [place], "o", ms=6.5, color=colour, gid=f"row-{place}-score")


def change_chart(rows: Sequence[tuple[str, float, float]], label: str) -> str:
    """Return a chart with a line a row: its name, and its score before and after, in [0, 1]."""

    def draw(axes: Axes, place: int) -> None:
        _, old, new = rows[place]
        colour = _COLOURS["score"]
        axes.plot(
            [100 * old, 100 * new], [place, place], color=colour, lw=1.5, alpha=0.5, gid=f"row-{place}-line"
        )
        axes.plot([100 * old], [place], "|", ms=11, mew=2, color=_COLOURS["baseline"], gid=f"row-{place}-old")
        axes.plot([100 * new], [place], "o", ms=6.5, color=colour, gid=f"row-{place}-new")

    return _rows([name for name, _, _ in rows], label, draw)


class Step(NamedTuple):
    """What is left after a number of questions was removed: score, interval and baseline, in [0, 1]."""

    removed: int
    score: float
    interval: Interval
    baseline: float


class RandomRemovals(NamedTuple):
    """What random removals of a number of questions leave: the mean score, the least and the largest."""

    removed: int
    mean: float
    low: float
    high: float


def removal_chart(steps: Sequence[Step], random: RandomRemovals | None, label: str) -> str:
    """Return the curve of the score against the questions removed, with the random control at its end."""
    removed = [step.removed for step in steps]

    def draw(figure: Figure) -> None:
        axes = _axes(figure, (0.07, 0.16, 0.9, 0.8))
        low, high = ([100 * step.interval[end] for step in steps] for end in (0, 1))
        axes.fill_between(removed, low, high, color=_COLOURS["score"], alpha=0.18, lw=0)
        axes.plot(removed, [100 * step.baseline for step in steps], "--", color=_COLOURS["baseline"], lw=1.4)
        axes.plot(removed, [100 * step.score for step in steps], "-o", ms=4, color=_COLOURS["score"], lw=1.8)
        if random is not None:
            colour, before = _COLOURS["zero-shot"], 100 * steps[0].score
            axes.plot([0, random.removed], [before, 100 * random.mean], ":", color=colour, lw=1.6)
            ends = [100 * random.low, 100 * random.high]
            axes.plot([random.removed] * 2, ends, color=colour, lw=3.2, alpha=0.45)
            axes.plot([random.removed], [100 * random.mean], "D", ms=5.5, color=colour)
        axes.set_ylim(0, 100)
        axes.set_yticks(range(0, 101, 20), [f"{tick}%" for tick in range(0, 101, 20)])
        axes.grid(axis="y", color=_COLOURS["line"], linewidth=0.6)
        axes.xaxis.set_major_locator(MaxNLocator(8, integer=True))
        axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        axes.set_xlabel("questions removed", color=_COLOURS["muted"])

    return _svg(_WIDTH, 3.2, label, draw)


def histogram(s: FloatArray, label: str) -> str:
    """Return the distribution of s(x), shape (n,), in ten bars; an empty one has no bar."""
    counts, edges = np.histogram(s, bins=BINS, range=(0.0, 1.0))

    def draw(figure: Figure) -> None:
        axes = _axes(figure, (0.03, 0.24, 0.94, 0.72))
        bars = axes.bar(edges[:-1], counts, width=0.092, align="edge", color=_COLOURS["score"])
        for place, bar in enumerate(bars):
            bar.set_gid(f"bar-{place}-{counts[place]}")
        axes.set_xlim(0, 1)
        axes.set_xticks([0, 0.5, 1], ["0", "0.5", "1"])

    return _svg(2.6, 1.15, label, draw)


def _rows(names: Sequence[str], label: str, draw_row: Callable[[Axes, int], None]) -> str:
    height = _ROW * len(names) + _AXIS
    shown = [name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…" for name in names]
    left = 0.03 + _LETTER * max(map(len, shown))

    def draw(figure: Figure) -> None:
        axes = _axes(figure, (left, _AXIS / height, 0.97 - left, 1 - _AXIS / height))
        axes.set_xlim(0, 100)
        axes.set_ylim(len(names) - 0.5, -0.5)
        axes.set_xticks(range(0, 101, 20), [f"{tick}%" for tick in range(0, 101, 20)])
        axes.grid(axis="x", color=_COLOURS["line"], linewidth=0.6)
        for place, name in enumerate(shown):
            at = axes.get_yaxis_transform()
            text = axes.text(-0.02, place, name, transform=at, ha="right", va="center_baseline")
            text.set(parse_math=False, color=_COLOURS["ink"], gid=f"row-{place}-name")
            draw_row(axes, place)

    return _svg(_WIDTH, height, label, draw)


def _axes(figure: Figure, box: tuple[float, float, float, float]) -> Axes:
    axes = figure.add_axes(box)
    axes.patch.set_visible(False)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(_COLOURS["line"])
    axes.tick_params(length=0, pad=5, labelcolor=_COLOURS["muted"])
    axes.set_yticks([])
    axes.set_axisbelow(True)
    return axes


def _svg(width: float, height: float, label: str, draw: Callable[[Figure], None]) -> str:
    written = StringIO()
    with matplotlib.rc_context(_STYLE), warnings.catch_warnings():
        # Its own font may lack a glyph; the reader's has it.
        warnings.filterwarnings("ignore", "Glyph .* missing from")
        figure = Figure(figsize=(width, height))
        figure.patch.set_visible(False)
        draw(figure)
        figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None})
    text = written.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>", "", text, flags=re.DOTALL)
    text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    # The ids of several pictures on a page would clash, save the hashes of clip paths and marks.
    text = re.sub(r'id="row-(\d+)-\w+"', r'data-row="\1"', text)
    text = re.sub(r'id="bar-(\d+)-(\d+)"', r'data-bin="\1" data-count="\2"', text)
    text = re.sub(r' id="[A-Za-z0-9.]+_\d+"', "", text)
    for name, stand_in in _COLOURS.items():
        text = text.replace(stand_in, f"var(--{name})")
    text = _SIZE_AND_NAMESPACES.sub("", re.sub(r" font-family: [^;]+;", "", text))
    text = re.sub(r"\n\s*", "\n", text)
    return text.replace("<svg", f'<svg role="img" aria-label="{escape(label)}"', 1)
