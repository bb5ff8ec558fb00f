"""Every kind of record, as the store holds them and a report is assembled from them."""

from statistics import fmean

from tst_harness.analysis.records import CheckRecord, FoldRecord, QuestionsRecord, ZeroShotRecord
from tst_harness.checks.shortcuts import ShortcutRecord

UnitRecord = FoldRecord | ZeroShotRecord | ShortcutRecord | CheckRecord
"""What a test left behind."""
Record = UnitRecord | QuestionsRecord


def summary_of(record: UnitRecord) -> str:
    """Return what a progress line says of a record."""
    if isinstance(record, ShortcutRecord):
        return f"{len(record.shortcuts)} of {record.rules_tried:,} rules beat the blind baseline"
    if isinstance(record, CheckRecord):
        return str(record.findings.get("summary", "done"))
    if isinstance(record, ZeroShotRecord):
        return f"{100 * fmean(record.score):.1f}% of {len(record.id):,} questions"
    held_out = record.held_out
    if not held_out.id:
        return "nothing to hold out"
    return f"{100 * fmean(held_out.score):.1f}% of {len(held_out.id):,} held-out questions"
