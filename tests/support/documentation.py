"""Documentation pages as tests: marked blocks are run, and what they print is compared with the page.

The pages are Markdown. A comment before a fenced block says what to do with it:

    <!-- file: test_rooms.py -->    the block is written to this file
    <!-- run -->                    the block is run

A `console` block holds commands after "$ " and, below each, its output; a `python` block is run as a script,
and a `text` block marked `<!-- output -->` right after it holds what it prints. A line `...` in an output
stands for any lines. The blocks of a page share a folder that looks like a clone of the repository.

`python tests/support/documentation.py PAGE ...` writes the outputs of today into the pages.
"""

import difflib
import math
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
PAGES = [README, *sorted((ROOT / "docs").rglob("*.md"))]

_BLOCK = re.compile(
    r"^<!-- (?P<mark>run|output|file: (?P<file>\S+)) -->\n```(?P<language>\w+)\n(?P<body>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)
_COMMAND = re.compile(r"^\$ (?P<command>(?:.*\\\n)*.*\n)(?P<shown>(?:(?!\$ ).*\n)*)", re.MULTILINE)
_SECONDS = re.compile(r"\b\d+\.\d+ ?s\b(?: \(\d+:\d\d:\d\d\))?")
_RULED = re.compile(r"=+( .* )=+")
"""pytest's last line, as wide as the terminal whatever stands in it."""
_NUMBER = re.compile(r"(?<!\w)[+-]?\d[\d,]*(?:\.\d+)?(?!\w)")


@dataclass(frozen=True)
class Step:
    """A command of a page with the output that the page shows for it.

    Attributes
    ----------
    command
        A shell command, or the source of a script.
    shown
        The output in the page; None where the page shows none.
    start, end
        The place of `shown` in the page's text, in characters.
    python
        Whether `command` is Python.
    """

    command: str
    shown: str | None
    start: int
    end: int
    python: bool = False


def steps(text: str) -> list[Step]:
    """Return the steps of a page in order."""
    result: list[Step] = []
    for block in _BLOCK.finditer(text):
        if block["mark"] == "output":
            script = result.pop()
            result.append(Step(script.command, block["body"], *block.span("body"), python=True))
        elif block["mark"] == "run" and block["language"] == "python":
            result.append(Step(block["body"], None, block.end(), block.end(), python=True))
        elif block["mark"] == "run":
            result += _console(block["body"], block.start("body"))
    return result


def _console(body: str, offset: int) -> Iterator[Step]:
    for part in _COMMAND.finditer(body):
        start, end = part.span("shown")
        yield Step(part["command"].strip(), part["shown"], offset + start, offset + end)


def prepare(text: str, folder: Path) -> None:
    """Make `folder` look like a clone of this repository, with the files that a page declares."""
    for name in ("benchmarks", "examples", "tst_harness"):
        (folder / name).symlink_to(ROOT / name)
    for block in _BLOCK.finditer(text):
        if block["file"]:
            (folder / block["file"]).write_text(block["body"], encoding="utf-8")


def run(step: Step, folder: Path, data: str | None = None) -> str:
    """Run a step in a prepared folder and return what it prints.

    Parameters
    ----------
    step
        What to run.
    folder
        The working directory.
    data
        The folder of the real test sets; without it benchmarks run on the bundled sample.
    """
    left_out = ("TST_", "PYTEST_", "CI", "GITHUB_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    changes = {"PATH": path, "COLUMNS": "80", "HF_HUB_OFFLINE": "1", "PYTEST_ADDOPTS": "-p no:randomly"}
    command = [sys.executable, "-c", step.command] if step.python else ["bash", "-c", step.command]
    done = subprocess.run(
        command,
        cwd=folder,
        env=kept | changes | ({} if data is None else {"TST_DATA_DIR": data}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.stdout


def assert_shows_what_it_prints(page: Path, folder: Path, data: str | None = None) -> None:
    """Run a page in an empty folder and compare every output."""
    text = page.read_text("utf-8")
    prepare(text, folder)
    for step in steps(text):
        difference = mismatch(step.shown or "", run(step, folder, data))
        assert difference is None, f"{page.name} is out of date: {step.command}\n{difference}"


def mismatch(shown: str, printed: str) -> str | None:
    """Return how an output differs from what the page shows; None where it does not.

    Blanks and durations may differ, and other numbers by two, or by five percent: libraries and processors
    move a score by a little.
    """
    expected, lines = _lines(shown), _lines(printed)
    masked = "".join(_NUMBER.sub("#", line) + "\n" for line in lines)
    pattern = "".join(
        "(?:.*\n)*?" if line == "..." else f"({re.escape(_NUMBER.sub('#', line))}\n)" for line in expected
    )
    match = re.fullmatch(pattern, masked)
    if match is not None:
        compared = [line for line in expected if line != "..."]
        starts = [match.start(group) for group in range(1, len(compared) + 1)]
        places = [masked.count("\n", 0, start) for start in starts]
        if all(_close(line, lines[place]) for line, place in zip(compared, places, strict=True)):
            return None
    return "\n".join(difflib.unified_diff(expected, lines, "page", "printed", lineterm=""))


def _lines(output: str) -> list[str]:
    lines = (_SECONDS.sub("_ s", line) for line in output.strip("\n").splitlines())
    return [" ".join(_RULED.sub(r"=\1=", line).split()) for line in lines]


def _close(line: str, other: str) -> bool:
    pairs = zip(_NUMBER.findall(line), _NUMBER.findall(other), strict=True)
    return all(
        math.isclose(_value(first), _value(second), rel_tol=0.05, abs_tol=2) for first, second in pairs
    )


def _value(number: str) -> float:
    return float(number.replace(",", ""))


def refreshed(shown: str, printed: str) -> str:
    """Return what a page should show: the output, shortened by `...` where the page shortens it."""
    lines = [line.rstrip() for line in printed.strip("\n").splitlines()]
    if not shown:
        return "".join(line + "\n" for line in lines)
    result: list[str] = []
    start = 0
    segments = re.split(r"^\.\.\.\n", shown, flags=re.MULTILINE)
    for index, segment in enumerate(segments):
        result += ["..."] if index else []
        kept = segment.splitlines()
        if kept:
            # Only `...` leaves lines out, at the beginning and at the end, too.
            first = start + _closest(kept[0], lines[start:]) if index else 0
            last = first + _closest(kept[-1], lines[first : first + 2 * len(kept)])
            last = len(lines) - 1 if index == len(segments) - 1 else last
            result += lines[first : last + 1]
            start = last + 1
    return "".join(line + "\n" for line in result)


def _closest(line: str, lines: list[str]) -> int:
    likeness = [difflib.SequenceMatcher(None, line, other).ratio() for other in lines]
    return likeness.index(max(likeness)) if lines else 0


def refresh(page: Path) -> None:
    """Run a page and write the outputs of today into it."""
    text = page.read_text("utf-8")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(text, folder)
        printed = [(step, run(step, folder, os.environ.get("TST_DATA_DIR"))) for step in steps(text)]
    for step, output in reversed(printed):
        if step.shown is not None:
            text = text[: step.start] + refreshed(step.shown, output) + text[step.end :]
    page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        refresh(Path(argument))
