"""The held-out questions of a diagnostic as one table, in an order that no run can change."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from tst_harness.errors import ReportError
from tst_harness.reports.files import SAMPLE_COLUMNS
from tst_harness.reports.records import FoldRecord, HeldOut, Record

_INTEGER = re.compile("-?[0-9]{1,18}")
_NUMERIC = ("s", "correct", "chance")


@dataclass(frozen=True)
class Questions:
    """One row a question, in canonical order of ids; the scores are means over repeats.

    Attributes
    ----------
    type
        Shape (n,), names.
    format
        Shape (n,), "mc" or "num".
    group
        Shape (n,), names.
    score
        Shape (n,), accuracy or mean relative accuracy, in [0, 1].
    soft_score
        Shape (n,), s(x).
    baseline
        Shape (n,), what the baseline scores.
    """

    type: npt.NDArray[np.object_]
    format: npt.NDArray[np.object_]
    group: npt.NDArray[np.object_]
    score: npt.NDArray[np.float64]
    soft_score: npt.NDArray[np.float64]
    baseline: npt.NDArray[np.float64]


def held_out_frame(folds: Sequence[FoldRecord]) -> pd.DataFrame:
    """Return the held-out questions of the folds of one diagnostic, by repeat, then canonically by id.

    The canonical order is that of numbers where every id is an integer, and that of strings otherwise.

    Returns
    -------
    Shape (questions and repeats, 11): the columns of `HeldOut`, `repeat`, `fold`, and `rank`, the place of
    the id in canonical order.
    """
    columns = {name: _column(name, folds) for name in HeldOut.model_fields}
    lengths = [len(fold.held_out.id) for fold in folds]
    for name in ("repeat", "fold"):
        columns[name] = np.repeat(np.array([getattr(fold, name) for fold in folds], dtype=np.int64), lengths)
    codes, ids = pd.factorize(columns["id"])
    rank = np.empty(len(ids), dtype=np.int64)
    rank[canonical_order(ids.tolist())] = np.arange(len(ids))
    columns["rank"] = rank[codes]
    order = np.lexsort((columns["fold"], columns["rank"], columns["repeat"]))
    return pd.DataFrame(
        {name: pd.Series(values[order], dtype=values.dtype) for name, values in columns.items()}
    )


def canonical_order(ids: Sequence[str]) -> list[int]:
    """Return the positions of distinct ids in canonical order: as integers if all are, else as strings."""
    if all(_INTEGER.fullmatch(id) for id in ids):
        return sorted(range(len(ids)), key=lambda place: (int(ids[place]), ids[place]))
    return sorted(range(len(ids)), key=ids.__getitem__)


def samples_frame(records: Iterable[Record]) -> pd.DataFrame:
    """Return what `write_samples` writes: a row for each question, repeat and diagnostic.

    Parameters
    ----------
    records
        Of one benchmark, in any order; what is no fold is passed over.

    Returns
    -------
    Shape (n, 10), the columns of `Sample`, ordered by diagnostic, repeat and canonical id.
    """
    folds = [record for record in records if isinstance(record, FoldRecord)]
    frames = []
    for name in sorted({fold.origin.diagnostic for fold in folds}):
        frame = held_out_frame([fold for fold in folds if fold.origin.diagnostic == name])
        frame["diagnostic"] = pd.Series([name] * len(frame), dtype=object)
        frames.append(frame[SAMPLE_COLUMNS])
    if not frames:
        return pd.DataFrame(columns=SAMPLE_COLUMNS)
    return pd.concat(frames, ignore_index=True)


def check_once(frame: pd.DataFrame, diagnostic: str) -> None:
    """Check that no question is held out twice in a repeat.

    Raises
    ------
    ReportError
        Naming the question and the two folds.
    """
    twice = frame.duplicated(["repeat", "rank"]).to_numpy()
    if twice.any():
        first, second = (frame.iloc[int(twice.argmax()) + step] for step in (-1, 0))
        raise ReportError(
            f"question {first['id']} is held out twice in repeat {first['repeat']} of {diagnostic}, in folds "
            f"{first['fold']} and {second['fold']}: remove the diagnostic's records and run it again"
        )


def average_repeats(frame: pd.DataFrame, diagnostic: str) -> Questions:
    """Return the questions with their scores averaged over repeats.

    Parameters
    ----------
    frame
        From `held_out_frame`, with no question twice in a repeat.
    diagnostic
        Named in messages.

    Raises
    ------
    ReportError
        If a repeat lacks a question that another has, or a question changes its type, format or group between
        repeats.
    """
    repeats = [rows for _, rows in frame.groupby("repeat", sort=True)]
    first = repeats[0]
    for other in repeats[1:]:
        _check_same_questions(first, other, diagnostic)
    score, soft_score, baseline = (
        np.mean([rows[name].to_numpy() for rows in repeats], axis=0) for name in ("correct", "s", "chance")
    )
    return Questions(
        type=first["type"].to_numpy(),
        format=first["format"].to_numpy(),
        group=first["group"].to_numpy(),
        score=score,
        soft_score=soft_score,
        baseline=baseline,
    )


def _check_same_questions(first: pd.DataFrame, other: pd.DataFrame, diagnostic: str) -> None:
    for holding, lacking in ((first, other), (other, first)):
        missing = ~holding["rank"].isin(lacking["rank"]).to_numpy()
        if missing.any():
            row = holding.iloc[int(missing.argmax())]
            raise ReportError(
                f"question {row['id']} of {diagnostic} is held out in repeat {row['repeat']} and not in "
                f"repeat {lacking['repeat'].iloc[0]}: remove the diagnostic's records and run it again"
            )
    for name in ("type", "format", "group"):
        moved = first[name].to_numpy() != other[name].to_numpy()
        if moved.any():
            place = int(moved.argmax())
            raise ReportError(
                f"question {first['id'].iloc[place]} of {diagnostic} has {name} {first[name].iloc[place]!r} "
                f"in one repeat and {other[name].iloc[place]!r} in another: remove the diagnostic's records "
                f"and run it again"
            )


def _column(name: str, folds: Sequence[FoldRecord]) -> npt.NDArray[Any]:
    values = [value for fold in folds for value in getattr(fold.held_out, name)]
    if name in _NUMERIC:
        return np.array(values, dtype=np.float64)
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column
