"""Questions as they were read, before a long run."""

import json
from pathlib import Path

from tst_harness.benchmark.declarations import (
    Benchmark,
    BundledSample,
    Choice,
    Columns,
    LocalFile,
    Multi,
    Number,
    Open,
)
from tst_harness.dataset.examples import example_lines
from tst_harness.dataset.loading import load


def lines_of(path: Path, rows: list[str], declared: Choice | Multi | Number | Open) -> list[str]:
    path.write_text("\n".join(rows), "utf-8")
    options = "o" if isinstance(declared, Choice | Multi) else None
    columns = Columns(id="id", text="q", options=options, answer="a")
    return example_lines(load(Benchmark("toy", LocalFile(str(path)), columns, [declared])))


def test_the_right_option_is_in_brackets(tmp_path: Path) -> None:
    rows = [json.dumps({"id": n, "q": f"Which {n}?", "o": ["red", "green"], "a": "B"}) for n in range(9)]
    assert lines_of(tmp_path / "t.jsonl", rows, Choice("c")) == [
        "questions as they were read, [right]:",
        '  "Which 0?" red | [green]',
        '  "Which 4?" red | [green]',
        '  "Which 8?" red | [green]',
    ]


def test_several_right_options_numbers_and_texts(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    several = ['{"id": 1, "q": "Which?", "o": ["red", "green", "blue"], "a": ["A", "C"]}']
    assert lines_of(path, several, Multi("m"))[1:] == ['  "Which?" [red] | green | [blue]']
    number = ['{"id": 1, "q": "How many?", "a": 2.50}']
    assert lines_of(path, number, Number("n"))[1:] == ['  "How many?" [2.5]']
    assert lines_of(path, ['{"id": 1, "q": "What?", "a": "a cup"}'], Open("o"))[1:] == ['  "What?" [a cup]']


def test_what_is_long_is_cut_but_for_the_right_option(tmp_path: Path) -> None:
    options = [f"{letter}{'x' * 40}" for letter in "abcdefghij"]
    row = {"id": 1, "q": "one\ntwo " + "words " * 40, "o": options, "a": "J"}
    [_, line] = lines_of(tmp_path / "t.jsonl", [json.dumps(row)], Choice("c"))
    assert line.startswith('  "one two words words')
    assert line.count("...") == 9
    assert line.endswith("fxxxxxxxxxxxxxxxxxxxx... | ... | [jxxxxxxxxxxxxxxxxxxxx...]")


def test_a_small_file_is_shown_whole() -> None:
    sample = Benchmark(
        "s", BundledSample("open"), Columns(id="id", text="question", answer="answer"), [Open("name")]
    )
    assert len(example_lines(load(sample))) == 4
