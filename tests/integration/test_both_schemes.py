"""Random folds and folds that keep groups whole, side by side: `--tst-split both`."""

from pathlib import Path

import pytest
from projects import (
    CHECKS,
    FOLDS,
    REPORT,
    UNITS,
    module,
    progress,
    questions,
    run,
    write_project,
    write_rows,
)

from tst_harness.report.files import read_report
from tst_harness.report.sample_files import read_samples

ITEMS = ["forest-fold0", "forest-fold1", "forest-grouped-fold0", "forest-grouped-fold1"]
BOTH = Path("reports/toy-both.json")
FEW = ("--tst-folds=2", "--collect-only", "-q")


def collected(result: pytest.RunResult) -> list[str]:
    """The folds that were collected."""
    assert result.ret == pytest.ExitCode.OK
    return [line.partition("test_fold[")[2].rstrip("]") for line in result.outlines if "test_fold[" in line]


@pytest.fixture
def folder(pytester: pytest.Pytester) -> Path:
    """A project with its benchmark in a folder, and a test beside it."""
    folder = pytester.mkdir("audits")
    write_rows(folder / "toy.jsonl", questions())
    (folder / "test_toy.py").write_text(module())
    # Known only if pytest knew of the folder before it read the command line in full.
    (folder / "conftest.py").write_text(
        "def pytest_addoption(parser):\n    parser.addoption('--own', action='store_true')\n"
    )
    pytester.makepyfile(test_beside="def test_beside():\n    pass\n")
    return folder


@pytest.mark.parametrize(
    ("arguments", "items"),
    [
        (("--tst-split", "both", "audits"), ITEMS),
        (("audits", "--own", "--tst-split=both"), ITEMS),
        (("--tst-split", "grouped", "audits", "--own"), ITEMS[:2]),
        (("--tst-split=random", "audits"), ITEMS[:2]),
        (("audits",), ITEMS[:2]),
    ],
    ids=str,
)
@pytest.mark.usefixtures("folder")
def test_the_folds_are_those_of_the_split(
    pytester: pytest.Pytester, arguments: tuple[str, ...], items: list[str]
) -> None:
    result = run(pytester, *FEW, *arguments)
    assert collected(result) == items
    assert "test_beside" not in result.stdout.str()


def test_another_split_is_refused(pytester: pytest.Pytester) -> None:
    result = run(pytester, "--tst-split", "mixed")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--tst-split: invalid choice: 'mixed'*"])


@pytest.mark.usefixtures("folder")
def test_it_may_stand_in_the_configuration(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\naddopts = --tst-split both\ntestpaths = audits")
    result = run(pytester, *FEW, "--own")
    assert collected(result) == ITEMS
    assert "test_beside" not in result.stdout.str()


def test_the_difference_is_in_the_report(pytester: pytest.Pytester) -> None:
    write_project(pytester)
    run(pytester)
    random = read_report(REPORT).diagnostics["forest"]
    run(pytester, "--tst-split=grouped")
    grouped = read_report(Path("reports/toy-grouped.json")).diagnostics["forest"]
    result = run(pytester, "--tst-split", "both")
    result.assert_outcomes(passed=FOLDS + UNITS)
    # A fold is the same whichever others run beside it, and so are the checks of random folds.
    assert set(progress(result).values()) == {"cached"}
    report = read_report(BOTH)
    assert report.settings.split == "both"
    assert set(report.diagnostics) == {"forest", "forest_grouped"}
    assert report.diagnostics["forest"].overall == random.overall
    assert report.diagnostics["forest_grouped"].overall == grouped.overall
    [context] = report.context
    assert context.diagnostic == "forest"
    assert random.overall is not None
    assert grouped.overall is not None
    assert context.overall.score == random.overall.score
    assert context.overall.against == grouped.overall.score
    assert context.overall.difference == pytest.approx(random.overall.score - grouped.overall.score)
    low, high = context.overall.difference_interval
    assert low <= context.overall.difference <= high
    assert set(context.types) == {"pick", "count"}
    samples = read_samples(Path("reports/toy-both.samples.jsonl"))
    assert set(samples["diagnostic"]) == {"forest", "forest_grouped"}
    result.stdout.fnmatch_lines(
        [
            "tst: * 5 random and grouped folds; *",
            "  toy forest fold 0: *",
            "  toy forest_grouped fold 0: *",
            "toy: Toy-Bench | forest | *",
            "toy: Toy-Bench | forest_grouped | *",
            "shared context, forest: random folds *, grouped *: *",
        ]
    )


def test_two_workers_report_the_same(pytester: pytest.Pytester) -> None:
    write_project(pytester)
    run(pytester, "--tst-split=both", "--tst-folds=2")
    first = read_report(BOTH)
    result = pytester.runpytest_subprocess("-n2", "--tst-split", "both", "--tst-folds=2", "--tst-fresh")
    result.assert_outcomes(passed=4 + len(CHECKS))
    second = read_report(BOTH)
    assert (second.context, second.checks) == (first.context, first.checks)


def test_without_groups_there_are_random_folds_and_a_note(pytester: pytest.Pytester) -> None:
    columns = 'id="id", text="question", options="options", answer="answer", type="kind"'
    write_project(pytester, columns=columns)
    result = run(pytester, "--tst-split", "both", "--tst-folds=2")
    result.assert_outcomes(passed=2 + len(CHECKS))
    assert read_report(REPORT).settings.split == "random"
    assert read_report(REPORT).context == []
    result.stdout.fnmatch_lines(["note: random folds alone, since the benchmark declares no group: *"])
