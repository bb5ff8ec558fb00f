import pytest
from hypothesis import given
from hypothesis import strategies as st

from tst_harness.analysis import names
from tst_harness.gates.expression import metrics_of_analyses, parse_gate
from tst_harness.gates.rule import GateError
from tst_harness.stats.metrics import METRICS, ZERO_SHOT_METRICS

TYPES = ["count", "pick"]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("vsi.forest.score <= 0.45", ("vsi", "forest", None, "score", "<=", 0.45, False)),
        ("forest.score<0.45", (None, "forest", None, "score", "<", 0.45, False)),
        ("  forest . pick . gain  >  -.1 ", (None, "forest", "pick", "gain", ">", -0.1, False)),
        ("vsi.llm.pick.delta >= 1e-2", ("vsi", "llm", "pick", "delta", ">=", 0.01, False)),
        ('llm["left, right (2.5)"].s95 <= 0.9', (None, "llm", "left, right (2.5)", "s95", "<=", 0.9, False)),
        ("llm['a \"b\"'].s95 <= 0.9", (None, "llm", 'a "b"', "s95", "<=", 0.9, False)),
        ('vsi.llm["größe"].s95 <= 0.9', ("vsi", "llm", "größe", "s95", "<=", 0.9, False)),
        ('"3d".llm.pick.s95 <= 0.9', ("3d", "llm", "pick", "s95", "<=", 0.9, False)),
        ("vsi.forest.score <= reference", ("vsi", "forest", None, "score", "<=", 0.0, True)),
        ("vsi.forest.score <= reference+0.02", ("vsi", "forest", None, "score", "<=", 0.02, True)),
        ("vsi.forest.score >= reference - 0.02", ("vsi", "forest", None, "score", ">=", -0.02, True)),
        ("forest.forest.score <= 0.4", ("forest", "forest", None, "score", "<=", 0.4, False)),
        ('forest["forest"].score <= 0.4', (None, "forest", "forest", "score", "<=", 0.4, False)),
        ("llm.parse_failures <= 0", (None, "llm", None, "parse_failures", "<=", 0.0, False)),
    ],
)
def test_a_rule_is_taken_apart(text: str, parts: tuple[object, ...]) -> None:
    rule = parse_gate(text)
    found = (rule.benchmark, rule.analysis, rule.type, rule.metric)
    assert (*found, rule.operator, rule.limit, rule.on_reference) == parts
    assert rule.above is None


def test_the_share_of_questions_has_its_own_limit() -> None:
    rule = parse_gate("vsi.forest.share( s>0.9 ) <= 0.1")
    assert (rule.metric, rule.above, rule.limit) == ("share", 0.9, 0.1)


@given(
    name=st.text(st.characters(exclude_categories=["C"]), min_size=1),
    limit=st.floats(0.001, 0.999),
    metric=st.sampled_from(["score", "mean_s", "gain", "s95"]),
)
def test_any_type_can_be_named_in_brackets(name: str, limit: float, metric: str) -> None:
    rule = parse_gate(f"vsi.forest[{name!r}].{metric} <= {limit!r}")
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
        ("vsi.forrest.score <= 0.4", "character 5: there is no analysis 'forrest'; did you mean 'forest'?"),
        ("score <= 0.4", "a gate is on [BENCHMARK.]ANALYSIS[.TYPE].METRIC"),
        ("a.forest.b.c.score <= 0.4", "a gate is on [BENCHMARK.]ANALYSIS[.TYPE].METRIC"),
        ('vsi["forest"].score <= 0.4', "there is no analysis 'vsi'"),
        ('a["forest"].b.score <= 0.4', "character 3: a gate is on [BENCHMARK.]ANALYSIS"),
        ('forest["score"] <= 0.4', "a gate is on [BENCHMARK.]ANALYSIS[.TYPE].METRIC"),
        ("forest().score <= 0.4", "a name should stand here"),
        ("forest.score", "at its end: one of <=, <, >= and > should stand here"),
        ("forest.score == 0.4", "at '== 0.4', character 14: one of <="),
        ("0.1 <= forest.score <= 0.4", "character 5: one of <=, <, >= and > should stand here, once"),
        ("forest.score <= ", "a gate is written as in `vsi.forest.score <= 0.45`"),
        ("forest.score <= high", "at 'high', character 17: a number, `reference`"),
        ("forest.score <= True", "at 'True', character 17: a number, `reference`"),
        (
            "forest.score <= reference * 2",
            "character 17: a number, `reference`, or `reference` plus",
        ),
        ("forest.score <= 0.4 0.5", "a gate is written as in"),
        ("forest.score\n<= 0.4", "character 13: a gate is one line"),
        ('forest."left, right".score <= 0.4', 'in brackets as well: `forest["left, right"].score <= 0.4`'),
        ("vsi.forest.left-right.score <= 0.4", 'well: `vsi.forest["left-right"].score <= 0.4`'),
        ("forest[left-right].gain <= 0.4", 'well: `forest["left-right"].gain <= 0.4`'),
        ("vsi.forest.left, right.score <= 0.4", 'well: `vsi.forest["left, right"].score <= 0.4`'),
        ("my-set.llm.a b.share(s > 0.9) < 0.4", 'well: `"my-set".llm["a b"].share(s > 0.9) < 0.4`'),
        ("my-set.forest.score <= 0.4", 'well: `"my-set".forest.score <= 0.4`'),
        ("3d.forest.score <= 0.4", 'put into quotes: `"3d".forest.score`'),
        ("größe.forrest.score <= 0.4", "character 7: there is no analysis 'forrest'"),
        ("forest.score <= 45", "at '45', character 17: score lies from 0 to 1, so every report meets this"),
        ("forest.score < 1e999", "so every report meets this gate"),
        ("forest.score < 0", "so no report meets this gate"),
        ("forest.score >= 1.5", "so no report meets this gate"),
        ("forest.score <= reference + 2", "a difference of score lies from -1 to 1, so every"),
        ("forest.share <= 0.4", "share is written as in `share(s > 0.9)`"),
        ("forest.score(s > 0.4) <= 0.4", "share is written as in `share(s > 0.9)`, and no other metric"),
        ("forest.share(t > 0.4) <= 0.4", "share is written as in"),
        ("forest.share(s > 4) <= 0.4", "at '4) <= 0.4', character 18: s(x) lies from 0 to 1"),
        ("forest.share(s > 1) <= 0.4", "so v in `share(s > v)` is from 0 to less than 1"),
        ("forest.score <= 45%", "a share of 45% is written 0.45"),
        ("forest.delta <= 0.4", "at 'delta <= 0.4', character 8: forest has no delta (there are gain, "),
        (
            "forest.score <= baseline + 0.02",
            "character 17: what a gate compares with is called the reference",
        ),
        ("", "at its end: a gate is written as in"),
    ],
)
def test_what_is_no_rule_is_refused_at_its_place(text: str, problem: str) -> None:
    with pytest.raises(GateError) as refused:
        parse_gate(text)
    assert problem in str(refused.value)


def test_unknown_names_are_refused_with_the_likeliest() -> None:
    rule = parse_gate("toi.forest.pik.score <= 0.4")
    with pytest.raises(GateError, match=r"character 1: there is no benchmark 'toi'; did you mean 'toy'\?"):
        rule.check_benchmark(["toy", "vsi"])
    with pytest.raises(
        GateError, match=r"character 12: there is no question type 'pik'; did you mean 'pick'"
    ):
        rule.check_type(TYPES)
    with pytest.raises(GateError, match=r"names no benchmark; start it with one, as in `vsi\.forest\.score"):
        parse_gate("forest.score <= 0.4").check_benchmark(["toy"])
    rule.check_benchmark(["toi"])
    parse_gate("forest.score <= 0.4").check_type(TYPES)


def test_of_many_names_a_few_are_listed() -> None:
    with pytest.raises(GateError, match="type_11 and 88 more"):
        parse_gate("forest.no.score <= 0.4").check_type([f"type_{n:02d}" for n in range(100)])


def test_a_rule_with_its_benchmark_named_is_the_same_with_its_places_moved() -> None:
    rule = parse_gate("forest.pick.score <= 0.4").of("toy")
    assert rule == parse_gate("toy.forest.pick.score <= 0.4")
    assert rule.text == "toy.forest.pick.score <= 0.4"
    assert rule.places == parse_gate(rule.text).places
    assert rule.of("other") is rule


def test_a_benchmark_that_is_no_name_is_named_in_quotes() -> None:
    rule = parse_gate("forest.score <= 0.4").of("3d")
    assert rule.text == '"3d".forest.score <= 0.4'
    assert rule == parse_gate(rule.text)
    assert rule.error("analysis", "wrong").args == rule.error("analysis", "wrong").args
    assert "at 'forest.score <= 0.4', character 6: wrong" in str(rule.error("analysis", "wrong"))


def test_a_gate_may_be_on_any_analysis_that_is_named() -> None:
    analyses = {"theirs": ("score", "gain")}
    assert parse_gate("toy.theirs.score <= 0.4", analyses).analysis == "theirs"
    assert parse_gate("theirs.forest.score <= 0.4", analyses).type == "forest"
    with pytest.raises(GateError, match=r"there is no analysis 'forest' \(there is theirs\)"):
        parse_gate("toy.forest.score <= 0.4", analyses)
    with pytest.raises(GateError, match="theirs has no s95"):
        parse_gate("theirs.s95 <= 0.4", analyses)


def test_every_registered_diagnostic_may_have_gates() -> None:
    metrics = metrics_of_analyses()
    assert {names.FOREST, names.FEATURES, names.LLM, names.WORDS} <= set(metrics)
    assert "delta" in metrics[names.LLM]
    assert "delta" not in metrics[names.FOREST]
    assert set(metrics[names.MODELS]) == {"score", "lean", "falls", "seeing"}
    assert set(ZERO_SHOT_METRICS) < set(METRICS)
