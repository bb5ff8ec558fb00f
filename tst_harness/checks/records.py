"""Records of the checks: what each left behind for the session that assembles the report."""

from typing import Literal

from pydantic import Field

from tst_harness.analysis.records import BaseRecord, HeldOut
from tst_harness.checks.schema import ChecksReport, Shortcut


class ShortcutRecord(BaseRecord):
    """The rules that beat chance on the whole benchmark, and how many were tried.

    `applies` has, by id, the places in `shortcuts` of the strongest that apply to a question.
    """

    kind: Literal["shortcuts"] = "shortcuts"
    shortcuts: list[Shortcut]
    rules_tried: int
    applies: dict[str, list[int]] = Field(default_factory=dict)


class ChecksRecord(BaseRecord):
    """The checks of the whole benchmark.

    `kept_together` has the scores of the forest on folds that keep duplicates whole, where it ran on them;
    `as_before` has the ids of the other questions that these folds hold out, of types with few duplicates.
    """

    kind: Literal["checks"] = "checks"
    checks: ChecksReport
    kept_together: HeldOut | None = None
    as_before: list[str] = Field(default_factory=list)
