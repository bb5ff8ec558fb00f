"""The figures of a model with their resamples: means, lean and falls, over groups of questions."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array, csr_array

from tst_harness.analysis.diagnostic import FloatArray, IntArray
from tst_harness.analysis.scoring import LETTERS
from tst_harness.results.bias import Bias
from tst_harness.results.schema import QUARTERS
from tst_harness.stats.bounds import Resampled
from tst_harness.stats.resampling import ROUNDING, resample_weights

_DIFFERENCE = (-1.0, 1.0)
_SCORE = (0.0, 1.0)
_LEAST_OPTIONS = 3
"""With two there is no other wrong option to compare with."""


@dataclass(frozen=True)
class Answers:
    """A model's scores, NaN where it has none, its predictions, and its scores without seeing."""

    score: FloatArray
    prediction: Sequence[str | None]
    blind: FloatArray | None = None


@dataclass(frozen=True)
class Figure:
    """A figure with its resamples, of some questions.

    Attributes
    ----------
    n
        How many questions.
    evidence
        The figure itself and its resamples.
    """

    n: int
    evidence: Resampled

    @property
    def point(self) -> float:
        """The figure."""
        return self.evidence.point

    @property
    def interval(self) -> tuple[float, float]:
        """95%, as those of the report."""
        return self.evidence.interval()

    @property
    def p_value(self) -> float:
        """Of the claim that the figure is not zero, two-sided."""
        sides = (self.evidence, self.evidence.negated())
        return min(1.0, 2.0 * min(side.p_above(0.0, at_least=False) for side in sides))


class Sums:
    """Sums of columns over the questions of each group, which every resample of the groups weighs.

    Parameters
    ----------
    group
        (n,) codes of groups.
    seed
        Of the resamples.
    """

    def __init__(self, group: IntArray, seed: int) -> None:
        self._group = group
        self._seed = seed

    def resampled(self, cells: IntArray, columns: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return sums by cell: over all groups, shape (cells, columns), and in resamples of them.

        Parameters
        ----------
        cells
            (n,) codes from 0; -1 for questions that are left out.
        columns
            (n, columns).
        """
        rows = np.flatnonzero(cells >= 0)
        groups, group = np.unique(self._group[rows], return_inverse=True)
        width, n_cells = columns.shape[1], int(cells.max()) + 1
        place = cells[rows][:, None] * width + np.arange(width)
        entries = (columns[rows].ravel(), (place.ravel(), np.repeat(group, width)))
        sums: csr_array = coo_array(entries, shape=(n_cells * width, len(groups))).tocsr()
        drawn = [(sums @ weights).T for weights in resample_weights(len(groups), self._seed)]
        shape = (n_cells, width)
        return np.asarray(sums.sum(axis=1)).reshape(shape), np.concatenate(drawn).reshape(-1, *shape)

    def groups(self, cells: IntArray) -> int:
        """How many groups have a question that is not left out."""
        return len(np.unique(self._group[cells >= 0]))


class ModelFigures:
    """The figures of one model.

    Parameters
    ----------
    bias
        The questions.
    answers
        The model's.
    seed
        Of the resamples.
    """

    def __init__(self, bias: Bias, answers: Answers, seed: int) -> None:
        self._bias = bias
        self._answers = answers
        self._seed = seed
        self._sums = Sums(bias.group, seed)
        self._rows = np.flatnonzero(np.isfinite(answers.score))

    @property
    def n(self) -> int:
        """How many questions have a score."""
        return len(self._rows)

    def score(self) -> Figure:
        """The mean score."""
        return self._means(self._answers.score, np.where(np.isfinite(self._answers.score), 0, -1), _SCORE)[0]

    def quarters(self) -> list[Figure]:
        """The mean score in each quarter."""
        return self._means(self._answers.score, self._quarter_of(self._rows), _SCORE)

    def blind(self) -> Figure | None:
        """The mean score without seeing; None where that is not known."""
        blind = self._answers.blind
        if blind is None:
            return None
        return self._means(blind, np.where(np.isfinite(blind), 0, -1), _SCORE)[0]

    def seeing(self) -> Figure | None:
        """What seeing adds; None where there is no blind run."""
        rows = self._seen_and_blind()
        return (
            None
            if rows is None
            else self._means(self._added(), _codes(rows, len(self._answers.score)), _DIFFERENCE)[0]
        )

    def seeing_quarters(self) -> list[Figure] | None:
        """What seeing adds in each quarter; None where there is no blind run."""
        rows = self._seen_and_blind()
        return None if rows is None else self._means(self._added(), self._quarter_of(rows), _DIFFERENCE)

    def lean(self) -> Figure | None:
        """How much higher the score is where text gives more away, within kinds of questions.

        The difference of the two halves of each kind, with what is near the middle in both in part, and its
        mean over kinds, which weighs each by its number of questions and by how much its halves differ. None
        where no kind has two halves.
        """
        rows = self._rows
        cells = np.full(len(self._answers.score), -1, dtype=np.int64)
        cells[rows] = np.unique(self._bias.kind[rows], return_inverse=True)[1]
        upper = np.zeros(len(cells))
        upper[rows] = self._bias.upper_part(rows)
        score = np.nan_to_num(self._answers.score)
        columns = np.column_stack([np.ones(len(cells)), upper, upper**2, score, upper * score])
        total, drawn = self._sums.resampled(cells, columns)
        tells = _halves(total)[0] > ROUNDING
        if not tells.any():
            return None
        resamples = _mean_difference(drawn[:, tells])
        point = float(_mean_difference(total[None, tells])[0])
        kept = np.where(np.isin(cells, np.flatnonzero(tells)), cells, -1)
        evidence = Resampled.of(point, resamples, self._sums.groups(kept), _DIFFERENCE)
        return Figure(int(total[tells, 0].sum()), evidence)

    def falls(self) -> "tuple[Figure, float, float] | None":
        """How often an error is the text's own error, against the other wrong options.

        Returns
        -------
        The difference of the two shares, and both; None where no question tells.
        """
        bias, answers = self._bias, self._answers
        chosen = np.array([_place(text) for text in answers.prediction])
        by_text = np.array([_place(text) for text in bias.answer])
        wrong = (np.nan_to_num(answers.score, nan=1.0) == 0.0) & (chosen >= 0) & (chosen < bias.options)
        tells = wrong & ~bias.right & (by_text >= 0) & (bias.options >= _LEAST_OPTIONS)
        tells &= (bias.samples["format"] == "mc").to_numpy()
        if not tells.any():
            return None
        same = (chosen == by_text).astype(np.float64)
        others = np.zeros(len(same))
        others[tells] = (1.0 - same[tells]) / (bias.options[tells] - 2)
        columns = np.column_stack([np.ones(len(same)), same, others])
        cells = np.where(tells, 0, -1)
        total, drawn = self._sums.resampled(cells, columns)
        with np.errstate(invalid="ignore"):
            resamples = (drawn[:, 0, 1] - drawn[:, 0, 2]) / drawn[:, 0, 0]
        n, same_sum, others_sum = total[0]
        evidence = Resampled.of(
            float((same_sum - others_sum) / n), resamples, self._sums.groups(cells), _DIFFERENCE
        )
        return Figure(int(n), evidence), float(same_sum / n), float(others_sum / n)

    def _means(self, values: FloatArray, cells: IntArray, limits: tuple[float, float]) -> list[Figure]:
        columns = np.column_stack([np.ones(len(values)), np.nan_to_num(values)])
        total, drawn = self._sums.resampled(cells, columns)
        with np.errstate(invalid="ignore"):
            means = drawn[:, :, 1] / drawn[:, :, 0]
        return [
            Figure(
                int(total[cell, 0]),
                Resampled.of(
                    float(total[cell, 1] / total[cell, 0]),
                    means[:, cell],
                    self._sums.groups(np.where(cells == cell, 0, -1)),
                    limits,
                ),
            )
            for cell in range(len(total))
        ]

    def _quarter_of(self, rows: IntArray) -> IntArray:
        cells = np.full(len(self._answers.score), -1, dtype=np.int64)
        # Fewer questions than quarters leave some empty.
        cells[rows] = self._bias.quarters(rows, self._seed) if len(rows) >= QUARTERS else 0
        return cells

    def _seen_and_blind(self) -> IntArray | None:
        blind = self._answers.blind
        if blind is None:
            return None
        return np.flatnonzero(np.isfinite(blind) & np.isfinite(self._answers.score))

    def _added(self) -> FloatArray:
        assert self._answers.blind is not None
        added: FloatArray = self._answers.score - self._answers.blind
        return added


def _codes(rows: IntArray, n: int) -> IntArray:
    codes = np.full(n, -1, dtype=np.int64)
    codes[rows] = 0
    return codes


def _halves(sums: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The weight of each kind and the difference of its halves, of the sums that `lean` makes."""
    count, upper, squares, score, product = np.moveaxis(sums, -1, 0)
    lower = count - upper
    both = (upper > 0.0) & (lower > 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        difference = np.where(both, product / upper - (score - product) / lower, 0.0)
        # Where all questions are alike there are no halves, and the weight is zero.
        weight = np.where(both, squares - upper**2 / count, 0.0)
    return weight, difference


def _mean_difference(sums: FloatArray) -> FloatArray:
    """The weighted mean over kinds, shape (m,), of sums (m, kinds, 5)."""
    weight, difference = _halves(sums)
    total = weight.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean: FloatArray = np.where(total > ROUNDING, (weight * difference).sum(axis=1) / total, np.nan)
    return mean


def _place(text: object) -> int:
    """The place of the option that a letter is of; -1 for anything else."""
    if isinstance(text, str) and len(text) == 1 and text in LETTERS:
        return LETTERS.index(text)
    return int(text) if isinstance(text, str) and text.isdecimal() else -1
