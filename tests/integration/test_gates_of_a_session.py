"""Gates that pass, fail and cannot be decided, where they are declared, and what they do to a session."""

import json
from pathlib import Path
from typing import Any

import pytest
from projects import REPORT, UNITS, assert_no_crash, module, read_json, run, write_project

from tst_harness.cli import main
from tst_harness.engine.results import ExitStatus

# The toy scores about 91%, on 100 questions in 20 rooms.
PASSES, FAILS, UNDECIDED = "forest.score <= 0.99", "forest.score <= 0.5", "forest.score <= 0.9"


def declared(*gates: str) -> str:
    return f"gates={list(gates)!r},"


def verdicts(report: Path = REPORT) -> list[str]:
    return [gate["verdict"] for gate in read_json(report)["gates"]]


def test_a_project_with_a_gate_of_each_kind(pytester: pytest.Pytester) -> None:
    write_project(pytester, more=declared(PASSES, UNDECIDED, FAILS))
    result = run(pytester, "--junitxml=junit.xml", "--tst-markdown=page.md")
    result.assert_outcomes(passed=UNITS)
    assert result.ret == ExitStatus.FAILED
    result.stdout.fnmatch_lines(
        [
            "gates (percent; one-sided 95% bounds, Holm-corrected for 3):",
            "pass          toy.forest.score <= 0.99",
            "              9?.? [[]*, *] lies below the limit of 99.0; *",
            "inconclusive  toy.forest.score <= 0.9",
            "fail          toy.forest.score <= 0.5",
        ]
    )
    assert result.outlines[-1] == (
        "gates: 1 fail (toy.forest.score <= 0.5), 1 inconclusive (toy.forest.score <= 0.9), 1 pass"
    )
    assert verdicts() == ["pass", "inconclusive", "fail"]
    [gate] = [gate for gate in read_json(REPORT)["gates"] if gate["verdict"] == "pass"]
    assert gate["interval"][0] < gate["value"] < gate["interval"][1] < 0.99
    assert gate["p_pass"] < 0.05 < gate["p_fail"]
    junit = Path("junit.xml").read_text("utf-8")
    assert '<property name="tst gate toy.forest.score &lt;= 0.5" value="fail"' in junit
    assert '<property name="tst toy.forest.score" value="0.9' in junit
    page = Path("page.md").read_text("utf-8")
    assert "| ❌ fail | toy.forest.score \\<= 0.5 |" in page
    assert "| pick | mc | 60 |" in page


@pytest.mark.parametrize(
    ("gates", "options", "status"),
    [
        ([PASSES], [], ExitStatus.OK),
        ([UNDECIDED], [], ExitStatus.OK),
        ([UNDECIDED], ["--tst-inconclusive=warn"], ExitStatus.OK),
        ([UNDECIDED], ["--tst-inconclusive=pass"], ExitStatus.OK),
        ([UNDECIDED], ["--tst-inconclusive=fail"], ExitStatus.FAILED),
        ([PASSES], ["--tst-inconclusive=fail"], ExitStatus.OK),
        ([PASSES, FAILS], ["--tst-inconclusive=pass"], ExitStatus.FAILED),
    ],
)
def test_the_exit_status(
    pytester: pytest.Pytester, gates: list[str], options: list[str], status: ExitStatus
) -> None:
    write_project(pytester, more=declared(*gates))
    assert run(pytester, *options).ret == status


def test_gates_of_the_ini_file_and_the_command_line(pytester: pytest.Pytester) -> None:
    write_project(pytester, more=declared(PASSES))
    pytester.makeini("[pytest]\ntst_inconclusive = fail\ntst_gates =\n    toy.forest.count.gain >= 0.1\n")
    result = run(pytester, "--tst-gate", "toy.forest.share(s > 0.9) <= 0.999", "--tst-gate", f"toy.{PASSES}")
    assert result.ret == ExitStatus.OK
    gates = read_json(REPORT)["gates"]
    assert [gate["declared"] for gate in gates] == ["benchmark", "ini", "option"]
    assert {gate["verdict"] for gate in gates} == {"pass"}
    # One gate is declared twice and counts once.
    result.stdout.fnmatch_lines(["gates (percent; one-sided 95% bounds, Holm-corrected for 3):"])


WRONG = [
    (
        ["--tst-gate", "toy.forest.scor <= 0.5"],
        "--tst-gate: *there is no metric 'scor'; did you mean 'score'*",
    ),
    (["--tst-gate", "forest.score <= 0.5"], "--tst-gate: *names no benchmark*"),
    (
        ["--tst-gate", "toys.forest.score <= 0.5"],
        "--tst-gate: *there is no benchmark 'toys'; did you mean 'toy'*",
    ),
    (["--tst-gate", "toy.forest.pik.gain <= 0.5"], "--tst-gate: *there is no question type 'pik'*"),
    (
        ["--tst-gate", "toy.forest.score <= reference"],
        "*there is none at reports/references/toy.json: make one with `pytest *--tst-reference-update`*",
    ),
]


@pytest.mark.parametrize(("options", "problem"), WRONG)
def test_a_wrong_gate_fails_before_any_fold(
    pytester: pytest.Pytester, options: list[str], problem: str
) -> None:
    write_project(pytester)
    for more in ([], ["-p", "no:xdist"]):
        result = run(pytester, *options, *more)
        assert result.ret == ExitStatus.USAGE
        result.stderr.fnmatch_lines([f"ERROR: {problem}"])
        assert_no_crash(result)
        assert not Path("reports").exists()


@pytest.mark.parametrize(("options", "problem"), [WRONG[2], WRONG[4]])
def test_a_wrong_gate_fails_before_any_fold_under_xdist(
    pytester: pytest.Pytester, options: list[str], problem: str
) -> None:
    write_project(pytester)
    result = pytester.runpytest_subprocess("-n2", *options)
    assert result.ret == ExitStatus.USAGE
    shown = f"{result.stdout}\n{result.stderr}".replace("ERROR: ", "")
    pytest.LineMatcher(shown.splitlines()).fnmatch_lines([problem])
    assert shown.count("ERROR collecting") <= 1
    assert_no_crash(result)
    assert not Path("reports").exists()


@pytest.mark.parametrize("workers", [[], ["-n2"]])
@pytest.mark.parametrize(
    ("gate", "problem"),
    [
        ("forest.pik.score <= 0.5", "toy: *there is no question type 'pik'; did you mean*"),
        ("vsi.forest.score <= 0.5", "toy: *the gate stands in the benchmark 'toy' and names another one"),
        ("forest.score <=", "toy: *a gate is written as in `vsi.forest.score <= 0.45`*"),
        ("forest.score <= baseline", "toy: *what a gate compares with is called the reference*"),
    ],
)
def test_a_wrong_gate_in_a_module_fails_before_any_fold(
    pytester: pytest.Pytester, workers: list[str], gate: str, problem: str
) -> None:
    write_project(pytester, more=declared(gate))
    result = pytester.runpytest_subprocess(*workers) if workers else run(pytester)
    assert result.ret == ExitStatus.USAGE
    output = f"{result.stdout}\n{result.stderr}".replace("ERROR: ", "")
    pytest.LineMatcher(output.splitlines()).fnmatch_lines([problem])
    assert_no_crash(result)
    assert not Path("reports").exists()


def test_a_wrong_gate_beside_a_broken_module_is_told_of(pytester: pytest.Pytester) -> None:
    write_project(pytester, more=declared("forest.scor <= 0.5"))
    pytester.makepyfile(test_broken="1 / 0")
    result = run(pytester, "--continue-on-collection-errors")
    assert result.ret == ExitStatus.USAGE
    result.stderr.fnmatch_lines(["ERROR: toy: *there is no metric 'scor'*"])


def test_former_names_are_told_of(pytester: pytest.Pytester) -> None:
    write_project(pytester)
    result = run(pytester, "--tst-baseline-update")
    assert result.ret == ExitStatus.USAGE
    result.stderr.fnmatch_lines(["ERROR: --tst-baseline-update is called --tst-reference-update now*"])
    former = Path("reports/baselines/toy.json")
    former.parent.mkdir(parents=True)
    former.write_text('{\n "baseline_version": 1\n}\n', "utf-8")
    result = run(pytester, "--tst-gate", "toy.forest.score <= reference")
    assert result.ret == ExitStatus.USAGE
    result.stderr.fnmatch_lines(
        ["ERROR: *none at reports/references/toy.json (reports/baselines/toy.json is of an earlier*"]
    )
    former.rename("reports/references.json")
    assert main(["compare", "reports/references.json", "reports/references.json"]) == ExitStatus.USAGE


def test_a_wrong_gate_in_the_ini_file(pytester: pytest.Pytester) -> None:
    write_project(pytester)
    pytester.makeini("[pytest]\ntst_gates = other.forest.score <= 0.5")
    result = run(pytester)
    assert result.ret == ExitStatus.USAGE
    result.stderr.fnmatch_lines(["ERROR: tst_gates: *there is no benchmark 'other' (there is toy)"])
    result = run(pytester, "test_toy.py")
    assert result.ret == ExitStatus.OK
    result.stdout.fnmatch_lines(
        ["not judged    other.forest.score <= 0.5", "              other is not collected"]
    )


@pytest.mark.parametrize("workers", [[], ["-n2"]])
def test_gates_of_a_project_leave_its_other_tests_alone(
    pytester: pytest.Pytester, workers: list[str]
) -> None:
    write_project(pytester)
    pytester.makeini("[pytest]\ntst_gates = toy.forest.score <= 0.5")
    pytester.mkdir("other").joinpath("test_other.py").write_text("def test_other(): pass", "utf-8")
    result = pytester.runpytest_subprocess("other", *workers)
    assert result.ret == ExitStatus.OK
    result.stdout.no_fnmatch_line("gates*")


def test_a_gate_on_models_that_nobody_declares_fails_before_any_fold(pytester: pytest.Pytester) -> None:
    write_project(pytester, more=declared("features.score <= 0.5"))
    result = run(pytester)
    assert result.ret == ExitStatus.USAGE
    result.stderr.fnmatch_lines(["ERROR: toy: *character 5: no class declares `models` for toy"])
    assert not Path("reports").exists()


def test_gates_under_xdist_are_those_of_a_run_in_one_process(pytester: pytest.Pytester) -> None:
    write_project(pytester, more=declared(PASSES, FAILS))
    assert run(pytester, "--tst-gate", "toy.forest.s95 >= 0.1").ret == ExitStatus.FAILED
    before = read_json(REPORT)["gates"]
    result = pytester.runpytest_subprocess("-n2", "--tst-gate", "toy.forest.s95 >= 0.1")
    assert result.ret == ExitStatus.FAILED
    assert read_json(REPORT)["gates"] == before


def test_gates_of_two_benchmarks_are_corrected_together(pytester: pytest.Pytester) -> None:
    write_project(pytester, more=declared(PASSES))
    pytester.makepyfile(test_more=module(name="more", more=declared(FAILS, UNDECIDED)))
    result = run(pytester)
    assert result.ret == ExitStatus.FAILED
    result.stdout.fnmatch_lines(["gates (percent; one-sided 95% bounds, Holm-corrected for 3):"])
    assert (verdicts(), verdicts(Path("reports/more.json"))) == (["pass"], ["fail", "inconclusive"])


def test_what_is_not_run_is_not_judged_and_not_forgotten(pytester: pytest.Pytester) -> None:
    write_project(pytester, more=declared(PASSES, "llm.score <= 0.5"))
    pytester.makepyfile(test_more=module(name="more", more=declared(FAILS)))
    result = run(pytester, "-k", "TestToy")
    assert result.ret == ExitStatus.OK
    result.stdout.fnmatch_lines(
        [
            "not judged    more.forest.score <= 0.5",
            "              no test of more is selected",
            "pass          toy.forest.score <= 0.99",
            "not judged    toy.llm.score <= 0.5",
            "              this session does not run llm; --tst-diagnostic does",
        ]
    )


def test_a_gate_of_the_command_line_that_is_not_judged_is_no_success(pytester: pytest.Pytester) -> None:
    write_project(pytester)
    gate = "--tst-gate=toy.llm.score <= 0.5"
    assert run(pytester, gate).ret == ExitStatus.INCOMPLETE
    assert run(pytester, gate, "--tst-unjudged=warn").ret == ExitStatus.OK


def test_without_all_folds_there_is_no_verdict(pytester: pytest.Pytester) -> None:
    write_project(pytester, more=declared(FAILS))
    result = run(pytester, "-k", "fold3")
    assert result.ret == ExitStatus.INCOMPLETE
    result.stdout.fnmatch_lines(["not judged    toy.forest.score <= 0.5", "              there is no report"])


def test_a_failed_test_stays_a_failure(pytester: pytest.Pytester) -> None:
    write_project(pytester, more=declared(PASSES))
    pytester.makepyfile(test_other="def test_other(): assert False")
    assert run(pytester, "-k", "fold3 or other").ret == ExitStatus.FAILED
    assert run(pytester, "-k", "nothing").ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_nothing_is_judged_where_tests_are_collected_alone(pytester: pytest.Pytester) -> None:
    write_project(pytester, more=declared("forest.score <= reference"))
    result = run(pytester, "--collect-only", "-q")
    assert result.ret == ExitStatus.OK
    assert "gates" not in str(result.stdout)


def test_a_page_of_a_ci_run_is_appended_to(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_project(pytester, more=declared(FAILS))
    page = pytester.path / "page.md"
    page.write_text("before\n", "utf-8")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))
    run(pytester)
    text = page.read_text("utf-8")
    assert text.startswith("before\n<!-- tst-harness -->\n## Benchmark bias\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(pytester.path / "no" / "page.md"))
    result = run(pytester, "--tst-inconclusive=pass")
    result.stdout.fnmatch_lines(["no summary was written to GITHUB_STEP_SUMMARY: *"])


def test_one_page_that_cannot_be_written_does_not_stop_the_other(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_project(pytester)
    page = pytester.path / "page.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))
    result = run(pytester, f"--tst-markdown={pytester.mkdir('folder')}")
    result.stdout.fnmatch_lines(["no summary was written: *folder cannot be written*"])
    assert page.read_text("utf-8").startswith("<!-- tst-harness -->\n## Benchmark bias\n")


def test_a_report_with_gates_is_valid(pytester: pytest.Pytester) -> None:
    jsonschema: Any = pytest.importorskip("jsonschema")
    from tst_harness.report import schema

    write_project(pytester, more=declared(PASSES, "llm.score <= 0.5"))
    run(pytester)
    published = Path(schema.__file__).with_name("report.schema.json").read_text("utf-8")
    jsonschema.validate(read_json(REPORT), json.loads(published))
