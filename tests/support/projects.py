"""Small projects with a benchmark of their own, and what a run of pytest on them left behind."""

import json
import random
import re
from pathlib import Path
from typing import Any

import pytest

# Runs in this process drop what they import; numpy and its like cannot be imported a second time.
import tst_harness.engine.experiment
import tst_harness.engine.session
import tst_harness.report.assemble
import tst_harness.views.html.report  # noqa: F401 - as above
from tst_harness.report.files import canonical_json

Row = dict[str, Any]

FOLDS = 5
CHECKS = ("shortcuts", "duplicates", "order", "opposite_answers", "positions")
UNITS = FOLDS + len(CHECKS)
"""Of the forest, and of all checks."""
REPORT = Path("reports/toy.json")
SAMPLES = Path("reports/toy.samples.jsonl")
RECORDS = Path("reports/.records/toy")

_PAINTED = ("lamp", "sofa", "rug")
_COLUMNS = 'id="id", text="question", options="options", answer="answer", type="kind", group="room"'
_TYPES = """
            Choice("pick", r"colour is the (?P<object>.+?) by"),
            Number("count", r"How many (?P<object>.+?)\\(s\\) are"),
"""


def questions() -> list[Row]:
    """60 picks, where red is nearly always right, and 40 counts that the object gives away; in 20 rooms."""
    rng = random.Random(0)
    return [_pick(number, rng) if number < 60 else _count(number, rng) for number in range(100)]


def _pick(number: int, rng: random.Random) -> Row:
    options = rng.sample(["red", "green", "blue"], 3)
    gold = "red" if rng.random() < 0.8 else rng.choice(options)
    text = f"What colour is the {rng.choice(_PAINTED)} by the wall?"
    return _row(number, "pick", text, options, "ABC"[options.index(gold)])


def _count(number: int, rng: random.Random) -> Row:
    counted, answer = rng.choice([("chair", 6), ("door", 2)])
    text = f"How many {counted}(s) are in the room?"
    return _row(number, "count", text, None, answer + (rng.random() < 0.1))


def _row(number: int, kind: str, text: str, options: list[str] | None, answer: str | int) -> Row:
    return {
        "id": number,
        "kind": kind,
        "question": text,
        "options": options,
        "answer": answer,
        "room": f"room {number % 20}",
    }


def write_rows(path: Path, rows: list[Row]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def module(
    name: str = "toy",
    source: str = 'LocalFile("toy.jsonl")',
    columns: str = _COLUMNS,
    types: str = _TYPES,
    more: str = "",
) -> str:
    """The text of a module with one benchmark, its class named after it."""
    return f'''
from tst_harness import Benchmark, Choice, Columns, HubDataset, LocalFile, Number, StressTest


class Test{name.title()}(StressTest):
    benchmark = Benchmark(
        name="{name}",
        title="{name.title()}-Bench",
        source={source},
        columns=Columns({columns}),
        question_types=[{types}],
        {more}
    )
'''


def write_project(pytester: pytest.Pytester, rows: list[Row] | None = None, **changes: str) -> None:
    """Write `toy.jsonl` and `test_toy.py`, which declares it; `changes` are for `module`."""
    write_rows(pytester.path / "toy.jsonl", questions() if rows is None else rows)
    pytester.makepyfile(test_toy=module(**changes))


def run(pytester: pytest.Pytester, *args: str) -> pytest.RunResult:
    """Run pytest in this process, folds in order, without pages; hypothesis is left out, slow to import."""
    without = ("-p", "no:randomly", "-p", "no:hypothesispytest", "--tst-no-html")
    return pytester.runpytest_inprocess(*without, *args)


def records_of_tests() -> list[Path]:
    """The records that tests left, without that of the texts, which any of them writes."""
    return [path for path in sorted(RECORDS.glob("*.json")) if read_json(path)["kind"] != "questions"]


def read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def settled(report: Path = REPORT) -> str:
    """A report as text, without what may differ between two runs with the same result."""
    content = read_json(report)
    del content["run"]
    for diagnostic in content["diagnostics"].values():
        for fold in diagnostic["folds"]:
            del fold["seconds"], fold["cached"]
    return canonical_json(content, indent=1)


def progress(result: pytest.RunResult) -> dict[str, str]:
    """What each progress line says of itself in brackets at its end, by unit: {"forest fold 0": "cached"}."""
    pattern = re.compile(r"  \w+ (?:\(.+?\) )?(.+?): .+ \((.+?)\)(?: +\[ *\d+%\])?")
    lines = (pattern.fullmatch(line) for line in result.outlines)
    return {line[1]: line[2] for line in lines if line}


def last_words(result: pytest.RunResult) -> str:
    """What a session says after pytest's own last line, on one line."""
    ends = [place for place, line in enumerate(result.outlines) if re.search(r" in \d+\.\d+s\b", line)]
    return " ".join(line.strip() for line in result.outlines[ends[-1] + 1 :])


def failure(result: pytest.RunResult) -> str:
    """The one sentence that the only failed test shows."""
    result.assert_outcomes(failed=1, deselected=result.parseoutcomes().get("deselected", 0))
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    [start] = [place for place, line in enumerate(result.outlines) if re.fullmatch("_+ .+ _+", line)]
    [end] = [place for place, line in enumerate(result.outlines) if "short test summary" in line]
    [sentence] = result.outlines[start + 1 : end]
    assert_no_crash(result)
    return sentence


def assert_no_crash(result: pytest.RunResult) -> None:
    for line in [*result.outlines, *result.errlines]:
        assert "Traceback" not in line
        assert "INTERNALERROR" not in line
