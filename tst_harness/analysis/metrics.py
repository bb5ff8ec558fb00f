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


def copy_scores(own: NDArray[Any], copied: NDArray[Any], inclusive: bool | None) -> NDArray[np.float64]:
    """Score copied answers: as numbers where `inclusive` says by which rule, else 1 where they are equal.

    Parameters
    ----------
    own, copied
        Arrays that broadcast together.
    inclusive
        As for `relative_accuracy`; None for codes of options.
    """
    if inclusive is None:
        return np.asarray(own == copied, dtype=np.float64)
    return relative_accuracy(copied, own, inclusive)


def best_constant(answers: ArrayLike, inclusive: bool = False) -> float:
    """The number that, said to every question, has the highest mean relative accuracy.

    Exact over all real numbers, since the best one need not be an answer: where most answers are 2 and
    some are 4, saying 2.09 scores on both. In O(n log n). Of equally good ones it is an answer where
    there is one, and then the smallest that is tried.

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
    values, counts = np.unique(np.asarray(answers, dtype=np.float64), return_counts=True)
    if len(values) == 0:
        raise ValueError("there are no answers to choose a constant from")
    tolerances = TOLERANCES + (_ROUNDING if inclusive else -_ROUNDING)
    reach = np.abs(values)[:, np.newaxis] * tolerances
    weights = np.repeat(counts, len(tolerances))
    low, high = ((values[:, np.newaxis] + sign * reach).ravel() for sign in (-1.0, 1.0))
    # Between two neighbouring ends of the answers' ranges every number scores the same.
    ends = np.unique(np.concatenate([low, high]))
    candidates = np.concatenate([values, (ends[1:] + ends[:-1]) / 2])
    hits = _weight_below(low, weights, candidates) - _weight_below(high, weights, candidates)
    hits[candidates == 0] += len(tolerances) * counts[values == 0].sum()
    return float(candidates[np.argmax(hits)])


def _weight_below(
    points: NDArray[np.float64], weights: NDArray[np.int64], candidates: NDArray[np.float64]
) -> NDArray[np.int64]:
    """The weight of the points below each candidate."""
    order = np.argsort(points)
    total = np.concatenate([[0], np.cumsum(weights[order])])
    return np.asarray(total[np.searchsorted(points[order], candidates, side="left")], dtype=np.int64)
