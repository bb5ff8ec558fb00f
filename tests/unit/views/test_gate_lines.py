from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from snapshots import make_report, make_snapshot

from tst_harness.gates.comparison import ComparedDiagnostic, Paired, Trained, compare_runs
from tst_harness.gates.snapshot import changes
from tst_harness.report.schema import GateReport
from tst_harness.stats.metrics import Metric
from tst_harness.stats.samples import Samples
from tst_harness.views.gates import (
    change_lines,
    comparison_lines,
    comparison_sentence,
    gate_lines,
    gate_sentence,
    gates_line,
    reference_lines,
)
from tst_harness.views.markdown import escaped, markdown


def make_gate(**changes: Any) -> GateReport:
    fields: dict[str, Any] = {
        "rule": "demo.forest.score <= 0.45",
        "declared": "option",
        "verdict": "fail",
        "value": 0.617,
        "limit": 0.45,
        "interval": (0.601, 0.633),
        "p_pass": 1.0,
        "p_fail": 0.001,
        "smallest_effect": 0.021,
    }
    return GateReport(**{**fields, **changes})


SKIPPED = GateReport(
    rule="demo.llm.score <= 0.4", declared="ini", verdict="not judged", reason="llm did not run"
)


def test_a_gate_is_its_verdict_its_rule_and_what_was_found() -> None:
    lines = [line for line in gate_lines([make_gate(), SKIPPED]) if line.text]
    assert [line.text for line in lines] == [
        "gates (percent; one-sided 95% bounds, Holm-corrected for 1):",
        "fail          demo.forest.score <= 0.45",
        "              61.7 [60.1, 63.3] lies above the limit of 45.0; a failure by 2.1",
        "              points is found with a power of 80%",
        "not judged    demo.llm.score <= 0.4",
        "              llm did not run",
    ]
    assert [line.markup for line in lines[1::3]] == [{"red": True}, {"yellow": True}]


def test_a_gate_on_the_reference_is_a_difference() -> None:
    found = make_gate(value=0.03, reference=0.587, limit=0.02, interval=(-0.01, 0.07), verdict="inconclusive")
    assert gate_sentence(found) == (
        "+3.0 [-1.0, 7.0] from the reference 58.7 includes the limit of +2.0; a failure by 2.1 points is "
        "found with a power of 80%"
    )


def test_a_gate_that_passes_lies_on_the_other_side_of_its_limit() -> None:
    text = gate_sentence(make_gate(verdict="pass", limit=0.7))
    assert text.startswith("61.7 [60.1, 63.3] lies below the limit of 70.0; ")


def test_one_group_alone_detects_nothing() -> None:
    assert gate_sentence(make_gate(smallest_effect=None)).endswith("; of a single group nothing can be told")
    assert gate_sentence(make_gate(smallest_effect=0.0)).endswith("lies above the limit of 45.0")


@pytest.mark.parametrize(("warn", "markup"), [(True, {"yellow": True}), (False, {})])
def test_an_inconclusive_gate_warns_where_it_is_to(warn: bool, markup: dict[str, bool]) -> None:
    lines = gate_lines([make_gate(verdict="inconclusive")], warn=warn)
    assert next(line for line in lines if "inconclusive" in line.text).markup == markup


def test_no_gates_are_no_lines() -> None:
    assert gate_lines([]) == []


def test_a_note_is_given_once() -> None:
    lines = gate_lines([make_gate(note="one run each"), make_gate(note="one run each")])
    assert [line.text for line in lines].count("note: one run each") == 1


def compared(
    pairs: Mapping[str | None, Paired], p_more: float, before: float = 40.0, after: float = 40.0
) -> ComparedDiagnostic:
    return ComparedDiagnostic("forest", pairs, [], p_more, Trained(before, after))


def test_nothing_is_wider_than_the_terminal() -> None:
    rule = f'demo.forest["{"a very long type " * 6}"].score <= reference + 0.02'
    gates = [
        make_gate(rule=rule, reference=0.5, note="a note " * 30),
        make_gate(verdict="not judged", rule=rule),
    ]
    new, old = make_snapshot(seed=1), make_snapshot(seed=2, null_control=True)
    before, after = (Samples.of(each.samples, "forest") for each in (old, new))
    pairs = compare_runs(after, before, Metric("score"), folds=3, seed=1)
    lines = [
        *gate_lines(gates),
        *change_lines(changes(old.about, new.about)),
        *comparison_lines(compared(pairs, 0.2)),
        *comparison_lines(compared(pairs, 0.01, after=4e6)),
        *reference_lines("reports/references/demo.json", old.about, new.about),
    ]
    assert max(len(line.text) for line in lines) <= 80


def test_a_comparison_has_a_row_a_type_and_a_verdict() -> None:
    new, old = (Samples.of(make_snapshot(3, seed=seed).samples, "forest") for seed in (1, 2))
    pairs = compare_runs(new, old, Metric("score"), folds=3, seed=1)
    lines = [line.text for line in comparison_lines(compared(pairs, 0.2))]
    assert lines[0] == "forest, 3 pairs of runs"
    assert {line.split()[0] for line in lines[2:6]} == {"rel_distance", "room_size", "route", "all"}
    assert lines[6].startswith("The second run scores significantly lower: -")
    higher = compare_runs(old, new, Metric("score"), folds=3, seed=1)
    same = compare_runs(new, new, Metric("score"), folds=3, seed=1)
    for paired, p_more, outcome in [
        (higher, 0.01, "scores significantly higher"),
        (same, 0.2, "does not score significantly higher"),
    ]:
        [*_, sentence] = [line.text for line in comparison_lines(compared(paired, p_more))][:7]
        assert sentence.startswith(f"The second run {outcome}: ")
    one = compare_runs(
        new.only(new.id.tolist(), 1), old.only(old.id.tolist(), 1), Metric("score"), folds=3, seed=1
    )
    assert "luck of training" in " ".join(line.text for line in comparison_lines(compared(one, 0.2)))


@pytest.mark.parametrize(
    ("p_more", "before", "after", "outcome"),
    [
        (0.01, 40, 50, "higher"),
        (0.01, 40, 51, "cannot tell"),
        (0.01, 51, 40, "higher"),
        (0.2, 50, 40, "not higher"),
        (0.2, 51, 40, "cannot tell"),
        (0.2, 40, 51, "not higher"),
    ],
)
def test_a_rise_that_more_training_would_make_tells_nothing(
    p_more: float, before: float, after: float, outcome: str
) -> None:
    run = Samples.of(make_snapshot(3).samples, "forest")
    found = compared(compare_runs(run, run, Metric("score"), folds=3, seed=1), p_more, before, after)
    assert found.outcome == outcome
    sentence = comparison_sentence(found)
    assert sentence.startswith("Cannot tell: ") == (outcome == "cannot tell")
    if outcome == "cannot tell":
        assert f"folds trained on {after} questions and the first's on {before}, " in sentence


def test_a_single_group_tells_nothing() -> None:
    new, old = (Samples.of(make_snapshot(1, seed=seed).samples, "forest") for seed in (1, 2))
    new, old = (replace(run, group=np.zeros_like(run.group)) for run in (new, old))
    pairs = compare_runs(new, old, Metric("score"), folds=3, seed=1)
    assert compared(pairs, 0.9).outcome == "cannot tell"
    assert comparison_sentence(compared(pairs, 0.9)).startswith("Cannot tell: all questions are of a single")
    same = compare_runs(new, new, Metric("score"), folds=3, seed=1)
    assert compared(same, 0.9).outcome == "not higher"


def test_a_fall_with_fewer_questions_to_train_on_tells_nothing() -> None:
    new, old = (Samples.of(make_snapshot(3, seed=seed).samples, "forest") for seed in (1, 2))
    pairs = compare_runs(new, old, Metric("score"), folds=3, seed=1)
    assert compared(pairs, 0.99).outcome == "lower"
    assert compared(pairs, 0.99, after=60).outcome == "lower"
    assert compared(pairs, 0.99, after=30).outcome == "cannot tell"


def test_a_new_reference_says_what_changed() -> None:
    old, new = make_snapshot(seed=1).about, make_snapshot(seed=2).about
    assert reference_lines("b.json", None, new)[0].text == "new reference: b.json"
    assert [line.text for line in reference_lines("b.json", new, new)] == ["reference unchanged: b.json"]
    [first, *scores] = [line.text for line in reference_lines("b.json", old, new)]
    assert first == "reference updated: b.json"
    was, now = (about.diagnostics["forest"].overall.score for about in (old, new))
    assert scores[-1] == f"- forest all questions: score {100 * now:.1f} of 60, was {100 * was:.1f} of 60"


def test_markdown_has_gates_problems_and_a_table_a_diagnostic() -> None:
    report, _ = make_report(llm=True)
    report = report.model_copy(update={"title": "Demo | a `bench`\n# of mine"})
    text = markdown([report], [make_gate(), SKIPPED], ["toy: no report, since 1 of 5 folds left no record"])
    lines = text.splitlines()
    assert "| ❌ fail | demo.forest.score \\<= 0.45 | 61.7 \\[60.1, 63.3\\] lies above the limit of" in text
    assert "- toy: no report, since 1 of 5 folds left no record" in lines
    headings = [line for line in lines if line.startswith("### ")]
    assert headings[0].startswith("### demo: Demo \\| a \\`bench\\` \\# of mine \\| forest")
    assert len(headings) == 2
    rows = [line for line in lines if line.startswith("| route ")]
    assert [row.replace("\\|", "").count("|") for row in rows] == [7, 7]


def test_what_markdown_would_read_as_its_own_is_escaped() -> None:
    assert escaped("a|b\n*c* <d> [e](f) `g` \\h _i_ #j ~k~") == (
        "a\\|b \\*c\\* \\<d\\> \\[e\\](f) \\`g\\` \\\\h \\_i\\_ \\#j \\~k\\~"
    )


def test_gates_are_one_line_that_names_those_that_do_not_pass() -> None:
    rule = f"demo.forest.{'long_' * 40}.score <= 0.5"
    gates = [
        make_gate(verdict="pass"),
        make_gate(verdict="inconclusive", rule=rule),
        make_gate(verdict="not judged", rule="demo.llm.score <= 0.5", reason="llm did not run"),
        make_gate(),
        make_gate(verdict="pass"),
    ]
    [line] = gates_line(gates)
    assert line.text == (
        "gates: 1 fail (demo.forest.score <= 0.45), 1 not judged (demo.llm.score <= 0.5: llm did not run), "
        f"1 inconclusive ({rule}), 2 pass"
    )
    assert line.markup == {"bold": True, "red": True}
    [passed] = gates_line(gates[:1])
    assert passed == ("gates: 1 pass", {"bold": True, "green": True})
    assert gates_line([]) == []
