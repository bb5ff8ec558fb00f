"""Exports a pruned benchmark: the rows of its own files, untouched and in their order."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from uuid import uuid4

import numpy as np
import numpy.typing as npt

from tst_harness.analysis.diagnostic import IntArray
from tst_harness.dataset.loading import Dataset
from tst_harness.dataset.reading import column_names
from tst_harness.dataset.sources import resolve
from tst_harness.errors import DataError, HarnessError, ReportError
from tst_harness.pruning.source_rows import arrow_tables, json_rows
from tst_harness.report.files import write_atomically

if TYPE_CHECKING:
    import pyarrow as pa

ExportAs = Literal["column", "split"]
BoolArray = npt.NDArray[np.bool_]

_PRUNED = "pruned"
_JSONL, _PARQUET = ".jsonl", ".parquet"


class Export:
    """Where a pruned benchmark goes; what speaks against it is said before anything is computed.

    Parameters
    ----------
    path
        The new file, JSON Lines or Parquet by its suffix.
    form
        "column": all rows, with a column `pruned` that says whether each was removed; "split": those kept.
    dataset
        The benchmark.
    data_dir, require_real
        As for `load`.

    Raises
    ------
    DataError
        The terms of the benchmark forbid passing its texts on; the file is of another kind, or one of the
        benchmark's own; or the benchmark has a column `pruned` already.
    """

    def __init__(
        self,
        path: Path,
        form: ExportAs,
        dataset: Dataset,
        data_dir: Path | None = None,
        require_real: bool = False,
    ) -> None:
        name = dataset.benchmark.name
        if not dataset.benchmark.redistributable:
            raise DataError(
                f"{name}: its terms forbid passing its texts on, so it is not exported; publish the ids "
                "instead (removed_ids.txt), with which anybody who has the benchmark can prune it"
            )
        if path.suffix.lower() not in (_JSONL, _PARQUET):
            raise DataError(f"{path}: cannot export {path.suffix!r} files, only {_JSONL} and {_PARQUET}")
        files = resolve(dataset.benchmark, data_dir, require_real).files
        if path.exists() and any(path.samefile(file.path) for file in files):
            raise DataError(f"{path}: is the file of {name} itself, which stays as it is; name another one")
        if form == "column" and any(_PRUNED in column_names(file) for file in files):
            raise DataError(f"{name}: has a column {_PRUNED!r} already; use --export-as split")
        self.path = path
        self.form = form
        self._dataset = dataset
        self._files = files

    def write(self, removed: IntArray) -> int:
        """Write all of the file, or leave what was there.

        Rows that are no scored questions are kept, but for those that cannot be read.

        Parameters
        ----------
        removed
            Row numbers of the dataset.

        Returns
        -------
        How many rows were written.

        Raises
        ------
        DataError
            The benchmark's files changed since they were read, or hold what the format cannot.
        ReportError
            The file cannot be written.
        """
        pruned = np.zeros(self._dataset.source.rows, dtype=bool)
        pruned[self._dataset.frame["position"].to_numpy()[removed]] = True
        if self.path.suffix.lower() == _JSONL:
            write_atomically(self.path, self._lines(pruned))
        else:
            self._write_parquet(pruned)
        return len(pruned) if self.form == "column" else int((~pruned).sum())

    def _lines(self, pruned: BoolArray) -> Iterator[str]:
        rows = 0
        for row in json_rows(self._files):
            removed = rows < len(pruned) and pruned[rows]
            rows += 1
            if not row:
                continue
            if self.form == "column":
                # By hand, so that the row's own text stays as it is.
                yield f'{row.removesuffix("}")}, "{_PRUNED}": {"true" if removed else "false"}}}\n'
            elif not removed:
                yield f"{row}\n"
        self._check_rows(rows)

    def _write_parquet(self, pruned: BoolArray) -> None:
        import pyarrow as pa
        from pyarrow import parquet

        temporary = self.path.parent / f".{uuid4().hex}.tmp"
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            tables = self._tables(pruned)
            first = next(tables)
            with parquet.ParquetWriter(temporary, first.schema) as writer:
                writer.write_table(first)
                for table in tables:
                    writer.write_table(table.cast(first.schema))
            temporary.replace(self.path)
        except (pa.ArrowException, ValueError) as error:
            if isinstance(error, HarnessError):
                raise
            reason = str(error).strip().partition("\n")[0]
            raise DataError(
                f"{self.path}: Parquet cannot hold the rows ({reason}); export to {_JSONL}"
            ) from None
        except OSError as error:
            raise ReportError(
                f"{self.path} cannot be written ({error.strerror or error}): choose another folder, then run "
                "again"
            ) from error
        finally:
            temporary.unlink(missing_ok=True)

    def _tables(self, pruned: BoolArray) -> "Iterator[pa.Table]":
        import pyarrow as pa

        rows = 0
        for table in arrow_tables(self._files):
            removed = np.resize(pruned[rows:], table.num_rows)
            rows += table.num_rows
            if self.form == "column":
                yield table.append_column(_PRUNED, pa.array(removed))
            else:
                yield table.filter(pa.array(~removed))
        self._check_rows(rows)

    def _check_rows(self, rows: int) -> None:
        loaded = self._dataset.source.rows
        if rows != loaded:
            raise DataError(
                f"{self._dataset.source.location}: has {rows} rows where {loaded} were loaded; leave the "
                "file alone while it is pruned"
            )
