"""A project of a user's own: several benchmarks, tests of its own beside them, quiet and verbose output."""

from pathlib import Path
from xml.etree import ElementTree

import pytest
from projects import (
    FOLDS,
    UNITS,
    assert_no_crash,
    module,
    progress,
    questions,
    run,
    write_project,
    write_rows,
)

OWN_TEST = """
    def test_rooms_are_many(self):
        with open("toy.jsonl") as lines:
            assert len({line.split("room")[-1] for line in lines}) == 20
"""
OTHERS = """
def test_other(): pass
def test_other_that_fails(): assert False
"""


@pytest.fixture(autouse=True)
def project(pytester: pytest.Pytester) -> None:
    """Two benchmarks in one module, one of them with a test of its own."""
    write_project(pytester)
    write_rows(pytester.path / "house.jsonl", questions()[:60])
    house = module("house", 'LocalFile("house.jsonl")', types='Choice("pick"),')
    pytester.makepyfile(test_toy=f"{house}\n{module()}{OWN_TEST}")


def test_two_benchmarks_and_a_test_of_its_own(pytester: pytest.Pytester) -> None:
    result = run(pytester)
    result.assert_outcomes(passed=2 * UNITS + 1)
    result.stdout.fnmatch_lines(
        [
            "tst: house from house.jsonl (file)",
            "tst: toy from toy.jsonl (file)",
            "house: House-Bench | forest | file house.jsonl",
            "A text-only model scores * on 60 questions (the most frequent*",
            "report: reports/house.json",
            "toy: Toy-Bench | forest | file toy.jsonl",
            "report: reports/toy.json",
        ]
    )
    assert {path.name for path in Path("reports").glob("*.json*")} == {
        *("house.json", "house.questions.jsonl", "house.samples.jsonl"),
        *("toy.json", "toy.questions.jsonl", "toy.samples.jsonl"),
    }


def test_one_of_them_is_chosen_by_name(pytester: pytest.Pytester) -> None:
    result = run(pytester, "-k", "house")
    assert result.ret == pytest.ExitCode.OK
    assert {path.name for path in Path("reports").glob("*.json")} == {"house.json"}


@pytest.mark.parametrize("verbosity", ["-q", "-qq"])
def test_quiet_output_has_the_same_progress_lines_and_table(
    pytester: pytest.Pytester, verbosity: str
) -> None:
    result = run(pytester, verbosity, "-k", "TestToy")
    assert result.ret == pytest.ExitCode.OK
    assert len(progress(result)) == UNITS
    assert_no_crash(result)
    result.stdout.fnmatch_lines(["weighted mean *", "report: reports/toy.json"])


@pytest.mark.parametrize("verbosity", ["-v", "-vv"])
def test_verbose_output_names_each_test_above_its_progress_line(
    pytester: pytest.Pytester, verbosity: str
) -> None:
    result = run(pytester, verbosity, "-k", "TestToy")
    assert result.ret == pytest.ExitCode.OK
    assert_no_crash(result)
    for fold in range(FOLDS):
        [at] = [at for at, line in enumerate(result.outlines) if f"test_fold[forest-fold{fold}]" in line]
        assert "PASSED" in result.outlines[at]
        assert result.outlines[at + 1].startswith(f"  toy forest fold {fold}: ")
    result.stdout.fnmatch_lines(["*::test_rooms_are_many*PASSED *?100%?"])


def test_dots_of_other_tests_stand_on_lines_of_their_own(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_before=OTHERS, test_zealous=OTHERS)
    result = run(pytester, "-k", "TestToy or test_other")
    result.stdout.fnmatch_lines(
        ["test_before.py .F *", "test_toy.py*", "  toy forest fold 0: *", "test_zealous.py .F *?100%?"]
    )
    quiet = run(pytester, "-q", "-k", "TestToy or test_other")
    assert quiet.outlines[1] == ".F"
    assert ["..F", "[100%]"] in [line.split() for line in quiet.outlines]
    assert len(progress(result)) == len(progress(quiet)) == UNITS


def test_a_report_is_written_without_a_terminal(pytester: pytest.Pytester) -> None:
    result = run(pytester, "-p", "no:terminal", "-k", "house")
    assert result.ret == pytest.ExitCode.OK
    assert Path("reports/house.json").exists()


def test_junit_xml_is_written_and_parses(pytester: pytest.Pytester) -> None:
    run(pytester, "--junitxml=junit.xml")
    [suite] = ElementTree.parse("junit.xml").getroot()
    assert suite.attrib["tests"] == str(2 * UNITS + 1)
    assert suite.attrib["failures"] == "0"
    assert "test_fold[forest-fold3]" in {case.attrib["name"] for case in suite.iter("testcase")}


def test_a_relative_file_starts_at_the_module(pytester: pytest.Pytester) -> None:
    folder = pytester.mkdir("inner")
    for name in ("toy.jsonl", "test_toy.py"):
        (pytester.path / name).rename(folder / name)
    result = run(pytester, "inner", "-k", "TestToy and not rooms")
    result.assert_outcomes(passed=UNITS, deselected=UNITS + 1)
    result.stdout.fnmatch_lines(["tst: toy from toy.jsonl (file)", "report: reports/toy.json"])


def test_units_run_in_their_order_and_the_verdicts_come_last(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_others="def test_one(): pass\ndef test_two(): pass\n")
    result = pytester.runpytest_subprocess("--tst-no-html", "-p", "randomly", "--randomly-seed=3")
    result.assert_outcomes(passed=2 * UNITS + 3)
    for name in ("house", "toy"):
        folds = [line for line in result.outlines if line.startswith(f"  {name} forest fold")]
        assert [line.split(":")[0][-1] for line in folds] == [str(fold) for fold in range(FOLDS)]
    [ended] = [place for place, line in enumerate(result.outlines) if " passed in " in line]
    house, toy = (
        next(place for place, line in enumerate(result.outlines) if line.startswith(f"{name}: found: "))
        for name in ("house", "toy")
    )
    assert ended < house < toy
