"""Rows in memory, written to a file that is read as any other: one reader for every door."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, time
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from tst_harness.errors import DataError

if TYPE_CHECKING:
    import datasets

Rows: TypeAlias = "pd.DataFrame | Iterable[Mapping[str, Any]] | datasets.Dataset"
_MEDIA = ("Image", "Audio", "Video", "Pdf")
_PICTURES = "PIL."
"""The package whose objects pictures in memory are."""
_BATCH = 1_000
_LEFT_OUT = object()


def write_rows(data: Rows, path: Path) -> None:
    """Write rows as JSON Lines, without pictures and other binary values.

    Parameters
    ----------
    data
        A pandas DataFrame, a `datasets.Dataset`, streamed or not, or dicts.
    path
        Of the file.

    Raises
    ------
    DataError
        It is none of these, has no rows, or holds a value that JSON has no form for.
    """
    n = 0
    with path.open("w", encoding="utf-8", errors="surrogatepass") as lines:
        for n, row in enumerate(_dicts(data), 1):
            plain = {str(name): _plain(value, n, name) for name, value in row.items()}
            kept = {name: value for name, value in plain.items() if value is not _LEFT_OUT}
            lines.write(json.dumps(kept, ensure_ascii=True, allow_nan=False) + "\n")
    if not n:
        raise DataError("the data have no rows")


def _dicts(data: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(data, pd.DataFrame):
        names = data.columns.tolist()
        if len({*map(str, names)}) < len(names):
            raise DataError(f"two columns of the DataFrame have the same name: {', '.join(map(str, names))}")
        yield from (dict(zip(names, row, strict=True)) for row in data.itertuples(index=False, name=None))
        return
    features = getattr(data, "features", None)
    if features is not None and hasattr(data, "remove_columns"):
        # Decoding an image of every row would take long, and no diagnostic looks at one.
        media = [name for name, feature in features.items() if _is_media(feature)]
        for table in data.remove_columns(media).with_format("arrow").iter(batch_size=_BATCH):
            yield from table.to_pylist()
        return
    if isinstance(data, Mapping | str | bytes) or not isinstance(data, Iterable):
        raise DataError(
            f"data of type {type(data).__name__} cannot be audited: pass a path, an id on the Hub, a pandas "
            "DataFrame, a datasets.Dataset (one split), a list of dicts or a Benchmark"
        )
    for number, row in enumerate(data, 1):
        if not isinstance(row, Mapping):
            raise DataError(f"row {number} is no dict but of type {type(row).__name__}")
        yield row


def _is_media(feature: Any) -> bool:
    """Whether a feature of a `datasets.Dataset` is pictures, sounds or the like, or lists of them."""
    inner = feature[0] if isinstance(feature, list) and feature else getattr(feature, "feature", None)
    return type(feature).__name__ in _MEDIA or (inner is not None and _is_media(inner))


def _plain(value: Any, row: int, column: object) -> Any:
    """Return a value as JSON has it; `_LEFT_OUT` where it is binary."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float | np.floating):
        number = float(value)
        return None if np.isnan(number) else number
    if isinstance(value, np.generic):
        return _plain(value.item(), row, column)
    if isinstance(value, date | time):
        return None if value is pd.NaT else value.isoformat()
    if value is pd.NA:
        return None
    if isinstance(value, Mapping):
        plain = {str(name): _plain(inner, row, column) for name, inner in value.items()}
        return {name: inner for name, inner in plain.items() if inner is not _LEFT_OUT}
    if isinstance(value, bytes | bytearray | memoryview) or type(value).__module__.startswith(_PICTURES):
        return _LEFT_OUT
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, list | tuple):
        items = [_plain(inner, row, column) for inner in value]
        return _LEFT_OUT if any(item is _LEFT_OUT for item in items) else items
    raise DataError(
        f"row {row}, column {str(column)!r}: a value of type {type(value).__name__} is neither text nor a "
        "number, list or dict; convert the column, or drop it"
    )
