"""Shortcuts of open answers and of several right options, in words."""

from pathlib import Path

import pytest
from planted_formats import planted
from sample_formats import SampleFormat

from tst_harness.checks.shortcuts import ShortcutRecord
from tst_harness.checks.shortcuts_check import SHORTCUTS


def shortcuts(folder: Path, format_: SampleFormat, strength: float, null: bool = False) -> ShortcutRecord:
    experiment = planted(folder, format_, strength, null)
    record = SHORTCUTS.compute(experiment, SHORTCUTS.units(experiment.plan)[0])
    assert isinstance(record, ShortcutRecord)
    return record


def test_an_answer_that_a_word_gives_away_is_said(tmp_path: Path) -> None:
    record = shortcuts(tmp_path, "open", 1.0)
    assert {one.type for one in record.shortcuts} == {"material", "color", "label"}
    strongest = record.shortcuts[0]
    assert "the answer " in strongest.text
    assert "scores" in strongest.text
    assert strongest.score > strongest.blind_baseline + 0.3


def test_an_option_that_is_right_too_often_is_said(tmp_path: Path) -> None:
    record = shortcuts(tmp_path, "multi", 1.0)
    assert {one.type for one in record.shortcuts} == {"side", "order"}
    assert all("is right" in one.text or "right option" in one.text for one in record.shortcuts)
    assert record.shortcuts[0].score > record.shortcuts[0].blind_baseline + 0.2


@pytest.mark.parametrize("null", [False, True])
@pytest.mark.parametrize("format_", ["open", "multi"])
def test_rules_are_tried_and_none_beats_the_baseline_where_nothing_is(
    tmp_path: Path, format_: SampleFormat, null: bool
) -> None:
    record = shortcuts(tmp_path, format_, 1.0 if null else 0.0, null)
    assert record.rules_tried >= 10
    assert record.shortcuts == []
