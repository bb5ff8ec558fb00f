"""What a unit of work tells of the record it left, in plain types so that it crosses processes."""

from collections.abc import Collection
from enum import IntEnum
from pathlib import Path

from tst_harness.analysis.units import Unit
from tst_harness.benchmark.model import Model


class ExitStatus(IntEnum):
    """How a session or a command ended; pytest's own values keep their meaning.

    `FAILED`: a test failed or, outside pytest, would fail; or a gate did. `INCOMPLETE`: nothing failed, and
    what was asked for has no verdict.
    """

    OK = 0
    FAILED = 1
    INTERRUPTED = 2
    USAGE = 4
    INCOMPLETE = 6


def gates_fail(verdicts: Collection[str], inconclusive: str) -> bool:
    """Whether a session fails by the verdicts of its gates; `inconclusive` is "fail", "warn" or "pass"."""
    return "fail" in verdicts or ("inconclusive" in verdicts and inconclusive == "fail")


class Stored(Model):
    """Where a record is, from the root of the store, and its digest."""

    path: Path
    digest: str


class Result(Model):
    """The record of one unit: where it is, as in `Stored`, its digest, and a line for the terminal.

    `diagnostic` is what the unit is called in reports; `questions`, what was asked, is None where texts are
    left out.
    """

    benchmark: str
    diagnostic: str
    unit: Unit
    kind: str
    path: Path
    digest: str
    cached: bool
    summary: str
    seconds: float
    sample: bool
    questions: Stored | None = None

    @property
    def line(self) -> str:
        """One line on it for people."""
        if self.unit.fold is None:
            what = self.diagnostic if self.kind != "zero_shot" else f"{self.diagnostic} zero-shot"
        else:
            again = f"repeat {self.unit.repeat} " if self.unit.repeat else ""
            what = f"{self.diagnostic} {again}fold {self.unit.fold}"
        name = f"{self.benchmark} (bundled SAMPLE)" if self.sample else self.benchmark
        taken = "cached" if self.cached else f"{self.seconds:.1f} s"
        return f"{name} {what}: {self.summary} ({taken})"
