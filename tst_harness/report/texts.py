"""Leaves the texts of questions out of what may be published: their terms may forbid passing them on."""

import re

from tst_harness.analysis.records import FoldRecord, ZeroShotRecord
from tst_harness.dataset.provenance import Fault
from tst_harness.registry import analyses
from tst_harness.report.records import UnitRecord

_LETTERS = re.compile(r"(?:[A-Z]|\d+)(?:, (?:[A-Z]|\d+))*")
_TEXT = "..."
_PROBLEM = "cannot be used; why is not said, since that may quote the row"


def without_texts(record: UnitRecord) -> UnitRecord:
    """Return a record that quotes no question: what a rule is about, why a row is invalid, what is repeated.

    Ids, types, groups and all figures stay.
    """
    source = record.origin.source
    origin = record.origin.model_copy(
        update={
            "texts": "omitted",
            "source": source.model_copy(update={"faults": [_unquoted_row(row) for row in source.faults]}),
        }
    )
    update: dict[str, object] = {"origin": origin}
    if isinstance(record, FoldRecord):
        answers = _unquoted_answers(record.held_out.prediction)
        update["held_out"] = record.held_out.model_copy(update={"prediction": answers})
    elif isinstance(record, ZeroShotRecord):
        update["prediction"] = _unquoted_answers(record.prediction)
    elif leave_out := getattr(analyses()[record.unit.analysis], "without_texts", None):
        record = leave_out(record)
    return record.model_copy(update=update)


def _unquoted_answers(predictions: list[str | float]) -> list[str | float]:
    """Return predictions without the texts among them: letters and numbers stay."""
    return [
        _TEXT if isinstance(answer, str) and answer and not _LETTERS.fullmatch(answer) else answer
        for answer in predictions
    ]


def _unquoted_row(row: Fault) -> Fault:
    return row.model_copy(update={"problem": _PROBLEM})
