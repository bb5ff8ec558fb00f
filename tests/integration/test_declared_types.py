"""Sets without ids, groups or options of their own, and types that are not scored, from end to end."""

import random
from pathlib import Path
from typing import Any

import pytest
from projects import REPORT, UNITS, module, read_json, run, write_project, write_rows


def test_a_labelled_set_without_ids_or_options(pytester: pytest.Pytester) -> None:
    rng = random.Random(0)
    rows: list[dict[str, Any]] = []
    for number in range(120):
        label = rng.choice([0, 1, 2])
        word = ["also", "maybe", "nobody"][label if rng.random() < 0.8 else rng.randrange(3)]
        rows.append({"hypothesis": f"{word} person {number} sleeps", "label": label})
    write_rows(pytester.path / "toy.jsonl", rows)
    pytester.makepyfile(
        test_toy=module(
            columns='text="hypothesis", answer="label"',
            types='Choice("nli", labels=("entailment", "neutral", "contradiction")),',
        )
    )
    result = run(pytester, "--tst-split=grouped")
    result.assert_outcomes(passed=UNITS)
    result.stdout.fnmatch_lines(
        ["note: the benchmark has no groups, so with --tst-split grouped each question is", "one of its own"]
    )
    overall = read_json(Path("reports/toy-grouped.json"))["diagnostics"]["forest"]["overall"]
    assert overall["n"] == 120
    assert overall["score"] > 0.6


def test_what_is_not_scored_is_counted_and_named(pytester: pytest.Pytester) -> None:
    write_project(pytester, types='Choice("pick", "colour"), NotScored("count"),')
    module_path = pytester.path / "test_toy.py"
    module_path.write_text(module_path.read_text().replace("Number,", "NotScored,"), encoding="utf-8")
    result = run(pytester)
    result.assert_outcomes(passed=UNITS)
    result.stdout.fnmatch_lines(["40 questions of type count are not scored"])
    source = read_json(REPORT)["source"]
    assert (source["rows"], source["questions"], source["not_scored"]) == (100, 60, {"count": 40})


def test_a_cell_of_5_mb_and_odd_scripts_are_audited(pytester: pytest.Pytester) -> None:
    rng = random.Random(0)
    texts = ["<b>Which</b> $\\frac{1}{x}$?", "ما هو اللون؟", "哪个是最大的？", "=SUM(A1)"]
    rows = [
        {"id": n, "q": f"{texts[n % 4]} {n}", "o": [r"$\{x\}$", "قطة {0}", "`红`"], "a": rng.choice("ABC")}
        for n in range(60)
    ]
    rows[7]["q"] = "sofa stove " * 500_000
    write_rows(pytester.path / "toy.jsonl", rows)
    columns = 'id="id", text="q", options="o", answer="a"'
    pytester.makepyfile(test_toy=module(columns=columns, types='Choice("pick"),'))
    result = run(pytester)
    result.assert_outcomes(passed=UNITS)
    assert read_json(REPORT)["diagnostics"]["forest"]["overall"]["n"] == 60
