"""The rows of a benchmark as its file has them, for models that were written against its columns."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from tst_harness.dataset.loading import Dataset
from tst_harness.dataset.sources import resolve
from tst_harness.errors import DataError

_READERS: dict[str, Callable[[Path], pd.DataFrame]] = {
    ".jsonl": lambda path: pd.DataFrame(json.loads(line) for line in _lines(path)),
    ".json": lambda path: pd.DataFrame(json.loads(path.read_text("utf-8"))),
    ".csv": pd.read_csv,
    ".tsv": lambda path: pd.read_csv(path, sep="\t"),
    ".parquet": pd.read_parquet,
}


def _lines(path: Path) -> list[str]:
    return [line for line in path.read_text("utf-8").split("\n") if line.strip()]


def raw_rows(dataset: Dataset, data_dir: Path | None = None, require_real: bool = False) -> pd.DataFrame:
    """Every column of the questions of a dataset, in its order, with the index 0 .. n-1.

    Raises
    ------
    DataError
        The file is no longer the one that was loaded.
    """
    resolved = resolve(dataset.benchmark, data_dir, require_real)
    frames: list[Any] = [_READERS[path.suffix.lower()](path) for path in resolved.paths]
    rows = pd.concat(frames, ignore_index=True)
    if len(rows) != dataset.source.rows:
        raise DataError(
            f"{resolved.location}: has {len(rows)} rows where {dataset.source.rows} were loaded; leave the "
            "file alone while a session runs"
        )
    return pd.DataFrame(rows.iloc[dataset.frame["position"].to_numpy()].reset_index(drop=True))
