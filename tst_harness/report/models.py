"""What models answered to each question, beside a report that says how they score."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tst_harness.analysis.names import MODELS
from tst_harness.analysis.ranges import Fraction
from tst_harness.benchmark.model import Model
from tst_harness.report.files import read_lines, write_lines
from tst_harness.report.schema import Report


class ModelAnswer(Model):
    """One line of `reports/<name of the run>.models.jsonl`: what a model answered to a question.

    `score` is by the benchmark's own metric, `own_score` that of the file, and `blind` what the model scores
    without seeing; null where there is none. `prediction` is "" where an answer names nothing, and null where
    only a score was given.
    """

    model: str
    id: str
    score: Fraction | None
    own_score: Fraction | None
    prediction: str | None
    blind: Fraction | None


ANSWER_COLUMNS = list(ModelAnswer.model_fields)
_NUMBERS = ("score", "own_score", "blind")


def models_path(name: str, folder: Path) -> Path:
    """Return where the answers of models lie, by the name of the run."""
    return folder / f"{name}.{MODELS}.jsonl"


def answers_beside(report: Report, path: Path) -> pd.DataFrame | None:
    """Return the answers beside the report at `path`, as `read_answers` does; None where it has no models.

    Raises
    ------
    ReportError
        As for `read_answers`.
    """
    return read_answers(models_path(path.stem, path.parent)) if MODELS in report.sections else None


def write_answers(name: str, answers: pd.DataFrame, folder: Path) -> Path:
    """Write `<folder>/<name>.models.jsonl`, a line for each row, and return its path.

    Raises
    ------
    ReportError
        It cannot be written.
    """
    path = models_path(name, folder)
    write_lines(path, ModelAnswer, _rows(answers))
    return path


def _rows(answers: pd.DataFrame) -> Iterator[dict[str, Any]]:
    columns = [answers[name].tolist() for name in ANSWER_COLUMNS]
    for row in zip(*columns, strict=True):
        values = (None if value is None or value != value else value for value in row)
        yield dict(zip(ANSWER_COLUMNS, values, strict=True))


def read_answers(path: Path) -> pd.DataFrame:
    """Return the answers in a file, columns as in `ModelAnswer`; NaN for null scores.

    Raises
    ------
    ReportError
        A line is not valid, or the file cannot be read.
    """
    lines = [line.model_dump() for line in read_lines(path, ModelAnswer)]
    columns = {name: [line[name] for line in lines] for name in ANSWER_COLUMNS}
    return pd.DataFrame(
        {
            name: np.array(values, dtype=np.float64) if name in _NUMBERS else pd.Series(values, dtype=object)
            for name, values in columns.items()
        }
    )
