"""With permuted answers a benchmark that is easy to exploit shows no gain, and the report says why."""

from pathlib import Path

import pytest
from projects import REPORT, UNITS, progress, run, write_project

from tst_harness.report.files import read_report
from tst_harness.report.schema import OverallScores


def overall(report: Path) -> OverallScores:
    found = read_report(report).diagnostics["forest"].overall
    assert found is not None
    return found


def test_the_gain_vanishes_and_the_report_says_so(pytester: pytest.Pytester) -> None:
    write_project(pytester)
    run(pytester)
    assert read_report(REPORT).null_control is False
    # What can be learnt of picks is that red is nearly always right, which is their blind baseline.
    assert read_report(REPORT).diagnostics["forest"].types["count"].gain_interval[0] > 0.3

    result = run(pytester, "--tst-null")
    result.assert_outcomes(passed=UNITS)
    assert "cached" not in progress(result).values()
    result.stdout.fnmatch_lines(
        [
            "tst: *NULL CONTROL: answers permuted",
            "toy: Toy-Bench *| NULL CONTROL: answers permuted",
            "*not significantly less than guessing: -* points*",
            "NULL CONTROL, answers permuted: *",
        ]
    )
    report = read_report(Path("reports/toy-null.json"))
    assert report.null_control is True
    low, high = overall(Path("reports/toy-null.json")).gain_interval
    assert low <= 0.0 <= high
    assert report.diagnostics["forest"].shortcuts == []
