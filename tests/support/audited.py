"""Reports of a small benchmark whose texts would do harm if they were read as markup."""

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

from tst_harness.engine.results import ExitStatus

SCRIPT = '<script>document.title = "run"</script>'
HOSTILE = (
    f"{SCRIPT} What is it?",
    "{{7*7}} {% raw %} What is it?",
    r"Where is $\frac{a}{b} < \mathbb{R}$?",
    "ما هو لون الكرسي؟",
    "椅子是什么颜色？",
    '</script><img src=x onerror=\'document.title = "run"\'> "quoted" & done',
)
OPTIONS = ("red", "<b>green</b>", "</script>", "青", "أزرق")
TITLE = f"Toy & {SCRIPT}"
QUESTIONS = 240
_MODULE = """
from tst_harness import Benchmark, Choice, Columns, LocalFile, Number, StressTest


class TestToy(StressTest):
    benchmark = Benchmark(
        name="toy",
        title={title!r},
        source=LocalFile("toy.jsonl"),
        columns=Columns(
            id="id", text="question", options="options", answer="answer", type="kind", group="room"
        ),
        question_types=[Choice("pick"), Choice("pick <i>two</i>"), Number("count")],
        redistributable={redistributable},
        gates=["forest.score <= 0.05", "forest.score <= 0.999"],
    )
"""


def rows() -> list[dict[str, Any]]:
    """Picks, where red is right more often than not, and counts that are nearly always 2."""
    rng = random.Random(0)
    return [_row(number, rng) for number in range(QUESTIONS)]


def _row(number: int, rng: random.Random) -> dict[str, Any]:
    kind = ("pick", "pick <i>two</i>", "count")[number % 3]
    options = None if kind == "count" else rng.sample(OPTIONS, 4)
    if options is None:
        answer: str | int = rng.choice((2, 2, 2, 5))
    else:
        gold = options.index("red") if "red" in options and rng.random() < 0.7 else rng.randrange(4)
        answer = "ABCD"[gold]
    return {
        "id": f"q{number}" if number else SCRIPT,
        "kind": kind,
        "question": f"{HOSTILE[number % len(HOSTILE)]} ({number})",
        "options": options,
        "answer": answer,
        "room": f"room {number % 20}",
    }


def audit(folder: Path, *options: str, redistributable: bool = True) -> Path:
    """Audit the benchmark in a folder, and return the path of its page."""
    module = folder / "test_toy.py"
    module.write_text(_MODULE.format(title=TITLE, redistributable=redistributable), encoding="utf-8")
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows()]
    (folder / "toy.jsonl").write_text("".join(lines), encoding="utf-8")
    # In a process of its own: this one runs tests already.
    asked = ["-p", "no:cacheprovider", module.name, "--tst-report=.", "--tst-html", *options]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *asked], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == ExitStatus.FAILED, done.stdout + done.stderr  # by a gate
    [page] = folder.glob("toy*.html")
    return page
