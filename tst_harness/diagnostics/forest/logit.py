"""A conditional logit over the evidence: the linear part, which the trees then correct.

On few questions trees alone learn the noise of many weak statistics; a shrunken linear model adds
them up better, and leaves to the trees what is not additive (McFadden 1974 for the model).
"""

from dataclasses import dataclass, replace

import numpy as np

from tst_harness.analysis.diagnostic import FloatArray, IntArray
from tst_harness.diagnostics.forest.features import Table

_SHRINKAGE = 10.0
_NEWTON_STEPS = 12
_ROUNDING = 1e-12
_CONVERGED = 1e-8
"""Steps are squared from one to the next: what follows a smaller one is lost in rounding."""


def softmax(scores: FloatArray, counts: IntArray) -> FloatArray:
    """Probabilities over the rows of each question, given how many rows each has."""
    starts = np.cumsum(counts) - counts
    raised = np.exp(scores - np.repeat(np.maximum.reduceat(scores, starts), counts))
    probabilities: FloatArray = raised / np.repeat(np.add.reduceat(raised, starts), counts)
    return probabilities


@dataclass(frozen=True, eq=False)
class Logit:
    """Scores whose softmax over a question's options is the probability of each.

    Attributes
    ----------
    weights
        (n_features,) of the standardised features.
    centre, scale
        (n_features,) mean and standard deviation of each in the training rows.
    """

    weights: FloatArray
    centre: FloatArray
    scale: FloatArray

    def __call__(self, table: Table) -> FloatArray:
        """(n_rows,) the score of each row."""
        scores: FloatArray = self._standardised(table) @ self.weights
        return scores

    def left_out(self, table: Table, counts: IntArray, target: FloatArray, parts: IntArray) -> FloatArray:
        """(n_rows,) what the training rows would score if the answers of their part had not been fitted.

        One Newton step from the fit of all leads to that of the other parts (Beirami et al. 2017).

        Parameters
        ----------
        table, counts, target
            As for `fit_logit`.
        parts
            The part of each question.
        """
        scores = np.empty(len(target))
        design = _within(self._standardised(table), counts)
        slope, curvature = _derivatives(design, counts, target, self.weights)
        penalty = _SHRINKAGE * np.eye(len(self.weights))
        for part in np.unique(parts):
            own, rows = parts == part, np.repeat(parts == part, counts)
            own_slope, own_curvature = _derivatives(design[rows], counts[own], target[rows], self.weights)
            others = slope - own_slope - _SHRINKAGE * self.weights
            step = np.linalg.solve(curvature - own_curvature + penalty, others)
            scores[rows] = design[rows] @ (self.weights + step)
        return scores

    def _standardised(self, rows: Table) -> FloatArray:
        filled = (np.where(np.isnan(rows), self.centre, rows) - self.centre) / self.scale
        return np.asarray(filled, dtype=np.float64)


def fit_logit(table: Table, counts: IntArray, target: FloatArray) -> Logit:
    """Fit a shrunken conditional logit.

    Parameters
    ----------
    table
        (n_rows, n_features) features of the options, NaN where one does not apply.
    counts
        How many options each question has.
    target
        (n_rows,) 1 for the gold option, 0 for the others.
    """
    unfitted = Logit(np.zeros(table.shape[1]), *_location(table))
    design = _within(unfitted._standardised(table), counts)
    return replace(unfitted, weights=_fit(design, counts, target, unfitted.weights, _SHRINKAGE))


def fit_scales(scores: FloatArray, counts: IntArray, target: FloatArray, expected: FloatArray) -> FloatArray:
    """How much each of several scores counts in their sum.

    Parameters
    ----------
    scores
        (n_rows, m) scores of the options, none of which knows the answer of its question.
    counts, target
        As for `fit_logit`.
    expected
        (m,) how much each counts where few questions say otherwise.
    """
    return _fit(_within(scores, counts), counts, target, expected, 1.0)


def _fit(
    design: FloatArray, counts: IntArray, target: FloatArray, expected: FloatArray, shrinkage: float
) -> FloatArray:
    """Weights of features within questions, drawn towards the expected ones."""

    def worth(weights: FloatArray) -> float:
        drawn = 0.5 * shrinkage * float(((weights - expected) ** 2).sum())
        return _log_likelihood(design @ weights, counts, target) - drawn

    weights, penalty = expected, shrinkage * np.eye(len(expected))
    reached = worth(weights)
    for _ in range(_NEWTON_STEPS):
        slope, curvature = _derivatives(design, counts, target, weights)
        step = np.linalg.solve(curvature + penalty, slope - shrinkage * (weights - expected))
        # Where one candidate is right far more often than the others, a whole step would go too far.
        while (better := worth(weights + step)) < reached - _ROUNDING * abs(reached):
            step = step / 2.0
        weights, reached = weights + step, better
        if np.abs(step).max(initial=0.0) < _CONVERGED:
            break
    return weights


def _log_likelihood(scores: FloatArray, counts: IntArray, target: FloatArray) -> float:
    starts = np.cumsum(counts) - counts
    lowered = scores - np.repeat(np.maximum.reduceat(scores, starts), counts)
    total = np.log(np.add.reduceat(np.exp(lowered), starts))
    return float(target @ (lowered - np.repeat(total, counts)))


def _derivatives(
    design: FloatArray, counts: IntArray, target: FloatArray, weights: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Of the log-likelihood, the gradient and the negative of the matrix of second derivatives."""
    probability = softmax(design @ weights, counts)
    weighted = design * probability[:, None]
    expected = np.add.reduceat(weighted, np.cumsum(counts) - counts)
    return design.T @ (target - probability), weighted.T @ design - expected.T @ expected


def _within(values: FloatArray, counts: IntArray) -> FloatArray:
    """Values less their mean over the rows of the question."""
    means = np.add.reduceat(values, np.cumsum(counts) - counts) / counts[:, None]
    centred: FloatArray = values - np.repeat(means, counts, axis=0)
    return centred


def _location(table: Table) -> tuple[FloatArray, FloatArray]:
    """Mean and standard deviation of each column, NaN left out; 0 and 1 where nothing varies."""
    known = ~np.isnan(table)
    n = np.maximum(known.sum(axis=0), 1)
    filled = np.where(known, table, 0.0).astype(np.float64)
    centre = filled.sum(axis=0) / n
    spread = np.sqrt((np.where(known, filled - centre, 0.0) ** 2).sum(axis=0) / n)
    return centre, np.where(spread > 1e-9, spread, 1.0)
