"""A conditional logit over the evidence: the linear part, which the trees then correct.

On few questions trees alone learn the noise of many weak statistics; a shrunken linear model adds
them up better, and leaves to the trees what is not additive (McFadden 1974 for the model).
"""

from collections.abc import Callable

import numpy as np

from tst_harness.analysis.diagnostic import FloatArray, IntArray
from tst_harness.diagnostics.forest.features import Table

_SHRINKAGE = 10.0
_NEWTON_STEPS = 12
_CONVERGED = 1e-8
"""Steps are squared from one to the next: what follows a smaller one is lost in rounding."""


def softmax(scores: FloatArray, counts: IntArray) -> FloatArray:
    """Probabilities over the rows of each question, given how many rows each has."""
    starts = np.cumsum(counts) - counts
    raised = np.exp(scores - np.repeat(np.maximum.reduceat(scores, starts), counts))
    probabilities: FloatArray = raised / np.repeat(np.add.reduceat(raised, starts), counts)
    return probabilities


def fit_logit(table: Table, counts: IntArray, target: FloatArray) -> Callable[[Table], FloatArray]:
    """Fit scores whose softmax over a question's options is the probability of each.

    Parameters
    ----------
    table
        (n_rows, n_features) features of the options, NaN where one does not apply.
    counts
        How many options each question has.
    target
        (n_rows,) 1 for the gold option, 0 for the others.

    Returns
    -------
    A function from a table to one score a row.
    """
    centre, scale = _location(table)
    starts = np.cumsum(counts) - counts

    def standardised(rows: Table) -> FloatArray:
        filled = (np.where(np.isnan(rows), centre, rows) - centre) / scale
        return np.asarray(filled, dtype=np.float64)

    design = standardised(table)
    design -= np.repeat(np.add.reduceat(design, starts) / counts[:, None], counts, axis=0)
    weights = np.zeros(design.shape[1])
    penalty = _SHRINKAGE * np.eye(len(weights))
    for _ in range(_NEWTON_STEPS):
        probability = softmax(design @ weights, counts)
        weighted = design * probability[:, None]
        expected = np.add.reduceat(weighted, starts)
        curvature = weighted.T @ design - expected.T @ expected + penalty
        step = np.linalg.solve(curvature, design.T @ (target - probability) - _SHRINKAGE * weights)
        weights = weights + step
        if np.abs(step).max(initial=0.0) < _CONVERGED:
            break
    return lambda rows: standardised(rows) @ weights


def _location(table: Table) -> tuple[FloatArray, FloatArray]:
    """Mean and standard deviation of each column, NaN left out; 0 and 1 where nothing varies."""
    known = ~np.isnan(table)
    n = np.maximum(known.sum(axis=0), 1)
    filled = np.where(known, table, 0.0).astype(np.float64)
    centre = filled.sum(axis=0) / n
    spread = np.sqrt((np.where(known, filled - centre, 0.0) ** 2).sum(axis=0) / n)
    return centre, np.where(spread > 1e-9, spread, 1.0)
