"""Open answers: which of the training questions' answers fits a question best.

Each answer that is common among the training questions is a candidate, and so is what a question says itself
where training questions have their answers. What the facts of a question say for a candidate is estimated as
for numbers, and the candidates are ranked as options are. Any other answer is never given.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tst_harness.analysis.diagnostic import FloatArray, IntArray
from tst_harness.analysis.texts import best_texts, normalise_answer, score_matrix, text_scores
from tst_harness.benchmark.question_type import TextMetric
from tst_harness.diagnostics.forest.evidence import PARTS, TrainingSums
from tst_harness.diagnostics.forest.facts import length_facts, number_facts
from tst_harness.diagnostics.forest.features import WORDING, Features, Table, assemble
from tst_harness.diagnostics.forest.forms import Forms
from tst_harness.diagnostics.forest.logit import fit_logit, softmax
from tst_harness.diagnostics.forest.permutation import TypePrediction, predict_with_permutations, subset
from tst_harness.diagnostics.forest.pointers import Pointers
from tst_harness.diagnostics.forest.settings import (
    BOOSTED,
    MOST_ANSWERS,
    MOST_OPEN_QUESTIONS,
    TREES_OF_CHOICES,
)
from tst_harness.diagnostics.forest.trees import grow
from tst_harness.diagnostics.forest.trees import lightgbm as lgb
from tst_harness.diagnostics.forest.wording import LEAST_NATS, candidate_scores, nats, question_design

_ANSWER = "answer"
_LENGTH = "length"
_MENTIONED = "answer in the question"


class Candidates(NamedTuple):
    """What questions of a type may be answered with.

    Attributes
    ----------
    texts
        The common answers, the best constant first.
    pointers
        Numbers of pointers; what each points at follows the texts as a candidate.
    worth
        (n, n_candidates) what each scores on the training questions.
    """

    texts: list[str]
    pointers: list[int]
    worth: FloatArray


class OpenModel:
    """Learns and predicts one open type, over any number of folds."""

    def __init__(self, forms: Forms, metric: TextMetric) -> None:
        self.forms = forms
        self.metric: TextMetric = metric
        self.facts = number_facts(forms) + length_facts(forms)
        self._design = question_design(forms)
        self.pointers = Pointers.of(forms)
        self._length = np.array([len(text) for text in forms.text], dtype=np.float64)
        self._normalised = [f" {normalise_answer(text)} " for text in forms.written_text]

    def predict(
        self,
        train: IntArray,
        answers: FloatArray,
        parts: IntArray,
        held_out: IntArray,
        seed: int,
        accepted: Mapping[int, tuple[str, ...]],
        most_permuted: int,
    ) -> TypePrediction:
        """A text for each held-out question.

        Parameters
        ----------
        train, parts, held_out, seed, most_permuted
            As for `ChoiceModel.predict`.
        answers
            Of each of `train`, a key of `accepted`.
        accepted
            The accepted texts by answer.
        """
        candidates = self._candidates(self.forms.form_of[train], answers, accepted)
        worth = candidates.worth
        # What scores nothing for any candidate says nothing of their order.
        learnt = subset(len(train), MOST_OPEN_QUESTIONS, seed) & (worth.sum(axis=1) > 0.0)
        ones = np.ones(len(held_out), dtype=np.int64)
        step = worth.shape[1]
        if step < 2 or not learnt.any():
            constant = np.zeros(len(held_out))
            return TypePrediction(constant, ones, {}, np.empty(0, dtype=np.int64), tuple(candidates.texts))
        wanted, position = np.unique(self.forms.form_of[held_out], return_inverse=True)
        features = self._features(train, parts, candidates, np.flatnonzero(learnt), wanted)
        target = worth[learnt] / worth[learnt].sum(axis=1, keepdims=True)
        rank = _Ranking(features.train, target, seed)

        def best(table: Table, sizes: IntArray) -> FloatArray:
            scores = rank(table).reshape(-1, step)
            return np.repeat(scores.argmax(axis=1).astype(np.float64), step)

        sizes = np.full(len(wanted), step)
        prediction = predict_with_permutations(features, sizes, position, best, seed, most_permuted)
        texts, number = self._answers(candidates, wanted)

        def chosen(values: FloatArray, questions: IntArray) -> FloatArray:
            return number[questions, values[::step].astype(np.int64)].astype(np.float64)

        permuted = {
            family: chosen(values, position[prediction.sampled])
            for family, values in prediction.permuted.items()
        }
        return TypePrediction(
            chosen(prediction.values, position), ones, permuted, prediction.sampled, tuple(texts)
        )

    def worth_of(
        self, pointers: Sequence[int], forms: IntArray, accepted: Sequence[tuple[str, ...]]
    ) -> FloatArray:
        """(n, n_pointers) what each pointer's text scores on questions, by the type's metric."""
        shown = [list(column) for column in self.pointers.texts[forms][:, pointers].T]
        scores = [text_scores(self.metric, texts, accepted) for texts in shown]
        return np.column_stack(scores) if scores else np.zeros((len(forms), 0))

    def _candidates(
        self, forms: IntArray, answers: FloatArray, accepted: Mapping[int, tuple[str, ...]]
    ) -> Candidates:
        codes, code = np.unique(answers.astype(np.int64), return_inverse=True)
        golds = [accepted[code_of] for code_of in codes.tolist()]
        texts = best_texts(self.metric, [golds[code_of] for code_of in code], MOST_ANSWERS)
        worth = score_matrix(self.metric, golds, texts)[code]
        keys = [frozenset(map(normalise_answer, gold)) for gold in golds]
        pointers = self.pointers.telling(self.pointers.hits(forms, [keys[code_of] for code_of in code]))
        pointed = self.worth_of(pointers, forms, [golds[code_of] for code_of in code])
        return Candidates(texts, pointers, np.column_stack([worth, pointed]))

    def _answers(self, candidates: Candidates, wanted: IntArray) -> tuple[list[str], npt.NDArray[np.int64]]:
        """All texts that some forms may be answered with, and (n_forms, n_candidates) which is which.

        A pointer that points at nothing stands for the best constant.
        """
        texts, pointers = candidates.texts, candidates.pointers
        number = {text: place for place, text in enumerate(texts)} | {"": 0}
        for text in self.pointers.texts[wanted][:, pointers].ravel():
            number.setdefault(text, len(number) - 1)
        constant = np.tile(np.arange(len(texts)), (len(wanted), 1))
        pointed = [[number[text] for text in row] for row in self.pointers.texts[wanted][:, pointers]]
        distinct = [text for text in number if text]
        return distinct, np.column_stack(
            [constant, np.array(pointed, dtype=np.int64).reshape(len(wanted), -1)]
        )

    def _features(
        self, train: IntArray, parts: IntArray, candidates: Candidates, learnt: IntArray, wanted: IntArray
    ) -> Features:
        """A row for each candidate of each question, one question after the other."""
        forms, worth = self.forms, candidates.worth
        rows, _ = forms.rows(forms.form_of[train])
        mentioned = self._mentioned(candidates)
        wording = self._wording(rows, parts, worth)
        tables = []
        for candidate in range(worth.shape[1]):
            sums = TrainingSums.of(rows, parts, worth[:, candidate], forms.n_rows)
            columns = np.append(parts[learnt], np.full(len(wanted), PARTS))
            mean = sums.residual.sum(axis=0) / np.maximum(sums.count.sum(axis=0), 1.0)
            features = assemble(
                self.facts,
                sums.centred(),
                [(WORDING, own[candidate]) for own in wording],
                forms.row_form,
                (rows[learnt], parts[learnt]),
                wanted,
                np.column_stack([self._length, mentioned[:, candidate]]),
                [_LENGTH, _MENTIONED],
                conditional=False,
            )
            table = np.concatenate([features.train, features.held_out])
            tables.append(np.column_stack([table, mean[columns]]).astype(np.float32))
        stacked = np.stack(tables, axis=1)
        n_learnt, width = len(learnt), stacked.shape[2]
        return Features(
            stacked[:n_learnt].reshape(-1, width),
            stacked[n_learnt:].reshape(-1, width),
            [*features.families, _ANSWER],
        )

    def _mentioned(self, candidates: Candidates) -> FloatArray:
        """(n_forms, n_candidates) 1 where a question says a candidate, else 0."""
        texts = [f" {normalise_answer(text)} " for text in candidates.texts]
        common = [[text in question for text in texts] for question in self._normalised]
        return np.column_stack([common, self.pointers.texts[:, candidates.pointers] != ""]).astype(np.float64)

    def _wording(self, rows: IntArray, parts: IntArray, worth: FloatArray) -> list[FloatArray]:
        """What the wording says for each candidate, and how far that is behind the best, where it tells."""
        if self._design is None:
            return []
        scores = candidate_scores(self._design, rows, parts, worth, self.forms.row_form)
        total = worth.sum(axis=1, keepdims=True)
        target = np.divide(worth, total, out=np.zeros_like(worth), where=total > 0.0)
        known = scores[:, rows, parts].T
        if nats(known.ravel(), np.full(len(rows), worth.shape[1]), target.ravel()) < LEAST_NATS:
            return []
        return [scores, scores - scores.max(axis=0)]


class _Ranking:
    """Scores of candidates: a conditional logit that trees correct."""

    def __init__(self, table: Table, target: FloatArray, seed: int) -> None:
        n, candidates = target.shape
        counts = np.full(n, candidates)
        wanted = target.ravel()
        self._linear = fit_logit(table, counts, wanted)

        def gradient(scores: FloatArray, _: lgb.Dataset) -> tuple[FloatArray, FloatArray]:
            probability = softmax(scores, counts)
            return probability - wanted, probability * (1.0 - probability)

        data = lgb.Dataset(table, wanted, init_score=self._linear(table), params=BOOSTED)
        self._booster = grow({**BOOSTED, "seed": seed}, data, TREES_OF_CHOICES, gradient)

    def __call__(self, table: Table) -> FloatArray:
        corrections = np.asarray(self._booster.predict(table, num_threads=1, raw_score=True))
        scores: FloatArray = self._linear(table) + corrections
        return scores
