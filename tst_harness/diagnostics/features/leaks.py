"""Label invariance: no feature may change when nothing but the held-out answers does.

A model that a user wrote is handed whole rows, so that its `select_rows` and `add_features` can read
the answers they are to be scored on. Whether they do is found out by running them twice.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.types import is_numeric_dtype

from tst_harness.analysis.folds import IntArray
from tst_harness.dataset.answers import Invalid, parse_options
from tst_harness.diagnostics.features.protocols import (
    FeatureBasedBiasModel,
    Selection,
    add_features,
    select,
    texts,
)
from tst_harness.errors import HarnessError, LeakError

_ANSWER_COLUMNS = (
    "ground_truth",
    "gt_idx",
    "gt_option",
    "gt_val",
    "gt_answer",
    "answer",
    "answer_idx",
    "answer_index",
    "answer_text",
    "correct_answer",
    "correct_idx",
    "correct_option",
)
_OPTION_COLUMNS = ("options", "choices")
_REMEDY = "or run with allow_leak=True (--tst-allow-leak), which the report then says"


class _Outcome(NamedTuple):
    """What a model makes of the questions of a fold, those trained on first."""

    ids: list[str]
    features: pd.DataFrame
    target: "pd.Series[Any]"


class LeakCheck:
    """Checks that a model reads no held-out answer.

    Parameters
    ----------
    model
        With features.
    selection
        The rows that it selects.
    target_col
        The column of the selection to be predicted.
    answers
        Columns that hold answers, where the data have them; columns of the usual names are added.
    """

    def __init__(
        self,
        model: FeatureBasedBiasModel,
        selection: Selection,
        target_col: str,
        answers: Sequence[str],
    ) -> None:
        self._model = model
        self._selection = selection
        self._target = target_col
        names = dict.fromkeys([*answers, *_ANSWER_COLUMNS])
        self._answers = [name for name in names if name in selection.frame.columns]

    def check_fold(self, train: IntArray, held_out: IntArray, seed: int) -> None:
        """Permute the held-out answers, select rows, fit maps and add features again, and compare.

        The features of all questions, and the targets of those trained on, must stay as they were.
        What a permutation leaves as it is, such as the mean of all answers, goes unnoticed. The model
        is left fitted on the training questions as they are.

        Parameters
        ----------
        train, held_out
            Rows of the selection.
        seed
            Of the permutation.

        Raises
        ------
        LeakError
            A feature reads held-out answers, or whether one does cannot be told.
        """
        if not self._answers:
            raise LeakError(
                f"{self._model.name}: no column of the data is known to hold the answers, so it cannot be "
                f"told whether features read them; name it by target_col, {_REMEDY}"
            )
        frame, rows = self._selection.frame, self._selection.at[held_out]
        permuted = with_answers_of(frame, self._answers, rows, other_rows(frame, rows, seed))
        if permuted.iloc[rows][self._answers].equals(frame.iloc[rows][self._answers]):
            return
        try:
            changed = self._run(permuted, train, held_out)
        except LeakError:
            raise
        except Exception as error:
            # Where the permuted answers are not to blame, this raises too.
            self._run(frame, train, held_out)
            raise LeakError(
                f"{self._model.name}: fails with held-out answers permuted ({type(error).__name__}: "
                f"{error}), so it cannot be told whether features read them; accept any valid answer, "
                f"{_REMEDY}"
            ) from error
        original = self._run(frame, train, held_out)
        moved = _moved_columns(original, changed)
        if moved:
            unstable = _moved_columns(original, self._run(frame, train, held_out))
            self._report_features(moved, unstable, original.ids)
        self._check_targets(original, changed, len(train))

    def _run(self, frame: pd.DataFrame, train: IntArray, held_out: IntArray) -> _Outcome:
        model, selection = self._model, self._selection
        chosen = select(model, frame, selection.id_col)
        others = np.setxor1d(chosen.at, selection.at)
        if len(others):
            raise LeakError(
                f"{model.name}: select_rows keeps or drops the question "
                f"{str(frame[selection.id_col].iloc[others[0]])!r} by the answers of held-out questions; "
                f"select by the question alone, {_REMEDY}"
            )
        at = np.concatenate([train, held_out])
        order = np.argsort(chosen.at)
        place = order[np.searchsorted(chosen.at, selection.at[at], sorter=order)]
        trained_on, tested = chosen.rows.iloc[place[: len(train)]], chosen.rows.iloc[place[len(train) :]]
        model.fit_feature_maps(trained_on.copy())
        names = list(dict.fromkeys(model.feature_cols))
        features = [add_features(model, rows)[names] for rows in (trained_on, tested)]
        return _Outcome(
            [selection.ids[row] for row in at],
            pd.concat(features, ignore_index=True),
            chosen.rows[self._target].iloc[place],
        )

    def _report_features(self, moved: dict[str, int], unstable: dict[str, int], ids: list[str]) -> None:
        if unstable:
            raise HarnessError(
                f"{self._model.name}: the feature column(s) {_quoted(unstable)} differ between two runs "
                "over the same rows; seed what is random in them"
            )
        raise LeakError(
            f"{self._model.name}: the feature column(s) {_quoted(moved)} change when the answers of "
            f"held-out questions are permuted, for example for the question {ids[min(moved.values())]!r}, "
            f"so they read those answers; compute them from the question and the training rows alone, "
            f"{_REMEDY}"
        )

    def _check_targets(self, original: _Outcome, changed: _Outcome, trained_on: int) -> None:
        moved = _moved(original.target, changed.target)
        if moved[:trained_on].any():
            raise LeakError(
                f"{self._model.name}: the answer in {self._target!r} to the question "
                f"{original.ids[int(moved.argmax())]!r}, which is trained on, changes when the answers of "
                f"held-out questions are permuted; compute it from that question's row alone, {_REMEDY}"
            )
        known = self._target in self._answers or original.target.iloc[trained_on:].nunique() == 1
        if not known and not moved.any():
            raise LeakError(
                f"{self._model.name}: {self._target!r} comes from a column that is not known to hold "
                f"answers, so it cannot be told whether features read it; name that one by target_col, "
                f"{_REMEDY}"
            )


def with_answers_of(
    frame: pd.DataFrame, columns: Sequence[str], rows: IntArray, donors: IntArray
) -> pd.DataFrame:
    """Give each of some rows the answers of another one, all columns together.

    Where an answer is the text of an option, the row gets its own option in the other's place.

    Parameters
    ----------
    frame
        n questions.
    columns
        The columns that hold answers.
    rows
        Shape (m,), row numbers.
    donors
        Shape (m,), for each of `rows` the position in `rows` of the one whose answers it gets; both have as
        many options.

    Returns
    -------
    A copy.
    """
    options = _option_texts(frame, rows)
    permuted = frame.copy()
    for name in columns:
        values = frame[name].to_numpy(dtype=object, copy=True)
        own = values[rows]
        values[rows] = [
            _translated(own[one], options[one], own[donor], options[donor])
            for one, donor in enumerate(donors.tolist())
        ]
        permuted[name] = pd.Series(values, index=frame.index, dtype=frame[name].dtype)
    return permuted


def other_rows(frame: pd.DataFrame, rows: IntArray, seed: int) -> IntArray:
    """Return donors that have as many options, so that letters and indices stay valid.

    Every row that has another to trade with gets the answer of another.
    """
    sizes = np.array([len(bare) for _, bare in _option_texts(frame, rows)])
    rng = np.random.default_rng(seed)
    donors = np.arange(len(rows))
    for size in np.unique(sizes):
        cycle = rng.permutation(np.flatnonzero(sizes == size))
        donors[cycle] = np.roll(cycle, 1)
    return donors


_Written = tuple[tuple[str, ...], tuple[str, ...]]
"""Options as they are written, and without their letters."""


def _option_texts(frame: pd.DataFrame, rows: IntArray) -> list[_Written]:
    name = next((name for name in _OPTION_COLUMNS if name in frame.columns), None)
    cells = [None] * len(rows) if name is None else frame[name].iloc[rows].tolist()
    found: list[_Written] = []
    for cell in cells:
        written: tuple[str, ...] = ()
        if isinstance(cell, list | tuple | np.ndarray):
            written = tuple(str(option) for option in cell)
        bare = parse_options(written or (cell if isinstance(cell, str) else None))
        found.append(((), ()) if isinstance(bare, Invalid) else (written or bare, bare))
    return found


def _translated(own: object, own_options: _Written, given: object, given_options: _Written) -> object:
    for mine, theirs in zip(own_options, given_options, strict=True):
        if own in mine and given in theirs:
            return mine[theirs.index(str(given))]
    return given


def _moved_columns(one: _Outcome, other: _Outcome) -> dict[str, int]:
    """The first row that differs, for each feature column that has one."""
    moved = {str(name): _moved(one.features[name], other.features[name]) for name in one.features.columns}
    return {name: int(rows.argmax()) for name, rows in moved.items() if rows.any()}


def _moved(one: "pd.Series[Any]", other: "pd.Series[Any]") -> npt.NDArray[np.bool_]:
    if is_numeric_dtype(one) and is_numeric_dtype(other):
        before, after = (each.to_numpy(dtype=np.float64, na_value=np.nan) for each in (one, other))
        # Sums over permuted rows differ by rounding.
        moved: npt.NDArray[np.bool_] = ~np.isclose(before, after, rtol=1e-9, atol=1e-12, equal_nan=True)
        return moved
    return np.array([a != b for a, b in zip(texts(one), texts(other), strict=True)], dtype=np.bool_)


def _quoted(names: dict[str, int]) -> str:
    return ", ".join(repr(name) for name in names)
