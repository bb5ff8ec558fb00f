"""The rows of a benchmark as its file has them, for models that were written against its columns."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from tst_harness.dataset.answers import text_of
from tst_harness.dataset.loading import Dataset
from tst_harness.dataset.own_answers import LINE, ids_beside
from tst_harness.dataset.reading import all_records
from tst_harness.dataset.sources import resolve
from tst_harness.dataset.unreadable import UNREADABLE
from tst_harness.errors import DataError

_OF_TEXT = (".csv", ".tsv")


def raw_rows(dataset: Dataset, data_dir: Path | None = None, require_real: bool = False) -> pd.DataFrame:
    """Every column of the questions of a dataset, in its order, with the index 0 .. n-1.

    Answers that have a file of their own are columns, too, with what else stands in it.

    Columns of CSV and TSV files that hold nothing but numbers are numbers.

    Raises
    ------
    DataError
        The file is no longer the one that was loaded.
    """
    resolved = resolve(dataset.benchmark, data_dir, require_real)
    rows = pd.DataFrame(all_records(resolved.files)).drop(columns=UNREADABLE, errors="ignore")
    if len(rows) != dataset.source.rows:
        raise DataError(
            f"{resolved.location}: has {len(rows)} rows where {dataset.source.rows} were loaded; leave the "
            "file alone while a session runs"
        )
    if resolved.answers:
        own = pd.DataFrame(all_records(resolved.answers))
        rows = _with_answers(rows, own, dataset.benchmark.columns.named("id"))
    if all(file.suffix in _OF_TEXT for file in resolved.files):
        rows = rows.apply(_as_numbers)
    return pd.DataFrame(rows.iloc[dataset.frame["position"].to_numpy()].reset_index(drop=True))


def _with_answers(rows: pd.DataFrame, own: pd.DataFrame, ids: tuple[str, ...]) -> pd.DataFrame:
    """The rows with the columns that the file of the answers has and they have not."""
    added = [str(name) for name in own if name not in rows]
    if not ids or LINE in own:
        return rows.assign(**{name: own[name].to_numpy() for name in added})
    keys = [next(name for name in names if name in own) for names in ids_beside(ids)]
    places: dict[tuple[str | None, ...], int] = {}
    for place, id_ in enumerate(_ids(own, keys)):
        places.setdefault(id_, place)
    at = [places.get(id_, -1) for id_ in _ids(rows, ids)]
    # The row after the last has no values.
    beside = own.reindex(range(len(own) + 1)).iloc[at]
    return rows.assign(**{name: beside[name].to_numpy() for name in added if name not in keys})


def _ids(rows: pd.DataFrame, columns: Sequence[str]) -> list[tuple[str | None, ...]]:
    return list(zip(*(map(text_of, rows[name]) for name in columns), strict=True))


def _as_numbers(column: "pd.Series[str]") -> "pd.Series[str]":
    try:
        return pd.to_numeric(column)
    except (ValueError, TypeError):
        return column
