"""Reading and writing samples: a line for each question, repeat and diagnostic."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from tst_harness.report.files import (
    AUDIT_AGAIN,
    DamagedFileError,
    file_digest,
    read_lines,
    samples_path,
    write_lines,
)
from tst_harness.report.schema import Report, Sample

SAMPLE_COLUMNS = list(Sample.model_fields)
_NULLABLE = ("zero_shot", "s_zero_shot", "s_delta")
_NUMBERS = ("s", "score", "blind_baseline", *_NULLABLE)
_INTEGERS = ("fold", "repeat")
_CHUNK_ROWS = 20_000
_COLUMN_OF_THIS_VERSION = '"blind_baseline":'


def write_samples(name: str, samples: pd.DataFrame, folder: Path) -> Path:
    """Write `<folder>/<name>.samples.jsonl`, one line a row, and return its path.

    Parameters
    ----------
    name
        The name of the run, as `run_name` gives it.
    samples
        Shape (n, 15), with exactly the fields of `Sample` as columns, in any order; NaN for null.
    folder
        Where the file goes.

    Raises
    ------
    ReportError
        If the columns differ, a score is out of its range, or the file cannot be written.
    """
    path = samples_path(name, folder)
    write_lines(path, Sample, _rows(samples))
    return path


def _rows(samples: pd.DataFrame) -> Iterator[dict[str, Any]]:
    # In chunks: a list of each whole column would take more memory than the table.
    for start in range(0, len(samples), _CHUNK_ROWS):
        columns = [_plain(samples[name].iloc[start : start + _CHUNK_ROWS]) for name in samples.columns]
        for row in zip(*columns, strict=True):
            yield dict(zip(samples.columns, row, strict=True))


def _plain(column: "pd.Series[Any]") -> list[Any]:
    values: list[Any] = column.tolist()
    # NaN elsewhere is a fault, which `Sample` refuses.
    return [None if value != value else value for value in values] if column.name in _NULLABLE else values


def read_samples(path: Path) -> pd.DataFrame:
    """Return the samples in a file, shape (n, 15), columns in the order of `Sample`; NaN for null.

    Raises
    ------
    DamagedFileError
        If a line is not a valid sample; the message names the line.
    ReportError
        If it does not exist or cannot be read.
    """
    columns: dict[str, list[Any]] = {name: [] for name in SAMPLE_COLUMNS}
    try:
        for sample in read_lines(path, Sample):
            for name, values in columns.items():
                values.append(getattr(sample, name))
    except DamagedFileError as error:
        if _COLUMN_OF_THIS_VERSION not in path.read_text("utf-8", "replace"):
            raise DamagedFileError(
                f"{path} has samples of an earlier tst-harness, without a blind_baseline: {AUDIT_AGAIN}"
            ) from error
        raise
    return pd.DataFrame({name: pd.Series(values, dtype=_dtype(name)) for name, values in columns.items()})


def _dtype(column: str) -> str:
    return "float64" if column in _NUMBERS else "int64" if column in _INTEGERS else "object"


def read_samples_of(report: Report, path: Path) -> pd.DataFrame:
    """Return the samples beside the report at `path`, as `read_samples` does, if they belong to it.

    Raises
    ------
    DamagedFileError
        They are those of another report, or were changed, or have other questions than it tells of.
    ReportError
        As for `read_samples`.
    """
    beside = samples_path(path.stem, path.parent)
    samples = read_samples(beside)
    rows = samples["diagnostic"].value_counts()
    for name, diagnostic in report.diagnostics.items():
        if diagnostic.overall is None:
            continue
        expected, held = diagnostic.overall.n * report.settings.repeats, int(rows.get(name, 0))
        if held != expected:
            raise DamagedFileError(
                f"{beside} has {held:,} samples of {name} and {path.name} tells of {expected:,}: they do not "
                "belong together; run the benchmark again"
            )
    if report.samples is not None and file_digest(beside) != report.samples:
        raise DamagedFileError(
            f"{beside} is not what was written with {path.name}: it is of another run, or was changed; run "
            "the benchmark again"
        )
    return samples
