from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tst_harness import Benchmark, Choice, Columns, LocalFile, Number
from tst_harness.checks import shortcuts
from tst_harness.checks.rules import Rules
from tst_harness.checks.shortcuts import significant_shortcuts
from tst_harness.dataset.loading import Dataset
from tst_harness.dataset.provenance import Fingerprint, SourceReport

QUESTIONS = 40


@pytest.fixture
def dataset() -> Dataset:
    ids = [f"q{number}" for number in range(QUESTIONS)]
    frame = pd.DataFrame(
        {"id": ids, "group": ids, "text": ids, "type": "pick", "format": "mc", "answer": 0.0}
    )
    frame["position"] = np.arange(QUESTIONS)
    frame["options"] = [("oak", "elm")] * QUESTIONS
    source = SourceReport(
        kind="file",
        location="demo.jsonl",
        rows=QUESTIONS,
        questions=QUESTIONS,
        groups=QUESTIONS,
        fingerprint=Fingerprint(content="", row_order=""),
    )
    columns = Columns(id="id", text="q", options="options", answer="answer")
    return Dataset(Benchmark("demo", LocalFile("demo.jsonl"), columns, [Choice("pick")]), frame, source)


def rules(*applied: tuple[float, Any]) -> Rules:
    """Rules of one type, each with its score on every question that it applies to."""
    return Rules(
        type="pick",
        texts=[f"rule {number} is right {{}} of the time" for number in range(len(applied))],
        rule=np.concatenate([np.full(len(at), number) for number, (_, at) in enumerate(applied)]),
        question=np.concatenate([np.asarray(at) for _, at in applied]),
        score=np.concatenate([np.full(len(at), score) for score, at in applied]),
        blind_baseline=np.full(sum(len(at) for _, at in applied), 0.25),
        tested=np.ones(sum(len(at) for _, at in applied), dtype=bool),
    )


def test_it_is_told_which_shortcuts_apply_to_a_question(dataset: Dataset) -> None:
    found = significant_shortcuts(
        dataset, [rules((1.0, range(10, 30)), (0.2, range(40)), (1.0, range(25, 40)))]
    )
    assert [one.text for one in found.shortcuts] == [
        "rule 0 is right 100% of the time",
        "rule 2 is right 100% of the time",
    ]
    assert found.tried == 3
    assert found.applies == {
        f"q{number}": [0] * (10 <= number < 30) + [1] * (number >= 25) for number in range(10, 40)
    }


def test_rules_are_ordered_by_what_they_gain_over_the_most_frequent_answer(dataset: Dataset) -> None:
    candidates = rules((0.9, range(20)), (0.8, range(20, 40)), (0.7, range(10, 30)))
    most_frequent = np.where(np.arange(QUESTIONS) < 20, 0.85, 0.25)
    found = significant_shortcuts(dataset, [candidates], most_frequent)
    # The third is below what the most frequent answer scores on some of its questions, and above on others.
    assert [rule.text[:6] for rule in found.shortcuts] == ["rule 1", "rule 2", "rule 0"]
    # Where it scores no more than chance, it is no guess to compare with.
    assert [rule.most_frequent for rule in found.shortcuts] == [
        None,
        pytest.approx(0.55),
        pytest.approx(0.85),
    ]
    worse = significant_shortcuts(dataset, [rules((0.9, range(20)))], np.full(QUESTIONS, 0.1))
    assert worse.shortcuts[0].gain == pytest.approx(0.65)
    assert [rule.gain for rule in found.shortcuts] == pytest.approx([0.55, 0.15, 0.05])
    [above] = significant_shortcuts(dataset, [candidates], np.full(QUESTIONS, 0.85)).shortcuts
    assert above.text.startswith("rule 0")
    assert significant_shortcuts(dataset, [rules((0.9, range(20)))]).shortcuts[0].most_frequent is None


def test_questions_that_a_rule_was_looked_for_in_do_not_speak_for_it(dataset: Dataset) -> None:
    everywhere = rules((1.0, range(40)))
    elsewhere = replace(everywhere, tested=everywhere.question < 12)
    [all_tested] = significant_shortcuts(dataset, [everywhere]).shortcuts
    [shortcut] = significant_shortcuts(dataset, [elsewhere]).shortcuts
    assert shortcut.support == 40
    assert shortcut.score == 1.0
    assert shortcut.p_value == pytest.approx(0.25**12, rel=0.1)
    assert shortcut.p_value > all_tested.p_value
    untested = replace(everywhere, tested=everywhere.question < 1)
    assert significant_shortcuts(dataset, [untested]).shortcuts == []


def test_of_many_shortcuts_the_strongest_are_told(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shortcuts, "MOST_INDEXED", 1)
    found = significant_shortcuts(dataset, [rules((1.0, range(15)), (0.9, range(40)))])
    assert len(found.shortcuts) == 2
    assert found.applies == {f"q{number}": [0] for number in range(QUESTIONS)}


def with_condition(inside: list[float], outside: list[float]) -> Rules:
    """A rule, and the same on the first of its questions alone, as with a condition; with what they score."""
    n = len(inside)
    whole = rules((0.0, range(n + len(outside))), (0.0, range(n)))
    return replace(whole, score=np.array([*inside, *outside, *inside]))


def test_a_condition_that_does_not_matter_makes_no_rule_of_its_own(dataset: Dataset) -> None:
    found = significant_shortcuts(dataset, [with_condition([1.0] * 18 + [0.0] * 2, [1.0] * 18 + [0.0] * 2)])
    assert [each.text for each in found.shortcuts] == ["rule 0 is right 90% of the time"]
    assert found.tried == 2


def test_one_that_matters_does(dataset: Dataset) -> None:
    found = significant_shortcuts(dataset, [with_condition([1.0] * 20, [1.0] * 8 + [0.0] * 12)])
    assert [each.text for each in found.shortcuts] == [
        "rule 0 is right 70% of the time",
        "rule 1 is right 100% of the time",
    ]


def test_a_rule_is_kept_where_what_is_without_its_condition_is_none(dataset: Dataset) -> None:
    found = significant_shortcuts(dataset, [with_condition([1.0] * 12, [0.0] * 28)])
    assert [each.text for each in found.shortcuts] == ["rule 1 is right 100% of the time"]


def test_of_two_options_that_a_rule_leaves_one_is_taken(dataset: Dataset) -> None:
    dataset.frame["options"] = [("oak", "elm", "ash", "fir")] * QUESTIONS
    leaves_two = replace(rules((1.0, range(40))), blind_baseline=np.full(QUESTIONS, 0.5))
    [shortcut] = significant_shortcuts(dataset, [leaves_two]).shortcuts
    assert (shortcut.text, shortcut.score) == ("rule 0 is right 50% of the time", 0.5)
    assert shortcut.blind_baseline == 0.25
    # That the gold option is one of the two each time is as unlikely as before.
    assert shortcut.p_value == pytest.approx(0.5**40, rel=0.1)


@pytest.mark.parametrize("n", [40, 38])
def test_a_rule_in_other_words_is_said_once(dataset: Dataset, n: int) -> None:
    found = significant_shortcuts(dataset, [rules((1.0, range(40)), (1.0, range(n)))])
    assert [each.text for each in found.shortcuts] == ["rule 0 is right 100% of the time"]


def test_one_that_chooses_otherwise_is_another_rule(dataset: Dataset) -> None:
    found = significant_shortcuts(dataset, [rules((0.9, range(40)), (0.8, range(20)))])
    assert len(found.shortcuts) == 2


def test_a_number_has_to_be_better_than_that_of_the_wider_rule(dataset: Dataset) -> None:
    declared = dataset.benchmark.model_copy(update={"question_types": (Number("pick"),)})
    numbers = replace(dataset, benchmark=declared)
    worse = significant_shortcuts(numbers, [rules((0.9, range(40)), (0.8, range(20)))])
    assert [each.support for each in worse.shortcuts] == [40]
    better = significant_shortcuts(numbers, [rules((0.8, range(40)), (0.9, range(20)))])
    assert [each.support for each in better.shortcuts] == [40, 20]


def test_without_rules_nothing_applies(dataset: Dataset) -> None:
    assert significant_shortcuts(dataset, []) == ([], 0, {})
