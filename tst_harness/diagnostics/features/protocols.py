"""What a user's own model and evaluator look like, and how the framework calls a model.

The names are those of the TsT code release (Brown et al., arXiv 2511.04655), so that models written
for it run here.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeGuard, get_args, runtime_checkable

import numpy as np
import pandas as pd

from tst_harness.analysis.folds import IntArray
from tst_harness.errors import DataError, HarnessError

Format = Literal["mc", "num", "open", "multi"]
Task = Literal["clf", "reg"]
Metric = Literal["acc", "mra"]

_ID_COLUMNS = ("id", "idx", "question_id")
_MODEL_MEMBERS = ("name", "format", "task", "metric", "select_rows")
_FEATURE_MEMBERS = ("feature_cols", "fit_feature_maps", "add_features")


@runtime_checkable
class BiasModel(Protocol):
    """What looks for shortcuts in one type of question.

    A subclass inherits `task`, `metric` and `target_col_override`; any other class needs only to have
    the attributes.

    Attributes
    ----------
    name
        The name in messages and reports.
    format
        "mc" for multiple choice, "num" for numbers, "open" for free texts, "multi" for several right options.
    target_col_override
        The column that holds the answers, where it is another than the one that all models share.
    """

    name: str
    format: Format
    target_col_override: str | None = None

    def select_rows(self, df: pd.DataFrame) -> pd.DataFrame:
        """Return the model's questions, with the columns that it derives from them.

        The rows keep the index of `df`, or its column of ids.
        """
        ...

    @property
    def task(self) -> Task:
        """Regression for num questions, classification for all others."""
        return "reg" if self.format == "num" else "clf"

    @property
    def metric(self) -> Metric:
        """Mean relative accuracy for num questions, accuracy for all others.

        In a benchmark open questions are scored by the metric of their type.
        """
        return "mra" if self.format == "num" else "acc"


@runtime_checkable
class FeatureBasedBiasModel(BiasModel, Protocol):
    """A model that turns questions into features for an estimator.

    Attributes
    ----------
    feature_cols
        The columns of `add_features` that the estimator is given.
    """

    feature_cols: list[str]

    def fit_feature_maps(self, train_df: pd.DataFrame) -> None:
        """Learn statistics from the training questions, in place of those learnt before."""
        ...

    def add_features(self, df: pd.DataFrame) -> pd.DataFrame:
        """Return a copy of `df` with the feature columns, one row for each of its rows."""
        ...


@dataclass
class FoldResult:
    """The score of one fold.

    Attributes
    ----------
    fold_id
        Counts from 0, on through the repeats.
    score
        A fraction.
    train_size, test_size
        Numbers of questions.
    metadata
        Whatever else the evaluator has to say.
    """

    fold_id: int
    score: float
    train_size: int
    test_size: int
    metadata: dict[str, Any] = field(default_factory=dict)


class ModelEvaluator(ABC):
    """How a model is trained and scored."""

    @abstractmethod
    def train_and_evaluate_fold(
        self,
        model: BiasModel,
        train_df: pd.DataFrame,
        test_df: pd.DataFrame,
        target_col: str,
        fold_id: int,
        seed: int,
    ) -> FoldResult:
        """Train on the questions of `train_df` and score the predictions for those of `test_df`."""


@dataclass(frozen=True, eq=False)
class Selection:
    """The questions of one model.

    Attributes
    ----------
    frame
        What they were selected from, put in order by `identified`.
    id_col
        Its column of ids.
    rows
        n rows, as the model's `select_rows` returned them.
    at
        For each its row number in `frame`.
    ids
        For each its id, as text.
    """

    frame: pd.DataFrame
    id_col: str
    rows: pd.DataFrame
    at: IntArray
    ids: list[str]


def has_features(model: BiasModel) -> TypeGuard[FeatureBasedBiasModel]:
    """Whether a model adds features, whatever else of the protocol it lacks."""
    return hasattr(model, "add_features")


def check_model(model: BiasModel) -> None:
    """Check that a model has what its protocol asks for.

    Raises
    ------
    HarnessError
        With what is missing or of an unknown kind.
    """
    needed = _MODEL_MEMBERS + (_FEATURE_MEMBERS if has_features(model) else ())
    missing = [name for name in needed if not hasattr(model, name)]
    kind = type(model).__name__
    if missing:
        protocol = "FeatureBasedBiasModel" if has_features(model) else "BiasModel"
        raise HarnessError(f"{kind} has no {_listed(missing)}; a {protocol} needs {_listed(needed)}")
    for name, allowed in (
        ("format", get_args(Format)),
        ("task", ("clf", "reg")),
        ("metric", ("acc", "mra")),
    ):
        if getattr(model, name) not in allowed:
            known = f"{', '.join(allowed[:-1])} or {allowed[-1]}"
            raise HarnessError(f"{kind} has the {name} {getattr(model, name)!r} where {known} is known")


def identified(frame: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Put the rows in the order of their ids, so that no result depends on the order they came in.

    Returns
    -------
    The frame, and the name of its column of ids: `id`, `idx` or `question_id`. Where it has none of
    them its index becomes the column `id`.
    """
    names = [name for name in _ID_COLUMNS if name in frame.columns]
    if not names:
        frame = frame.assign(id=frame.index.to_numpy())
    name = names[0] if names else "id"
    ids = texts(frame[name])
    return frame.iloc[sorted(range(len(ids)), key=ids.__getitem__)], name


def select(model: BiasModel, frame: pd.DataFrame, id_col: str) -> Selection:
    """Select a model's rows of an identified frame, which the model cannot change.

    Raises
    ------
    DataError
        There are none, or it cannot be told which ones they are.
    """
    rows = _frame_from(model, "select_rows", model.select_rows(frame.copy()))
    if len(rows) == 0:
        raise DataError(
            f"{model.name}: select_rows selects none of the {len(frame)} rows; give it data that hold such "
            "questions"
        )
    at = _positions(rows, frame, id_col)
    if at is None:
        raise DataError(
            f"{model.name}: select_rows keeps neither the index of the rows nor distinct values in their "
            f"column {id_col!r}, so it cannot be told which rows it selects; keep one of the two"
        )
    return Selection(frame, id_col, rows, at, texts(frame[id_col].iloc[at]))


def _positions(rows: pd.DataFrame, frame: pd.DataFrame, id_col: str) -> IntArray | None:
    known = pd.Index(texts(frame[id_col]))
    ids = texts(rows[id_col]) if id_col in rows.columns else None
    if frame.index.is_unique:
        at = frame.index.get_indexer(rows.index).astype(np.int64)
        # An index that was reset may name other rows of the frame; the ids tell.
        if (at >= 0).all() and (ids is None or known[at].tolist() == ids):
            return at
    if ids is not None and known.is_unique:
        at = known.get_indexer(pd.Index(ids)).astype(np.int64)
        if (at >= 0).all():
            return at
    return None


def add_features(model: FeatureBasedBiasModel, rows: pd.DataFrame) -> pd.DataFrame:
    """Let a fitted model add its features.

    Returns
    -------
    One row for each of `rows`, in their order.

    Raises
    ------
    DataError
        A feature column is missing, or there are more or fewer rows than before.
    """
    added = _frame_from(model, "add_features", model.add_features(rows.copy()))
    if len(added) != len(rows):
        raise DataError(
            f"{model.name}: add_features returns {len(added)} rows for {len(rows)}; it must return one for "
            "each"
        )
    missing = [name for name in model.feature_cols if name not in added.columns]
    if missing:
        raise DataError(
            f"{model.name}: add_features adds no column {_listed(missing)}, which feature_cols names"
        )
    if rows.index.is_unique and not added.index.equals(rows.index) and set(added.index) == set(rows.index):
        return added.loc[rows.index]
    return added


def _frame_from(model: BiasModel, method: str, returned: object) -> pd.DataFrame:
    if not isinstance(returned, pd.DataFrame):
        raise HarnessError(
            f"{model.name}: {method} returns a {type(returned).__name__} where a DataFrame is needed"
        )
    return returned


def texts(values: "pd.Series[Any]") -> list[str]:
    """Each value as text, missing ones too."""
    return [str(value) for value in values.tolist()]


def _listed(names: Sequence[str]) -> str:
    return ", ".join(repr(name) for name in names)
