"""What a file that nobody declared is read as, and what is said of it."""

from pathlib import Path
from typing import Any, NamedTuple

from data_rows import Row, write_rows

from tst_harness.dataset.loading import Dataset
from tst_harness.engine.proposal import propose


class Read(NamedTuple):
    """The questions of a file and the lines that tell how it was read."""

    dataset: Dataset
    lines: list[str]

    @property
    def guesses(self) -> list[str]:
        return [line.removeprefix("guess: ") for line in self.lines if line.startswith("guess: ")]

    @property
    def golds(self) -> list[str]:
        """The text of the right option of each question, in the order of the file."""
        frame = self.dataset.frame.sort_values("position")
        return [options[int(gold)] for options, gold in zip(frame["options"], frame["answer"], strict=True)]

    def line(self, role: str) -> str:
        return next(line for line in self.lines if line.startswith(f"{role}: "))


def read_path(path: Path, **given: Any) -> Read:
    lines: list[str] = []
    return Read(propose(str(path), "toy", given, show=lines.extend).dataset, lines)


def read_rows(folder: Path, rows: list[Row], suffix: str = ".jsonl", **given: Any) -> Read:
    path = folder / f"rows{suffix}"
    write_rows(path, rows)
    return read_path(path, **given)
