"""One verdict of a report in three values: found, none above so much, or cannot tell."""

from typing import Any

import numpy as np
import pytest
from record_builders import RUN, make_folds, make_origin, make_shortcut, make_shortcuts

from tst_harness.analysis.records import FoldRecord, HeldOut, IndependentUnits
from tst_harness.report.assemble import assemble
from tst_harness.report.records import Record
from tst_harness.report.schema import Report
from tst_harness.report.verdict import LEAST_UNITS
from tst_harness.stats.together import LEVEL, corrected_together
from tst_harness.views.verdict import headline, verdict_sentence


def report_of(
    n: int, score: float, groups: int | None = None, baseline: float = 0.25, rules: Any = (), **origin: Any
) -> Report:
    """Return the report of n questions, of which so many are right, in so many groups."""
    made = make_origin(
        independent=IndependentUnits(
            of="question" if groups is None else "group",
            before=groups or n,
            units=groups or n,
            clusters=0,
            copies=0,
        ),
        **origin,
    )
    right = np.random.default_rng(n).permutation(np.arange(n) < round(score * n)).astype(float)
    folds: list[FoldRecord] = []
    for record in make_folds([str(number) for number in range(n)], origin=made):
        columns: dict[str, Any] = dict(record.held_out)
        ids = [int(id_) for id_ in columns["id"]]
        columns["score"] = [float(right[id_]) for id_ in ids]
        columns["group"] = [f"group {id_ % (groups or n)}" for id_ in ids]
        columns["blind_baseline"] = [baseline] * len(ids)
        folds.append(record.model_copy(update={"held_out": HeldOut(**columns)}))
    records: list[Record] = [*folds, *([make_shortcuts(*rules, origin=made)] if rules else [])]
    return assemble(records, {"forest": {(fold.repeat, fold.fold) for fold in folds}}, RUN)


def said_of(report: Report) -> str:
    said = verdict_sentence(report)
    assert said is not None
    return said


def test_a_gain_is_found_and_said_with_score_baseline_and_interval() -> None:
    report = report_of(600, 0.5)
    assert report.verdict is not None
    [gain, *_] = report.verdict.findings
    assert (report.verdict.verdict, gain.kind, gain.type) == ("found", "gain", None)
    assert gain.effect == pytest.approx(0.25)
    assert said_of(report).startswith(
        "found: a text-only model scores 50.0% on 600 questions; guessing scores 25.0%; the text alone is "
        "worth +25.0 points ["
    )


def test_nothing_in_many_questions_is_none_above_what_would_have_been_found() -> None:
    report = report_of(3000, 0.25)
    assert report.verdict is not None
    assert report.verdict.smallest_effect is not None
    assert report.verdict.verdict == "none above"
    assert 0.02 < report.verdict.smallest_effect < 0.06
    effect = f"{100 * report.verdict.smallest_effect:.1f}"
    assert said_of(report).startswith(f"none above {effect} points: ")


def test_nothing_in_few_questions_cannot_tell_and_says_how_many_it_takes() -> None:
    report = report_of(60, 0.25)
    assert report.verdict is not None
    assert report.verdict.smallest_effect is not None
    assert report.verdict.verdict == "cannot tell"
    needed = report.verdict.needed
    assert needed == pytest.approx(60 * (report.verdict.smallest_effect / 0.1) ** 2, abs=1.0)
    assert said_of(report).endswith(f"to find one of 10 points takes about {needed:,} questions")


@pytest.mark.parametrize("groups", range(1, LEAST_UNITS))
def test_of_few_groups_nothing_is_claimed_whatever_else_is_there(groups: int) -> None:
    report = report_of(600, 1.0, groups, rules=[make_shortcut(p_value=1e-9)])
    assert report.verdict is not None
    assert (report.verdict.verdict, report.verdict.findings) == ("cannot tell", [])
    are = "1 group is" if groups == 1 else f"{groups} groups are"
    assert said_of(report) == f"cannot tell: {are} too few for any claim, which takes at least 6 groups"
    assert headline(report) is None


def test_a_shortcut_alone_is_found_where_the_gain_is_not() -> None:
    report = report_of(60, 0.25, rules=[make_shortcut(p_value=1e-5, score=0.84, blind_baseline=0.5)])
    assert report.verdict is not None
    assert [finding.kind for finding in report.verdict.findings] == ["shortcut"]
    assert said_of(report).startswith("found: shortcut of ")
    weak = report_of(60, 0.25, rules=[make_shortcut(p_value=LEVEL)])
    assert weak.verdict is not None
    assert weak.verdict.verdict == "cannot tell"


def test_the_first_shortcut_that_is_significant_is_told_and_all_are_counted() -> None:
    rules = [
        make_shortcut(text="the first", p_value=1e-5),
        make_shortcut(text="the second", p_value=1e-9),
        make_shortcut(text="a weak one", p_value=0.04),
    ]
    report = report_of(60, 0.25, rules=rules)
    assert report.verdict is not None
    [shortcut] = report.verdict.findings
    assert (shortcut.text, shortcut.count) == ("the first", len(report.diagnostics["forest"].shortcuts))
    assert said_of(report).endswith(", and 2 other shortcuts")
    weak_first = report_of(60, 0.25, rules=rules[::-1])
    assert weak_first.verdict is not None
    assert weak_first.verdict.findings[0].text == "the second"


def test_there_is_no_headline_for_what_is_no_score_of_the_benchmark() -> None:
    assert headline(report_of(600, 0.5)) is not None
    assert headline(report_of(600, 0.5, null_control=True)) is None
    assert headline(report_of(24, 0.9)) is None
    assert headline(report_of(600, 0.2)) is None
    assert said_of(report_of(600, 0.5, null_control=True)).startswith(
        "NULL CONTROL, answers permuted: found: a gain of +25.0 points"
    )


def test_kinds_are_corrected_together_by_their_weights() -> None:
    weights = {"gain": 0.5, "shortcut": 0.25, "order": 0.25}
    adjusted = corrected_together({"gain": 0.01, "shortcut": 0.001, "order": 0.2}, weights)
    assert adjusted == pytest.approx({"shortcut": 0.004, "gain": 0.015, "order": 0.2})
    assert corrected_together({"gain": 0.02}, weights) == {"gain": 0.02}
    assert corrected_together({"gain": 0.9, "order": 0.8}, weights) == {"gain": 1.0, "order": 1.0}


def test_false_findings_are_at_most_nominal_where_all_is_chance() -> None:
    rng = np.random.default_rng(7)
    weights = {"a": 0.6, "b": 0.3, "c": 0.1}
    wrong = sum(
        min(corrected_together(dict(zip(weights, rng.random(3).tolist(), strict=True)), weights).values())
        <= 0.05
        for _ in range(4000)
    )
    assert 0.035 < wrong / 4000 < 0.058
