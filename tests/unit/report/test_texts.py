from typing import Any

import pytest
from record_builders import RUN, make_fold, make_held_out, make_origin, make_shortcuts, make_source

from tst_harness.analysis.records import FoldRecord
from tst_harness.checks.cue_wording import quoted
from tst_harness.checks.shortcuts import ShortcutRecord
from tst_harness.dataset.provenance import Fault
from tst_harness.report.assemble import assemble
from tst_harness.report.schema import Shortcut
from tst_harness.report.texts import without_texts
from tst_harness.views.terminal import summary_lines

SECRET = "the s`e{c}r`et sofa"
SKIPPED = Fault(row=7, id="q7", field="answer", problem=f"the answer {SECRET!r} is not a number")


def rule(text: str) -> Shortcut:
    return Shortcut(type="route", text=text, support=60, score=0.9, blind_baseline=0.25, p_value=0.001)


def record(*rules: Shortcut) -> ShortcutRecord:
    return make_shortcuts(*rules, origin=make_origin(source=make_source(faults=[SKIPPED])))


@pytest.mark.parametrize("value", [SECRET, "``", "`", "{}", "a `b` c"])
def test_a_value_that_a_sentence_quotes_can_be_found_again(value: str) -> None:
    sentence = f"when {quoted(value)} is an option and object is {quoted(value)}, it is right {{}}"
    left = without_texts(record(rule(sentence.format("93%"))))
    assert isinstance(left, ShortcutRecord)
    assert left.shortcuts[0].text == "when `...` is an option and object is `...`, it is right 93%"


def test_what_a_rule_is_like_and_what_it_is_worth_stay() -> None:
    told = rule("when `front` and `left` are options, the former is right 90% of the time")
    left = without_texts(record(told))
    assert isinstance(left, ShortcutRecord)
    text = "when `...` and `...` are options, the former is right 90% of the time"
    assert left.shortcuts == [told.model_copy(update={"text": text})]


def test_a_skipped_row_is_named_and_not_quoted() -> None:
    left = without_texts(make_fold(origin=make_origin(source=make_source(faults=[SKIPPED]))))
    [row] = left.origin.source.left_out
    assert (row.row, row.id, row.field) == (7, "q7", "answer")
    assert "sofa" not in row.problem
    assert left.origin.texts == "omitted"


def test_open_answers_are_not_quoted() -> None:
    said = ["A", "A, C", 2.5, "", SECRET, "27"]
    left = without_texts(make_fold(held_out=make_held_out(list("abcdef"), prediction=said)))
    assert isinstance(left, FoldRecord)
    assert left.held_out.prediction == ["A", "A, C", 2.5, "", "...", "27"]


@pytest.mark.parametrize("omitted", [True, False])
def test_a_report_says_whether_it_has_texts(omitted: bool, tmp_path: Any) -> None:
    fold = make_fold()
    report = assemble([without_texts(fold) if omitted else fold], {"forest": {(0, 0)}}, RUN)
    assert report.texts == ("omitted" if omitted else "kept")
    said = " ".join(line.text for line in summary_lines(report, tmp_path, tmp_path))
    assert ("question texts are left out of the report" in said) == omitted


def test_types_that_are_not_scored_are_said(tmp_path: Any) -> None:
    source = make_source(not_scored={"essay": 1, "open": 1053})
    report = assemble([make_fold(origin=make_origin(source=source))], {"forest": {(0, 0)}}, RUN)
    said = [line.text for line in summary_lines(report, tmp_path, tmp_path)]
    assert "1,053 questions of type open are not scored" in said
    assert "1 question of type essay is not scored" in said
