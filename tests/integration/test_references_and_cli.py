"""A reference from its first update to a refusal, and the same comparisons outside pytest."""

import shutil
from pathlib import Path

import pytest
from projects import REPORT, Row, questions, read_json, run, write_project, write_rows

from tst_harness.cli import main
from tst_harness.engine.results import ExitStatus
from tst_harness.report.files import canonical_json

REFERENCE = Path("reports/references/toy.json")
RULE = "toy.forest.score <= reference + 0.02"
REPEATED = Path("reports/toy-repeats2.json")
REFERENCE_OF_REPEATS = Path("reports/references/toy-repeats2.json")


def harder_questions() -> list[Row]:
    """The questions with counts that nothing gives away any more."""
    rows = questions()
    for row in rows:
        if row["kind"] == "count":
            row["answer"] = 1 + 7 * int(row["id"]) % 31
    return rows


def test_a_reference_is_made_kept_and_compared_with(pytester: pytest.Pytester) -> None:
    write_project(pytester)
    result = run(pytester, "--tst-repeats=2", "--tst-gate", RULE, "--tst-reference-update")
    assert result.ret == ExitStatus.OK
    result.stdout.fnmatch_lines(
        [
            "new reference: reports/references/toy-repeats2.json",
            "- forest all questions: score *.* of 100",
            "not judged    toy.forest.score <= reference + 0.02",
            "              the reference is being written",
        ]
    )
    before = REFERENCE_OF_REPEATS.read_bytes()
    result = run(pytester, "--tst-repeats=2", "--tst-fresh", "--tst-gate", RULE)
    assert result.ret == ExitStatus.OK
    result.stdout.fnmatch_lines(["pass          toy.forest.score <= reference + 0.02"])
    [gate] = read_json(REPEATED)["gates"]
    assert (gate["value"], gate["interval"], gate["runs"]) == (0.0, [0.0, 0.0], 2)
    result = run(pytester, "--tst-repeats=2", "--tst-reference-update")
    result.stdout.fnmatch_lines(["reference unchanged: reports/references/toy-repeats2.json"])
    assert REFERENCE_OF_REPEATS.read_bytes() == before


def test_one_run_is_warned_of(pytester: pytest.Pytester) -> None:
    write_project(pytester)
    run(pytester, "--tst-reference-update")
    result = run(pytester, "--tst-gate", RULE)
    assert result.ret == ExitStatus.OK
    result.stdout.fnmatch_lines(
        ["note: one run each: the interval covers the sampling of questions and not the"]
    )
    [gate] = read_json(REPORT)["gates"]
    assert "not the luck of training" in gate["note"]


@pytest.mark.parametrize("option", ["--tst-seed=7", "--tst-folds=4"])
def test_a_reference_of_other_settings_is_refused_before_any_fold(
    pytester: pytest.Pytester, option: str
) -> None:
    write_project(pytester)
    run(pytester, "--tst-reference-update")
    result = run(pytester, option, "--tst-gate", RULE)
    assert result.ret == ExitStatus.USAGE
    name = option[6:].partition("=")[0]
    result.stderr.fnmatch_lines([f"ERROR: *needs a reference of this run, and in * {name} is *, not *"])


@pytest.mark.parametrize(
    ("option", "name"),
    [
        ("--tst-split=grouped", "toy-grouped"),
        ("--tst-repeats=2", "toy-repeats2"),
        ("--tst-null", "toy-null"),
        ("--tst-limit=60", "toy-limit60"),
        ("--tst-diagnostic=words", "toy-words"),
    ],
)
def test_each_kind_of_run_has_a_reference_of_its_own(
    pytester: pytest.Pytester, option: str, name: str
) -> None:
    write_project(pytester)
    run(pytester, "--tst-reference-update")
    plain = REFERENCE.read_bytes()
    rule = RULE.replace("forest", "words") if "words" in option else RULE
    result = run(pytester, option, "--tst-gate", rule)
    assert result.ret == ExitStatus.USAGE
    result.stderr.fnmatch_lines(["ERROR: *needs a reference*--tst-reference-update`*"])
    run(pytester, option, "--tst-reference-update")
    assert (Path("reports/references") / f"{name}.json").exists()
    result = run(pytester, option, "--tst-gate", rule)
    assert result.ret == ExitStatus.OK
    result.stdout.fnmatch_lines([f"pass          {rule}"])
    assert main(["gate", f"reports/{name}.json", rule]) == ExitStatus.OK
    assert REFERENCE.read_bytes() == plain
    assert run(pytester, "--tst-gate", RULE).ret == ExitStatus.OK


def test_a_reference_without_groups_is_that_of_both_kinds_of_folds(pytester: pytest.Pytester) -> None:
    columns = 'id="id", text="question", options="options", answer="answer", type="kind"'
    write_project(pytester, columns=columns)
    run(pytester, "--tst-split=both", "--tst-reference-update")
    assert run(pytester, "--tst-split=both", "--tst-gate", RULE).ret == ExitStatus.OK
    assert run(pytester, "--tst-gate", RULE).ret == ExitStatus.OK


def test_a_reference_of_other_data_is_refused_with_the_difference(pytester: pytest.Pytester) -> None:
    write_project(pytester)
    run(pytester, "--tst-reference-update")
    write_rows(pytester.path / "toy.jsonl", harder_questions())
    result = run(pytester, "--tst-gate", RULE)
    assert result.ret == ExitStatus.FAILED
    result.stdout.fnmatch_lines(
        ["*the reference of toy is of another run, since fingerprint of the data was * and is *"]
    )
    result = run(pytester, "--tst-reference-update")
    result.stdout.fnmatch_lines(
        [
            "reference updated: reports/references/toy.json",
            "- fingerprint of the data: * -> *",
            "- forest all questions: score *.* of 100, was *.* of 100",
        ]
    )


def test_a_damaged_reference_is_one_sentence(pytester: pytest.Pytester) -> None:
    write_project(pytester)
    run(pytester, "--tst-reference-update")
    REFERENCE.write_text(REFERENCE.read_text("utf-8")[:500], "utf-8")
    result = run(pytester, "--tst-gate", RULE)
    assert result.ret == ExitStatus.USAGE
    result.stderr.fnmatch_lines(["ERROR: *reports/references/toy.json is not valid JSON*"])


def test_reports_are_compared_outside_pytest(
    pytester: pytest.Pytester, capsys: pytest.CaptureFixture[str]
) -> None:
    write_project(pytester, harder_questions())
    run(pytester, "--tst-repeats=2", "--tst-reference-update")
    harder = pytester.mkdir("harder")
    shutil.copy(REPEATED, harder)
    shutil.copy("reports/toy-repeats2.samples.jsonl", harder)
    write_rows(pytester.path / "toy.jsonl", questions())
    run(pytester, "--tst-repeats=2")
    capsys.readouterr()

    assert main(["compare", "harder/toy-repeats2.json", str(REPEATED)]) == ExitStatus.FAILED
    out = capsys.readouterr().out
    assert "differences between the runs:\n- fingerprint of the data: " in out
    assert "forest, 2 pairs of runs" in out
    assert "The second run scores significantly higher: +" in out
    assert main(["compare", str(REPEATED), "harder/toy-repeats2.json"]) == ExitStatus.OK
    assert main(["compare", str(REFERENCE_OF_REPEATS), "harder/toy-repeats2.json"]) == ExitStatus.OK
    assert "data, folds, models and versions are the same" in capsys.readouterr().out


def test_common_questions_and_repeats_are_compared(
    pytester: pytest.Pytester, capsys: pytest.CaptureFixture[str]
) -> None:
    write_project(pytester)
    run(pytester, "--tst-repeats=2", "--tst-reference-update")
    write_rows(pytester.path / "toy.jsonl", questions()[10:])
    run(pytester)
    capsys.readouterr()
    assert main(["compare", str(REFERENCE_OF_REPEATS), str(REPORT)]) == ExitStatus.OK
    out = capsys.readouterr().out
    assert "forest: 10 of 100 questions are only before" in out
    assert "forest: 1 of 2 repeats are only before" in out
    assert "all questions 90 " in out
    rows = [row | {"id": f"other {row['id']}"} for row in questions()]
    write_rows(pytester.path / "toy.jsonl", rows)
    run(pytester)
    capsys.readouterr()
    assert main(["compare", str(REFERENCE_OF_REPEATS), str(REPORT)]) == ExitStatus.USAGE
    message = "the two runs share no question of forest: compare runs of the same test set"
    assert message in capsys.readouterr().err


def test_a_part_of_a_benchmark_and_all_of_it_cannot_be_told_apart(
    pytester: pytest.Pytester, capsys: pytest.CaptureFixture[str]
) -> None:
    write_project(pytester)
    run(pytester)
    run(pytester, "--tst-limit=30")
    part, whole = "reports/toy-limit30.json", str(REPORT)
    capsys.readouterr()
    assert main(["compare", whole, part]) == ExitStatus.INCOMPLETE
    out = " ".join(capsys.readouterr().out.split())
    assert "Cannot tell: the second run's folds trained on 24 questions and the first's on 80," in out
    assert main(["compare", whole, whole]) == ExitStatus.OK


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["forest.score <= 0.99", "toy.forest.count.gain >= 0.1"], ExitStatus.OK),
        (["forest.score <= 0.5"], ExitStatus.FAILED),
        (["forest.score <= 0.9"], ExitStatus.OK),
        (["--inconclusive=fail", "forest.score <= 0.9"], ExitStatus.FAILED),
        (["forest.score <= reference"], ExitStatus.OK),
        (["--reference", "nowhere.json", "forest.score <= reference"], ExitStatus.USAGE),
        (["forest.scor <= 0.5"], ExitStatus.USAGE),
        (["vsi.forest.score <= 0.5"], ExitStatus.USAGE),
        (["forest.pik.score <= 0.5"], ExitStatus.USAGE),
        (["llm.score <= 0.5"], ExitStatus.USAGE),
    ],
)
def test_gates_are_judged_outside_pytest(
    pytester: pytest.Pytester, capsys: pytest.CaptureFixture[str], arguments: list[str], status: ExitStatus
) -> None:
    write_project(pytester)
    run(pytester, "--tst-reference-update", "--tst-gate", "toy.forest.score <= 0.9")
    [in_session] = read_json(REPORT)["gates"]
    capsys.readouterr()
    assert main(["gate", str(REPORT), *arguments]) == status
    said = capsys.readouterr()
    assert said.err.count("\n") == (status == ExitStatus.USAGE)
    if arguments == ["forest.score <= 0.9"]:
        low, high = in_session["interval"]
        figure = f"{100 * in_session['value']:.1f} [{100 * low:.1f}, {100 * high:.1f}]"
        assert f"{figure} includes the limit of 90.0" in said.out


def test_an_incomplete_report_has_no_verdict_outside_pytest(
    pytester: pytest.Pytester, capsys: pytest.CaptureFixture[str]
) -> None:
    write_project(pytester)
    run(pytester)
    report = read_json(REPORT)
    report["diagnostics"]["forest"] |= {
        "complete": False,
        "overall": None,
        "types": {},
        "missing": ["repeat 0 fold 1"],
    }
    REPORT.write_text(canonical_json(report), "utf-8")
    capsys.readouterr()
    assert main(["gate", str(REPORT), "forest.score <= 0.9"]) == ExitStatus.INCOMPLETE
    assert "forest is incomplete" in capsys.readouterr().out
    assert main(["compare", str(REPORT), str(REPORT)]) == ExitStatus.INCOMPLETE
