"""Leaves the texts of questions out of what may be published: their terms may forbid passing them on."""

import re

from tst_harness.analysis.records import FoldRecord, ZeroShotRecord
from tst_harness.checks.records import ChecksRecord, ShortcutRecord
from tst_harness.checks.schema import ChecksReport
from tst_harness.dataset.provenance import Fault
from tst_harness.report.records import UnitRecord
from tst_harness.report.schema import Shortcut

_QUOTED = re.compile("`[^`]*`")
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
    elif isinstance(record, ShortcutRecord):
        update["shortcuts"] = [_unquoted_rule(rule) for rule in record.shortcuts]
    elif isinstance(record, ChecksRecord):
        update["checks"] = _unquoted_checks(record.checks)
    return record.model_copy(update=update)


def _unquoted_answers(predictions: list[str | float]) -> list[str | float]:
    """Return predictions without the texts among them: letters and numbers stay."""
    return [
        _TEXT if isinstance(answer, str) and answer and not _LETTERS.fullmatch(answer) else answer
        for answer in predictions
    ]


def _unquoted_row(row: Fault) -> Fault:
    return row.model_copy(update={"problem": _PROBLEM})


def _unquoted_rule(rule: Shortcut) -> Shortcut:
    return rule.model_copy(update={"text": _QUOTED.sub("`...`", rule.text)})


def _unquoted_checks(checks: ChecksReport) -> ChecksReport:
    largest = [cluster.model_copy(update={"text": None}) for cluster in checks.duplicates.largest]
    return checks.model_copy(update={"duplicates": checks.duplicates.model_copy(update={"largest": largest})})
