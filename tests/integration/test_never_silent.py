"""Whatever takes long is told of, in a pipe too."""

import subprocess
import sys
from pathlib import Path

import pytest
from projects import UNITS, module, questions, write_project, write_rows

SLOWLY = """
import time
from tst_harness import activity
activity.SILENCE = 0.3
def slow(function):
    def slowly(*arguments):
        time.sleep(0.8)
        return function(*arguments)
    return slowly
"""
UNITS_SLOWLY = f"""{SLOWLY}
from tst_harness.engine import session
session.compute_unit = slow(session.compute_unit)
"""


def command(name: str, patched: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command in which something takes 0.8 s and nobody is silent for more than 0.3 s."""
    program = (
        f"{SLOWLY}\n{patched}\nfrom tst_harness.cli import main\nimport sys\nsys.exit(main(sys.argv[1:]))"
    )
    return subprocess.run(
        [sys.executable, "-c", program, name, *arguments], capture_output=True, text=True, timeout=120
    )


@pytest.mark.parametrize("options", [(), ("-q",), ("-s",)])
def test_units_are_named_while_they_run(pytester: pytest.Pytester, options: tuple[str, ...]) -> None:
    write_project(pytester)
    pytester.makeconftest(UNITS_SLOWLY)
    result = pytester.runpytest_subprocess("-p", "no:randomly", "--tst-no-html", *options)
    result.assert_outcomes(passed=UNITS)
    result.stdout.fnmatch_lines(
        [
            "still at work: toy forest repeat 0 fold 0 (0:00 so far)",
            "  toy forest fold 0: *",
            "still at work: toy forest repeat 0 fold 1 (0:00 so far)",
            "  toy forest fold 1: *",
            "still at work: toy duplicates (0:00 so far)",
        ]
    )


def test_so_are_those_of_workers(pytester: pytest.Pytester) -> None:
    write_project(pytester)
    pytester.makeconftest(UNITS_SLOWLY)
    result = pytester.runpytest_subprocess("-p", "no:randomly", "--tst-no-html", "-n", "2")
    result.assert_outcomes(passed=UNITS)
    result.stdout.fnmatch_lines(["still at work: 5 folds to go (0:0? so far)"])


def test_tests_of_others_are_left_alone(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(SLOWLY)
    pytester.makepyfile("import time\ndef test_slow(): time.sleep(1)")
    result = pytester.runpytest_subprocess("-p", "no:randomly")
    result.assert_outcomes(passed=1)
    assert "still at work" not in result.stdout.str() + result.stderr.str()


def test_a_file_that_takes_long_to_read(pytester: pytest.Pytester) -> None:
    write_rows(pytester.path / "toy.jsonl", questions())
    patched = "from tst_harness.engine import proposal\nproposal.read_sheet = slow(proposal.read_sheet)"
    done = command("init", patched, "toy.jsonl", "--id=id", "--type=kind")
    assert done.returncode == 0
    assert "still at work: reading toy.jsonl (0:00 so far)\n" in done.stderr


def test_a_pruning_and_its_controls(pytester: pytest.Pytester) -> None:
    write_rows(pytester.path / "toy.jsonl", questions())
    folder = pytester.mkdir("benchmarks")
    (folder / "test_toy.py").write_text(module(), "utf-8")
    patched = (
        "from tst_harness.pruning import loop, measure\n"
        "loop.benchmark_scores = slow(loop.benchmark_scores)\n"
        "measure.Measurement.controls = slow(measure.Measurement.controls)"
    )
    done = command("prune", patched, "toy", "--budget=20", "--batch=10")
    assert done.returncode == 0, done.stderr
    assert "still at work: toy: pruning" in done.stderr
    assert "20 of 20 questions removed" not in done.stderr.partition("still at work: toy: pruning")[0]
    assert "still at work: toy: controls" in done.stderr


def test_the_page_of_a_report(pytester: pytest.Pytester) -> None:
    write_project(pytester)
    pytester.runpytest_subprocess("-p", "no:randomly", "--tst-no-html")
    patched = "from tst_harness.views.html import report\nreport.report_page = slow(report.report_page)"
    done = command("report", patched, "reports/toy.json")
    assert done.returncode == 0
    assert "still at work: tst-harness report (0:00 so far)\n" in done.stderr
    assert Path("reports/toy.html").exists()
