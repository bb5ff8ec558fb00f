"""`tst-harness store`: what is kept of finished folds, from outside pytest."""

import os
import time
from pathlib import Path

import pytest
from projects import CHECKS, FOLDS, RECORDS, UNITS, progress, records_of_tests, run, write_project

from tst_harness.cli import main
from tst_harness.engine.results import ExitStatus


@pytest.fixture(autouse=True)
def audited(pytester: pytest.Pytester, capsys: pytest.CaptureFixture[str]) -> None:
    write_project(pytester)
    run(pytester)
    capsys.readouterr()


def records() -> list[Path]:
    return sorted(RECORDS.glob("*.json"))


def test_list_says_what_there_is(pytester: pytest.Pytester, capsys: pytest.CaptureFixture[str]) -> None:
    run(pytester, "--tst-seed", "7")
    capsys.readouterr()
    assert main(["store", "list"]) == ExitStatus.OK
    lines = capsys.readouterr().out.splitlines()
    found = [line.split(" | ") for line in lines]
    sets = [("forest", f"{FOLDS} records"), *((name, "1 record") for name in CHECKS)]
    expected = [(name, f"5 folds, seed {seed}", size) for name, size in sets for seed in (42, 7)]
    expected.append(("questions", "texts and answers", "1 record"))
    listed = sorted((diagnostic, about, size.split(",")[0]) for _, diagnostic, _, about, size in found)
    assert listed == sorted(expected)


def test_verify_names_what_is_damaged_and_leaves_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["store", "verify"]) == ExitStatus.OK
    cut, edited = damaged = records_of_tests()[:2]
    cut.write_text(cut.read_text()[:-40])
    edited.write_text(edited.read_text().replace('"seconds":', '"seconds":1'))
    assert main(["store", "verify"]) == ExitStatus.FAILED
    out = capsys.readouterr().out
    assert f"{cut} is not valid JSON" in out
    assert f"{edited} is not as it was written" in out
    assert f"{UNITS - 1} records are sound, 2 damaged" in out
    assert all(path.exists() for path in damaged)


def test_prune_removes_what_is_unused_or_left_over(
    pytester: pytest.Pytester, capsys: pytest.CaptureFixture[str]
) -> None:
    long_ago = time.time() - 40 * 86_400
    old = records_of_tests()[0]
    others = [path for path in records() if path != old]
    left = [old.with_name("damaged.json.corrupt"), old.with_name(".0123.tmp")]
    for path in left:
        path.write_text("{")
    for path in [old, *left]:
        os.utime(path, (long_ago, long_ago))
    begun_just_now = old.with_name(".4567.tmp")
    begun_just_now.write_text("{")
    assert main(["store", "prune", "--days", "50"]) == ExitStatus.OK
    assert old.exists()
    assert not any(path.exists() for path in left)
    assert main(["store", "prune"]) == ExitStatus.OK
    assert records() == others
    assert begun_just_now.exists()
    assert f"kept {UNITS} records" in capsys.readouterr().out
    assert list(progress(run(pytester)).values()).count("cached") == UNITS - 1


def test_use_counts_as_use(pytester: pytest.Pytester) -> None:
    long_ago = time.time() - 40 * 86_400
    for path in records():
        os.utime(path, (long_ago, long_ago))
    run(pytester)
    main(["store", "prune"])
    assert len(records()) == UNITS + 1


def test_a_folder_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["store", "list", "--report", "elsewhere"]) == ExitStatus.USAGE
    assert capsys.readouterr().err == (
        "tst-harness store: there is no folder 'elsewhere': name that of the reports with --report DIR\n"
    )
