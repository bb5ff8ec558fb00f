"""Numbers: predict a distribution of answers and say the value with the highest expected score.

The mean of a distribution is the wrong answer under mean relative accuracy: it falls between the
values that score. So the leaves of a random forest are read as weights on the training answers
(Meinshausen 2006), and of many candidate answers the one with the best expected score is given.
"""

import lightgbm as lgb
import numpy as np
import scipy.sparse as sp

from tst_harness.analysis.diagnostic import FloatArray, IntArray
from tst_harness.analysis.metrics import best_constant, relative_accuracy
from tst_harness.diagnostics.forest.evidence import TrainingSums
from tst_harness.diagnostics.forest.facts import number_facts
from tst_harness.diagnostics.forest.features import Table, assemble
from tst_harness.diagnostics.forest.forms import Forms
from tst_harness.diagnostics.forest.permutation import TypePrediction, predict_with_permutations, subset
from tst_harness.diagnostics.forest.settings import MOST_TRAINING_QUESTIONS, RANDOM_FOREST, TREES_OF_NUMBERS

_CANDIDATES = 100
_NEAR = 0.045
_PRIOR_ANSWERS = 5.0


class NumberModel:
    """Learns and predicts one num type, over any number of folds."""

    def __init__(self, forms: Forms, inclusive: bool) -> None:
        self.forms = forms
        self.inclusive = inclusive
        self.facts = number_facts(forms)
        self._shape = np.array([[len(text)] for text in forms.text], dtype=np.float64)

    def predict(
        self,
        train: IntArray,
        answers: FloatArray,
        parts: IntArray,
        held_out: IntArray,
        seed: int,
        most_permuted: int,
    ) -> TypePrediction:
        """One number for each held-out question; parameters as for `ChoiceModel.predict`."""
        forms = self.forms
        rows, _ = forms.rows(forms.form_of[train])
        target = _compress(answers)
        sums = TrainingSums.of(rows, parts, target, forms.n_rows).centred()

        learnt = np.flatnonzero(subset(len(train), MOST_TRAINING_QUESTIONS, seed))
        # LightGBM cannot draw a bag from one question.
        learnt = np.resize(learnt, max(len(learnt), 2))
        wanted, position = np.unique(forms.form_of[held_out], return_inverse=True)
        features = assemble(
            self.facts,
            sums,
            [],
            forms.row_form,
            (rows[learnt], parts[learnt]),
            wanted,
            self._shape,
            ["length"],
            conditional=False,
        )
        candidates = _candidates(answers, self.inclusive)
        scores = relative_accuracy(candidates[None, :], answers[learnt][:, None], self.inclusive)
        booster = lgb.train(
            {**RANDOM_FOREST, "seed": seed},
            lgb.Dataset(features.train, target[learnt]),
            num_boost_round=TREES_OF_NUMBERS,
        )
        expected = _LeafScores(booster, features.train, scores)

        def best(table: Table, sizes: IntArray) -> FloatArray:
            chosen: FloatArray = candidates[expected.of(table).argmax(axis=1)]
            return chosen

        ones = np.ones(len(wanted), dtype=np.int64)
        return predict_with_permutations(features, ones, position, best, seed, most_permuted)


class _LeafScores:
    """The expected score of every candidate, from the training answers that share a leaf."""

    def __init__(self, booster: lgb.Booster, table: Table, scores: FloatArray) -> None:
        self._booster = booster
        leaves = self._leaves(table)
        self._leaves_a_tree = int(leaves.max()) + 1
        indicator = self._indicator(leaves)
        size = np.asarray(indicator.sum(axis=0)).ravel()[:, None]
        # A leaf of few answers is drawn towards the answers of all: without it, rare objects get the
        # best constant of five questions, which scores less than that of the whole type.
        prior = scores.mean(axis=0)
        self._scores = (indicator.T @ scores + _PRIOR_ANSWERS * prior) / (size + _PRIOR_ANSWERS)

    def of(self, table: Table) -> FloatArray:
        """(n, n_candidates) expected scores, averaged over trees."""
        indicator = self._indicator(self._leaves(table))
        found: FloatArray = indicator @ self._scores / TREES_OF_NUMBERS
        return found

    def _leaves(self, table: Table) -> IntArray:
        found = np.asarray(self._booster.predict(table, pred_leaf=True, num_threads=1), dtype=np.int64)
        return found.reshape(len(table), -1)

    def _indicator(self, leaves: IntArray) -> sp.csr_matrix:
        n, trees = leaves.shape
        columns = (leaves + np.arange(trees) * self._leaves_a_tree).ravel()
        pointers = np.arange(n + 1) * trees
        return sp.csr_matrix((np.ones(n * trees), columns, pointers), shape=(n, trees * self._leaves_a_tree))


def _candidates(answers: FloatArray, inclusive: bool) -> FloatArray:
    """Quantiles of the training answers, the best constant, and numbers just near enough to a quantile.

    A number at the edge of one answer's reach may be within that of others too. Of equally good
    candidates the first is said, so quantiles come first.
    """
    found = np.unique(np.quantile(answers, np.linspace(0.0, 1.0, _CANDIDATES)))
    near = [found * (1.0 - _NEAR), found * (1.0 + _NEAR)]
    return np.concatenate([found, [best_constant(answers, inclusive)], *near])


def _compress(answers: FloatArray) -> FloatArray:
    """A logarithm that also takes zero and negative numbers: relative errors become differences."""
    size = np.abs(answers)
    positive = size[size > 0]
    smallest = np.quantile(positive, 0.01) if len(positive) else 1.0
    return np.asarray(np.arcsinh(answers / smallest))
