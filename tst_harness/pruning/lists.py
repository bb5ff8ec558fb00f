"""Reads lists of removed ids: text with an id a line, a JSON list, or JSON Lines with an `id`."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tst_harness.analysis.diagnostic import IntArray
from tst_harness.dataset.opening import not_json
from tst_harness.errors import DataError


class IdPlaces:
    """The rows of a benchmark by id.

    Parameters
    ----------
    benchmark
        Its name, for messages.
    ids
        One a row.
    """

    def __init__(self, benchmark: str, ids: Sequence[str]) -> None:
        self.benchmark = benchmark
        self._rows = {id_: row for row, id_ in enumerate(ids)}

    def rows(self, named: Sequence[tuple[str, str]]) -> IntArray:
        """The rows of ids, in their order.

        Parameters
        ----------
        named
            For each id where it stands, as "removed.txt line 3", and the id.

        Raises
        ------
        DataError
            An id is not one of the benchmark's scored questions, or occurs twice; with where it stands.
        """
        first: dict[str, str] = {}
        rows = []
        for place, id_ in named:
            if id_ not in self._rows:
                raise DataError(
                    f"{place}: {id_!r} is not the id of a scored question of {self.benchmark}; correct it, "
                    "or name the benchmark that it belongs to"
                )
            if id_ in first:
                raise DataError(f"{place}: {id_!r} stands at {first[id_]} already; remove one of the two")
            first[id_] = place
            rows.append(self._rows[id_])
        return np.array(rows, dtype=np.int64)


def read_list(path: Path, frame: pd.DataFrame, benchmark: str) -> IntArray:
    """Read a list of removed ids.

    Parameters
    ----------
    path
        A file whose name ends in .json is a JSON list of ids or of objects with an `id`, one in .jsonl has
        such an object or an id per line; any other is text with one id per line.
    frame
        The benchmark's questions, with `id` and `type`.
    benchmark
        Its name, for messages.

    Returns
    -------
    Distinct row numbers, in the order of the list.

    Raises
    ------
    DataError
        The file cannot be read, is empty, names what is no question or one twice, or leaves none of a type.
    """
    named = list(_named_ids(path))
    if not named:
        raise DataError(f"{path.name}: holds no id; give it one id per line")
    rows = IdPlaces(benchmark, frame["id"].tolist()).rows(named)
    check_types_left(frame, rows, path.name)
    return rows


def check_types_left(frame: pd.DataFrame, removed: IntArray, what: str) -> None:
    """Check that a removal leaves something of each type.

    Raises
    ------
    DataError
        Naming the type that would be gone.
    """
    types = frame["type"]
    emptied = sorted(set(types) - set(types.drop(types.index[removed])))
    if emptied:
        raise DataError(
            f"{what}: removes all {int((types == emptied[0]).sum())} questions of the type {emptied[0]!r}, "
            "so that before and after cannot be compared; leave some of them"
        )


def read_lines(path: Path) -> list[str]:
    """The lines of a UTF-8 text file.

    Raises
    ------
    DataError
        It cannot be read, or is not UTF-8.
    """
    try:
        return path.read_text("utf-8-sig").split("\n")
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}; correct the path") from None
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path.name}: is not UTF-8 (byte 0x{error.object[error.start]:02x}); save the file as UTF-8"
        ) from None


def json_lines(path: Path) -> Iterator[tuple[str, Any]]:
    """Where each line with something on it stands, and its JSON value.

    Raises
    ------
    DataError
        As `read_lines`, or a line is not JSON.
    """
    for number, line in enumerate(read_lines(path), 1):
        if line.strip():
            place = f"{path.name} line {number}"
            yield place, parsed(line, place)


def parsed(text: str, place: str) -> Any:
    """A JSON value.

    Raises
    ------
    DataError
        It is none; with where it stands.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise not_json(place, error) from None


def as_id(value: object) -> str | None:
    """An id as it stands in reports; None for what cannot be one."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _named_ids(path: Path) -> Iterator[tuple[str, str]]:
    suffix = path.suffix.lower()
    if suffix == ".json":
        values = parsed("\n".join(read_lines(path)), path.name)
        if not isinstance(values, list):
            raise DataError(f"{path.name}: is not a JSON list of ids")
        places = [(f"{path.name} entry {number}", value) for number, value in enumerate(values, 1)]
    elif suffix == ".jsonl":
        places = list(json_lines(path))
    else:
        places = [
            (f"{path.name} line {number}", line.strip())
            for number, line in enumerate(read_lines(path), 1)
            if line.strip()
        ]
    for place, value in places:
        id_ = as_id(value.get("id") if isinstance(value, dict) else value)
        if id_ is None:
            raise DataError(f"{place}: is neither an id nor an object with the key 'id'")
        yield place, id_
