"""What a test item tells the session of the record it left: plain types, so that it crosses processes."""

from pathlib import Path

from tst_harness._model import Model

PROPERTY = "tst"
FOREST = "forest"
FEATURES = "features"


class Result(Model):
    """The record of one test item: where it is, its digest, and a line for the terminal.

    `repeat` and `fold` are None for the shortcuts of a benchmark.
    """

    benchmark: str
    diagnostic: str
    repeat: int | None = None
    fold: int | None = None
    path: Path
    digest: str
    cached: bool
    summary: str
    seconds: float
    sample: bool
