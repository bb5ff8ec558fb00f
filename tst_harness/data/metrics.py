"""Mean relative accuracy, the score of a predicted number, and the constant that scores best."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

TOLERANCES = np.arange(5, 55, 5) / 100
"""The relative errors allowed, 1 - theta for the thresholds theta = 0.95, 0.90, ..., 0.50."""

_ROUNDING = 1e-9
"""Relative errors this close to a tolerance equal it: |0.9 - 1| / 1 is 0.1, whatever floats make of it."""


def relative_accuracy(
    prediction: ArrayLike, truth: ArrayLike, inclusive: bool = False
) -> NDArray[np.float64]:
    """Mean relative accuracy of each prediction.

    The share of the thresholds theta in 0.50, 0.55, ..., 0.95 for which the relative error
    |prediction - truth| / |truth| is below 1 - theta (Yang et al., VSI-Bench, arXiv 2412.14171).

    Parameters
    ----------
    prediction, truth
        Arrays that broadcast together; truth is finite.
    inclusive
        Count an error that equals 1 - theta as within it, VSI-Bench's own rule. Without it the rule
        is strict, as in the TsT code (arXiv 2511.04655).

    Returns
    -------
    Multiples of 0.1 in [0, 1], of the broadcast shape. A prediction that is not finite scores 0;
    where the truth is 0 only 0 scores, and it scores 1.
    """
    predicted, true = np.broadcast_arrays(
        np.asarray(prediction, dtype=np.float64), np.asarray(truth, dtype=np.float64)
    )
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        error = np.abs(predicted - true) / np.abs(true)
    error = np.where(predicted == true, 0.0, error)
    error = np.where(np.isfinite(predicted) & np.isfinite(error), error, np.inf)
    if inclusive:
        missed = np.searchsorted(TOLERANCES, error - _ROUNDING, side="left")
    else:
        missed = np.searchsorted(TOLERANCES, error + _ROUNDING, side="right")
    return np.asarray((len(TOLERANCES) - missed) / len(TOLERANCES), dtype=np.float64)


def best_constant(answers: ArrayLike, inclusive: bool = False) -> float:
    """The number that, said to every question, has the highest mean relative accuracy.

    Every distinct answer is tried, and every number half-way between two: 2.5 may score more than 2 or
    3, and a model that says so has learnt nothing from the questions. In O(n log n); of equally good
    ones it is an answer rather than a number between, and then the smallest.

    Parameters
    ----------
    answers
        Gold answers, finite, shape (n,) with n >= 1.
    inclusive
        As for `relative_accuracy`.

    Raises
    ------
    ValueError
        There are no answers.
    """
    values = np.sort(np.asarray(answers, dtype=np.float64))
    if len(values) == 0:
        raise ValueError("there are no answers to choose a constant from")
    observed = np.unique(values)
    candidates = np.concatenate([observed, (observed[1:] + observed[:-1]) / 2])
    hits = np.zeros(len(candidates), dtype=np.int64)
    for sign in (1.0, -1.0):
        # An answer of the other sign, or 0 for another constant than 0, is off by its own size or more.
        chosen = candidates * sign > 0
        hits[chosen] = _hits(candidates[chosen] * sign, np.sort(values[values * sign > 0] * sign), inclusive)
    hits[candidates == 0] = len(TOLERANCES) * np.count_nonzero(values == 0)
    return float(candidates[np.argmax(hits)])


def _hits(
    candidates: NDArray[np.float64], values: NDArray[np.float64], inclusive: bool
) -> NDArray[np.integer[Any]]:
    """How many (answer, tolerance) pairs each candidate is within; all are positive, values ascending."""
    total = np.zeros(len(candidates), dtype=np.int64)
    for tolerance in TOLERANCES + (_ROUNDING if inclusive else -_ROUNDING):
        total += np.searchsorted(values, candidates / (1 - tolerance), side="left")
        total -= np.searchsorted(values, candidates / (1 + tolerance), side="right")
    return total
