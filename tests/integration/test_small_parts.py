"""Types, groups and files that are too small to tell anything stop nothing else."""

from pathlib import Path

import pytest
from projects import FOLDS, REPORT, UNITS, Row, last_words, questions, read_json, run, write_project

import tst_harness
from tst_harness.engine.results import ExitStatus

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
    assert result.ret == ExitStatus.OK
    result.stdout.fnmatch_lines(["note: random folds alone: all questions are in one group, so *"])
    assert last_words(result).startswith("cannot tell: 1 group is too few")
    assert list(read_json(Path("reports/toy-both.json"))["diagnostics"]) == ["forest"]


def test_one_group_makes_no_grouped_folds_from_python() -> None:
    rows = [row | {"room": "hall"} for row in questions()]
    report = tst_harness.audit(rows, name="toy", group="room", split="both", folds=2, progress=False)
    assert list(report.overall.index) == ["forest"]
    [note] = report.content.diagnostics["forest"].notes
    assert note == "random folds alone: all questions are in one group, so no folds keep it whole"


def test_a_group_that_holds_most_questions_stops_nothing_of_both_splits(pytester: pytest.Pytester) -> None:
    write_project(pytester, [row | ({"room": "hall"} if row["id"] < 70 else {}) for row in questions()])
    result = run(pytester, "--tst-split=both")
    result.assert_outcomes(passed=UNITS, skipped=FOLDS)
    assert result.ret == ExitStatus.OK
    [note] = read_json(Path("reports/toy-both.json"))["diagnostics"]["forest"]["notes"]
    assert note.startswith("random folds alone: the group 'hall' holds 70 of the 100 questions, so no")
    assert last_words(result).startswith("found: ")


def test_questions_without_a_group_are_groups_of_their_own(pytester: pytest.Pytester) -> None:
    rows = [row | ({"room": None} if row["id"] % 4 == 0 else {}) for row in questions()]
    write_project(pytester, rows)
    run(pytester, "--tst-split=grouped").assert_outcomes(passed=UNITS)
    assert read_json(Path("reports/toy-grouped.json"))["source"]["groups"] == 15 + 25


def test_four_questions_get_one_sentence(pytester: pytest.Pytester) -> None:
    write_project(pytester, questions()[:4])
    result = run(pytester)
    result.assert_outcomes(skipped=UNITS)
    reason = "toy: 4 questions are too few to tell anything; 5 folds need at least 5"
    assert last_words(result) == f"no verdict: {reason}"
    assert result.stdout.str().count("too few to tell") == 1
    assert result.ret == ExitStatus.INCOMPLETE
    assert not Path(REPORT).exists()
    assert run(pytester, "--tst-unjudged=warn").ret == ExitStatus.OK


def test_checks_alone_give_no_verdict(pytester: pytest.Pytester) -> None:
    write_project(pytester)
    result = run(pytester, "-k", "positions")
    result.assert_outcomes(passed=1, deselected=UNITS - 1)
    assert last_words(result) == "no verdict: no diagnostic was completed"


def test_data_that_cannot_be_read_give_no_verdict(pytester: pytest.Pytester) -> None:
    write_project(
        pytester, columns='id="id", text="question", options="choices", answer="answer", type="kind"'
    )
    result = run(pytester)
    assert result.ret == ExitStatus.FAILED
    assert last_words(result).startswith("no verdict: toy: toy.jsonl")


def test_a_module_that_cannot_be_collected_gives_no_verdict(pytester: pytest.Pytester) -> None:
    write_project(pytester, more="no_such=1,")
    assert last_words(run(pytester, "--tst-folds=2")) == "no verdict: a module cannot be collected"
