"""What a test item tells the session of the record it left: plain types, so that it crosses processes."""

from collections.abc import Collection
from enum import IntEnum
from pathlib import Path
from typing import Literal

from tst_harness._model import Model
from tst_harness.analysis.names import FOREST as FOREST
from tst_harness.analysis.names import ungrouped as ungrouped

PROPERTY = "tst"
SKIPPED = "tst-skipped"
PRUNED = "tst-pruned"
FEATURES = "features"
LLM = "llm"
WORDS = "words"
"""What judges the questions that the forest leaves; it is no diagnostic of a session."""
CHECKS = "checks"

Unit = Literal["fold", "shortcuts", "zero_shot", "checks"]


class ExitStatus(IntEnum):
    """How a session or a command ended; pytest's own values keep their meaning.

    `FAILED`: a test failed or, outside pytest, would fail; or a gate did. `INCOMPLETE`: nothing failed, and a
    report that was begun lacks folds, so there is no verdict.
    """

    OK = 0
    FAILED = 1
    USAGE = 4
    INCOMPLETE = 6


def gates_fail(verdicts: Collection[str], inconclusive: str) -> bool:
    """Whether a session fails by the verdicts of its gates; `inconclusive` is "fail", "warn" or "pass"."""
    return "fail" in verdicts or ("inconclusive" in verdicts and inconclusive == "fail")


class Stored(Model):
    """Where a record is, and its digest."""

    path: Path
    digest: str


class Result(Model):
    """The record of one test item: where it is, its digest, and a line for the terminal.

    `repeat` and `fold` are None for what is no fold, and `questions`, what was asked, where texts are left
    out.
    """

    benchmark: str
    diagnostic: str
    unit: Unit
    repeat: int | None = None
    fold: int | None = None
    path: Path
    digest: str
    cached: bool
    summary: str
    seconds: float
    sample: bool
    questions: Stored | None = None
