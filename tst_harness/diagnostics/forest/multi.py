"""Several right options: each option is judged by itself, right or wrong."""

from collections.abc import Callable, Mapping

import numpy as np
from scipy.special import expit

from tst_harness.analysis.diagnostic import FloatArray, IntArray
from tst_harness.dataset.several_options import option_set
from tst_harness.diagnostics.forest.cues import Cues
from tst_harness.diagnostics.forest.evidence import TrainingSums
from tst_harness.diagnostics.forest.facts import choice_facts, question_facts
from tst_harness.diagnostics.forest.features import Table, assemble
from tst_harness.diagnostics.forest.forms import Forms
from tst_harness.diagnostics.forest.permutation import TypePrediction, predict_with_permutations, subset
from tst_harness.diagnostics.forest.screening import cue_evidence
from tst_harness.diagnostics.forest.settings import BOOSTED, MOST_TRAINING_QUESTIONS, TREES_OF_CHOICES
from tst_harness.diagnostics.forest.shape import COLUMNS, choice_shape
from tst_harness.diagnostics.forest.trees import grow
from tst_harness.diagnostics.forest.trees import lightgbm as lgb
from tst_harness.diagnostics.forest.wording import text_evidence

_INVERSE_SHRINKAGE = 0.1


class MultiModel:
    """Learns and predicts one multi type, over any number of folds."""

    def __init__(self, forms: Forms) -> None:
        self.forms = forms
        self.facts = choice_facts(forms) + question_facts(forms)
        self._shape = choice_shape(forms)
        self.cues = Cues.of(forms)

    def sums(self, train: IntArray, answers: FloatArray, parts: IntArray) -> TrainingSums:
        """What the training answers of each part say about each option; parameters as for `predict`."""
        rows, counts = self.forms.rows(self.forms.form_of[train])
        right = right_options(counts, answers)
        return TrainingSums.of(rows, np.repeat(parts, counts), right, self.forms.n_rows).centred()

    def cue_sums(self, train: IntArray, answers: FloatArray, parts: IntArray) -> TrainingSums:
        """What the training answers of each part say about each option beside the others of its question.

        Scaled to the variance that one right option has, so that cues are screened as those of a choice.
        Parameters are as for `predict`.
        """
        rows, counts = self.forms.rows(self.forms.form_of[train])
        is_right = right_options(counts, answers)
        right = np.add.reduceat(is_right, np.cumsum(counts) - counts)
        variance = right * (counts - right) / np.maximum(counts - 1, 1)
        scale = np.divide(1.0, np.sqrt(variance), out=np.zeros(len(counts)), where=variance > 0.0)
        residual = (is_right - np.repeat(right / counts, counts)) * np.repeat(scale, counts)
        return TrainingSums.of(rows, np.repeat(parts, counts), residual, self.forms.n_rows)

    def predict(
        self,
        train: IntArray,
        answers: FloatArray,
        parts: IntArray,
        held_out: IntArray,
        seed: int,
        sums: TrainingSums,
        texts: Mapping[str, FloatArray],
        most_permuted: int,
    ) -> TypePrediction:
        """The probability of each option of held-out questions to be right.

        Parameters are as for `ChoiceModel.predict`; `answers` are the right options of each of `train`.
        """
        forms = self.forms
        rows, counts = forms.rows(forms.form_of[train])
        target = right_options(counts, answers)
        part = np.repeat(parts, counts)
        right = np.add.reduceat(target, np.cumsum(counts) - counts)
        share = target / np.repeat(np.maximum(right, 1.0), counts)
        evidence = text_evidence(texts, (rows, part), counts, share, forms.row_form)
        evidence += cue_evidence(self.cues, self.cue_sums(train, answers, parts), forms)
        learnt = np.repeat(subset(len(train), MOST_TRAINING_QUESTIONS, seed), counts)
        wanted, position = np.unique(forms.form_of[held_out], return_inverse=True)
        held_rows, held_counts = forms.rows(wanted)
        features = assemble(
            self.facts,
            sums,
            evidence,
            forms.row_form,
            (rows[learnt], part[learnt]),
            held_rows,
            self._shape,
            [family for family, _ in COLUMNS],
            conditional=True,
        )
        judge = _fit(features.train, target[learnt], seed)

        def probabilities(table: Table, sizes: IntArray) -> FloatArray:
            return judge(table)

        return predict_with_permutations(features, held_counts, position, probabilities, seed, most_permuted)


def right_options(counts: IntArray, answers: FloatArray) -> FloatArray:
    """(n_rows,) 1 for each right option of questions with so many options, else 0."""
    target = np.zeros(int(counts.sum()))
    starts = np.cumsum(counts) - counts
    right = [
        start + option for start, answer in zip(starts, answers, strict=True) for option in option_set(answer)
    ]
    target[right] = 1.0
    return target


def _fit(table: Table, target: FloatArray, seed: int) -> Callable[[Table], FloatArray]:
    """A logistic regression that trees correct: from a table to one probability a row."""
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    if target.min() == target.max():
        constant = float(target[0])
        return lambda rows: np.full(len(rows), constant)
    linear = make_pipeline(
        SimpleImputer(keep_empty_features=True),
        StandardScaler(),
        LogisticRegression(C=_INVERSE_SHRINKAGE, max_iter=1000),
    ).fit(table, target)
    data = lgb.Dataset(table, target, init_score=linear.decision_function(table), params=BOOSTED)
    settings = {**BOOSTED, "objective": "binary", "boost_from_average": False, "seed": seed}
    booster = grow(settings, data, TREES_OF_CHOICES)

    def judge(rows: Table) -> FloatArray:
        corrections = np.asarray(booster.predict(rows, num_threads=1, raw_score=True))
        probability: FloatArray = expit(linear.decision_function(rows) + corrections)
        return probability

    return judge
