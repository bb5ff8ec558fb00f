"""What can be audited, as a declared benchmark: a path, rows in memory, or a `Benchmark` itself."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

from tst_harness.api.rows import Rows, write_rows
from tst_harness.arguments import in_words_of_python
from tst_harness.benchmark.declarations import Benchmark, FaultPolicy
from tst_harness.engine.proposal import name_for, propose
from tst_harness.errors import DataError

Data: TypeAlias = "str | os.PathLike[str] | Rows | Benchmark"


@contextmanager
def opened(
    data: Data,
    name: str | None,
    data_dir: Path | None,
    *,
    answers: str | None,
    faults: FaultPolicy | None,
    show: bool,
    **columns: Any,
) -> Iterator[Benchmark]:
    """Yield the benchmark that data amount to; what is written for it is removed at the end.

    Parameters
    ----------
    data
        As for `audit`.
    name
        Of the benchmark; None for that of the file.
    data_dir
        Where a Hub dataset is looked for first.
    answers, faults
        As for `audit`.
    show
        Print what was recognised.
    **columns
        `question`, `answer`, `options`, `type`, `group`, `id`, `format` and `labels`, as for `audit`.

    Raises
    ------
    HarnessError
        The data cannot be read, or what the columns mean is ambiguous.
    """
    if isinstance(data, Benchmark):
        if name is not None or any(value is not None for value in (*columns.values(), answers)):
            raise DataError(f"{data.name}: a Benchmark declares its name and columns; leave them out here")
        yield data
        return
    with TemporaryDirectory(prefix="tst-audit-") as folder:
        if isinstance(data, str | os.PathLike):
            place = os.fspath(data)
            name = name or name_for(place)
        else:
            name = name or "questions"
            place = str(Path(folder) / f"{name}.jsonl")
            write_rows(data, Path(place))
        benchmark, _ = propose(
            place,
            name,
            {**columns, "options": _options(columns["options"])},
            data_dir,
            answers=answers,
            faults=faults or "report",
            show=(lambda lines: print(in_words_of_python("\n".join(lines)))) if show else None,
        )
        yield benchmark


def _options(options: str | Sequence[str] | None) -> tuple[str, ...] | None:
    if options is None:
        return None
    return (options,) if isinstance(options, str) else tuple(options)
