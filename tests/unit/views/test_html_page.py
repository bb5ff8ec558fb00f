import base64
import gzip
import hashlib
import html
import json
import random
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from html_pages import data_of
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape
from record_builders import make_shortcut
from snapshots import IDS, make_report, make_snapshot

from tst_harness.gates.comparison import ComparedDiagnostic, Trained, compare_runs
from tst_harness.report.schema import Report
from tst_harness.report.verdict_schema import Finding, VerdictReport
from tst_harness.stats.metrics import Metric
from tst_harness.stats.samples import Samples
from tst_harness.views.html import report as report_module
from tst_harness.views.html.comparison import comparison_page
from tst_harness.views.html.glossary import GLOSSARY
from tst_harness.views.html.packing import diagnosed, packed, question_columns
from tst_harness.views.html.rendering import typeset
from tst_harness.views.html.report import Statement, report_page, statements

SCRIPT = "<script>alert(1)</script>"
HOSTILE = (SCRIPT, "{{7*7}}", r"$\frac{a}{b}$", "مرحبا", "椅子", "</script>", "`code`")


def line(id: str, **changes: Any) -> dict[str, Any]:
    asked = {"text": f"What is {id}?", "options": ["w", "x", "y", "z"], "answer": "A", "shortcuts": []}
    return {"id": id, **asked, **changes}


def page_of(report: Report, samples: pd.DataFrame, **changes: Any) -> str:
    return report_page(report, samples, [line(id, **changes) for id in dict.fromkeys(samples["id"])])


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.lists(st.floats(0, 1))))
def test_what_is_packed_is_unpacked_and_needs_no_escaping(value: dict[str, Any]) -> None:
    text = packed(value)
    assert re.fullmatch("[A-Za-z0-9+/=]*", text)
    assert packed(value) == text
    unpacked = json.loads(gzip.decompress(base64.b64decode(text)))
    assert unpacked == json.loads(json.dumps(value).encode("utf-8", "replace"))


def test_the_same_report_gives_the_same_page() -> None:
    first, second = (page_of(*make_report(2, llm=True)) for _ in range(2))
    assert first == second


def test_a_page_asks_the_network_for_nothing_and_runs_no_script_but_its_own() -> None:
    page = page_of(*make_report())
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//|@import|url\(\s*['"]?http""", page)
    policy = re.search("script-src 'sha256-([^']+)'", page)
    own = re.findall(r"<script>(.*?)</script>", page, flags=re.DOTALL)
    assert policy is not None
    assert [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in own] == [policy[1]]


def test_5_000_questions_take_less_than_3_megabytes() -> None:
    rng = random.Random(0)
    vocabulary = [
        "".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=rng.randint(2, 11))) for _ in range(4000)
    ]
    ids = [str(number) for number in range(5000)]
    report, samples = make_report(ids=ids)
    shares = np.random.default_rng(0).dirichlet([1.0] * 4, len(samples)).round(6).tolist()
    samples["probabilities"] = pd.Series(shares, dtype=object)
    lines = [
        line(
            id,
            text=" ".join(rng.choices(vocabulary, k=40)),
            options=[" ".join(rng.choices(vocabulary, k=5)) for _ in range(4)],
            shortcuts=rng.sample(range(50), 5),
        )
        for id in ids
    ]
    assert len(report_page(report, samples, lines).encode()) < 3_000_000


@pytest.mark.parametrize("hostile", HOSTILE)
def test_content_is_text(hostile: str) -> None:
    report, samples = make_report(title=hostile)
    forest = report.diagnostics["forest"]
    renamed = {hostile if name == "route" else name: scores for name, scores in forest.types.items()}
    forest = forest.model_copy(
        update={"types": renamed, "shortcuts": [make_shortcut(text=hostile)], "rules_tried": 9}
    )
    report = report.model_copy(update={"diagnostics": {"forest": forest}})
    samples["type"] = samples["type"].replace("route", hostile)
    page = page_of(report, samples, text=hostile)
    assert page.count("<script") == page.count("</script>") == 2
    assert SCRIPT not in page
    assert f"<h1>{escape(hostile)}</h1>" in page
    questions = data_of(page)["questions"]
    assert hostile in questions["types"]
    assert questions["text"] == [hostile] * len(questions["id"])


def test_texts_that_are_left_out_are_nowhere() -> None:
    report, samples = make_report()
    report = report.model_copy(update={"texts": "omitted"})
    page = page_of(report, samples, text=None, options=None, answer=None)
    questions = data_of(page)["questions"]
    assert (questions["text"], questions["options"], questions["answer"]) == (None, None, None)
    assert "not shown, as the benchmark's terms require" in page


def test_a_page_without_questions_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_module, "MOST_LISTED", 10)
    page = page_of(*make_report())
    assert "lists no questions, since there are 60" in page
    assert 'id="data"' not in page


def test_an_incomplete_report_has_a_page_without_a_score() -> None:
    report, samples = make_report(missing=1)
    page = page_of(report, samples)
    assert "incomplete, so no score: 1 of 3 folds left no record" in page
    assert 'class="big"' not in page
    assert 'id="data"' not in page


def test_scores_and_probabilities_are_means_over_repeats() -> None:
    _, samples = make_report(2)
    ids = list(dict.fromkeys(samples["id"]))
    samples["s"] = samples["repeat"].map({0: 0.2, 1: 0.4})
    shares = {0: [0.5, 0.5], 1: [0.25, 0.75]}
    samples["probabilities"] = pd.Series([shares[repeat] for repeat in samples["repeat"]], dtype=object)
    samples.loc[(samples["id"] == "7") & (samples["repeat"] == 1), "probabilities"] = None
    found = diagnosed(samples, "forest", ids)
    assert set(found["s"]) == {0.3}
    by_id = dict(zip((ids[at] for at in found["at"]), found["probabilities"], strict=True))
    assert by_id.pop("7") == [0.5, 0.5]
    assert all(row == [0.375, 0.625] for row in by_id.values())


@pytest.mark.parametrize(("repeats", "told"), [(1, None), (2, "means over 2 repeats")])
def test_what_is_of_the_first_repeat_is_said(repeats: int, told: str | None) -> None:
    [view] = data_of(page_of(*make_report(repeats)))["views"]
    assert view["note"] is None if told is None else told in view["note"]


def test_what_is_of_the_first_repeat_is_said_of_two_runs() -> None:
    before, after = make_snapshot(1), make_snapshot(3, seed=1)
    new, old = (Samples.of(found.samples, "forest").only(IDS, 1) for found in (after, before))
    pairs = compare_runs(new, old, Metric("score"), folds=3, seed=0)
    page = comparison_page(
        before,
        after,
        ("a.json", "b.json"),
        [ComparedDiagnostic("forest", pairs, [], 0.5, Trained(40, 40))],
        [],
    )
    [view] = data_of(page)["views"]
    assert "1 before and 3 after" in view["note"]
    lines = re.findall(r'<g data-row="\d+">', page)
    # On wide screens and on narrow ones.
    assert len(lines) == 2 * (len(pairs) - 1)


def test_zero_shot_scores_are_there_where_there_are_any() -> None:
    page = page_of(*make_report(llm=True))
    forest, llm = data_of(page)["views"]
    assert (forest["name"], llm["name"]) == ("forest", "llm")
    assert "zero_shot" not in forest["data"]
    assert len(llm["data"]["zero_shot"]) == len(llm["data"]["at"]) == 60


def test_a_shortcut_that_the_report_does_not_have_is_passed_over() -> None:
    _, samples = make_report()
    rules = [make_shortcut(text="`a`"), make_shortcut(text="b"), make_shortcut(text="c")]
    questions = question_columns(samples, [line("0", shortcuts=[0, 1, 7])], rules)
    assert questions["applies"][questions["id"].index("0")] == [0, 1]
    assert questions["shortcuts"] == ["“a”", "b"]


def test_sentences_with_a_dash_stand_under_the_one_before() -> None:
    assert list(statements(["one", "- a", "- b", "two"])) == [
        Statement("one", ["a", "b"]),
        Statement("two", []),
    ]


def test_quotation_marks() -> None:
    assert typeset("when `left` and `right` are options") == "when “left” and “right” are options"


def test_a_verdict_stands_under_the_score_with_a_line_for_each_claim() -> None:
    report, samples = make_report()
    findings = [
        Finding(kind="gain", count=1, p_value=0.001, effect=0.25, diagnostic="forest"),
        Finding(kind="order", count=1, p_value=0.01, effect=-0.1),
    ]
    verdict = VerdictReport(
        verdict="found", units=60, unit="question", smallest_effect=0.05, findings=findings
    )
    page = page_of(report.model_copy(update={"verdict": verdict}), samples)
    _, _, below = page.partition('class="hero"')
    assert "Verdict: <strong>found</strong>" in below
    assert re.findall(r"<li>(.*?)</li>", below)[1] == (
        "the order of the questions leaks answers: repeating an earlier answer scores 10.0 points less than "
        "chance (p\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}0.0100)"
    )


def test_all_diagnostics_are_in_one_chart_and_terms_are_defined_where_they_stand() -> None:
    page = page_of(*make_report(llm=True))
    [legend] = re.findall(r"held-out score of (\w+) with its interval(.*?)</p>", page)
    strongest, others = legend
    assert {strongest, *re.findall(r"other\d\"></span>(\w+)", others)} == {"forest", "llm"}
    for term in ("blind baseline", "held-out"):
        assert f'title="{GLOSSARY[term]}' in html.unescape(page)
