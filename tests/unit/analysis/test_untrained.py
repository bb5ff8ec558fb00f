"""Held-out questions whose type no training question has."""

import numpy as np
import pandas as pd
import pytest

from tst_harness.analysis.diagnostic import FoldTask, Prediction, Questions
from tst_harness.analysis.untrained import predict_where_trained
from tst_harness.benchmark.declarations import Benchmark, Choice, Columns, LocalFile, Multi, Number, Open

KINDS = {
    "pick": "mc",
    "rare": "mc",
    "count": "num",
    "area": "num",
    "name": "open",
    "sign": "open",
    "all": "multi",
}


def task(train: list[tuple[str, float]], held_out: list[str]) -> FoldTask:
    types = [name for name, _ in train] + held_out
    benchmark = Benchmark(
        "toy",
        LocalFile("toy.jsonl"),
        Columns(text="text", answer="answer", options="options", type="type"),
        [
            *(Choice(name) for name in ("pick", "rare")),
            *(Number(name) for name in ("count", "area")),
            *(Open(name) for name in ("name", "sign")),
            Multi("all"),
        ],
    )
    options = [("x", "y") if KINDS[name] in ("mc", "multi") else None for name in types]
    frame = pd.DataFrame(
        {
            "type": types,
            "format": [KINDS[name] for name in types],
            "options": pd.Series(options, dtype=object),
        }
    )
    n = len(train)
    return FoldTask(
        Questions(benchmark, frame),
        np.arange(n),
        np.arange(n, len(types)),
        np.array([answer for _, answer in train], dtype=np.float64),
        np.arange(n),
        1,
        accepted={0: ("oak",), 1: ("pine",)},
    )


def learnt(fold: FoldTask) -> Prediction:
    """The second option of each question, the first of which fails, with one family permuted on it."""
    n = len(fold.held_out)
    values = np.array([0.25, 0.75] * n)
    return Prediction(
        values, np.full(n, 2), {"words": values[:2]}, np.array([0]), np.array([n - 1]), ("said",)
    )


def unused(fold: FoldTask) -> Prediction:
    raise AssertionError("there is nothing to learn from")


def test_what_is_trained_on_is_left_to_the_diagnostic() -> None:
    fold = task([("pick", 0)], ["pick", "pick"])
    assert predict_where_trained(learnt, fold).values.tolist() == [0.25, 0.75, 0.25, 0.75]


def test_the_rest_is_answered_as_the_baseline_does() -> None:
    fold = task([("pick", 0), ("count", 7), ("name", 1)], ["area", "pick", "rare", "sign", "pick", "all"])
    found = predict_where_trained(learnt, fold)
    assert found.counts.tolist() == [1, 2, 2, 1, 2, 2]
    assert found.values == pytest.approx([7.0, 0.25, 0.75, 0.5, 0.5, 1.0, 0.25, 0.75, 0.5, 0.5])
    assert found.texts == ("said", "pine")
    assert (found.sampled.tolist(), found.failed.tolist()) == ([1], [4])


def test_nothing_at_all_to_learn_from() -> None:
    found = predict_where_trained(unused, task([("pick", 0)], ["area", "sign"]))
    assert found.values.tolist() == [0.0, 0.0]
    assert found.texts == ("",)


def test_a_language_model_needs_the_format_alone() -> None:
    fold = task([("pick", 0)], ["rare", "area"])
    found = predict_where_trained(learnt, fold, "format")
    assert found.values.tolist() == [0.25, 0.75, 0.0]
