from typing import Any

import numpy as np
import pandas as pd
import pytest

from tst_harness import Benchmark, Choice, Columns, LocalFile
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


def test_of_many_shortcuts_the_strongest_are_told(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shortcuts, "MOST_INDEXED", 1)
    found = significant_shortcuts(dataset, [rules((1.0, range(15)), (1.0, range(40)))])
    assert len(found.shortcuts) == 2
    assert found.applies == {f"q{number}": [0] for number in range(QUESTIONS)}


def test_without_rules_nothing_applies(dataset: Dataset) -> None:
    assert significant_shortcuts(dataset, []) == ([], 0, {})
