from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tst_harness.benchmark.declarations import Benchmark, Choice, Columns, LocalFile, Number
from tst_harness.errors import DeclarationError
from tst_harness.gates.expression import check_declared, parse_gate
from tst_harness.gates.rules import (
    DIAGNOSTICS,
    METRICS,
    OF_TRAINED,
    GateError,
    check_benchmark,
    check_type,
)

TYPES = ["count", "pick"]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("vsi.forest.score <= 0.45", ("vsi", "forest", None, "score", "<=", 0.45, False)),
        ("forest.score<0.45", (None, "forest", None, "score", "<", 0.45, False)),
        ("  forest . pick . gain  >  -.1 ", (None, "forest", "pick", "gain", ">", -0.1, False)),
        ("vsi.llm.pick.delta >= 1e-2", ("vsi", "llm", "pick", "delta", ">=", 0.01, False)),
        ('llm."left, right (2.5)".s95 <= 0.9', (None, "llm", "left, right (2.5)", "s95", "<=", 0.9, False)),
        ("llm.'a \"b\"'.s95 <= 0.9", (None, "llm", 'a "b"', "s95", "<=", 0.9, False)),
        ("vsi.forest.score <= baseline", ("vsi", "forest", None, "score", "<=", 0.0, True)),
        ("vsi.forest.score <= baseline+0.02", ("vsi", "forest", None, "score", "<=", 0.02, True)),
        ("vsi.forest.score >= baseline - 0.02", ("vsi", "forest", None, "score", ">=", -0.02, True)),
        ("forest.forest.score <= 0.4", ("forest", "forest", None, "score", "<=", 0.4, False)),
        ('forest."forest".score <= 0.4', (None, "forest", "forest", "score", "<=", 0.4, False)),
        ("llm.parse_failures <= 0", (None, "llm", None, "parse_failures", "<=", 0.0, False)),
    ],
)
def test_a_rule_is_taken_apart(text: str, parts: tuple[object, ...]) -> None:
    rule = parse_gate(text)
    found = (rule.benchmark, rule.diagnostic, rule.type, rule.metric)
    assert (*found, rule.operator, rule.limit, rule.on_baseline) == parts
    assert rule.above is None


def test_the_share_of_questions_has_its_own_limit() -> None:
    rule = parse_gate("vsi.forest.share( s>0.9 ) <= 0.1")
    assert (rule.metric, rule.above, rule.limit) == ("share", 0.9, 0.1)


@given(
    name=st.text(min_size=1).filter(lambda name: '"' not in name and name.strip() == name),
    limit=st.floats(0.001, 0.999),
    metric=st.sampled_from(["score", "soft_score", "gain", "s95"]),
)
def test_any_type_can_be_named_in_quotes(name: str, limit: float, metric: str) -> None:
    rule = parse_gate(f'vsi.forest."{name}".{metric} <= {limit!r}')
    assert (rule.type, rule.metric, rule.limit) == (name, metric, limit)


@given(st.text())
def test_any_text_is_a_rule_or_one_sentence(text: str) -> None:
    sentence = repr(text.strip())
    try:
        parse_gate(text)
    except GateError as error:
        sentence = str(error)
    assert sentence.startswith(repr(text.strip()))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("vsi.forest.scor <= 0.4", "at 'scor <= 0.4', character 12: there is no metric 'scor'; did you mean"),
        ("vsi.forrest.score <= 0.4", "character 5: there is no diagnostic 'forrest'; did you mean 'forest'?"),
        ("score <= 0.4", "a gate is on BENCHMARK.DIAGNOSTIC.METRIC"),
        ("a.forest.b.c.score <= 0.4", "a gate is on BENCHMARK.DIAGNOSTIC.METRIC"),
        ("forest.score", "at its end: one of <=, <, >= and > should stand here"),
        ("forest.score == 0.4", "at '== 0.4', character 14: one of <="),
        ("forest.score <= ", "at its end: a number or `baseline`"),
        ("forest.score <= high", "at 'high', character 17: a number or `baseline`"),
        ("forest.score <= baseline * 2", "at '* 2', character 26: the gate should end here"),
        ("forest.score <= 0.4 0.5", "at '0.5', character 21: the gate should end here"),
        ("forest.score <= 45", "at '45', character 17: score lies from 0 to 1, so every report meets this"),
        ("forest.score < 0", "so no report meets this gate"),
        ("forest.score >= 1.5", "so no report meets this gate"),
        ("forest.score <= baseline + 2", "a difference of score lies from -1 to 1, so every"),
        ("forest.share <= 0.4", "share is written as in `share(s > 0.9)`"),
        ("forest.share(t > 0.4) <= 0.4", "share is written as in"),
        ("forest.share(s > 4) <= 0.4", "at '4) <= 0.4', character 18: s(x) lies from 0 to 1"),
        ("forest.share(s > 1) <= 0.4", "so v in `share(s > v)` is from 0 to less than 1"),
        (
            "forest.score <= 45%",
            "at '%', character 19: the gate should end here; a share of 45% is written 0.45",
        ),
        ("forest.delta <= 0.4", "delta is a figure of llm alone, and this gate is on forest"),
        ("", "at its end: a name should stand here"),
    ],
)
def test_what_is_no_rule_is_refused_at_its_place(text: str, problem: str) -> None:
    with pytest.raises(GateError) as refused:
        parse_gate(text)
    assert problem in str(refused.value)


def test_unknown_names_are_refused_with_the_likeliest() -> None:
    rule = parse_gate("toi.forest.pik.score <= 0.4")
    with pytest.raises(GateError, match=r"character 1: there is no benchmark 'toi'; did you mean 'toy'\?"):
        check_benchmark(rule, ["toy", "vsi"])
    with pytest.raises(
        GateError, match=r"character 12: there is no question type 'pik'; did you mean 'pick'"
    ):
        check_type(rule, TYPES)
    with pytest.raises(GateError, match=r"names no benchmark; start it with one, as in `vsi\.forest\.score"):
        check_benchmark(parse_gate("forest.score <= 0.4"), ["toy"])
    check_benchmark(rule, ["toi"])
    check_type(parse_gate("forest.score <= 0.4"), TYPES)


def test_of_many_names_a_few_are_listed() -> None:
    with pytest.raises(GateError, match="type_11 and 88 more"):
        check_type(parse_gate("forest.no.score <= 0.4"), [f"type_{n:02d}" for n in range(100)])


def test_a_rule_with_its_benchmark_named_is_the_same_with_its_places_moved() -> None:
    rule = parse_gate("forest.pick.score <= 0.4").of("toy")
    assert rule == parse_gate("toy.forest.pick.score <= 0.4")
    assert rule.text == "toy.forest.pick.score <= 0.4"
    assert rule.places == parse_gate(rule.text).places
    assert rule.of("other") is rule


def test_the_words_are_those_of_the_rest() -> None:
    assert set(DIAGNOSTICS) == {"forest", "features", "llm"}
    assert set(OF_TRAINED) < set(METRICS)


def declared(*gates: str) -> Benchmark:
    return Benchmark(
        name="toy",
        source=LocalFile(str(Path("toy.jsonl"))),
        columns=Columns(id="id", text="question", options="options", answer="answer", type="kind"),
        question_types=[Number("count"), Choice("pick")],
        gates=gates,
    )


def test_a_benchmark_declares_gates_of_its_own() -> None:
    rules = ("forest.score <= 0.45", "toy.forest.pick.gain <= baseline")
    assert declared(*rules).gates == rules
    assert declared().gates == ()


@pytest.mark.parametrize(
    ("gate", "problem"),
    [
        ("forest.scor <= 0.4", "there is no metric 'scor'"),
        ("forest.pik.score <= 0.4", "there is no question type 'pik'; did you mean 'pick'?"),
        ("vsi.forest.score <= 0.4", "the gate stands in the benchmark 'toy' and names another one"),
    ],
)
def test_a_wrong_gate_is_a_wrong_declaration(gate: str, problem: str) -> None:
    with pytest.raises(DeclarationError) as refused:
        declared(gate)
    assert str(refused.value).startswith("Benchmark 'toy': gates: ")
    assert problem in str(refused.value)


def test_types_that_are_not_declared_are_not_checked() -> None:
    check_declared(["forest.anything.score <= 0.4"], "toy", [])
