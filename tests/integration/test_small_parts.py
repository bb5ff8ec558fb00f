"""Types, groups and files that are too small to tell anything stop nothing else."""

from pathlib import Path

import pytest
from projects import FOLDS, REPORT, UNITS, Row, questions, read_json, run, write_project

import tst_harness

RARE = """
            Choice("pick", r"colour is the (?P<object>.+?) by"),
            Choice("rare"),
            Number("count", r"How many (?P<object>.+?)\\\\(s\\\\) are"),
            Number("single"),
"""


def with_small_types() -> list[Row]:
    """Three questions of a rare choice and one number of its own among a hundred."""
    rows = questions()
    rare = [row | {"id": 100 + row["id"], "kind": "rare"} for row in rows[:3]]
    return [*rows, *rare, rows[99] | {"id": 200, "kind": "single", "question": "How many are there?"}]


def test_small_types_keep_their_rows_and_are_said_to_be_too_few(pytester: pytest.Pytester) -> None:
    write_project(pytester, with_small_types(), types=RARE)
    result = run(pytester)
    result.assert_outcomes(passed=UNITS)
    types = read_json(REPORT)["diagnostics"]["forest"]["types"]
    assert {name: scores["n"] for name, scores in types.items()} == {
        "pick": 60,
        "count": 40,
        "rare": 3,
        "single": 1,
    }
    assert "too few questions for a conclusion: rare (3), single (1)" in result.outlines


def test_fewer_groups_than_folds_make_as_many_folds(pytester: pytest.Pytester) -> None:
    write_project(pytester, [row | {"room": f"room {row['id'] % 3}"} for row in questions()])
    result = run(pytester, "--tst-split=grouped")
    result.assert_outcomes(passed=UNITS)
    assert "note: 3 groups make 3 folds that keep them whole" in result.outlines
    report = read_json(Path("reports/toy-grouped.json"))
    folds = report["diagnostics"]["forest"]["folds"]
    assert sorted(fold["n"] for fold in folds) == [33, 33, 34]
    assert report["diagnostics"]["forest"]["overall"]["n"] == 100


def test_one_group_makes_no_grouped_folds(pytester: pytest.Pytester) -> None:
    write_project(pytester, [row | {"room": "hall"} for row in questions()])
    result = run(pytester, "--tst-split=grouped")
    result.assert_outcomes(passed=UNITS)
    assert "note: all questions are in one group, so the folds are random" in result.outlines
    result = run(pytester, "--tst-split=both")
    result.assert_outcomes(passed=UNITS, skipped=FOLDS)
    assert "skipped: toy: all questions are in one group, so no folds keep it whole" in result.outlines
    assert "note: all questions are in one group, so there are random folds alone" in result.outlines
    assert list(read_json(Path("reports/toy-both.json"))["diagnostics"]) == ["forest"]


def test_one_group_makes_no_grouped_folds_from_python() -> None:
    rows = [row | {"room": "hall"} for row in questions()]
    report = tst_harness.audit(rows, name="toy", group="room", split="both", folds=2, progress=False)
    assert list(report.overall.index) == ["forest"]
    [note] = report.content.diagnostics["forest"].notes
    assert note == "all questions are in one group, so there are random folds alone"


def test_questions_without_a_group_are_groups_of_their_own(pytester: pytest.Pytester) -> None:
    rows = [row | ({"room": None} if row["id"] % 4 == 0 else {}) for row in questions()]
    write_project(pytester, rows)
    run(pytester, "--tst-split=grouped").assert_outcomes(passed=UNITS)
    assert read_json(Path("reports/toy-grouped.json"))["source"]["groups"] == 15 + 25


def test_four_questions_get_one_sentence(pytester: pytest.Pytester) -> None:
    write_project(pytester, questions()[:4])
    result = run(pytester)
    result.assert_outcomes(skipped=UNITS)
    told = [line for line in result.outlines if "too few to tell" in line]
    assert told == ["skipped: toy: 4 questions are too few to tell anything; 5 folds need at least 5"]
    assert not Path(REPORT).exists()
