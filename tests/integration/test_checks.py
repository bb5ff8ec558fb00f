"""What is said beyond the score: duplicates, the order of the file, answer positions, repeats."""

import random
from pathlib import Path

import pytest
from projects import (
    REPORT,
    UNITS,
    assert_no_crash,
    progress,
    questions,
    read_json,
    records_of_tests,
    run,
    write_project,
    write_rows,
)

import tst_harness.checks.kept_together_scores
from tst_harness.analysis.records import CheckRecord
from tst_harness.analysis.units import Unit
from tst_harness.benchmark.declarations import Benchmark, Choice, Columns, LocalFile
from tst_harness.engine.session import Session
from tst_harness.engine.settings import Settings
from tst_harness.engine.store import RECORDS, RecordStore
from tst_harness.report.files import read_report
from tst_harness.report.sample_files import read_samples


def test_the_report_and_the_terminal_tell_of_every_check(pytester: pytest.Pytester) -> None:
    write_project(pytester)
    result = run(pytester)
    checks = read_report(REPORT).checks
    assert checks is not None
    duplicates = checks.duplicates
    assert duplicates is not None
    assert checks.order is not None
    assert duplicates.questions == sum(one.questions for one in duplicates.types.values())
    assert duplicates.clusters == 5  # Two counted things, three painted ones.
    counts = duplicates.types["count"].copying
    assert counts is not None
    assert counts.score > 0.9
    assert counts.p_value < 0.05
    picks = duplicates.types["pick"].copying
    assert picks is not None
    assert picks.p_value > 0.05
    kept = duplicates.kept_together
    assert kept is not None
    assert (kept.clusters, kept.clusters_apart) == (3, 2)
    assert kept.types == ["pick"]
    assert kept.comparison is not None
    forest = read_report(REPORT).diagnostics["forest"].overall
    assert forest is not None
    assert kept.comparison.overall.against == pytest.approx(forest.score)
    assert {test.type for test in checks.order} == {None, "pick", "count"}
    assert checks.positions is not None
    assert sum(checks.positions.overall.counts[0].counts) == 60
    result.stdout.fnmatch_lines(
        [
            "  toy duplicates: 100 questions are duplicates (*)*",
            "  toy order: * of * tests are significant (*)*",
            "  toy opposite_answers: none (*)*",
            "  toy positions: uneven types: 0 of 1 (*)*",
            "toy: Toy-Bench | forest | file toy.jsonl",
            "duplicates: 100 of 100 questions are duplicates or near-duplicates, in 5",
            "- duplicates leak answers: copying a duplicate's answer scores *",
            "- count: scores *",
            "- with duplicates in the same fold, the score is *% [[]*], a change of",
            "  * points [[]*]; of 2 types the scores of 1 with few duplicates are",
            "  those above; 2 of 5 clusters, with 40 questions, are too large for one fold",
            "  and still split",
            "file order leaks no answers: repeating the previous question's answer scores*",
            "answer positions: gold options are evenly distributed; always answering ? *",
            f"report: {REPORT}",
        ]
    )


def test_what_duplicates_give_away_is_gone_with_them_together(pytester: pytest.Pytester) -> None:
    rows = questions()[60:] * 2
    things = ["chair", "door", "lamp", "rug", "sofa", "bed", "tile", "book"]
    for number, row in enumerate(rows):
        counted = number % 8
        row = rows[number] = {**row, "id": number, "answer": (3, 40, 7, 90, 1, 15, 200, 500)[counted]}
        row["question"] = f"How many {things[counted]}(s) are there?"
    write_project(pytester, rows, types='Number("count", r"How many (?P<object>.+?)\\(s\\) are"),')
    run(pytester)
    checks = read_report(REPORT).checks
    assert checks is not None
    assert checks.duplicates is not None
    kept = checks.duplicates.kept_together
    assert kept is not None
    assert (kept.clusters, kept.questions, kept.clusters_apart) == (8, 80, 0)
    assert kept.comparison is not None
    assert kept.comparison.overall.against > 0.8
    # Doors are no help with chairs.
    assert kept.comparison.overall.difference_interval[1] < -0.5


def test_a_set_without_duplicates_is_said_to_have_none(pytester: pytest.Pytester) -> None:
    rng = random.Random(2)
    rows = questions()[:60]
    for row in rows:
        words = " ".join(rng.choice("abcdefgh") * 3 + str(rng.randrange(10**6)) for _ in range(9))
        row["question"] = f"What colour is the {words} by the wall?"
    write_project(pytester, rows, types='Choice("pick"),')
    result = run(pytester)
    result.stdout.fnmatch_lines(["duplicates: none among 60 questions, not even near-duplicates"])
    found = read_json(REPORT)["checks"]["duplicates"]
    assert found["kept_together"] is None
    assert found["not_kept"] == "there are no duplicates"


def test_more_is_listed_on_demand(pytester: pytest.Pytester) -> None:
    write_project(pytester)
    run(pytester)
    result = run(pytester, "--tst-verbose")
    result.stdout.fnmatch_lines(
        ["- * copies, *% with the same answer, first id *", "file order leaks *", "- pick: scores *"]
    )


def test_a_check_alone_is_kept_for_the_whole_run(pytester: pytest.Pytester) -> None:
    write_project(pytester)
    result = run(pytester, "-k", "duplicates")
    result.assert_outcomes(passed=1, deselected=UNITS - 1)
    assert result.ret == pytest.ExitCode.OK
    assert_no_crash(result)
    assert len(records_of_tests()) == 1
    assert not REPORT.exists()
    whole = progress(run(pytester))
    assert {unit for unit, state in whole.items() if state == "cached"} == {"duplicates"}


def test_a_report_without_checks_says_nothing_of_them(pytester: pytest.Pytester) -> None:
    write_project(pytester)
    result = run(pytester, "-k", "fold or shortcuts")
    assert result.ret == pytest.ExitCode.OK
    assert read_report(REPORT).checks is None
    result.stdout.no_fnmatch_line("duplicates: *")


def test_another_order_of_the_file_is_checked_again(pytester: pytest.Pytester) -> None:
    rows = sorted(questions()[:60], key=lambda row: str(row["answer"]))
    write_project(pytester, rows, types='Choice("pick"),')
    result = run(pytester)
    result.stdout.fnmatch_lines(["file order leaks answers: *", "*answers come in runs"])
    random.Random(1).shuffle(rows)
    write_rows(pytester.path / "toy.jsonl", rows)
    result = run(pytester)
    assert {unit for unit, state in progress(result).items() if state != "cached"} == {
        "order",
        "opposite_answers",
    }
    # By id they stand as they did: ids were in no order before.
    result.stdout.fnmatch_lines(["file order leaks no answers: *", "id order leaks *"])


def test_permuted_answers_give_nothing_away(pytester: pytest.Pytester) -> None:
    write_project(pytester)
    run(pytester, "--tst-null")
    checks = read_report(Path("reports/toy-null.json")).checks
    assert checks is not None
    assert checks.duplicates is not None
    assert checks.duplicates.copying is not None
    assert checks.duplicates.copying.p_value > 0.05
    assert checks.order is not None
    assert all(test.p_value > 0.05 for test in checks.order)


def test_without_the_forest_nothing_is_scored_again(pytester: pytest.Pytester) -> None:
    write_rows(pytester.path / "toy.jsonl", questions()[:60])
    benchmark = Benchmark(
        name="toy",
        source=LocalFile(str(pytester.path / "toy.jsonl")),
        columns=Columns(id="id", text="question", options="options", answer="answer", type="kind"),
        question_types=[Choice("pick")],
    )
    options = Settings(diagnostics=("llm",), report_dir=Path("reports"))
    result = Session(options).run_unit(benchmark, Unit("duplicates"))
    record = RecordStore(options.report_dir / RECORDS).load(result.path, result.digest)
    assert isinstance(record, CheckRecord)
    assert record.findings["again"] is None
    assert record.findings["duplicates"]["not_kept"] == "the forest did not run"


def test_repeats_tell_what_is_always_easy(pytester: pytest.Pytester) -> None:
    write_project(pytester)
    result = run(pytester, "--tst-folds=2", "--tst-repeats=3")
    spread = read_report(Path("reports/toy-repeats3.json")).diagnostics["forest"].spread
    assert spread is not None
    samples = read_samples(Path("reports/toy-repeats3.samples.jsonl"))
    easy = (samples["score"] > 0.5).groupby(samples["id"]).mean()
    assert spread.overall.always == pytest.approx((easy == 1.0).mean())
    assert spread.overall.never == pytest.approx((easy == 0.0).mean())
    assert spread.overall.mean_sd == pytest.approx(samples.groupby("id")["s"].std().mean())
    assert spread.overall.score_sd == pytest.approx(samples.groupby("repeat")["score"].mean().std())
    assert set(spread.types) == {"pick", "count"}
    result.stdout.fnmatch_lines(
        [
            "over repeats: *% of questions are easy in every repeat (*% expected*",
            "other folds alone move the score by *",
        ]
    )
    run(pytester, "--tst-folds=2")
    assert read_report(REPORT).diagnostics["forest"].spread is None


def test_of_a_large_set_some_folds_are_enough(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tst_harness.checks.kept_together_scores, "_ENOUGH_QUESTIONS", 30)
    write_project(pytester)
    run(pytester)
    checks = read_report(REPORT).checks
    assert checks is not None
    assert checks.duplicates is not None
    assert checks.duplicates.kept_together is not None
    comparison = checks.duplicates.kept_together.comparison
    assert comparison is not None
    assert 30 <= comparison.overall.n < 100


def test_duplicates_that_link_all_groups_are_not_scored_together(pytester: pytest.Pytester) -> None:
    write_project(pytester)
    result = run(pytester, "--tst-split=grouped")
    checks = read_report(Path("reports/toy-grouped.json")).checks
    assert checks is not None
    assert checks.duplicates is not None
    assert checks.duplicates.kept_together is None
    assert checks.duplicates.not_kept == "only 0 of 100 questions have duplicates that fit into one fold"
    result.stdout.fnmatch_lines(["- no score with duplicates in the same fold: only 0 of 100 questions *"])
