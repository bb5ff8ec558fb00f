"""What a report says is to be done about what it found."""

from typing import Any

import pytest
from snapshots import make_report

from tst_harness.analysis.opposite_answers import OppositeAnswers
from tst_harness.checks.comparison import Comparison, ContextReport, PairedScores
from tst_harness.checks.copying import CopyTest
from tst_harness.checks.duplicates import DuplicateCluster, DuplicatesReport
from tst_harness.checks.kept_together import KeptTogether
from tst_harness.checks.rules import SENTENCES
from tst_harness.checks.shortcuts import Shortcut
from tst_harness.dataset.provenance import Fault
from tst_harness.report.schema import ChecksReport, Report
from tst_harness.report.verdict_schema import Finding, FindingKind, VerdictReport
from tst_harness.views.advice import advice, remedy_of
from tst_harness.views.shortcuts import worth
from tst_harness.views.verdict import verdict_sentence


def with_rules(*texts: str, support: int = 30, score: float = 0.8, **update: Any) -> Report:
    report, _ = make_report()
    rules = [
        Shortcut(type="pick", text=text, support=support, score=score, blind_baseline=0.4, p_value=0.001)
        for text in texts
    ]
    forest = report.diagnostics["forest"].model_copy(update={"shortcuts": rules})
    return report.model_copy(update={"diagnostics": {"forest": forest}, **update})


def found(kind: FindingKind) -> VerdictReport:
    finding = Finding(kind=kind, count=1, p_value=0.001, effect=-0.4)
    return VerdictReport(verdict="found", units=60, unit="question", smallest_effect=0.1, findings=[finding])


def test_a_report_that_found_nothing_has_no_advice() -> None:
    assert advice(with_rules()) == []


def sentences() -> list[str]:
    """A rule of each kind that has a sentence."""
    key = ("red", "green", "blue", "grey")
    made = [sentence(key) for name, sentence in SENTENCES.items() if name not in _NUMBERED]
    made += [SENTENCES[name](key) for name, key in _NUMBERED.items()]
    return [text.format("80%") for text in made]


_NUMBERED: dict[str, tuple[Any, ...]] = {
    "position": (1, 4),
    "length": ("longest",),
    "place in list": ("red", 1),
    "number in set": ("rank", 0, 4),
}


@pytest.mark.parametrize(
    ("text", "remedy", "what"),
    [
        ("an option with the word `number` is right 80% of the time", "rebalance", "Let wrong options"),
        (
            "when other questions mention the same things in other roles, their answers give it away",
            "regroup",
            "Ask about each set of things once",
        ),
        ("when the question says `how`, the answer `2` scores 80%", "rebalance", "Ask the same of other"),
        ("the longest option is right 80% of the time", "rebalance", "Make wrong options as long"),
        ("of 4 options, the 2nd is right 80% of the time", "shuffle", "Put the options"),
        ("an option that is the 2nd is right 80% of the time", "shuffle", "Put the options"),
        ("an option that is the largest number is right 80% of the time", "rebalance", "Draw wrong numbers"),
        ("of 4 numbers, the 1st smallest is right 80% of the time", "rebalance", "Draw wrong numbers"),
        ("an option that has `a` before `b` is right 80% of the time", "shuffle", "Make wrong orders"),
        ("when `a` and `b` are options, the former is right 80% of the time", "rebalance", "Where both are"),
        (
            "an option that has the most words in common with the question is right 80% of the time",
            "rebalance",
            "Write wrong options",
        ),
        ("when `no` is an option, it is right 80% of the time", "rebalance", "Offer this option"),
        ("the option `red` is right 80% of the time", "rebalance", "Offer this option"),
        ("when the question says `how`, `no` is right 80% of the time", "rebalance", "Offer this option"),
        ("whatever the question says", "reword", "Reword the questions"),
    ],
)
def test_a_rule_has_its_remedy_and_is_found_by_its_place(text: str, remedy: str, what: str) -> None:
    other = "an option with the word `only`" if what != "Let wrong options" else "whatever else"
    [first, second] = advice(with_rules(other, text))
    assert (second.remedy, second.rule) == (remedy, 1)
    assert second.what.startswith(what)
    assert "worth +20.0 points of the whole score over chance" in second.finding
    assert first.leaves is second.leaves is None


def test_each_kind_of_rule_about_options_has_advice_about_options() -> None:
    assert {remedy_of(text)[0] for text in sentences()} == {"rebalance", "shuffle"}


def test_rules_of_a_kind_have_one_entry_that_counts_the_others() -> None:
    texts = [f"an option with the word `{word}` is right 80% of the time" for word in ("red", "blue", "tall")]
    [words, longest] = advice(with_rules(texts[0], "the longest option is right 80%", *texts[1:]))
    assert (words.rule, longest.rule) == (0, 1)
    assert words.finding.endswith(" (2 more of this kind)")
    assert "more of this kind" not in longest.finding


def test_a_frequent_answer_is_a_finding_of_its_own() -> None:
    report = with_rules(verdict=found("gain"))
    assert advice(report) == []
    assert "the most frequent answers" not in str(verdict_sentence(report))
    forest = report.diagnostics["forest"]
    types = {
        name: scores.model_copy(
            update={"n": 60, "chance": 0.5, "most_frequent": 0.92, "blind_baseline": 0.92}
        )
        for name, scores in list(forest.types.items())[:1]
    }
    report = report.model_copy(update={"diagnostics": {"forest": forest.model_copy(update={"types": types})}})
    [told] = advice(report)
    assert told.remedy == "rebalance"
    assert "the most frequent answer scores 92.0%, where chance is 50.0%, and the gain" in told.finding
    assert str(verdict_sentence(report)).endswith(
        "; the most frequent answers alone score 42.0 points more than chance, which the gain leaves out: "
        "read the score beside it"
    )


def test_worth_is_what_a_rule_adds_to_the_whole_score() -> None:
    diagnostic = with_rules("an option").diagnostics["forest"]
    # 30 of 60 questions, 40 points above the baseline.
    assert worth(diagnostic.shortcuts[0], diagnostic) == pytest.approx(0.2)
    assert worth(diagnostic.shortcuts[0], diagnostic.model_copy(update={"overall": None})) is None


@pytest.mark.parametrize(("low", "said"), [(0.01, True), (-0.01, False)])
def test_shared_context_is_told_where_it_is_significant(low: float, said: bool) -> None:
    paired = PairedScores(
        n=60, score=0.6, interval=(0.5, 0.7), against=0.5, difference=0.1, difference_interval=(low, 0.2)
    )
    context = ContextReport(diagnostic="forest", overall=paired, types={})
    told = advice(with_rules(context=[context]))
    assert [(each.remedy, each.leaves) for each in told] == [("regroup", 0.5)] * said


def test_faulty_rows_are_to_be_corrected() -> None:
    report = with_rules()
    faults = [
        Fault(row=row, id=id, field="answer", problem="names none")
        for row, id in ((3, "a"), (3, "a"), (5, "b"))
    ]
    report = report.model_copy(update={"source": report.source.model_copy(update={"faults": faults})})
    [told] = advice(report)
    assert (told.remedy, told.ids, told.finding) == ("correct", ("a", "b"), "2 rows have faults")


def test_a_null_control_has_no_advice() -> None:
    assert advice(with_rules("an option", null_control=True)) == []


def checks_with(p_value: float, score: float = 1.0, across_groups: int | None = None) -> ChecksReport:
    clusters = [
        DuplicateCluster(
            size=len(ids), groups=2, types=["pick"], similarity=1.0, same_answer=1.0, text=None, ids=list(ids)
        )
        for ids in ("abc", "de")
    ]
    duplicates = DuplicatesReport(
        least_similarity=0.9,
        questions=5,
        exact=5,
        clusters=2,
        across_groups=across_groups,
        across_folds=2,
        copying=CopyTest(n=5, score=score, chance=0.4, p_value=p_value),
        types={},
        largest=clusters,
    )
    return ChecksReport(duplicates=duplicates)


@pytest.mark.parametrize(("p_value", "said"), [(0.001, True), (0.3, False)])
def test_duplicates_that_leak_are_listed_but_the_first_of_each(p_value: float, said: bool) -> None:
    told = advice(with_rules(checks=checks_with(p_value)))
    assert [(each.remedy, each.ids) for each in told] == [("remove", ("b", "c", "e"))] * said


def test_duplicates_across_groups_are_balanced_and_not_removed() -> None:
    [same_of_several] = advice(with_rules(checks=checks_with(0.001, across_groups=2)))
    assert (same_of_several.remedy, same_of_several.ids) == ("rebalance", ())
    [few_of_several] = advice(with_rules(checks=checks_with(0.001, across_groups=1)))
    assert few_of_several.remedy == "remove"


def test_opposite_answers_are_kept_together_and_not_removed() -> None:
    [of_duplicates] = advice(with_rules(checks=checks_with(0.001, score=0.0)))
    assert (of_duplicates.remedy, of_duplicates.ids) == ("regroup", ())
    opposite = OppositeAnswers(by="group", questions=60, units=30, balanced=30, p_value=0.0)
    [of_groups] = advice(with_rules(checks=ChecksReport(opposite_answers=opposite)))
    assert of_groups.finding == "30 of 30 groups have as many of one answer as of the other"
    assert of_groups.what == of_duplicates.what


def test_opposite_answers_are_said_with_what_is_left() -> None:
    verdict = found("duplicates")
    checks = checks_with(0.001, score=0.0)
    assert checks.duplicates is not None
    overall = PairedScores(
        n=60,
        score=0.5,
        interval=(0.4, 0.6),
        against=0.84,
        difference=-0.34,
        difference_interval=(-0.4, -0.3),
    )
    kept = KeptTogether(
        clusters=30,
        questions=60,
        clusters_apart=0,
        questions_apart=0,
        types=["pick"],
        comparison=Comparison(overall=overall, types={}),
    )
    duplicates = checks.duplicates.model_copy(update={"kept_together": kept})
    report = with_rules(checks=ChecksReport(duplicates=duplicates), verdict=verdict)
    assert verdict_sentence(report) == (
        "found: duplicates have opposite answers: copying one scores 40.0 points less than chance "
        "(p = 0.0010); with duplicates in the same fold the score is 50.0%"
    )
    [entry] = advice(report)
    assert entry.leaves == 0.5
