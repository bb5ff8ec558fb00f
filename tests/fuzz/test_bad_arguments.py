"""Arguments that make no sense are refused in a sentence, and change nothing."""

import os
import time
from pathlib import Path

import pytest
from limited_commands import refused

from tst_harness.engine.store import RECORDS


@pytest.mark.parametrize("days", ["-1", "nan", "-inf"])
def test_a_negative_age_removes_nothing(days: str, tmp_path: Path) -> None:
    record = tmp_path / RECORDS / "trees" / "a.json"
    record.parent.mkdir(parents=True)
    record.write_text("{}")
    assert "give a number of days from 0" in refused(
        "store", "prune", "--report", str(tmp_path), f"--days={days}"
    )
    assert record.exists()


def test_what_is_no_file_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / RECORDS / "trees"
    (folder / "inner.json").mkdir(parents=True)
    (folder / "loop.json").symlink_to(folder / "loop.json")
    old = folder / "old.json"
    old.write_text("{}")
    os.utime(old, (time.time() - 1e7,) * 2)
    assert refused("store", "prune", "--report", str(tmp_path)) == ""
    assert sorted(path.name for path in folder.iterdir()) == ["inner.json", "loop.json"]


def test_options_without_a_name_are_refused(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("question,answer\nWhich?,A\n")
    said = refused("init", str(tmp_path / "rows.csv"), "--options", ",", "-o", str(tmp_path / "it.py"))
    assert "has a column without a name" in said


def test_too_many_folds_are_refused(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("question,answer\nWhich?,A\n")
    assert refused("audit", str(tmp_path / "rows.csv"), "--tst-folds", "1000000")
