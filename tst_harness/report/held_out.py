"""The held-out questions of a diagnostic as one table, in an order that no run can change."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from tst_harness.analysis.names import ungrouped
from tst_harness.analysis.records import FoldRecord, HeldOut, ZeroShotRecord
from tst_harness.dataset.order import canonical_order
from tst_harness.errors import ReportError
from tst_harness.report.records import Record
from tst_harness.report.sample_files import SAMPLE_COLUMNS

_NUMERIC = ("s", "score", "blind_baseline", "most_frequent")
_ROUNDING = 1e-9


def held_out_frame(folds: Sequence[FoldRecord], zero_shot: ZeroShotRecord | None = None) -> pd.DataFrame:
    """Return the held-out questions of the folds of one diagnostic, by repeat, then canonically by id.

    The canonical order is that of numbers where every id is an integer, and that of strings otherwise.

    Returns
    -------
    Shape (questions and repeats, 18): `diagnostic`, the columns of `HeldOut`, `repeat`, `fold`, `rank`, the
    place of the id in canonical order, and `s_zero_shot`, `zero_shot` and `s_delta`, NaN where there is no
    zero-shot answer. `blind_baseline` is the better of two for each mc type (`better_baseline`), and `chance`
    what it was before.
    """
    columns = {name: _column(name, folds) for name in HeldOut.model_fields}
    lengths = [len(fold.held_out.id) for fold in folds]
    names = [fold.origin.diagnostic for fold in folds]
    columns["diagnostic"] = np.repeat(np.array(names, dtype=object), lengths)
    for name in ("repeat", "fold"):
        columns[name] = np.repeat(np.array([getattr(fold, name) for fold in folds], dtype=np.int64), lengths)
    for name, column in (("s", "s_zero_shot"), ("score", "zero_shot")):
        known = {} if zero_shot is None else dict(zip(zero_shot.id, getattr(zero_shot, name), strict=True))
        columns[column] = np.array([known.get(id, np.nan) for id in columns["id"]], dtype=np.float64)
    columns["s_delta"] = columns["s"] - columns["s_zero_shot"]
    codes, ids = pd.factorize(columns["id"])
    rank = np.empty(len(ids), dtype=np.int64)
    rank[canonical_order(ids.tolist())] = np.arange(len(ids))
    columns["rank"] = rank[codes]
    order = np.lexsort((columns["fold"], columns["rank"], columns["repeat"]))
    frame = pd.DataFrame(
        {name: pd.Series(values[order], dtype=values.dtype) for name, values in columns.items()}
    )
    return frame.assign(chance=frame["blind_baseline"], blind_baseline=better_baseline(frame))


def better_baseline(frame: pd.DataFrame) -> "pd.Series[float]":
    """Return the blind baseline of each question: of each mc type, the better of chance and majority.

    The majority, the most frequent answer of the training folds, replaces chance on all questions of a type
    where it scores more on them, held out, over all repeats. Chosen on the questions that it is then compared
    on, the better of two is a little too good where they differ by luck alone; so gains err towards zero.

    Parameters
    ----------
    frame
        `type`, `format`, `blind_baseline` and `most_frequent` of the questions of one diagnostic.
    """
    lead = (frame["most_frequent"] - frame["blind_baseline"]).groupby(frame["type"]).transform("mean")
    return frame["blind_baseline"].mask(
        (frame["format"] == "mc") & (lead > _ROUNDING), frame["most_frequent"]
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
        frames.append(held_out_frame(own, zero_shots.get(ungrouped(name)))[SAMPLE_COLUMNS])
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
    zero_shot_ids, held_out = Counter(zero_shot.id), set(frame["id"])
    for ids, problem in (
        ({id for id, times in zero_shot_ids.items() if times > 1}, "was asked twice zero-shot"),
        (zero_shot_ids.keys() - held_out, "was asked zero-shot and is never held out"),
        (held_out - zero_shot_ids.keys(), "is held out and was not asked zero-shot"),
    ):
        if ids:
            raise ReportError(
                f"question {min(ids)} of {diagnostic} {problem}: remove the diagnostic's records and run "
                f"it again"
            )


def check_same_questions(frame: pd.DataFrame, diagnostic: str) -> None:
    """Check that every repeat has the same questions, with the same type, format and group.

    Raises
    ------
    ReportError
        Naming a question that a repeat lacks, or that changes between repeats.
    """
    first, *others = (rows for _, rows in frame.groupby("repeat", sort=True))
    for other in others:
        _check_same_questions(first, other, diagnostic)


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
