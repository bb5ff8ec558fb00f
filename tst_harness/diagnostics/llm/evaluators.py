"""Cross-validation with a language model: TsT-LLM for a user's own models of bias."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from tst_harness.analysis.diagnostic import FloatArray
from tst_harness.analysis.metrics import best_constant, relative_accuracy
from tst_harness.analysis.scoring import LETTERS
from tst_harness.dataset.provenance import FailurePolicy
from tst_harness.diagnostics.features.protocols import BiasModel, FoldResult, ModelEvaluator
from tst_harness.diagnostics.llm.build import build_trainable
from tst_harness.diagnostics.llm.config import LLMConfig
from tst_harness.diagnostics.llm.data.models import LLMPredictionResult, TstTestInstance, TstTrainingDatum
from tst_harness.diagnostics.llm.data.tables import frame_test_instances, frame_training_data
from tst_harness.diagnostics.llm.trainable.predictor import TrainableLLMPredictor
from tst_harness.errors import DataError, HarnessError


class LLMEvaluator(ModelEvaluator):
    """Fine-tunes a language model on the training questions and scores the held-out ones.

    The features of a model are not used, only the questions it selects and their format. The base model
    stays loaded between folds; an adapter lasts for its fold, and is left on disk where the trainable
    predictor keeps adapters.

    Parameters
    ----------
    trainable_predictor
        What is trained and predicts.
    on_failure
        What an answer counts that names no option, or no number: "no_credit" is 0. "chance" is
        1 / options (mc), or what the best constant answer of the training questions scores (num). Either
        way such answers are counted.

    Attributes
    ----------
    results
        One for each fold evaluated, in order: `run_cross_validation` returns no more than their mean.
    """

    def __init__(
        self, trainable_predictor: TrainableLLMPredictor, on_failure: FailurePolicy = "no_credit"
    ) -> None:
        self.trainable = trainable_predictor
        self.on_failure = on_failure
        self.results: list[FoldResult] = []

    def train_and_evaluate_fold(
        self,
        model: BiasModel,
        train_df: pd.DataFrame,
        test_df: pd.DataFrame,
        target_col: str,
        fold_id: int,
        seed: int,
    ) -> FoldResult:
        """Train on the questions of `train_df` and score the answers to those of `test_df`.

        Returns
        -------
        The score: accuracy (mc) or mean relative accuracy (num). Its metadata, in plain types:

        - `zero_shot`, `delta`: the score of the base model alone, and what training adds to it;
        - `mean_s`, `mean_s_zero_shot`, `mean_s_delta`: the same of s(x), which is the probability given to
          the gold option among the options (mc), or again the relative accuracy (num);
        - `ids`, `s`, `s_zero_shot`: s(x) of each question of `test_df`, in order;
        - `parse_failures`, `zero_shot_parse_failures`: numbers of questions without an answer;
        - `adapter`, `adapter_check`: what was trained, and how much it changes the model.

        Raises
        ------
        DataError
            A column is missing or a value in it cannot be used, or the model's format is "open" or "multi".
        EngineUnavailable, EngineError
            An engine is not installed, or fails.
        """
        if model.format not in ("mc", "num"):
            raise DataError(
                f"{model.name}: this evaluator asks questions of the formats mc and num, not {model.format}; "
                "declare the benchmark, and run its diagnostic llm"
            )
        training = frame_training_data(train_df, target_col, model.format)
        questions = frame_test_instances(test_df, target_col, model.format)
        # Answers stay here: the predictor is not given what it could read them from.
        blind = [question.model_copy(update={"ground_truth": None}) for question in questions]
        trainable = self.trainable
        try:
            trainable.train(training, fold_id=f"{model.name} fold {fold_id}", seed=seed)
            trained = trainable.history[-1]
            answers = trainable.predict(blind)
            untrained = trainable.zero_shot(blind)
        finally:
            trainable.discard()
        credit = self._credit(training, questions)
        trained_score, zero = (_score(questions, results, credit) for results in (answers, untrained))
        metadata = {
            "zero_shot": zero.score,
            "delta": trained_score.score - zero.score,
            "mean_s": trained_score.mean_s,
            "mean_s_zero_shot": zero.mean_s,
            "mean_s_delta": trained_score.mean_s - zero.mean_s,
            "ids": [question.instance_id for question in questions],
            "s": trained_score.s.tolist(),
            "s_zero_shot": zero.s.tolist(),
            "parse_failures": trained_score.failures,
            "zero_shot_parse_failures": zero.failures,
            "adapter": trained.info.model_dump(mode="json"),
            "adapter_check": trained.check.model_dump(mode="json"),
        }
        result = FoldResult(fold_id, trained_score.score, len(train_df), len(test_df), metadata)
        self.results.append(result)
        return result

    def _credit(
        self, training: Sequence[TstTrainingDatum], questions: Sequence[TstTestInstance]
    ) -> FloatArray:
        """(n,) what a question without an answer counts."""
        if self.on_failure == "no_credit":
            return np.zeros(len(questions))
        if questions[0].options is None:
            constant = best_constant([float(datum.response) for datum in training])
            return relative_accuracy(
                constant, [float(question.ground_truth or "nan") for question in questions]
            )
        return np.array([1.0 / len(question.options or ()) for question in questions])


class TemporaryLLMEvaluator(LLMEvaluator):
    """The bridge for callers that have only a plain dict of settings; nothing stays loaded between folds.

    Parameters
    ----------
    llm_config
        As for `LLMConfig.of`.

    Raises
    ------
    HarnessError
        It has a key that is not known, or a value that makes no sense.
    """

    def __init__(self, llm_config: Mapping[str, Any] | LLMConfig) -> None:
        self.config = LLMConfig.of(llm_config)
        self.on_failure = self.config.on_failure
        self.results = []

    def train_and_evaluate_fold(
        self,
        model: BiasModel,
        train_df: pd.DataFrame,
        test_df: pd.DataFrame,
        target_col: str,
        fold_id: int,
        seed: int,
    ) -> FoldResult:
        """Train and score as `LLMEvaluator` does, then give all memory back."""
        self.trainable = build_trainable(self.config)
        try:
            return super().train_and_evaluate_fold(model, train_df, test_df, target_col, fold_id, seed)
        finally:
            self.trainable.reset()


def create_llm_evaluator(
    trainable_predictor: TrainableLLMPredictor | None = None,
    llm_config: Mapping[str, Any] | LLMConfig | None = None,
    use_legacy: bool = False,
) -> LLMEvaluator:
    """Make an evaluator for `run_cross_validation`.

    Parameters
    ----------
    trainable_predictor
        What is trained and predicts.
    llm_config
        In its place, settings to make one from, as for `LLMConfig.of`.
    use_legacy
        Make a `TemporaryLLMEvaluator` from `llm_config`, by default from that of this machine.

    Raises
    ------
    HarnessError
        Not exactly one of the two is given, or the settings make no sense.
    """
    if use_legacy:
        if trainable_predictor is not None:
            raise HarnessError(
                "create_llm_evaluator makes a legacy evaluator (use_legacy=True) from llm_config alone; "
                "leave one of use_legacy and trainable_predictor out"
            )
        return TemporaryLLMEvaluator(llm_config or LLMConfig())
    if trainable_predictor is not None and llm_config is None:
        return LLMEvaluator(trainable_predictor)
    if trainable_predictor is not None or llm_config is None:
        raise HarnessError(
            "create_llm_evaluator needs exactly one of trainable_predictor and llm_config, and was given "
            f"{'neither' if llm_config is None else 'both'}"
        )
    config = LLMConfig.of(llm_config)
    return LLMEvaluator(build_trainable(config), config.on_failure)


@dataclass(frozen=True)
class _Scored:
    """(n,) s(x) and whether each answer is right, ties shared; how many questions have no answer."""

    s: FloatArray
    correct: FloatArray
    failures: int

    @property
    def score(self) -> float:
        return float(self.correct.mean())

    @property
    def mean_s(self) -> float:
        return float(self.s.mean())


def _score(
    questions: Sequence[TstTestInstance], results: Sequence[LLMPredictionResult], credit: FloatArray
) -> _Scored:
    s, correct = credit.copy(), credit.copy()
    failures = 0
    for place, (question, result) in enumerate(zip(questions, results, strict=True)):
        assert question.ground_truth is not None
        if result.prediction is None:
            failures += 1
        elif result.option_probabilities is None:
            s[place] = correct[place] = relative_accuracy(
                float(result.prediction), float(question.ground_truth)
            )
        else:
            probabilities = result.option_probabilities
            s[place] = probabilities[LETTERS.index(question.ground_truth)]
            best = max(probabilities)
            correct[place] = (s[place] == best) / probabilities.count(best)
    return _Scored(s, correct, failures)
