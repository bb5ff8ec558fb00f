"""The held-out questions of a diagnostic as one table, in an order that no run can change."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from tst_harness.analysis.names import ungrouped
from tst_harness.analysis.records import FoldRecord, HeldOut, ZeroShotRecord
from tst_harness.errors import ReportError
from tst_harness.report.files import SAMPLE_COLUMNS
from tst_harness.report.records import Record
from tst_harness.stats.order import canonical_order

_NUMERIC = ("s", "score", "blind_baseline")


@dataclass(frozen=True)
class Questions:
    """One row a question, in canonical order of ids; the scores are means over repeats.

    Attributes
    ----------
    id
        Shape (n,).
    type
        Shape (n,), names.
    format
        Shape (n,), "mc", "num", "open" or "multi".
    group
        Shape (n,), names.
    score
        Shape (n,), by the metric of the type, in [0, 1].
    s
        Shape (n,), s(x).
    blind_baseline
        Shape (n,), what the blind baseline scores.
    zero_shot, s_zero_shot
        Shape (n,), as `score` and `s`, of the model without training; None where there is none.
    failures
        Shape (n,), the number of repeats in which the model gave no answer.
    """

    id: npt.NDArray[np.object_]
    type: npt.NDArray[np.object_]
    format: npt.NDArray[np.object_]
    group: npt.NDArray[np.object_]
    score: npt.NDArray[np.float64]
    s: npt.NDArray[np.float64]
    blind_baseline: npt.NDArray[np.float64]
    zero_shot: npt.NDArray[np.float64] | None
    s_zero_shot: npt.NDArray[np.float64] | None
    failures: npt.NDArray[np.int64]


def held_out_frame(folds: Sequence[FoldRecord], zero_shot: ZeroShotRecord | None = None) -> pd.DataFrame:
    """Return the held-out questions of the folds of one diagnostic, by repeat, then canonically by id.

    The canonical order is that of numbers where every id is an integer, and that of strings otherwise.

    Returns
    -------
    Shape (questions and repeats, 16): the columns of `HeldOut`, `repeat`, `fold`, `rank`, the place of the id
    in canonical order, `failed`, whether a model gave no answer, and `s_zero_shot`, `zero_shot` and
    `s_delta`, NaN where there is no zero-shot answer.
    """
    columns = {name: _column(name, folds) for name in HeldOut.model_fields}
    lengths = [len(fold.held_out.id) for fold in folds]
    for name in ("repeat", "fold"):
        columns[name] = np.repeat(np.array([getattr(fold, name) for fold in folds], dtype=np.int64), lengths)
    failed = [set() if fold.llm is None else set(fold.llm.inference.failed) for fold in folds]
    columns["failed"] = np.array(
        [id in lost for fold, lost in zip(folds, failed, strict=True) for id in fold.held_out.id], dtype=bool
    )
    for name, column in (("s", "s_zero_shot"), ("score", "zero_shot")):
        known = {} if zero_shot is None else dict(zip(zero_shot.id, getattr(zero_shot, name), strict=True))
        columns[column] = np.array([known.get(id, np.nan) for id in columns["id"]], dtype=np.float64)
    columns["s_delta"] = columns["s"] - columns["s_zero_shot"]
    codes, ids = pd.factorize(columns["id"])
    rank = np.empty(len(ids), dtype=np.int64)
    rank[canonical_order(ids.tolist())] = np.arange(len(ids))
    columns["rank"] = rank[codes]
    order = np.lexsort((columns["fold"], columns["rank"], columns["repeat"]))
    return pd.DataFrame(
        {name: pd.Series(values[order], dtype=values.dtype) for name, values in columns.items()}
    )


def samples_frame(records: Iterable[Record]) -> pd.DataFrame:
    """Return what `write_samples` writes: a row for each question, repeat and diagnostic.

    Parameters
    ----------
    records
        Of one benchmark, in any order; what is neither a fold nor zero-shot is passed over.

    Returns
    -------
    Shape (n, 15), the columns of `Sample`, ordered by diagnostic, repeat and canonical id.
    """
    folds: dict[str, list[FoldRecord]] = {}
    zero_shots: dict[str, ZeroShotRecord] = {}
    for record in records:
        if isinstance(record, FoldRecord):
            folds.setdefault(record.origin.diagnostic, []).append(record)
        elif isinstance(record, ZeroShotRecord):
            zero_shots[record.origin.diagnostic] = record
    frames = []
    for name, own in sorted(folds.items()):
        frame = held_out_frame(own, zero_shots.get(ungrouped(name)))
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


def check_zero_shot(frame: pd.DataFrame, zero_shot: ZeroShotRecord, diagnostic: str) -> None:
    """Check that the zero-shot questions are those held out, each once.

    Raises
    ------
    ReportError
        Naming a question.
    """
    asked, held_out = Counter(zero_shot.id), set(frame["id"])
    for found, problem in (
        ({id for id, times in asked.items() if times > 1}, "was asked twice zero-shot"),
        (asked.keys() - held_out, "was asked zero-shot and is never held out"),
        (held_out - asked.keys(), "is held out and was not asked zero-shot"),
    ):
        if found:
            raise ReportError(
                f"question {min(found)} of {diagnostic} {problem}: remove the diagnostic's records and run "
                f"it again"
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
    answered = bool(first["s_zero_shot"].notna().all())
    score, s, blind_baseline = (
        np.mean([rows[name].to_numpy() for rows in repeats], axis=0)
        for name in ("score", "s", "blind_baseline")
    )
    return Questions(
        id=first["id"].to_numpy(),
        type=first["type"].to_numpy(),
        format=first["format"].to_numpy(),
        group=first["group"].to_numpy(),
        score=score,
        s=s,
        blind_baseline=blind_baseline,
        zero_shot=first["zero_shot"].to_numpy() if answered else None,
        s_zero_shot=first["s_zero_shot"].to_numpy() if answered else None,
        failures=np.sum([rows["failed"].to_numpy() for rows in repeats], axis=0, dtype=np.int64),
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
    # Unlike numpy's own conversion, this takes a list for one value.
    column: npt.NDArray[Any] = pd.Series(values, dtype=object).to_numpy()
    return column
