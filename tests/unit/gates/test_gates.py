from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from record_builders import make_source
from snapshots import make_snapshot, shifted

from tst_harness.errors import ReportError
from tst_harness.gates.comparison import ALPHA
from tst_harness.gates.expression import parse_gate
from tst_harness.gates.judge import Gate, Judged, holm_levels, judge
from tst_harness.gates.snapshot import Snapshot
from tst_harness.report.schema import GateReport, Settings
from tst_harness.stats.resampling import FloatArray, holm

# The made-up runs score about 50%, on 60 questions in 12 groups.
EASY, TIGHT, MISSED = "forest.score <= 0.95", "forest.score <= 0.5", "forest.score <= 0.05"

SHARED = make_snapshot()


def gate(text: str, declared: Literal["benchmark", "ini", "option"] = "option", **changes: Any) -> Gate:
    return Gate("demo", parse_gate(text).of("demo"), declared, **changes)


def no_reference(benchmark: str) -> Snapshot:
    raise ReportError(f"{benchmark} has no reference")


def judged(*texts: str, found: Snapshot | None = None, old: Snapshot | None = None) -> Judged:
    snapshot = make_snapshot() if found is None else found
    return judge(
        [gate(text) for text in texts], {"demo": snapshot}, no_reference if old is None else lambda _: old
    )


def only(*texts: str, **options: Any) -> GateReport:
    [found], problems = judged(*texts, **options)
    assert problems == []
    return found


@pytest.mark.parametrize(
    ("rule", "verdict"),
    [
        (EASY, "pass"),
        (TIGHT, "inconclusive"),
        (MISSED, "fail"),
        ("forest.score >= 0.95", "fail"),
        ("forest.score > 0.5", "inconclusive"),
        ("forest.score >= 0.05", "pass"),
        ("forest.route.share(s > 0.9) < 0.9", "pass"),
        ("forest.s95 <= 0.3", "fail"),
        ("forest.gain <= -0.1", "fail"),
    ],
)
def test_a_rule_passes_fails_or_cannot_be_decided(rule: str, verdict: str) -> None:
    found = only(rule)
    assert found.verdict == verdict
    assert found.interval is not None
    low, high = found.interval
    assert found.limit is not None
    upper = "<" in rule.partition(")")[2] if ")" in rule else "<" in rule
    meets = {(True, True): "pass", (False, False): "fail"}
    ends = ((low <= found.limit) == upper, (high <= found.limit) == upper)
    assert meets.get(ends, "inconclusive") == verdict
    assert (found.p_pass is not None and found.p_pass < ALPHA) == (verdict == "pass")
    assert (found.p_fail is not None and found.p_fail < ALPHA) == (verdict == "fail")


def test_a_report_says_what_was_judged_and_what_could_have_been_found() -> None:
    found = only(TIGHT)
    assert (found.rule, found.declared) == (f"demo.{TIGHT}", "option")
    assert found.interval is not None
    assert found.value is not None
    assert found.smallest_effect is not None
    # Half an interval is 1.65 standard errors, and an effect is found with 2.5.
    assert found.smallest_effect == pytest.approx(0.5 * 2.5 / 1.65 * np.diff(found.interval)[0], rel=0.2)
    assert (found.reference, found.runs, found.note, found.reason) == (None, None, None, None)


def test_more_gates_make_each_of_them_less_sure() -> None:
    alone, among = only(TIGHT), judged(TIGHT, *["forest.score <= 0.51"] * 9).gates[0]
    assert alone.interval is not None
    assert among.interval is not None
    assert among.interval[0] < alone.interval[0] < alone.interval[1] < among.interval[1]
    assert among.smallest_effect is not None
    assert alone.smallest_effect is not None
    assert among.smallest_effect > alone.smallest_effect


@given(hnp.arrays(float, st.integers(1, 12), elements=st.floats(0.0, 1.0)))
def test_holm_rejects_what_is_below_its_level(p_values: FloatArray) -> None:
    levels = holm_levels(p_values)
    clear = np.abs(p_values - levels) > 1e-12
    np.testing.assert_array_equal((holm(p_values) < ALPHA)[clear], (p_values < levels)[clear])
    assert (levels >= ALPHA / len(p_values)).all()


@given(st.lists(st.floats(0.02, 0.98), min_size=1, max_size=6))
@settings(deadline=None)
def test_a_verdict_is_that_of_the_interval_shown(limits: list[float]) -> None:
    for found in judged(*[f"forest.score <= {limit!r}" for limit in limits], found=SHARED).gates:
        assert found.interval is not None
        assert found.limit is not None
        low, high = found.interval
        if min(abs(low - found.limit), abs(high - found.limit)) > 1e-9:
            expected = "pass" if high < found.limit else "fail" if low > found.limit else "inconclusive"
            assert found.verdict == expected


def test_what_is_not_judged_says_why_and_does_not_count() -> None:
    [skipped, found], problems = judge(
        [gate(EASY, reason="no test of demo is selected"), gate(TIGHT)], {"demo": SHARED}, no_reference
    )
    assert (skipped.verdict, skipped.reason) == ("not judged", "no test of demo is selected")
    assert found == only(TIGHT, found=SHARED)
    assert problems == []


@pytest.mark.parametrize(
    ("snapshots", "reason"),
    [
        ({}, "there is no report"),
        ({"demo": SHARED._replace(incomplete=("forest",))}, "forest is incomplete"),
    ],
)
def test_without_a_whole_report_there_is_no_verdict(snapshots: dict[str, Snapshot], reason: str) -> None:
    [found], problems = judge([gate(EASY)], snapshots, no_reference)
    assert (found.verdict, found.reason) == ("not judged", reason)
    assert problems == []


def test_a_stand_in_for_the_data_is_not_judged() -> None:
    source = make_source(kind="sample", substituted_for="demo.jsonl, which cannot be fetched")
    found = only(EASY, found=make_snapshot(source=source))
    assert (found.verdict, found.reason) == (
        "not judged",
        "the bundled sample stands in for the data of demo",
    )


def test_a_diagnostic_that_did_not_run_is_named() -> None:
    assert only("llm.score <= 0.5").reason == "llm did not run"


def test_a_type_that_the_report_does_not_have_is_a_problem() -> None:
    [found], [problem] = judged("forest.rout.score <= 0.5")
    assert found.verdict == "not judged"
    assert "there is no question type 'rout'; did you mean 'route'?" in problem


@pytest.mark.parametrize("repeats", [1, 3])
def test_the_same_run_passes_any_margin(repeats: int) -> None:
    same = make_snapshot(repeats)
    rules = ["forest.score <= reference + 0.02", "forest.score <= reference", "forest.route.s95 >= reference"]
    for found in judged(*rules, found=same, old=same).gates:
        assert (found.verdict, found.value, found.interval) == ("pass", 0.0, (0.0, 0.0))
    assert only("forest.score < reference", found=same, old=same).verdict == "fail"


def test_a_worse_run_fails_and_one_run_is_warned_of() -> None:
    old = shifted(make_snapshot(3), "score", [0.40, 0.41, 0.39])
    new = shifted(make_snapshot(3), "score", [0.70, 0.70, 0.70])
    found = only("forest.score <= reference + 0.02", found=new, old=old)
    assert (found.verdict, found.runs, found.note) == ("fail", 3, None)
    assert (found.value, found.reference, found.limit) == pytest.approx((0.3, 0.4, 0.02))
    one = only(
        "forest.score <= reference", found=make_snapshot(), old=shifted(make_snapshot(), "score", [0.4])
    )
    assert one.runs is None
    assert one.note is not None
    assert "not the luck of training" in one.note


@pytest.mark.parametrize(
    ("origin", "difference"),
    [
        ({"settings": Settings(folds=3, seed=7, repeats=1, split="random")}, "seed was 7 and is 42"),
        ({"null_control": True}, "null control was True and is False"),
        ({"diagnostic_settings": {"trees": 100, "nested": {"depth": 9}}}, "nested.depth was 9 and is 8"),
    ],
)
def test_a_reference_of_another_run_is_refused_with_the_difference(
    origin: dict[str, Any], difference: str
) -> None:
    rule = "forest.score <= reference + 0.02"
    [found], [problem] = judged(rule, old=make_snapshot(**origin))
    assert found.verdict == "not judged"
    assert difference in problem
    assert "--tst-reference-update" in problem


def test_a_reference_of_other_folds_is_refused_with_a_question() -> None:
    found, old = make_snapshot(2), make_snapshot(2)
    old.samples["fold"] = (old.samples["fold"] + 1) % 3
    [refused], [problem] = judged("forest.score <= reference", found=found, old=old)
    assert refused.verdict == "not judged"
    assert "since forest fold of question '0' (and of 59 others) was 1 and is 0: undo that" in problem


def test_a_reference_of_other_questions_is_refused_with_their_number() -> None:
    old = make_snapshot()
    [_], [problem] = judged("forest.score <= reference", old=old._replace(samples=old.samples.iloc[2:]))
    assert "but 58 questions in 1 and 60 in 1, 2 of them in one run alone" in problem


def test_other_settings_of_another_diagnostic_do_not_matter() -> None:
    whole = make_snapshot(llm=True)
    del whole.about.diagnostics["llm"].settings["model"]
    rule = "forest.score <= reference"
    assert only(rule, found=make_snapshot(llm=True), old=whole).verdict == "pass"
    assert judged("llm.score <= reference", found=make_snapshot(llm=True), old=whole).problems


def test_a_missing_reference_is_a_problem_of_its_gates_alone() -> None:
    [missing, found], [problem] = judged("forest.score <= reference", EASY)
    assert (missing.verdict, found.verdict) == ("not judged", "pass")
    assert "demo has no reference" in problem
