"""What may not be passed on is in no file below `reports/`, and the terminal says so."""

import json
from pathlib import Path

import pytest
from projects import REPORT, UNITS, Row, module, progress, questions, read_json, run, write_project

SECRET = "vermilion"
LEFT_OUT = "question texts are left out of the report; --tst-texts keep includes them"


def rows() -> list[Row]:
    """Questions with a word that shortcuts and a skipped row quote."""
    found: list[Row] = json.loads(json.dumps(questions()).replace("red", SECRET))
    found[70]["answer"] = SECRET
    return found


def files_that_tell() -> list[Path]:
    return [
        path for path in Path("reports").rglob("*") if path.is_file() and SECRET in path.read_text("utf-8")
    ]


def test_a_benchmark_that_may_not_be_passed_on_leaves_no_text(pytester: pytest.Pytester) -> None:
    write_project(pytester, rows(), more="redistributable=False,")
    result = run(pytester, "--tst-faults=report")
    result.assert_outcomes(passed=UNITS)
    assert files_that_tell() == []
    result.stdout.fnmatch_lines(["- pick: the option `...` is right *", "- row 71 *", LEFT_OUT])
    assert SECRET not in result.stdout.str()
    report = read_json(REPORT)
    assert report["texts"] == "omitted"
    [strongest, *_] = report["diagnostics"]["forest"]["shortcuts"]
    assert strongest["support"] >= 10
    assert strongest["score"] > strongest["blind_baseline"]


def test_the_option_overrides_it_either_way_and_nothing_is_computed_again_but_what_lacks_texts(
    pytester: pytest.Pytester,
) -> None:
    write_project(pytester, rows())
    run(pytester, "--tst-faults=report")
    assert REPORT in files_that_tell()
    assert read_json(REPORT)["texts"] == "kept"

    result = run(pytester, "--tst-faults=report", "--tst-texts=omit")
    assert set(progress(result).values()) == {"cached"}
    assert files_that_tell() == []

    pytester.makepyfile(test_toy=module(more="redistributable=False,"))
    result = run(pytester, "--tst-faults=report", "--tst-texts=keep")
    assert [unit for unit, state in progress(result).items() if state != "cached"] == [
        "shortcuts",
        "duplicates",
    ]
    assert REPORT in files_that_tell()
    assert LEFT_OUT not in result.stdout.str()
    run(pytester, "--tst-faults=report")
    assert files_that_tell() == []
