"""Reads files that hold tables by column: Parquet, and Arrow as `datasets` saves it."""

import math
import os
from collections.abc import Iterator
from typing import Any

from tst_harness.dataset.batch import CHARACTERS, Batch, Wanted
from tst_harness.dataset.opening import DataFile, open_seekable
from tst_harness.dataset.parts import Record, asks_by_name, taken_apart
from tst_harness.dataset.question_pairs import question_pairs
from tst_harness.errors import DataError

MEMORY_LIMIT = "TST_MEMORY_GB"
_USUAL_LIMIT = "4"
_COPIES = 4.5
"""Bytes of memory for each byte of a Parquet file's texts, as measured."""
_PARQUET_ROWS = 1_000
"""Fewer at a time: as objects they take several times what they take in the file."""


def read_parquet(file: DataFile, wanted: Wanted) -> Iterator[Batch]:
    """The records of a Parquet file."""
    import pyarrow as pa
    from pyarrow import parquet

    try:
        with open_seekable(file) as stream, parquet.ParquetFile(stream) as source:
            schema = source.schema_arrow
            known = _known_columns(schema)
            leaves = _wanted_leaves([leaf for field in schema for leaf in _leaves(field, field.name)], wanted)
            _check_size(source, leaves, file.name)
            read = 0
            for batch in source.iter_batches(batch_size=_batch_rows(source), columns=leaves):
                rows = batch.to_pylist() if leaves else [{} for _ in range(batch.num_rows)]
                numbered = enumerate(rows, read + 1)
                yield Batch([part for number, row in numbered for part in taken_apart(row, number)], known)
                read += batch.num_rows
    except UnicodeDecodeError as error:
        raise DataError(
            f"{file.name}: a text is not UTF-8 ({error.reason}); write the file again with texts in UTF-8"
        ) from None
    except pa.ArrowException as error:
        reason = str(error).strip().partition("\n")[0]
        raise DataError(f"{file.name}: is no Parquet file, or a truncated one ({reason})") from None


def read_arrow(file: DataFile, wanted: Wanted) -> Iterator[Batch]:
    """The records of an Arrow file, as a stream, as `datasets` writes it, or with an index."""
    import pyarrow as pa
    from pyarrow import ipc

    del wanted
    read = 0
    try:
        with open_seekable(file) as stream:
            try:
                source = ipc.open_stream(stream)
                parts = iter(source)
            except pa.ArrowInvalid:
                stream.seek(0)
                source = ipc.open_file(stream)
                parts = map(source.get_batch, range(source.num_record_batches))
            known = _known_columns(source.schema)
            for part in parts:
                part.validate(full=True)
                for start in range(0, part.num_rows, _PARQUET_ROWS):
                    rows = _without_bytes(part.slice(start, _PARQUET_ROWS))
                    numbered = enumerate(rows, read + 1)
                    yield Batch([record for n, row in numbered for record in taken_apart(row, n)], known)
                    read += len(rows)
    except pa.ArrowException as error:
        reason = str(error).strip().partition("\n")[0]
        raise DataError(f"{file.name}: is no Arrow file, or a truncated one ({reason})") from None


def _without_bytes(part: Any) -> list[Record]:
    """The rows of a part of a table without the bytes in it, as embedded pictures are."""
    import pyarrow as pa

    columns = {field.name: part.column(place) for place, field in enumerate(part.schema)}
    for field in part.schema:
        if pa.types.is_struct(field.type):
            whole = columns.pop(field.name)
            kept = [inner for inner in field.type if "binary" not in str(inner.type)]
            arrays = [whole.field(inner.name) for inner in kept]
            if kept:
                columns[field.name] = pa.StructArray.from_arrays(arrays, fields=kept, mask=whole.is_null())
        elif "binary" in str(field.type):
            del columns[field.name]
    rows: list[Record] = pa.table(columns).to_pylist() if columns else [{}] * part.num_rows
    return rows


def _check_size(source: Any, leaves: list[str] | None, name: str) -> None:
    """Refuse what would take more memory than is allowed, before it is read."""
    size = 0
    for place in range(source.metadata.num_row_groups):
        group = source.metadata.row_group(place)
        for number in range(group.num_columns):
            column = group.column(number)
            path = f"{column.path_in_schema}."
            if leaves is None or any(path.startswith(f"{leaf}.") for leaf in leaves):
                size += column.total_uncompressed_size
    needed = size * _COPIES / 1e9
    try:
        limit = float(os.environ.get(MEMORY_LIMIT, _USUAL_LIMIT))
    except ValueError:
        raise DataError(f"{MEMORY_LIMIT} is no number of gigabytes: {os.environ[MEMORY_LIMIT]!r}") from None
    if needed > limit:
        raise DataError(
            f"{name}: reading it takes about {needed:.1f} GB of memory, more than the {limit:g} GB that are "
            f"allowed; leave out columns that are not needed, or allow more with {MEMORY_LIMIT}="
            f"{math.ceil(needed)} in the environment"
        )


def _batch_rows(source: Any) -> int:
    """Fewer rows at a time where they are large."""
    sizes = (source.metadata.row_group(place) for place in range(source.metadata.num_row_groups))
    size = sum(group.total_byte_size for group in sizes)
    return int(min(_PARQUET_ROWS, max(100, CHARACTERS * max(source.metadata.num_rows, 1) // max(size, 1))))


def _wanted_leaves(leaves: list[str], wanted: Wanted) -> list[str]:
    """The columns to read; all where a wanted one is made of others, as `$part` is."""
    if wanted is None or question_pairs(tuple(leaves)):
        return leaves
    chosen = {
        name: [leaf for leaf in leaves if f"{leaf}.".startswith(f"{name}.") or name.startswith(f"{leaf}.")]
        for name in wanted
    }
    if not all(chosen[name] for name in wanted if name.startswith("$") or "." in name):
        return leaves
    # Whether a record is taken apart depends on whether it asks something itself.
    return [leaf for leaf in leaves if asks_by_name(leaf) or any(leaf in chosen[name] for name in wanted)]


def _leaves(field: Any, path: str) -> Iterator[str]:
    """The paths of a column without the bytes in it, as embedded pictures are."""
    import pyarrow as pa

    if pa.types.is_struct(field.type):
        for inner in field.type:
            yield from _leaves(inner, f"{path}.{inner.name}")
    elif "binary" not in str(field.type):
        yield path


def _known_columns(schema: Any) -> list[str]:
    """The columns of the records; none are known before rows with several questions are taken apart."""
    names = [name for field in schema for name in _column_paths(field, field.name)]
    return [] if question_pairs(tuple(names)) else names


def _column_paths(field: Any, path: str) -> Iterator[str]:
    import pyarrow as pa

    inner = list(_leaves(field, path))
    if not pa.types.is_struct(field.type) or not _holds_bytes(field.type):
        yield from [path] if inner else []
    yield from (leaf for leaf in inner if leaf != path)


def _holds_bytes(struct: Any) -> bool:
    return any("binary" in str(inner.type) for inner in struct)
