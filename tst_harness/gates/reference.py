"""References: what a run found, as a file that is kept under review and compared with later runs.

A file is JSON with one line a question, the same for equal results, and has no texts of questions.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import Field, TypeAdapter, model_validator

from tst_harness.benchmark.model import Model
from tst_harness.errors import ReportError
from tst_harness.gates.snapshot import REFERENCE_VERSION, About, Snapshot, snapshot
from tst_harness.report.files import (
    DamagedFileError,
    canonical_json,
    parse_json,
    parse_versioned,
    read_report,
    read_text,
    write_atomically,
)
from tst_harness.report.models import answers_beside
from tst_harness.report.names import run_name
from tst_harness.report.sample_files import read_samples_of
from tst_harness.report.schema import Format, Fraction

FOLDER = "references"
_FORMER_FOLDER = "baselines"
_FORMER_VERSION = "baseline_version"
_RUNS = ("fold", "s", "score", "blind_baseline")
_ZERO_SHOT = ("zero_shot", "s_zero_shot")


class ReferenceQuestion(Model):
    """One question of one diagnostic; the lists have an entry for each repeat.

    `failed` are the repeats in which a model gave no answer. All else is as in `Sample`.
    """

    diagnostic: str
    id: str
    type: str
    format: Format
    group: str
    fold: list[int] = Field(min_length=1)
    s: list[Fraction]
    score: list[Fraction]
    blind_baseline: list[Fraction]
    failed: list[int]
    s_zero_shot: Fraction | None
    zero_shot: Fraction | None

    @model_validator(mode="after")
    def _same_repeats(self) -> "ReferenceQuestion":
        if len({len(getattr(self, name)) for name in _RUNS}) > 1:
            raise ValueError(f"question {self.id}: {', '.join(_RUNS)} have different lengths")
        return self


class _Reference(About):
    questions: list[ReferenceQuestion]


_REFERENCE: TypeAdapter[_Reference] = TypeAdapter(_Reference)


def reference_path(run: str, folder: Path) -> Path:
    """Return where the reference of a run lies, in a folder of reports, by the run's name (`run_name`)."""
    return folder / FOLDER / f"{run}.json"


def former_path(benchmark: str, folder: Path) -> Path:
    """Return where earlier versions kept what is now the reference of a benchmark."""
    return folder / _FORMER_FOLDER / f"{benchmark}.json"


def write_reference(snapshot: Snapshot, folder: Path) -> Path:
    """Write `<folder>/references/<run>.json` and return its path.

    Raises
    ------
    ReportError
        If it cannot be written.
    """
    path = reference_path(run_name(snapshot.about), folder)
    write_atomically(path, _pieces(snapshot))
    return path


def update_reference(snapshot: Snapshot, folder: Path) -> tuple[Path, About | None]:
    """Write a reference; return its path, and what stood there before, if it could be read.

    Raises
    ------
    ReportError
        If it cannot be written.
    """
    try:
        before = read_reference(reference_path(run_name(snapshot.about), folder)).about
    except ReportError:
        before = None
    return write_reference(snapshot, folder), before


def _pieces(snapshot: Snapshot) -> Iterator[str]:
    head = canonical_json(snapshot.about.model_dump(mode="json"), indent=1)
    yield head.removesuffix("\n}\n") + ',\n "questions": [\n'
    questions = _questions(snapshot.samples)
    for place, question in enumerate(questions):
        comma = "," * (place < len(questions) - 1)
        yield canonical_json(question).removesuffix("\n") + f"{comma}\n"
    yield "]}\n"


def _questions(samples: pd.DataFrame) -> list[dict[str, Any]]:
    questions: dict[tuple[str, str], dict[str, Any]] = {}
    for row in samples.to_dict("records"):
        place = (row["diagnostic"], row["id"])
        if place not in questions:
            questions[place] = {
                **{name: row[name] for name in ("diagnostic", "id", "type", "format", "group")},
                **{name: [] for name in (*_RUNS, "failed")},
                **{name: None if pd.isna(row[name]) else row[name] for name in _ZERO_SHOT},
            }
        for name in _RUNS:
            questions[place][name].append(row[name])
        if row["prediction"] == "":
            questions[place]["failed"].append(row["repeat"])
    return list(questions.values())


def read_reference(path: Path) -> Snapshot:
    """Return the reference in a file.

    Raises
    ------
    DamagedFileError
        If it was cut short, is of another version, or has an invalid field.
    ReportError
        If it does not exist or cannot be read.
    """
    text = read_text(path)
    if f'"{_FORMER_VERSION}":' in text:
        raise DamagedFileError(_former(path))
    reference = parse_versioned(
        _REFERENCE,
        path,
        text,
        "reference_version",
        REFERENCE_VERSION,
        "make a new one with --tst-reference-update",
    )
    rows = [
        {
            **question.model_dump(include={"diagnostic", "id", "type", "format", "group", *_ZERO_SHOT}),
            "repeat": repeat,
            **{name: getattr(question, name)[repeat] for name in _RUNS},
            "prediction": "" if repeat in question.failed else "given",
        }
        for question in reference.questions
        for repeat in range(len(question.fold))
    ]
    about = About(**{name: getattr(reference, name) for name in About.model_fields})
    return Snapshot(about, pd.DataFrame(rows))


def read_snapshot(path: Path) -> Snapshot:
    """Return what a report, with its samples beside it, or a reference says.

    Raises
    ------
    ReportError
        If the file, or the samples of a report, cannot be read.
    """
    text = read_text(path)
    try:
        value = parse_json(text)
    except (ValueError, RecursionError) as error:
        raise DamagedFileError(f"{path} is not JSON ({error}): name a report or a reference") from error
    if isinstance(value, dict) and _FORMER_VERSION in value:
        raise DamagedFileError(_former(path))
    if isinstance(value, dict) and "reference_version" in value:
        return read_reference(path)
    report = read_report(path)
    answers = answers_beside(report, path)
    return snapshot(report, read_samples_of(report, path), answers)


def _former(path: Path) -> str:
    return (
        f"{path} is a baseline of an earlier tst-harness: make a reference in its place with "
        "--tst-reference-update"
    )
