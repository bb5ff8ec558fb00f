"""Label invariance: no feature may change when nothing but the held-out answers does.

A model that a user wrote is handed whole rows, so that its `select_rows` and `add_features` can read
the answers they are to be scored on. Whether they do is found out by running fresh copies of them on two
tables.
"""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.types import is_numeric_dtype

from tst_harness.analysis.folds import IntArray
from tst_harness.dataset.answers import Invalid, parse_options
from tst_harness.diagnostics.features.fresh import (
    REMEDY,
    Failure,
    FreshCopies,
    Outcome,
    Part,
    outcome,
)
from tst_harness.diagnostics.features.protocols import FeatureBasedBiasModel, Selection, texts
from tst_harness.diagnostics.features.telling import golds, telling_columns, tells_answers, without
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
    sources
        The files that the rows are from.
    """

    def __init__(
        self,
        model: FeatureBasedBiasModel,
        selection: Selection,
        target_col: str,
        answers: Sequence[str],
        sources: Collection[Path] = (),
    ) -> None:
        self._model = model
        self._selection = selection
        self._target = target_col
        self._answers = answer_columns(selection.frame, answers)
        self._sources = {str(path.absolute()) for path in sources}
        self._copies: FreshCopies | None = None

    def check_fold(self, train: IntArray, held_out: IntArray, seed: int) -> None:
        """Have one fresh copy work with the held-out answers permuted and one without, and compare.

        The features of all questions, and the targets of those trained on, must be the same, and the same
        again from the model itself, whatever it was handed before. What a permutation leaves as it is, such
        as the mean of all answers, goes unnoticed. The model is left fitted on the training questions.

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
                f"told whether features read them; name it by target_col, {REMEDY}"
            )
        frame, at = self._selection.frame, self._selection.at
        rows, part = at[held_out], Part(at, at[train], at[held_out], self._target)
        permuted = with_answers_of(frame, self._answers, rows, other_rows(frame, rows, seed))[self._answers]
        if permuted.iloc[rows].equals(frame.iloc[rows][self._answers]):
            return
        if self._copies is None:
            self._copies = FreshCopies(self._model, frame, self._selection.id_col)
        changed = self._of_copy(part, permuted)
        if isinstance(changed, Failure):
            # Where the permuted answers are not to blame, this raises too.
            outcome(self._model, frame, self._selection.id_col, part)
            raise LeakError(
                f"{self._model.name}: fails with held-out answers permuted ({changed.message}), so it cannot "
                f"be told whether features read them; accept any valid answer, {REMEDY}"
            )
        own = outcome(self._model, frame, self._selection.id_col, part)
        original = self._of_copy(part)
        if isinstance(original, Failure):
            raise LeakError(
                f"{self._model.name}: fails in another process ({original.message}), so it cannot be told "
                f"whether features read held-out answers; let it do without what was there before, {REMEDY}"
            )
        self._compare_features(part, own, original, changed)
        self._check_targets(original, changed, len(train))

    def _of_copy(self, part: Part, answers: pd.DataFrame | None = None) -> Outcome | Failure:
        assert self._copies is not None
        made, files = self._copies.outcome(part, answers)
        for path in files:
            if path in self._sources or self._tells(path):
                raise LeakError(
                    f"{self._model.name}: reads the file {Path(path).name!r}, which has the answers; compute "
                    f"features from the rows that it is handed, {REMEDY}"
                )
        return made

    def _tells(self, path: str) -> bool:
        frame = self._selection.frame.iloc[self._selection.at]
        options = options_column(frame)
        known = golds(frame[self._answers[0]], None if options is None else frame[options])
        return tells_answers(Path(path), self._selection.ids, known)

    def _compare_features(self, part: Part, own: Outcome, original: Outcome, changed: Outcome) -> None:
        for moved, problem in (
            (
                _moved_columns(original, changed),
                "change when the answers of held-out questions are permuted, for example for the question "
                "{}, so they read those answers; compute them from the question and the training rows alone",
            ),
            (
                _moved_columns(original, own),
                "differ from those of a fresh copy of the model, for example for the question {}, so it "
                "keeps what it was handed before, held-out answers too; let fit_feature_maps replace what it "
                "learnt",
            ),
        ):
            if not moved:
                continue
            again = self._of_copy(part)
            unstable = {} if isinstance(again, Failure) else _moved_columns(original, again)
            if unstable:
                raise HarnessError(
                    f"{self._model.name}: the feature column(s) {_quoted(unstable)} differ between two runs "
                    "over the same rows; seed what is random in them"
                )
            example = problem.format(repr(original.ids[min(moved.values())]))
            raise LeakError(f"{self._model.name}: the feature column(s) {_quoted(moved)} {example}, {REMEDY}")

    def _check_targets(self, original: Outcome, changed: Outcome, trained_on: int) -> None:
        moved = _moved(original.target, changed.target)
        if moved[:trained_on].any():
            raise LeakError(
                f"{self._model.name}: the answer in {self._target!r} to the question "
                f"{original.ids[int(moved.argmax())]!r}, which is trained on, changes when the answers of "
                f"held-out questions are permuted; compute it from that question's row alone, {REMEDY}"
            )
        known = self._target in self._answers or original.target.iloc[trained_on:].nunique() == 1
        if not known and not moved.any():
            raise LeakError(
                f"{self._model.name}: {self._target!r} comes from a column that is not known to hold "
                f"answers, so it cannot be told whether features read it; name that one by target_col, "
                f"{REMEDY}"
            )


def answer_columns(frame: pd.DataFrame, answers: Sequence[str]) -> list[str]:
    """Return the columns that are known to hold answers: those named first, and those of the usual names."""
    return [name for name in dict.fromkeys([*answers, *_ANSWER_COLUMNS]) if name in frame.columns]


def options_column(frame: pd.DataFrame) -> str | None:
    """Return the column of options, by its name."""
    return next((name for name in _OPTION_COLUMNS if name in frame.columns), None)


def withheld(
    frame: pd.DataFrame, answers: Sequence[str], exempt: Sequence[str]
) -> tuple[pd.DataFrame, list[str]]:
    """Return the frame without what else tells the answers, and the names of that.

    Columns that are known to hold answers stay: a model may learn from them where it is trained.

    Parameters
    ----------
    frame
        n questions.
    answers
        Columns that hold answers.
    exempt
        Columns that may be read: the ids, texts, options and groups.
    """
    known = answer_columns(frame, answers)
    if not known:
        return frame, []
    kept = [*known, *exempt]
    telling = telling_columns(frame, frame[known[0]], options_column(frame), kept)
    return without(frame, telling, kept), telling


def withheld_note(models: str, columns: Sequence[str]) -> str:
    """Say what was withheld from models."""
    return (
        f"withheld from {models}, since the answers can be read off it: {', '.join(map(repr, columns))}; let "
        "target_col_override name a column to learn from, or allow leaks with --tst-allow-leak"
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
            _translated(own[donor_row], options[donor_row], own[donor], options[donor])
            for donor_row, donor in enumerate(donors.tolist())
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
    name = options_column(frame)
    cells = [None] * len(rows) if name is None else frame[name].iloc[rows].tolist()
    texts: list[_Written] = []
    for cell in cells:
        written: tuple[str, ...] = ()
        if isinstance(cell, list | tuple | np.ndarray):
            written = tuple(str(option) for option in cell)
        bare = parse_options(written or (cell if isinstance(cell, str) else None))
        texts.append(((), ()) if isinstance(bare, Invalid) else (written or bare, bare))
    return texts


def _translated(own: object, own_options: _Written, given: object, given_options: _Written) -> object:
    for mine, theirs in zip(own_options, given_options, strict=True):
        if own in mine and given in theirs:
            return mine[theirs.index(str(given))]
    return given


def _moved_columns(before: Outcome, other: Outcome) -> dict[str, int]:
    """The first row that differs, for each feature column that has one."""
    moved = {
        str(name): _moved(before.features[name], other.features[name]) for name in before.features.columns
    }
    return {name: int(rows.argmax()) for name, rows in moved.items() if rows.any()}


def _moved(left: "pd.Series[Any]", other: "pd.Series[Any]") -> npt.NDArray[np.bool_]:
    if is_numeric_dtype(left) and is_numeric_dtype(other):
        before, after = (each.to_numpy(dtype=np.float64, na_value=np.nan) for each in (left, other))
        # Sums over permuted rows differ by rounding.
        moved: npt.NDArray[np.bool_] = ~np.isclose(before, after, rtol=1e-9, atol=1e-12, equal_nan=True)
        return moved
    return np.array([a != b for a, b in zip(texts(left), texts(other), strict=True)], dtype=np.bool_)


def _quoted(names: dict[str, int]) -> str:
    return ", ".join(repr(name) for name in names)
