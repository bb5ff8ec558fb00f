"""Few widths for many batches: each batch is padded to the next, and a graph is recorded for each."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate

MOST = 12
"""Widths at most."""
_STEP = 16
"""Widths are multiples of it, which products on a GPU are made for."""
_RECORDING = 4
"""Batches of its own width that a width takes about as long as: to warm up, record and check its graph."""


def choose_widths(tokens: Sequence[int]) -> list[int]:
    """Return the widths with which all batches take least, the time to record the graphs included.

    Parameters
    ----------
    tokens
        Of n batches, at least one of them; each at least 1.

    Returns
    -------
    At most `MOST` widths in descending order. The first holds every batch.
    """
    counts = Counter(-(-size // _STEP) * _STEP for size in tokens)
    sizes = sorted(counts)
    batches = [0, *accumulate(counts[size] for size in sizes)]
    # least[i]: what the first i sizes take with so many widths, and where the last width's sizes begin.
    never: tuple[float, list[int]] = (float("inf"), [])
    least, best = [(0.0, list[int]()), *[never] * len(sizes)], never
    for _ in range(min(MOST, len(sizes))):
        least = [
            never,
            *(
                min(
                    (
                        before + sizes[stop - 1] * (batches[stop] - batches[start] + _RECORDING),
                        [*chosen, stop],
                    )
                    for start, (before, chosen) in enumerate(least[:stop])
                )
                for stop in range(1, len(sizes) + 1)
            ),
        ]
        best = min(best, least[-1])
    return [sizes[stop - 1] for stop in reversed(best[1])]


def fitting(widths: Sequence[int], tokens: int) -> int | None:
    """Return the smallest of some widths, in descending order, that holds so many tokens; None for none."""
    ascending = widths[::-1]
    place = bisect_left(ascending, tokens)
    return ascending[place] if place < len(ascending) else None
