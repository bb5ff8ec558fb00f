"""`tst-harness prune`, and the test item of a module that declares a pruning."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from projects import UNITS, module, questions, run, settled, write_project, write_rows

from tst_harness.cli import main
from tst_harness.engine.results import ExitStatus
from tst_harness.pruning.files import KEPT, REMOVED, REPORT, PruningFolder, read_pruning
from tst_harness.pruning.schema import Iteration

ALONE = ("-p", "no:hypothesispytest")
PRUNED = 'pruning = PruningSettings(budget=30, batch=10)\n    benchmark = Benchmark(\n        name="toy"'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory: `toy.jsonl`, and `benchmarks/`, which declares it."""
    monkeypatch.chdir(tmp_path)
    write_rows(Path("toy.jsonl"), questions())
    Path("benchmarks").mkdir()
    source = f'LocalFile("{(tmp_path / "toy.jsonl").as_posix()}")'
    Path("benchmarks/test_toy.py").write_text(module(source=source), encoding="utf-8")
    return tmp_path


def prune(*arguments: str) -> int:
    """Run the command in this process, which forgets the modules that were collected."""
    before, path = set(sys.modules), list(sys.path)
    status = main(["prune", *arguments, *ALONE])
    sys.path[:] = path
    for name in set(sys.modules) - before:
        if name.startswith("test_"):
            del sys.modules[name]
    return status


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert prune(*arguments) == ExitStatus.USAGE
    [sentence] = capsys.readouterr().err.splitlines()
    return sentence.removeprefix("tst-harness prune: ")


def test_a_declared_benchmark_is_pruned(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert prune("toy", "--budget", "30", "--batch", "10", "--output", "out") == ExitStatus.OK
    said = capsys.readouterr()
    lines = said.out.splitlines()
    assert lines[1] == "toy: Toy-Bench | pruned | forest"
    assert lines[-1] == "report, removed and kept ids: out"
    assert said.err == ""
    report = read_pruning(Path("out") / REPORT)
    assert len(report.removed) == 30
    assert Path("out", REMOVED).read_text("utf-8").split() == report.removed
    assert Path("out", KEPT).read_text("utf-8").split() == report.kept
    assert [one.n for one in report.iterations] == [100, 80, 70]


def test_warnings_that_are_errors_in_a_project_are_those_of_its_tests(folder: Path) -> None:
    Path("pytest.ini").write_text("[pytest]\nfilterwarnings = error\n", encoding="utf-8")
    command = "import sys; from tst_harness.cli import main; sys.exit(main())"
    arguments = ["prune", "toy", "--budget", "30", "--batch", "30", "--no-controls", "--output", "out"]
    done = subprocess.run([sys.executable, "-c", command, *arguments], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (ExitStatus.OK, "")


def test_options_of_pytest_are_passed_on(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        prune("toy", "--fraction", "0.2", "--tst-folds", "2", "--tst-split=grouped", "--tst-seed=7")
        == ExitStatus.OK
    )
    report = read_pruning(folder / "reports" / "toy.pruned" / REPORT)
    asked = report.diagnosis
    assert (asked.folds, asked.split, asked.seed, len(report.removed)) == (2, "grouped", 7, 20)


def test_a_file_is_pruned_without_a_module(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settled_by = ("--type", "kind", "--group", "room")
    assert prune("toy.jsonl", *settled_by, "--budgets", "mc=10,num=5", "--tst-folds=3") == ExitStatus.OK
    assert capsys.readouterr().out.startswith("toy.jsonl: 100 rows, 6 columns\n")
    report = read_pruning(folder / "reports" / "toy.pruned" / REPORT)
    assert {name: scores.n for name, scores in report.after.types.items()} == {"pick": 50, "count": 35}


def test_the_same_command_reads_back_and_others_overwrite_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("toy", "--budget", "20", "--output", "out")
    assert prune(*asked) == ExitStatus.OK
    first = capsys.readouterr().out
    written = Path("out", REPORT).read_bytes()
    assert prune(*asked) == ExitStatus.OK
    assert capsys.readouterr().out == first
    assert refusal(capsys, *asked, "--tau", "0.1") == (
        "out holds a pruning with tau None where 0.1 is asked for; name another folder, or start over with "
        "--fresh (of pytest: --tst-fresh)"
    )
    assert Path("out", REPORT).read_bytes() == written
    assert prune(*asked, "--tau", "0.1", "--fresh") == ExitStatus.OK
    assert read_pruning(Path("out", REPORT)).settings.tau == 0.1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ("tov", "--budget", "1"),
            "no benchmark in 'benchmarks' is named 'tov'; declared there: toy; did you mean 'toy'?",
        ),
        (
            ("toy",),
            "nothing says when to stop; give --budget, --fraction, --budgets, --until-chance or --tau",
        ),
        (("toy", "--fraction", "2"), "PruningSettings: fraction: Input should be less than 1"),
        (
            ("toy", "--budget", "81"),
            "81 of 100 questions are to be removed, and the floors (--min-per-type 10, --min-per-answer 0) "
            "allow 80; remove fewer, or lower the floors",
        ),
        (
            ("toy", "--budgets", "colour=3"),
            "budgets: 'colour' is none of 'count', 'pick'; name formats (mc, num, open, multi) or question "
            "types",
        ),
        (
            ("toy", "--budget", "9", "--tst-folds=1"),
            "--tst-folds: Input should be greater than or equal to 2, not '1'",
        ),
        (("toy", "--budget", "9", "--tst-fold", "3"), "unrecognized arguments: --tst-fold 3"),
        (
            ("toy", "--budget", "9", "--tst-diagnostic=forest,llm"),
            "a pruning uses a single diagnostic; choose it with --diagnostic",
        ),
        (
            ("toy", "--budget", "9", "--tst-split=both"),
            "a pruning uses a single split, random or grouped; leave out both",
        ),
        (
            ("toy", "--budget", "9", "--tst-ray=auto"),
            "a pruning cannot be sent to a Ray cluster; leave out --tst-ray",
        ),
        (("nowhere.csv", "--budget", "9"), "there is no file 'nowhere.csv'"),
    ],
)
def test_what_makes_no_sense_is_said_in_a_sentence(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], sentence: str
) -> None:
    assert refusal(capsys, *arguments) == sentence
    assert not Path("reports").exists()


def test_a_terminal_shows_how_far_it_is(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert prune("toy", "--budget", "30", "--batch", "10", "--no-controls") == ExitStatus.OK
    *lines, last = capsys.readouterr().err.removeprefix("\r").removesuffix("\r").split("\r")
    assert last.strip() == "", "the line is gone at the end"
    shown = [re.findall(r"(\d+)/(\d+) ", line) for line in lines]
    assert [counts for counts in shown if counts] == [[("20", "30")], [("30", "30")]]
    assert all(line.startswith("toy: pruning") for line in lines)


def test_budgets_that_cannot_be_read_are_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        prune("toy", "--budgets", "mc=1,mc=2")
    assert "'mc=2' is no NAME=N with a name of its own" in capsys.readouterr().err


def test_an_interrupt_leaves_what_the_same_command_continues(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = PruningFolder.keep

    def interrupted(folder: PruningFolder, iterations: list[Iteration]) -> None:
        keep(folder, iterations)
        raise KeyboardInterrupt

    asked = ("toy", "--budget", "30", "--batch", "10", "--output", "out")
    monkeypatch.setattr(PruningFolder, "keep", interrupted)
    assert prune(*asked) == ExitStatus.INCOMPLETE
    assert "the same command continues" in capsys.readouterr().err
    monkeypatch.setattr(PruningFolder, "keep", keep)
    assert prune(*asked) == ExitStatus.OK
    assert len(read_pruning(Path("out", REPORT)).iterations) == 3


def declared(pytester: pytest.Pytester) -> None:
    write_project(pytester)
    path = pytester.path / "test_toy.py"
    text = path.read_text("utf-8").replace('benchmark = Benchmark(\n        name="toy"', PRUNED)
    path.write_text(text.replace("Number, StressTest", "Number, PruningSettings, StressTest"), "utf-8")


def test_a_module_that_declares_a_pruning_has_a_test_of_it(pytester: pytest.Pytester) -> None:
    declared(pytester)
    result = run(pytester, "-k", "test_pruned")
    result.assert_outcomes(passed=1, deselected=UNITS)
    report = read_pruning(pytester.path / "reports" / "toy.pruned" / REPORT)
    assert len(report.removed) == 30
    result.stdout.fnmatch_lines(["toy pruned into reports/toy.pruned: 30 of 100 questions removed: score *"])


def test_the_report_is_that_of_a_module_without_one(pytester: pytest.Pytester) -> None:
    write_project(pytester)
    run(pytester, "-k", "not test_pruned").assert_outcomes(passed=UNITS)
    before = settled(pytester.path / "reports" / "toy.json")
    declared(pytester)
    run(pytester).assert_outcomes(passed=UNITS + 1)
    assert settled(pytester.path / "reports" / "toy.json") == before


def test_a_pruning_that_is_refused_fails_its_test_with_a_sentence(pytester: pytest.Pytester) -> None:
    declared(pytester)
    path = pytester.path / "test_toy.py"
    path.write_text(path.read_text("utf-8").replace("budget=30", "budget=99"), "utf-8")
    result = run(pytester, "-k", "test_pruned")
    result.assert_outcomes(failed=1, deselected=UNITS)
    result.stdout.fnmatch_lines(["99 of 100 questions are to be removed, and the floors *"])
