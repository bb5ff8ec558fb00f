"""Numbers: predict a distribution of answers and say the value with the highest expected score.

The mean of a distribution is the wrong answer under mean relative accuracy: it falls between the
values that score. So the leaves of a random forest are read as weights on the training answers
(Meinshausen 2006), and of many candidate answers the one with the best expected score is given.
"""

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from tst_harness.analysis.diagnostic import FloatArray, IntArray
from tst_harness.analysis.metrics import best_constant, relative_accuracy
from tst_harness.diagnostics.forest.evidence import PARTS, TrainingSums
from tst_harness.diagnostics.forest.facts import number_facts
from tst_harness.diagnostics.forest.features import CUES, Features, Table, assemble
from tst_harness.diagnostics.forest.forms import Forms
from tst_harness.diagnostics.forest.number_cues import NumberCues
from tst_harness.diagnostics.forest.permutation import TypePrediction, predict_with_permutations, subset
from tst_harness.diagnostics.forest.settings import MOST_TRAINING_QUESTIONS, RANDOM_FOREST, TREES_OF_NUMBERS
from tst_harness.diagnostics.forest.trees import grow
from tst_harness.diagnostics.forest.trees import lightgbm as lgb

_CANDIDATES = 100
_NEAR = 0.045
_PRIOR_ANSWERS = 5.0
_LEAST_LEARNT = 20
_FEW = 300
"""Questions up to which forests without a fifth of them are too weak to predict with."""
_TRUST = (0.0, 0.5, 1.0)


class NumberModel:
    """Learns and predicts one num type, over any number of folds."""

    def __init__(self, forms: Forms, inclusive: bool) -> None:
        self.forms = forms
        self.inclusive = inclusive
        self.facts = number_facts(forms)
        self.cues = NumberCues.of(forms)
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
        own = parts[learnt]
        forests = _forests(features.train, target[learnt], scores, own, seed)
        usual = np.array([_without(scores, own == part) for part in range(PARTS)])
        expectations = self.cues.expected(
            rows[learnt], own, answers[learnt], scores, candidates, wanted, self.inclusive
        )
        trusted, heard = 1.0, 0.0
        if len(forests) == PARTS:
            known = np.empty_like(scores)
            for part, forest in enumerate(forests):
                known[own == part] = forest.of(features.train[own == part])
            trusted, heard = _blend(
                known, usual[own], None if expectations is None else expectations[0], scores
            )
            if trusted and len(learnt) < _FEW:
                forests = _forests(features.train, target[learnt], scores, np.zeros_like(own), seed)
        prior = scores.mean(axis=0)
        if expectations is not None and heard:
            # What is told is no feature of the trees: they are handed where to look it up.
            number = np.arange(len(wanted), dtype=np.float32)[:, None]
            features = Features(
                features.train, np.hstack([features.held_out, number]), [*features.families, CUES]
            )

        def best(table: Table, sizes: IntArray) -> FloatArray:
            expected = (1.0 - trusted) * prior[None, :].repeat(len(table), axis=0)
            if expectations is not None and heard:
                expected += heard * expectations[1][table[:, -1].astype(np.int64)]
                table = table[:, :-1]
            if trusted:
                expected += trusted * np.mean([forest.of(table) for forest in forests], axis=0)
            chosen: FloatArray = candidates[expected.argmax(axis=1)]
            return chosen

        ones = np.ones(len(wanted), dtype=np.int64)
        return predict_with_permutations(features, ones, position, best, seed, most_permuted)


def _without(scores: FloatArray, left_out: npt.NDArray[np.bool_]) -> FloatArray:
    """The mean score of every candidate without some questions, or with all where none would be left."""
    mean: FloatArray = scores[~left_out].mean(axis=0) if not left_out.all() else scores.mean(axis=0)
    return mean


def _forests(
    table: Table, target: FloatArray, scores: FloatArray, parts: IntArray, seed: int
) -> list["_LeafScores"]:
    """A forest without each part, of a fifth of the trees; one of all where a part has no questions."""
    data = lgb.Dataset(table, target, params=RANDOM_FOREST, free_raw_data=False)
    taken = [np.flatnonzero(parts != part) for part in range(PARTS)]
    if min(map(len, taken)) < _LEAST_LEARNT or len(np.unique(parts)) < PARTS:
        taken, trees = [np.arange(len(table))], TREES_OF_NUMBERS
    else:
        trees = TREES_OF_NUMBERS // PARTS
    forests = []
    for number, rows in enumerate(taken):
        booster = grow({**RANDOM_FOREST, "seed": seed + number}, data.subset(rows.tolist()), trees)
        forests.append(_LeafScores(booster, table[rows], scores[rows], trees))
    return forests


def _blend(
    known: FloatArray, usual: FloatArray, weights: FloatArray | None, scores: FloatArray
) -> tuple[float, float]:
    """How much of the forest and of the cues the expected scores are made of, by the training questions.

    Where neither beats the constant by more than a standard error, it is the constant.

    Parameters
    ----------
    known, usual, told
        (n, n_candidates) what the forest expects, what the mean is, and what cues add, for each question
        without the answers of its part.
    scores
        (n, n_candidates) what each candidate scores.
    """

    def scored(expected: FloatArray) -> FloatArray:
        return np.asarray(scores[np.arange(len(scores)), expected.argmax(axis=1)])

    constant = scored(usual)
    best, chosen = 0.0, (0.0, 0.0)
    for trusted in _TRUST:
        for heard in _TRUST if weights is not None else (0.0,):
            expected = trusted * known + (1.0 - trusted) * usual
            more = scored(expected if weights is None else expected + heard * weights) - constant
            gain = float(more.mean())
            if gain > best and gain > more.std() / np.sqrt(len(more)):
                best, chosen = gain, (trusted, heard)
    return chosen


class _LeafScores:
    """The expected score of every candidate, from the training answers that share a leaf."""

    def __init__(self, booster: lgb.Booster, table: Table, scores: FloatArray, trees: int) -> None:
        self._booster = booster
        self._trees = trees
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
        means: FloatArray = indicator @ self._scores / self._trees
        return means

    def _leaves(self, table: Table) -> IntArray:
        leaves = np.asarray(self._booster.predict(table, pred_leaf=True, num_threads=1), dtype=np.int64)
        return leaves.reshape(len(table), -1)

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
    quantiles = np.unique(np.quantile(answers, np.linspace(0.0, 1.0, _CANDIDATES)))
    near = [quantiles * (1.0 - _NEAR), quantiles * (1.0 + _NEAR)]
    return np.concatenate([quantiles, [best_constant(answers, inclusive)], *near])


def _compress(answers: FloatArray) -> FloatArray:
    """A logarithm that also takes zero and negative numbers: relative errors become differences."""
    size = np.abs(answers)
    positive = size[size > 0]
    smallest = np.quantile(positive, 0.01) if len(positive) else 1.0
    return np.asarray(np.arcsinh(answers / smallest))
