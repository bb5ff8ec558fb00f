"""Copies count once, instances of a template each."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from data_rows import write_rows

from tst_harness.analysis.independent import Independent, independent
from tst_harness.analysis.near_duplicates import words
from tst_harness.benchmark.declarations import Benchmark, Choice, Columns, LocalFile
from tst_harness.checks.positions import balances
from tst_harness.dataset.loading import load

NAMES = "amber birch cedar delta ember fjord grove heron inlet jetty kiosk lilac".split()  # noqa: SIM905


def units(tmp_path: Path, rows: Sequence[dict[str, Any]], **declared: Any) -> Independent:
    return independent(loaded(tmp_path, rows, **declared))


def loaded(tmp_path: Path, rows: Sequence[dict[str, Any]], pattern: str | None = None, **columns: Any) -> Any:
    path = tmp_path / "rows.jsonl"
    write_rows(path, [{"id": f"q{place}", **row} for place, row in enumerate(rows)])
    named = Columns(id="id", text="text", options="options", answer="answer", **columns)
    return load(Benchmark("copies", LocalFile(str(path)), named, [Choice("pick", pattern)]))


def questions(n: int, seed: int = 0, length: int = 9) -> list[dict[str, Any]]:
    rng = np.random.default_rng(seed)
    return [
        {
            "text": f"{' '.join(f'word{word}' for word in rng.integers(300, size=length))} number {number}?",
            "options": rng.permutation(NAMES)[:4].tolist(),
            "answer": "ABCD"[rng.integers(4)],
        }
        for number in range(n)
    ]


def turned(row: dict[str, Any]) -> dict[str, Any]:
    """The same question with its options the other way round, in capitals and without its mark."""
    answer = "DCBA"["ABCD".index(row["answer"])]
    return {"text": row["text"].upper().strip("?"), "options": row["options"][::-1], "answer": answer}


def test_copies_count_once_whatever_their_case_punctuation_and_order(tmp_path: Path) -> None:
    rows = [copy for row in questions(20) for copy in (row, turned(row), row)]
    report = units(tmp_path, rows).report()
    assert (report.of, report.before, report.units) == ("question", 60, 20)
    assert (report.copies, report.clusters) == (60, 20)


def test_what_is_no_copy_counts_for_itself(tmp_path: Path) -> None:
    report = units(tmp_path, questions(40)).report()
    assert (report.units, report.copies) == (40, 0)


def test_near_copies_count_once(tmp_path: Path) -> None:
    rows = [
        {**row, "text": f"{row['text'].strip('?')} {word}?"}
        for row in questions(30, length=20)
        for word in ("now", "please", "today")
    ]
    assert units(tmp_path, rows).report().units == 30


def test_groups_that_share_copies_are_one(tmp_path: Path) -> None:
    rows = [{**row, "scene": f"s{place // 2}"} for place, row in enumerate(questions(12))]
    rows += [{**rows[0], "scene": "s1"}, {**rows[5], "scene": "t"}]
    found = units(tmp_path, rows, group="scene")
    assert found.report().before == 7
    names = dict(zip([f"q{place}" for place in range(14)], in_file_order(found, 14), strict=True))
    assert names["q0"] == names["q2"] == names["q3"] == names["q12"] == "s0"
    assert names["q4"] == names["q5"] == names["q13"] == "s2"
    assert len(set(names.values())) == 5


def in_file_order(found: Independent, n: int) -> list[str]:
    """The frame is in the order of the ids, which are texts."""
    order = np.argsort([f"q{place}" for place in range(n)])
    names = np.empty(n, dtype=object)
    names[order] = found.names()
    return names.tolist()


@pytest.mark.parametrize("pattern", [None, r"How many (?P<thing>\w+) are there\?"])
def test_a_template_asked_of_many_images_is_no_copy(tmp_path: Path, pattern: str | None) -> None:
    rng = np.random.default_rng(0)
    rows = [
        {
            "text": f"How many {NAMES[number % 6]} are there?",
            "options": ["1", "2", "3"],
            "answer": "ABC"[rng.integers(3)],
            "image": f"i{number}",
        }
        for number in range(60)
    ]
    assert units(tmp_path, rows, pattern=pattern, group="image").report().units == 60
    agreeing = [{**row, "answer": "A"} for row in rows]
    assert units(tmp_path, agreeing, pattern=pattern, group="image").report().units == 60


def test_words_keep_what_sums_are_made_of() -> None:
    assert words("What is  3 - 4?") == "what is 3 - 4"
    assert words("What is 3 + 4!") != words("what is 3 - 4")


def test_copies_make_no_position_uneven(tmp_path: Path) -> None:
    uneven = 0
    for seed in range(20):
        rows = [row for row in questions(30, seed) for _ in range(5)]
        uneven += balances(loaded(tmp_path, rows), seed=0)[""].p_value < 0.05
    assert uneven <= 4
    always = [{**row, "answer": "A"} for row in questions(30) for _ in range(5)]
    assert balances(loaded(tmp_path, always), seed=0)[""].p_value < 0.001
