"""What was asked, once for each question: kept by who read the data, written beside the report."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from tst_harness.analysis.records import QuestionsRecord
from tst_harness.checks.shortcuts import ShortcutRecord
from tst_harness.dataset.order import canonical_order
from tst_harness.report.files import read_lines, write_lines
from tst_harness.report.records import Record
from tst_harness.report.schema import QuestionLine

_TEXTS = ("text", "options", "answer", "accepted", "position", "inclusive")
"""What a record of questions has of each, null where texts are left out."""


@dataclass(frozen=True)
class Asked:
    """What is written of each question: the fields of a `QuestionLine`, in canonical order of ids.

    Attributes
    ----------
    ids
        Of the questions that the report is about; they may repeat.
    texts
        None where they are left out.
    applies
        From the record of shortcuts.
    """

    ids: Iterable[str]
    texts: QuestionsRecord | None
    applies: Mapping[str, list[int]]

    @classmethod
    def of(cls, ids: Iterable[str], texts: Record | None, records: Iterable[Record]) -> Self:
        """Return what was asked; of the records of a benchmark, that of shortcuts is looked at."""
        applies = [record.applies for record in records if isinstance(record, ShortcutRecord)]
        return cls(ids, texts if isinstance(texts, QuestionsRecord) else None, applies[0] if applies else {})

    def __iter__(self) -> Iterator[dict[str, Any]]:
        known: dict[str, tuple[Any, ...]] = {}
        if self.texts is not None:
            columns = [getattr(self.texts, name) for name in _TEXTS]
            known = dict(zip(self.texts.id, zip(*columns, strict=True), strict=True))
        distinct = list(dict.fromkeys(self.ids))
        for place in canonical_order(distinct):
            id = distinct[place]
            yield {
                "id": id,
                **dict(zip(_TEXTS, known.get(id, [None] * len(_TEXTS)), strict=True)),
                "shortcuts": self.applies.get(id, []),
            }


def questions_path(name: str, folder: Path) -> Path:
    """Return where the questions of a run lie, by its name."""
    return folder / f"{name}.questions.jsonl"


def write_questions(name: str, lines: Iterable[Mapping[str, Any]], folder: Path) -> Path:
    """Write `<folder>/<name>.questions.jsonl`, one `QuestionLine` a line, and return its path.

    Raises
    ------
    ReportError
        If it cannot be written.
    """
    path = questions_path(name, folder)
    write_lines(path, QuestionLine, lines)
    return path


def questions_beside(report: Path) -> list[dict[str, Any]]:
    """Return the fields of each `QuestionLine` beside a report; none where it was written without them.

    Raises
    ------
    DamagedFileError
        If a line is not a valid question; the message names the line.
    ReportError
        If the file cannot be read.
    """
    path = questions_path(report.stem, report.parent)
    if not path.exists():
        return []
    return [line.model_dump() for line in read_lines(path, QuestionLine)]
