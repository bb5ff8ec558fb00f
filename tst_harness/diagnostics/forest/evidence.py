"""What the training answers say about each fact, estimated as it will be used: out of fold.

A statistic that contains a question's own answer looks better on the training questions than it is on
held-out ones, and a forest would trust it too much. So the training questions are split into `PARTS`
parts, whole units at a time, and each is described by statistics of the other parts; a held-out
question by statistics of all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from tst_harness.analysis.diagnostic import FloatArray, IntArray
from tst_harness.diagnostics.forest.families import Family

PARTS = 5
"""Inner parts of the training questions; column `PARTS` of every statistic is for held-out ones."""

_SMOOTHING = (1.0, 10.0)
_RIDGE = (2.0, 10.0, 50.0)
_RIDGE_STEPS = 25


@dataclass(frozen=True, eq=False)
class TrainingSums:
    """Sums over the training questions that each column may see.

    Attributes
    ----------
    count
        (n_rows, PARTS + 1) questions that have the row; column j leaves part j out.
    residual
        (n_rows, PARTS + 1) sum of target minus baseline over them.
    """

    count: FloatArray
    residual: FloatArray

    @classmethod
    def of(cls, rows: IntArray, parts: IntArray, residuals: FloatArray, n_rows: int) -> "TrainingSums":
        """Add up (row, part, residual) triples."""
        cell = rows * PARTS + parts
        shape = (n_rows, PARTS)
        count = np.bincount(cell, minlength=n_rows * PARTS).reshape(shape)
        residual = np.bincount(cell, weights=residuals, minlength=n_rows * PARTS).reshape(shape)
        return cls(*(_leave_one_out(sums.astype(np.float64)) for sums in (count, residual)))

    def centred(self) -> "TrainingSums":
        """With residuals from the mean of the questions that each column may see.

        A mean over all of them would tell a part of its own answers: what the other parts are short of.
        """
        mean = self.residual.sum(axis=0) / np.maximum(self.count.sum(axis=0), 1.0)
        return TrainingSums(self.count, self.residual - self.count * mean)


def _leave_one_out(sums: FloatArray) -> FloatArray:
    total = sums.sum(axis=1, keepdims=True)
    return np.concatenate([total - sums, total], axis=1)


def inner_parts(units: IntArray, seed: int) -> IntArray:
    """(n,) the part of each training question; equal units share one."""
    distinct, unit = np.unique(units, return_inverse=True)
    order = np.random.default_rng(seed).permutation(len(distinct))
    return (order % PARTS)[unit]


def lifts(family: Family, sums: TrainingSums) -> list[FloatArray]:
    """How often the facts of a row were right before, beyond the baseline.

    Returns
    -------
    list of (n_rows, PARTS + 1) arrays: the mean over the row's facts of the lightly and of the
    strongly smoothed residual; where rows have several facts, also the lowest and the highest strongly
    smoothed residual. How often a fact was seen is left out: a held-out row has seen more of it than
    any training row, so trees that split on it go wrong there.
    """
    matrix = family.matrix
    held = np.diff(matrix.indptr)
    per_row = np.maximum(held, 1)[:, None]
    residual = matrix.T @ sums.residual
    count = abs(matrix).T @ sums.count
    smoothed = [residual / (count + prior) for prior in _SMOOTHING]
    means = [matrix @ lift / per_row for lift in smoothed]
    if held.max() > 1:
        values = matrix.data[:, None] * smoothed[-1][matrix.indices]
        some = np.flatnonzero(held)
        for extreme in (np.minimum, np.maximum):
            summary = np.zeros_like(means[0])
            summary[some] = extreme.reduceat(values, matrix.indptr[some], axis=0)
            means.append(summary)
    return means


def within_form(values: FloatArray, row_form: IntArray) -> FloatArray:
    """Values (n_rows, ...) less their mean over the rows of the same form."""
    starts = np.flatnonzero(np.diff(row_form, prepend=-1))
    sizes = np.diff(np.append(starts, len(row_form)))
    means = np.add.reduceat(values, starts, axis=0) / sizes[:, None]
    centred: FloatArray = values - np.repeat(means, sizes, axis=0)
    return centred


def ridge_scores(
    families: list[Family], sums: TrainingSums, row_form: IntArray, conditional: bool
) -> list[FloatArray]:
    """Ridge regression of the residual on all facts at once, for three strengths of shrinkage.

    It shares what is known between facts that occur together, as the smoothed means cannot: a pair
    that was never seen is described by its members. Each family's columns are scaled so that no
    family outweighs the others by the number of its facts. All inner parts and strengths are solved
    together by conjugate gradients, stopped early.

    Parameters
    ----------
    conditional
        Fit differences between the options of a question (mc) instead of levels (num).

    Returns
    -------
    list of (n_rows, PARTS + 1) arrays, one for each strength.
    """
    design = sp.hstack([_scaled(family.matrix) for family in families], format="csr")
    return solve_ridge(design, sums, row_form, _RIDGE, _RIDGE_STEPS, conditional)


def solve_ridge(
    design: sp.csr_matrix,
    sums: TrainingSums,
    row_form: IntArray,
    penalties: Sequence[float],
    steps: int,
    conditional: bool,
) -> list[FloatArray]:
    """As `ridge_scores`, of any design, for any penalties in ascending order, by some steps.

    The gradients of all penalties are multiples of those of the first, so one sequence of products with the
    design solves for all (Jegerlehner, "Krylov Space Solvers for Shifted Linear Systems", 1996). Scores are
    kept, and no weights.
    """
    transposed = design.T
    more = np.array(penalties)[:, None] - penalties[0]

    def seen_from(weights: FloatArray) -> FloatArray:
        values: FloatArray = design @ weights
        return within_form(values, row_form) if conditional else values

    direction = rest = np.asarray(transposed @ sums.residual)
    size = (rest * rest).sum(axis=0)
    step_before, grown = np.ones_like(size), np.zeros_like(size)
    shrunk = shrunk_before = np.ones((len(penalties), len(size)))
    seen = seen_from(direction)
    directions = np.repeat(seen[None], len(penalties), axis=0)
    scores = np.zeros_like(directions)
    for number in range(steps):
        # The rows of a form have one count, so what is centred stays so when weighted with it.
        image = transposed @ (sums.count * seen) + penalties[0] * direction
        step = size / np.maximum((direction * image).sum(axis=0), 1e-12)
        denominator = step * grown * (shrunk_before - shrunk)
        denominator += shrunk_before * step_before * (1.0 + more * step)
        solved = denominator <= 0.0  # Nothing is left to be explained.
        factor = np.where(solved, 1.0, shrunk_before * step_before / np.where(solved, 1.0, denominator))
        shrunk_before, shrunk = shrunk, shrunk * factor
        scores += (step * factor)[:, None] * directions
        if number == steps - 1:
            break
        rest = rest - step * image
        previous, size = size, (rest * rest).sum(axis=0)
        step_before, grown = step, size / np.maximum(previous, 1e-12)
        direction = rest + grown * direction
        seen_before, seen = seen, seen_from(direction)
        directions *= (grown * factor**2)[:, None]
        directions += shrunk[:, None] * (seen - grown * seen_before)
    return list(scores)


def _scaled(matrix: sp.csr_matrix) -> sp.csr_matrix:
    facts_a_row = matrix.nnz / max(int((np.diff(matrix.indptr) > 0).sum()), 1)
    return matrix / np.sqrt(max(facts_a_row, 1.0))
