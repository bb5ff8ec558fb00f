"""The rows of a benchmark's files with all that they hold, as JSON objects or as Arrow tables."""

import json
from codecs import BOM_UTF8
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from tst_harness.dataset.reading import DataFile, all_records
from tst_harness.dataset.unreadable import UNREADABLE
from tst_harness.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

_JSONL, _PARQUET = ".jsonl", ".parquet"
_OF_TEXT = (".csv", ".tsv")
_BATCH = 1_000


def json_rows(files: Sequence[DataFile]) -> Iterator[str]:
    """Each row as a JSON object on a line; those of a JSON Lines file character by character.

    Cells of CSV and TSV files are text. A row that cannot be read is "".

    Raises
    ------
    DataError
        A row holds bytes, a date or a number that is none, which JSON does not know.
    """
    for file in files:
        if file.path.suffix.lower() == _JSONL and file.member is None and _is_flat(file):
            with file.path.open(encoding="utf-8-sig", newline="\n") as lines:
                yield from (line.strip() for line in lines if line.strip())
            continue
        for row in _rows(file):
            if UNREADABLE in row:
                yield ""
                continue
            try:
                yield json.dumps(row, ensure_ascii=False, allow_nan=False)
            except (TypeError, ValueError) as error:
                raise DataError(
                    f"{file.name}: JSON cannot hold its rows ({error}); export to {_PARQUET}"
                ) from None


def arrow_tables(files: Sequence[DataFile]) -> "Iterator[pa.Table]":
    """The rows as tables, a thousand rows of a Parquet file each, or a file of another kind.

    Raises
    ------
    DataError
        A column of a file has no single type, so that Arrow would change its values, or a row cannot be read.
    """
    import pyarrow as pa
    from pyarrow import parquet

    for file in files:
        if file.path.suffix.lower() == _PARQUET:
            with parquet.ParquetFile(file.path) as source:
                for batch in source.iter_batches(batch_size=_BATCH):
                    yield pa.Table.from_batches([batch], source.schema_arrow)
            continue
        rows = list(_rows(file))
        lost = next((row[UNREADABLE] for row in rows if UNREADABLE in row), None)
        if lost is not None:
            raise DataError(f"{file.name} {lost}; correct the file, or export to {_JSONL}")
        names = dict.fromkeys(name for row in rows for name in row)
        yield pa.table({name: _column(file, name, [row.get(name) for row in rows]) for name in names})


def _is_flat(file: DataFile) -> bool:
    """Whether each line is one question, so that it can be kept as it is written."""
    with file.path.open("rb") as lines:
        written = sum(1 for line in lines if line.removeprefix(BOM_UTF8).strip())
    records = [UNREADABLE not in record for record in all_records([file])]
    return all(records) and written == len(records)


def _column(file: DataFile, name: str, values: list[Any]) -> "pa.Array":
    import pyarrow as pa

    try:
        column = pa.array(values)
        same = json.dumps(column.to_pylist()) == json.dumps(values)
    except (pa.ArrowException, OverflowError, TypeError, UnicodeEncodeError):
        same = False
    if not same:
        raise DataError(
            f"{file.name}: Parquet cannot hold the column {name!r} as it is, since its values are not of "
            f"one kind; export to {_JSONL}"
        )
    return column


def _rows(file: DataFile) -> Iterator[dict[str, Any]]:
    if file.suffix == _PARQUET:  # with the bytes in it, which no question is made of
        for table in arrow_tables([file]):
            yield from table.to_pylist()
    elif file.suffix in _OF_TEXT:
        for record in all_records([file]):
            yield {name: "" if cell is None else cell for name, cell in record.items()}
    else:
        yield from all_records([file])
