"""Records: what one unit of work left behind for the session that assembles the report.

A record is the unit of caching, resuming and retrying. It is a JSON file of its own, so that any
process, on any worker, can write one and any other can read it.
"""

from typing import Any, Literal

from pydantic import Field, model_validator

from tst_harness._model import Model
from tst_harness.reports.schema import Format, Fraction, Settings, Shortcut, SourceReport

RECORD_VERSION: Literal[1] = 1


def fold_name(repeat: int, fold: int) -> str:
    """Return what a fold is called in reports and messages."""
    return f"repeat {repeat} fold {fold}"


class Origin(Model):
    """What a record is about: the data, the settings and the diagnostic, the same for all its folds."""

    benchmark: str
    title: str
    source: SourceReport
    settings: Settings
    null_control: bool
    diagnostic: str
    diagnostic_settings: dict[str, Any] = Field(default_factory=dict)
    versions: dict[str, str]
    notes: list[str] = Field(default_factory=list)


class HeldOut(Model):
    """The scored questions of one fold, column by column, in the order of `id`; n entries each."""

    id: list[str] = Field(min_length=1)
    type: list[str]
    format: list[Format]
    group: list[str]
    s: list[Fraction]
    correct: list[Fraction]
    chance: list[Fraction]
    prediction: list[str | float]

    @model_validator(mode="after")
    def _same_length(self) -> "HeldOut":
        lengths = {name: len(getattr(self, name)) for name in type(self).model_fields}
        if len(set(lengths.values())) != 1:
            raise ValueError(f"columns of different length: {lengths}")
        return self


class FoldRecord(Model):
    """One fold of one repeat of one diagnostic. Folds and repeats count from 0."""

    record_version: Literal[1] = RECORD_VERSION
    kind: Literal["fold"] = "fold"
    key: str
    origin: Origin
    repeat: int
    fold: int
    n_train: int
    seconds: float
    held_out: HeldOut
    importances: dict[str, dict[str, float]] = Field(default_factory=dict)


class ShortcutRecord(Model):
    """The rules that beat chance on the whole benchmark, and how many were tried."""

    record_version: Literal[1] = RECORD_VERSION
    kind: Literal["shortcuts"] = "shortcuts"
    key: str
    origin: Origin
    seconds: float
    shortcuts: list[Shortcut]
    rules_tried: int


Record = FoldRecord | ShortcutRecord
