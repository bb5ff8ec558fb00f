"""The evaluators that come with the framework."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.types import is_numeric_dtype

from tst_harness.analysis.diagnostic import FloatArray
from tst_harness.analysis.metrics import relative_accuracy
from tst_harness.diagnostics.features.protocols import (
    BiasModel,
    FeatureBasedBiasModel,
    FoldResult,
    ModelEvaluator,
    add_features,
    has_features,
    texts,
)
from tst_harness.errors import DataError, HarnessError

_TREES = 200
_FEW = 250


class RandomForestEvaluator(ModelEvaluator):
    """A random forest on the features of a model: TsT-RF for features written by hand.

    Columns that are not numbers become categories, those unseen in training one category together.
    A missing number is given to the forest as one.
    """

    def train_and_evaluate_fold(
        self,
        model: BiasModel,
        train_df: pd.DataFrame,
        test_df: pd.DataFrame,
        target_col: str,
        fold_id: int,
        seed: int,
    ) -> FoldResult:
        """Train on the questions of `train_df` and score the predictions for those of `test_df`.

        Returns
        -------
        The score, with `feature_importances` by column in its metadata.

        Raises
        ------
        HarnessError
            The model has no features, a feature column is missing, or holds an infinite number.
        """
        prediction = predict_fold(model, train_df, test_df, target_col, seed)
        score = prediction.correct() if model.metric == "acc" else prediction.relative_accuracy()
        metadata = {"feature_importances": prediction.importances}
        return FoldResult(fold_id, float(score.mean()), len(train_df), len(test_df), metadata)


@dataclass(frozen=True)
class FeaturePrediction:
    """What a random forest on a model's features says of n held-out questions.

    Attributes
    ----------
    predicted, truth
        (n,) answers: text for classification, numbers for regression.
    gold_probability
        (n,) the probability given to the true answer; 0 where training had no such answer, and NaN
        for regression.
    importances
        Impurity-based, by feature column.
    """

    predicted: npt.NDArray[Any]
    truth: npt.NDArray[Any]
    gold_probability: FloatArray
    importances: dict[str, float]

    def correct(self) -> FloatArray:
        """(n,) 1 where the answer is the true one."""
        return np.asarray(self.predicted == self.truth, dtype=np.float64)

    def relative_accuracy(self, inclusive: bool = False) -> FloatArray:
        """(n,) relative accuracy of the predicted numbers."""
        return relative_accuracy(self.predicted.astype(float), self.truth.astype(float), inclusive)


def predict_fold(
    model: BiasModel, train_df: pd.DataFrame, test_df: pd.DataFrame, target_col: str, seed: int
) -> FeaturePrediction:
    """Fit a model's maps and a random forest on the training questions, and predict the held-out ones.

    Raises
    ------
    HarnessError
        As for `RandomForestEvaluator.train_and_evaluate_fold`.
    """
    if not has_features(model) or not model.feature_cols:
        raise HarnessError(f"{model.name}: there are no features for a random forest to learn from")
    model.fit_feature_maps(train_df.copy())
    train, test = _features(model, train_df, target_col), _features(model, test_df, target_col)
    names = list(dict.fromkeys(model.feature_cols))
    columns = [_encode(model, name, train[name], test[name]) for name in names]
    estimator = _estimator(model, seed, len(train))
    estimator.fit(np.column_stack([feature for feature, _ in columns]), _targets(model, train, target_col))
    # Threads add up the trees' votes in any order, and rounding could then turn a tie either way.
    estimator.set_params(n_jobs=1)
    held_out = np.column_stack([feature for _, feature in columns])
    truth = _targets(model, test, target_col)
    probability = np.full(len(truth), np.nan)
    if model.task == "clf":
        place = {answer: column for column, answer in enumerate(estimator.classes_)}
        table = np.column_stack([estimator.predict_proba(held_out), np.zeros(len(truth))])
        probability = table[np.arange(len(truth)), [place.get(answer, -1) for answer in truth]]
    importances = dict(zip(names, estimator.feature_importances_.tolist(), strict=True))
    return FeaturePrediction(estimator.predict(held_out), truth, probability, importances)


def finite_numbers(values: "pd.Series[Any]", ids: Sequence[str], where: str) -> FloatArray:
    """Read a column of answers as numbers.

    Parameters
    ----------
    values
        n answers.
    ids
        The question of each, for the message.
    where
        The beginning of the message.

    Returns
    -------
    (n,) finite numbers.

    Raises
    ------
    DataError
        One is not a finite number.
    """
    read = pd.to_numeric(values, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = np.flatnonzero(~np.isfinite(read))
    if len(wrong):
        raise DataError(
            f"{where} holds {values.iloc[wrong[0]]!r} for the question {ids[wrong[0]]!r}, which is not a "
            "finite number; correct it or leave such rows out in select_rows"
        )
    return read


def _features(model: FeatureBasedBiasModel, rows: pd.DataFrame, target_col: str) -> pd.DataFrame:
    added = add_features(model, rows)
    if target_col in added.columns:
        return added
    return added.assign(**{target_col: rows[target_col].to_numpy()})


def _encode(
    model: FeatureBasedBiasModel, name: str, train: "pd.Series[Any]", test: "pd.Series[Any]"
) -> tuple[FloatArray, FloatArray]:
    train, test = train.infer_objects(), test.infer_objects()
    if is_numeric_dtype(train) and is_numeric_dtype(test):
        return _finite(model, name, train), _finite(model, name, test)
    from sklearn.preprocessing import OrdinalEncoder

    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    known = encoder.fit_transform(_cells(train))
    return known[:, 0], encoder.transform(_cells(test))[:, 0]


def _cells(values: "pd.Series[Any]") -> npt.NDArray[np.object_]:
    return np.array(texts(values), dtype=object)[:, np.newaxis]


def _finite(model: FeatureBasedBiasModel, name: str, values: "pd.Series[Any]") -> FloatArray:
    read = values.to_numpy(dtype=np.float64, na_value=np.nan)
    # The trees compare in single precision.
    if (np.abs(read) > np.finfo(np.float32).max).any():
        raise DataError(
            f"{model.name}: the feature column {name!r} holds a number that is infinite or beyond 3.4e38; "
            "bound it in add_features, or leave it missing"
        )
    return read


def _estimator(model: FeatureBasedBiasModel, seed: int, rows: int) -> Any:
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

    kind = RandomForestClassifier if model.task == "clf" else RandomForestRegressor
    threads = os.environ.get("OMP_NUM_THREADS", "")
    jobs = int(threads) if threads.isdigit() and int(threads) else -1
    # On few questions threads take longer to be given a tree than to grow it.
    jobs = 1 if rows < _FEW else jobs
    return kind(n_estimators=_TREES, random_state=seed % 2**32, n_jobs=jobs)


def _targets(model: FeatureBasedBiasModel, rows: pd.DataFrame, target_col: str) -> npt.NDArray[Any]:
    if model.task == "clf":
        return np.array(texts(rows[target_col]), dtype=object)
    return finite_numbers(rows[target_col], texts(rows.index.to_series()), f"{model.name}: {target_col!r}")
