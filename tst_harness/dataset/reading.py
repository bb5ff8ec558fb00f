"""Reads files of questions into plain columns, only those that are asked for.

A value is text, an integer, a float that is no integer, None where it is missing (null, NaN, an empty
CSV cell), or a tuple for a list; what is nested deeper is text, as JSON, and its parts are columns of
their own, named by their path: "question.stem". Nothing is inferred: a CSV cell is text, and "007" stays
"007". Equal values of a column are one object, which keeps a large file with repeated questions small.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from tst_harness.dataset.opening import READABLE as READABLE
from tst_harness.dataset.opening import SUFFIXES as SUFFIXES
from tst_harness.dataset.opening import DataFile as DataFile
from tst_harness.dataset.parts import Record
from tst_harness.dataset.tables import batches
from tst_harness.dataset.unreadable import UNREADABLE
from tst_harness.errors import DataError
from tst_harness.suggestions import did_you_mean

Value = str | int | float | tuple[str | None, ...] | None

FILE_COLUMN = "$file"
"""The column of the name of the file that a row is from, where there are several."""
FOLDER_COLUMN = "$folder"
MEDIUM_COLUMN = "$medium"
_MOST_PARTS = 64
"""More keys than this are no columns but data, as boxes by frame."""
_DEEPEST = 4
_SHORTEST_PICTURE = 256
_BASE64 = re.compile(r"(?:data:[\w/+.-]+;base64,)?[A-Za-z0-9+/_-]{200,}={0,2}\s*")
_SHARD = re.compile(r"-\d{5}-of-\d{5}$")


@dataclass(frozen=True)
class Table:
    """Columns of equal length by role, over all files; `names` is each role's column in the file.

    `unreadable` are, by position, the rows that could not be read, and why; they have no values.
    """

    columns: dict[str, list[Value]]
    names: dict[str, str]
    files: tuple[tuple[str, int], ...]
    unreadable: Mapping[int, str] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """Rows of all files together."""
        return sum(rows for _, rows in self.files)

    def place(self, position: int) -> str:
        """Where a row stands, position counted from 0 over all files: "test.jsonl row 12"."""
        for name, rows in self.files:
            if position < rows:
                return f"{name} row {position + 1}"
            position -= rows
        raise IndexError(position)


def read(
    files: Sequence[DataFile], wanted: Mapping[str, tuple[str, ...]], in_some: Collection[str] | None = None
) -> Table:
    """Read the columns that roles ask for.

    Parameters
    ----------
    files
        Read in this order; the suffix and the content decide how.
    wanted
        For each role the names its column may have; the first that a file has is read.
    in_some
        The roles whose column some of the files may lack, which has no values there; None for those of
        options.

    Raises
    ------
    DataError
        A file that is missing, empty, truncated, corrupt, not UTF-8, of an unknown kind, or without
        a wanted column; the message names the file and, for text files, the line.
    """
    if in_some is None:
        in_some = [role for role in wanted if role.partition(".")[0] == "options"]
    columns: dict[str, list[Value]] = {role: [] for role in wanted}
    names: dict[str, str] = {}
    counts: list[tuple[str, int]] = []
    missing: dict[str, DataError] = {}
    unreadable: dict[int, str] = {}
    for file, place in zip(files, places_of(files), strict=True):
        of_file, rows, available, lost = _read_file(file, place, wanted)
        before = sum(rows_before for _, rows_before in counts)
        unreadable |= {before + position: problem for position, problem in lost.items()}
        for role in wanted:
            if role in of_file:
                name, values = of_file[role]
                names.setdefault(role, name)
                columns[role].extend(values)
            else:
                missing.setdefault(role, _no_column(file, role, wanted[role], available))
                columns[role].extend([None] * rows)
        counts.append((file.name, rows))
    for role, error in missing.items():
        if role not in names or role not in in_some:
            raise error
    return Table(columns, names, tuple(counts), unreadable)


def column_names(file: DataFile) -> list[str]:
    """The columns of a file, in its order, without embedded images and other bytes.

    Raises
    ------
    DataError
        As `read` does.
    """
    available: dict[str, None] = {}
    pictures: set[str] = set()
    for batch in batches(file, None):
        available |= dict.fromkeys(_paths(batch.records, batch.columns))
        for name in available.keys() - pictures:
            if _holds_pictures(values_at(batch.records, name)):
                pictures.add(name)
    return [name for name in available if name.strip() and name not in pictures and name != UNREADABLE]


def all_records(files: Sequence[DataFile]) -> Iterator[Record]:
    """Every record of the files with all that it holds, embedded bytes in Parquet files aside."""
    for file, place in zip(files, places_of(files), strict=True):
        for batch in batches(file, None):
            for record in batch.records:
                yield place | record


def places_of(files: Sequence[DataFile]) -> list[dict[str, str]]:
    """What the name of each of several files tells of all its rows, by column; nothing where it tells none.

    `$file` is what it is called, as tasks and splits are. Of texts in several folders each is on a picture,
    which is called like it: `$medium`, in `$folder`.
    """
    if all(file.suffix == ".txt" for file in files):
        places = [PurePosixPath(file.member or file.name).parent.parts[::-1] for file in files]
        folders = next((names for names in zip(*places, strict=False) if len(set(names)) > 1), ())
        if 1 < len(set(folders)) < len(files):
            stems = [file.name.removesuffix(".txt") for file in files]
            pairs = zip(folders, stems, strict=True)
            return [{FOLDER_COLUMN: folder, MEDIUM_COLUMN: stem} for folder, stem in pairs]
    return [{} if part is None else {FILE_COLUMN: part} for part in _parts_of(files)]


def _parts_of(files: Sequence[DataFile]) -> list[str | None]:
    """What each of several files is called, as tasks or splits are; None where that says nothing."""
    stems = [_SHARD.sub("", file.stem) for file in files]
    if len(set(stems)) == len(stems) > 1:
        return list(stems)
    if len(set(stems)) > 1:
        longer = [_SHARD.sub("", file.name.rpartition(".")[0]) for file in files]
        return list(longer if len(set(longer)) > len(set(stems)) else stems)
    folders = [file.name.split("/")[-2:-1] for file in files]
    if len(stems) > 1 and all(folders) and len(set(map(tuple, folders))) == len(stems):
        return [folder for (folder,) in folders]
    return [None] * len(stems)


def values_at(records: Iterable[Record], path: str) -> list[Any]:
    """What stands at a path of each record: a key, or keys parted by dots; None where there is nothing."""
    if "." not in path:
        return [record.get(path) for record in records]
    return [_at(record, path) for record in records]


def plain_value(value: object) -> Value:
    """A value of a table that is in memory, as reading it from a file would give it."""
    column = _Column()
    column.extend([value])
    return column.values[0]


def scalar_text(value: object) -> str:
    """A scalar as text: 3.0 is "3", as an integer and the float that equals it are one answer."""
    return str(int(value) if isinstance(value, float) and value.is_integer() else value)


def _at(value: Any, path: str) -> Any:
    if isinstance(value, dict):
        if path in value:
            return value[path]
        head, _, rest = path.partition(".")
        while rest:
            if head in value:
                return _at(value[head], rest)
            part, _, rest = rest.partition(".")
            head = f"{head}.{part}"
        return None
    if isinstance(value, list | tuple):
        items = [_at(item, path) for item in value]
        return items if any(item is not None for item in items) else None
    return None


def _paths(records: list[Record], known: Iterable[str]) -> list[str]:
    """The columns of a batch: keys, and the paths of what objects hold."""
    paths = dict.fromkeys(known)
    # Objects with bytes in them, of which only the rest is a column.
    parents = {name.partition(".")[0] for name in paths if "." in name} - paths.keys()
    for record in records:
        for name, value in record.items():
            if name not in parents:
                paths.setdefault(name, None)
            if isinstance(value, dict | list) and value:
                paths |= dict.fromkeys(_inner(value, name, _DEEPEST))
    parts = Counter(name.rpartition(".")[0] for name in paths if "." in name)
    crowded = {name for name, times in parts.items() if times > _MOST_PARTS}
    return [name for name in paths if name.rpartition(".")[0] not in crowded]


def _inner(value: Any, path: str, depth: int) -> Iterator[str]:
    if isinstance(value, list):
        if value and isinstance(value[0], dict):
            yield from _inner(value[0], path, depth)
    elif isinstance(value, dict) and depth:
        for name, inner in value.items():
            yield f"{path}.{name}"
            if isinstance(inner, dict | list):
                yield from _inner(inner, f"{path}.{name}", depth - 1)


def _holds_pictures(values: Iterable[Any]) -> bool:
    """Whether a column is pictures written as text: most of its texts are long and base64."""
    texts = [value for value in values if value is not None]
    long = [value for value in texts if isinstance(value, str) and len(value) >= _SHORTEST_PICTURE]
    return bool(long) and 2 * sum(_BASE64.fullmatch(value[:4096]) is not None for value in long) > len(texts)


def _read_file(
    file: DataFile, place: Mapping[str, str], wanted: Mapping[str, tuple[str, ...]]
) -> tuple[dict[str, tuple[str, list[Value]]], int, list[str], dict[int, str]]:
    """By role the column's name and values, where the file has it; its rows, its columns, its lost rows."""
    every = tuple(dict.fromkeys(name for names in wanted.values() for name in names))
    columns: dict[str, _Column] = {name: _Column() for name in every}
    present: set[str] = set(place)
    available: dict[str, None] = {}
    rows = 0
    lost: dict[int, str] = {}
    for batch in batches(file, frozenset(every)):
        for position, record in enumerate(batch.records, rows):
            if UNREADABLE in record:
                lost[position] = record[UNREADABLE]
        n = len(batch.records)
        for name in every:
            values = [place[name]] * n if name in place else values_at(batch.records, name)
            columns[name].extend(values)
            if name in batch.columns or any(value is not None for value in values):
                present.add(name)
        if not present.issuperset(every) or not available:
            available |= dict.fromkeys(_paths(batch.records, batch.columns))
        rows += n
    of_file = {}
    for role, names in wanted.items():
        first = next((name for name in names if name in present), None)
        first = first or next((name for name in names if name in available), None)
        if first is not None:
            of_file[role] = (first, columns[first].values)
    available.pop(UNREADABLE, None)
    return of_file, rows, list(available), lost


def _no_column(file: DataFile, role: str, names: Sequence[str], available: Sequence[str]) -> DataError:
    missing = " or ".join(map(repr, names))
    return DataError(
        f"{file.name}: there is no column {missing}, declared as columns.{role}; "
        f"its columns are {', '.join(available)}{did_you_mean(names[0], available)}"
    )


class _Column:
    """A column that grows by batches; equal values become one object where values repeat."""

    def __init__(self) -> None:
        self.values: list[Value] = []
        self._texts: dict[str, str] = {}
        self._lists: dict[tuple[str | None, ...], tuple[str | None, ...]] = {}

    def extend(self, raw: Iterable[object]) -> None:
        texts = self._texts
        self.values.extend(
            texts.setdefault(value, value) if type(value) is str else self._plain(value) for value in raw
        )
        if (len(texts) + len(self._lists)) * 2 > len(self.values):
            texts.clear()
            self._lists.clear()

    def _plain(self, value: object) -> Value:
        if value is None or type(value) is int:
            return value
        if isinstance(value, float):
            return None if math.isnan(value) else int(value) if value.is_integer() else value
        if isinstance(value, list | tuple):
            if any(isinstance(item, list | tuple | dict) for item in value):
                return _as_json(value)
            items = tuple(map(self._item, value))
            return self._lists.setdefault(items, items)
        if isinstance(value, dict):
            return _as_json(value)
        return str(value)

    def _item(self, value: object) -> str | None:
        if value is None or (isinstance(value, float) and math.isnan(value)):
            return None
        text = scalar_text(value)
        return self._texts.setdefault(text, text)


def _as_json(value: object) -> str:
    return json.dumps(value, default=str)
