"""How much two lists of removed questions have in common, beside what chance would make of it."""

from functools import reduce

import numpy as np
import pandas as pd

from tst_harness.analysis.diagnostic import FloatArray, IntArray
from tst_harness.pruning.controls_schema import Overlap


def jaccard(first: IntArray, second: IntArray) -> float:
    """The share of the questions in either of two lists that are in both; 1 where both are empty."""
    either = len(np.union1d(first, second))
    return len(np.intersect1d(first, second)) / either if either else 1.0


def overlap(frame: pd.DataFrame, first: tuple[str, IntArray], second: tuple[str, IntArray]) -> Overlap:
    """Compare two named lists of row numbers with two drawn at random, as many of each type.

    The number of questions that two such lists share in a type is hypergeometric, and independent of other
    types; so the distribution of the index is exact.

    Parameters
    ----------
    frame
        The benchmark's questions, with `type`.
    first, second
        A name and distinct row numbers each.
    """
    types, names = pd.factorize(frame["type"], sort=True)
    sizes, ones, others = (
        np.bincount(part, minlength=len(names)) for part in (types, types[first[1]], types[second[1]])
    )
    chance = reduce(np.convolve, map(_shared, sizes.tolist(), ones.tolist(), others.tolist()))
    common = np.arange(len(chance))
    either = len(first[1]) + len(second[1]) - common
    index = np.where(either > 0, common / np.maximum(either, 1), 1.0)
    below = np.cumsum(chance)
    low, high = (int(np.searchsorted(below, tail)) for tail in (0.025, 0.975))
    return Overlap(
        first=first[0],
        second=second[0],
        common=len(np.intersect1d(first[1], second[1])),
        jaccard=jaccard(first[1], second[1]),
        random_jaccard=min(1.0, float(index @ chance)),
        random_range=(float(index[low]), float(index[min(high, len(index) - 1)])),
    )


def _shared(size: int, ones: int, others: int) -> FloatArray:
    """The probability that lists of `ones` and of `others` of `size` questions share 0, 1, ... of them."""
    from scipy.stats import hypergeom

    probability: FloatArray = hypergeom.pmf(np.arange(min(ones, others) + 1), size, ones, others)
    return probability
