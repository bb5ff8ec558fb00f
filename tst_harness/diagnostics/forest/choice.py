"""Multiple choice as a ranking: one row an option, normalised over the question."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from tst_harness.analysis.diagnostic import FloatArray, IntArray
from tst_harness.diagnostics.forest.cues import Cues
from tst_harness.diagnostics.forest.evidence import TrainingSums
from tst_harness.diagnostics.forest.facts import choice_facts
from tst_harness.diagnostics.forest.features import (
    OPTION,
    RELATED,
    Table,
    assemble,
)
from tst_harness.diagnostics.forest.forms import Forms
from tst_harness.diagnostics.forest.logit import fit_logit, fit_scales, softmax
from tst_harness.diagnostics.forest.permutation import TypePrediction, predict_with_permutations, subset
from tst_harness.diagnostics.forest.screening import cue_evidence
from tst_harness.diagnostics.forest.settings import (
    BOOSTED,
    MOST_TRAINING_QUESTIONS,
    TREES_OF_CHOICES,
)
from tst_harness.diagnostics.forest.shape import COLUMNS, choice_shape
from tst_harness.diagnostics.forest.trees import grow
from tst_harness.diagnostics.forest.trees import lightgbm as lgb
from tst_harness.diagnostics.forest.wording import text_evidence


class ChoiceModel:
    """Learns and predicts one mc type, over any number of folds, by the mean of some boosters."""

    def __init__(self, forms: Forms, boosters: int = 1) -> None:
        self.forms = forms
        self.boosters = boosters
        self.facts = choice_facts(forms)
        self._shape = choice_shape(forms)
        self.cues = Cues.of(forms)

    def sums(self, train: IntArray, gold: FloatArray, parts: IntArray) -> TrainingSums:
        """What the training answers of each part say about each option.

        Parameters
        ----------
        train
            Question numbers within the type.
        gold
            The index of the gold option of each of `train`.
        parts
            The inner part of each of `train`.
        """
        rows, counts = self.forms.rows(self.forms.form_of[train])
        target = _target(counts, gold)
        baseline = 1.0 / np.repeat(counts, counts)
        return TrainingSums.of(rows, np.repeat(parts, counts), target - baseline, self.forms.n_rows)

    def cue_sums(self, train: IntArray, gold: FloatArray, parts: IntArray) -> TrainingSums:
        """The sums that cues are screened by; parameters as for `sums`."""
        return self.sums(train, gold, parts)

    def predict(
        self,
        train: IntArray,
        gold: FloatArray,
        parts: IntArray,
        held_out: IntArray,
        seed: int,
        sums: TrainingSums,
        related: list[FloatArray],
        texts: Mapping[str, FloatArray],
        most_permuted: int,
        taken: npt.NDArray[np.bool_] | None = None,
    ) -> TypePrediction:
        """Probabilities of the options of held-out questions.

        Parameters
        ----------
        train, gold, parts
            As for `sums`, whose result is `sums`.
        held_out
            Question numbers within the type.
        related
            The evidence of related questions, as from `Related.evidence`.
        texts
            What the texts say: family to scores, as from `TextEvidence.scores`.
        most_permuted
            On how many held-out questions features are permuted.
        taken
            On which of them, where they are not to be drawn.
        """
        forms = self.forms
        rows, counts = forms.rows(forms.form_of[train])
        target = _target(counts, gold)
        learnt_questions = subset(len(train), MOST_TRAINING_QUESTIONS, seed)
        learnt = np.repeat(learnt_questions, counts)
        wanted, position = np.unique(forms.form_of[held_out], return_inverse=True)
        held_rows, held_counts = forms.rows(wanted)
        evidence = [(OPTION, self._frequency(sums))]
        evidence += [*((RELATED, values) for values in related), *cue_evidence(self.cues, sums, forms)]
        known = rows, np.repeat(parts, counts)
        evidence += text_evidence(texts, known, counts, target, forms.row_form)
        features = assemble(
            self.facts,
            sums,
            evidence,
            forms.row_form,
            (rows[learnt], np.repeat(parts, counts)[learnt]),
            held_rows,
            self._shape,
            [family for family, _ in COLUMNS],
            conditional=True,
        )
        learnt_target, learnt_counts = target[learnt], counts[learnt_questions]
        linear = fit_logit(features.train, learnt_counts, learnt_target)
        left_out = linear.left_out(features.train, learnt_counts, learnt_target, parts[learnt_questions])
        both = np.column_stack([left_out, features.train[:, 0]])
        scales = fit_scales(both, learnt_counts, learnt_target, np.array([1.0, 0.0]))

        def start(table: Table) -> FloatArray:
            return np.column_stack([linear(table), table[:, 0]]) @ scales

        def gradient(scores: FloatArray, _: lgb.Dataset) -> tuple[FloatArray, FloatArray]:
            probability = softmax(scores, learnt_counts)
            return probability - learnt_target, probability * (1.0 - probability)

        data = lgb.Dataset(features.train, learnt_target, init_score=start(features.train), params=BOOSTED)
        seeds = [(seed + number) % 2**31 for number in range(self.boosters)]
        boosters = [grow({**BOOSTED, "seed": own}, data, TREES_OF_CHOICES, gradient) for own in seeds]

        def probabilities(table: Table, sizes: IntArray) -> FloatArray:
            corrections = [booster.predict(table, num_threads=1, raw_score=True) for booster in boosters]
            return softmax(start(table) + np.mean(corrections, axis=0), sizes)

        return predict_with_permutations(
            features, held_counts, position, probabilities, seed, most_permuted, taken
        )

    def _frequency(self, sums: TrainingSums) -> FloatArray:
        """(n_rows, PARTS + 1) the logarithm of how often each option was right."""
        sizes = np.diff(self.forms.first)
        gold = sums.residual + sums.count / np.repeat(sizes, sizes)[:, None]
        for family in self.facts:
            if family.name == OPTION:
                gold = family.matrix @ (family.matrix.T @ gold)
        frequency: FloatArray = np.log(gold + 0.5)
        return frequency


def _target(counts: IntArray, gold: FloatArray) -> FloatArray:
    target = np.zeros(int(counts.sum()))
    target[np.cumsum(counts) - counts + gold.astype(np.int64)] = 1.0
    return target
