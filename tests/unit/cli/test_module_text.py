"""The text of a benchmark module: it declares what it was made from, and ruff would not change it."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tst_harness import (
    Benchmark,
    Choice,
    Columns,
    HubDataset,
    InText,
    LocalFile,
    Multi,
    NotScored,
    Number,
    Open,
)
from tst_harness.cli.module_text import module_text

DIGEST = "0" * 64
LONG = "Measuring from the closest point of each object, what is the distance between (?P<slot1>.+?) and it"

BENCHMARKS = {
    "file": Benchmark(
        "my_rooms",
        LocalFile("data/rooms.csv", content=DIGEST),
        Columns(text="question", answer="answer", options=("a", "b", "c", "d"), type="kind", blank_text=True),
        [
            Choice("nearest", r"closest to the (?P<anchor>.+?)\?"),
            Choice(
                "far",
                rf"{LONG}\?|in \"meters\" or {LONG.replace('slot1', 'slot2')}|{'x' * 250}",
                answers="index1",
            ),
            NotScored("essay"),
            Number("far"),
            Multi("all", answers="letter"),
            Open("label", metric="anls"),
        ],
    ),
    "hub": Benchmark(
        "nli",
        HubDataset("owner/NLI", "a" * 40, "test*.parquet", content=DIGEST),
        Columns(text="hypothesis", answer="label", type="genre", group="premise"),
        [Choice("fiction", labels=("entailment", "neutral", "contradiction")), Number("count", "many|few")],
    ),
    "long names": Benchmark(
        "long",
        LocalFile("q.json"),
        Columns(
            text="question",
            answer="answer",
            type="kind",
            options=tuple(f"a rather long name of option {i}" for i in range(6)),
        ),
        [
            Choice("x" * 120),
            Choice("y", "".join(f"word{i} " for i in range(40)), labels=("a" * 60, "b" * 60)),
        ],
    ),
    "in the text": Benchmark(
        "star",
        LocalFile("q.json"),
        Columns(text="question", answer="answer", options=InText()),
        [Choice("s")],
    ),
}


def declared_by(text: str) -> Benchmark:
    names: dict[str, Any] = {}
    exec(compile(text, "module", "exec"), names)
    [benchmark] = [
        value.benchmark for name, value in names.items() if name.startswith("Test") and name != "StressTest"
    ]
    assert isinstance(benchmark, Benchmark)
    return benchmark


@pytest.mark.parametrize("declared", BENCHMARKS.values(), ids=list(BENCHMARKS))
def test_the_module_declares_the_benchmark(declared: Benchmark) -> None:
    text = module_text(declared, "Rooms.", ["a word to whoever edits this"])
    assert declared_by(text) == declared
    assert "            # a word to whoever edits this\n" in text
    imported = text[: text.index("class ")]
    assert ("InText" in imported) == isinstance(declared.columns.options, InText)


@pytest.mark.skipif(find_spec("ruff") is None, reason="ruff is not installed")
@pytest.mark.parametrize("declared", BENCHMARKS.values(), ids=list(BENCHMARKS))
def test_ruff_would_not_change_the_module(tmp_path: Path, declared: Benchmark) -> None:
    module = tmp_path / "test_it.py"
    module.write_text(module_text(declared, "Rooms."), encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "ruff",
        "format",
        "--isolated",
        "--diff",
        "--line-length=110",
        str(module),
    ]
    formatted = subprocess.run(command, capture_output=True, text=True, check=False)
    assert formatted.returncode == 0, formatted.stdout + formatted.stderr


@given(
    name=st.text(min_size=1).filter(str.strip),
    label=st.text(min_size=1).filter(lambda text: text.strip() == text and text.casefold() != "other"),
    words=st.lists(st.sampled_from(['say "no"', "it's", "\\d+", "\n", "\u202e", "数", "|", " " * 3, "\\\\"])),
)
def test_nothing_in_a_file_can_break_out_of_the_module(name: str, label: str, words: list[str]) -> None:
    declared = Benchmark(
        "toy",
        LocalFile("q.json"),
        Columns(text=f"{name}1", answer=f"{name}2", type=name),
        [Choice(name, "(" + "".join(words) + ")", labels=(label, "other"))],
    )
    text = module_text(declared, "Toy.")
    assert declared_by(text) == declared
    assert all(one.isprintable() or one == "\n" for one in text)
