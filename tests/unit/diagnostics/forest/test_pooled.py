import random

import numpy as np
import pandas as pd
import pytest
from forest_builders import forms_of

import tst_harness
from tst_harness.analysis.diagnostic import FoldTask, Questions
from tst_harness.benchmark.declarations import Benchmark, Choice, Columns, LocalFile
from tst_harness.diagnostics.forest.choice import ChoiceModel
from tst_harness.diagnostics.forest.diagnostic import ForestDiagnostic
from tst_harness.diagnostics.forest.permutation import TypePrediction
from tst_harness.diagnostics.forest.pooled import Pooled, blended
from tst_harness.diagnostics.forest.reading import Reading

TYPES = 8
EACH = 24
WORDS = tuple(a + b for a in ("ba", "de", "ki", "lo", "mu") for b in ("lan", "mor", "net", "pur", "sil"))


def made(seed: int, planted: bool) -> tuple[Questions, np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """Small types whose gold option, where something is planted, is the longest in half and more."""
    rng = random.Random(seed)
    rows, gold = [], []
    for number in range(TYPES * EACH):
        options = [" ".join(rng.sample(WORDS, 3)) for _ in range(4)]
        marked = rng.randrange(4)
        options[marked] += f" {rng.choice(WORDS)}"
        gold.append(float(marked if planted and rng.random() < 0.5 else rng.randrange(4)))
        rows.append(
            (str(number), f"type {number % TYPES}", "mc", " ".join(rng.sample(WORDS, 6)), tuple(options))
        )
    benchmark = Benchmark(
        name="made_up",
        source=LocalFile("made_up.jsonl"),
        columns=Columns(id="id", text="text", answer="answer", options="options", type="type"),
        question_types=[Choice(f"type {i}") for i in range(TYPES)],
    )
    frame = pd.DataFrame(rows, columns=["id", "type", "format", "text", "options"])
    return Questions(benchmark, frame), np.array(gold)


def gain(seed: int, planted: bool) -> float:
    questions, gold = made(seed, planted)
    every = np.arange(len(gold))
    held_out = every[every // TYPES % 4 == 0]
    train = np.setdiff1d(every, held_out)
    task = FoldTask(questions, train, held_out, gold[train], train, seed)
    values = ForestDiagnostic(importances=False).predict(task).values.reshape(-1, 4)
    return float((values.argmax(axis=1) == gold[held_out]).mean() - 0.25)


@pytest.mark.simulation
def test_what_small_types_have_in_common_is_learnt(monkeypatch: pytest.MonkeyPatch) -> None:
    together = np.mean([gain(seed, planted=True) for seed in range(5)])
    monkeypatch.setattr(Pooled, "of", lambda *_: None)
    apart = np.mean([gain(seed, planted=True) for seed in range(5)])
    # Following the length is worth 37.5 points, which 18 training questions of one type show a part of.
    assert together > apart + 0.03


@pytest.mark.simulation
def test_where_nothing_is_planted_nothing_is_learnt() -> None:
    gains = [gain(seed, planted=False) for seed in range(12)]
    assert abs(np.mean(gains)) < 3 * np.std(gains, ddof=1) / len(gains) ** 0.5


@pytest.mark.parametrize(("patterns", "types"), [((None, None), 2), ((None, "Which"), 0)])
def test_types_with_a_declared_pattern_are_left_out(patterns: tuple[str | None, ...], types: int) -> None:
    declared = [Choice(f"type {i}", pattern) for i, pattern in enumerate(patterns)]
    questions, _ = made(0, planted=False)
    two = questions.frame[questions.frame["type"].isin([one.name for one in declared])].reset_index(drop=True)
    benchmark = questions.benchmark.model_copy(update={"question_types": declared})
    pooled = Reading.of(Questions(benchmark, two)).pooled
    assert (0 if pooled is None else len(pooled.types)) == types


def test_scores_of_the_wording_go_with_their_options() -> None:
    texts, options = [f"What {word}?" for word in WORDS[:6]], [("yes", "no", "both")] * 6
    rng = np.random.default_rng(0)
    order = rng.permutation(6)
    rows = {"one": np.sort(order[:3]), "other": np.sort(order[3:])}
    choices = {
        name: ChoiceModel(forms_of([texts[i] for i in at], [options[i] for i in at]))
        for name, at in rows.items()
    }
    frame = pd.DataFrame({"text": texts, "options": pd.Series(options, dtype=object)})
    pooled = Pooled.of(frame, rows, choices, ("one", "other"), 1)
    assert pooled is not None
    scores = {
        name: np.asarray(3.0 * at[:, None] + np.arange(3), dtype=np.float64).reshape(-1, 1)
        for name, at in rows.items()
    }
    np.testing.assert_array_equal(pooled.texts({"wording": scores})["wording"][:, 0], np.arange(18))
    assert pooled.texts({}) == {}


@pytest.mark.parametrize("n_train", [1, 800, 10**9])
def test_the_smaller_a_type_the_more_counts_the_pooled_reading(n_train: int) -> None:
    counts = np.array([2, 3])
    own = TypePrediction(
        np.array([0.5, 0.5, 0.2, 0.3, 0.5]), counts, {"a": np.array([0.1, 0.4, 0.5])}, np.array([1])
    )
    pooled = TypePrediction(
        np.array([0.2, 0.2, 0.6, 0.9, 0.1, 0.6, 0.3, 0.1]),
        np.array([3, 2, 3]),
        {"b": np.array([0.3, 0.3, 0.4])},
        np.array([2]),
    )
    found = blended(own, pooled, np.array([1, 2]), n_train)
    weight = min(0.5, 800 / (800 + n_train))
    expected = np.array([0.2, 0.3, 0.5]) ** (1 - weight) * np.array([0.6, 0.3, 0.1]) ** weight
    np.testing.assert_allclose(found.values[2:], expected / expected.sum())
    np.testing.assert_allclose(np.add.reduceat(found.values, [0, 2]), 1.0)
    assert set(found.permuted) == {"a", "b"}
    changed = np.array([0.2, 0.3, 0.5]) ** (1 - weight) * np.array([0.3, 0.3, 0.4]) ** weight
    np.testing.assert_allclose(found.permuted["b"], changed / changed.sum())


@pytest.mark.parametrize(("types", "notes"), [(2, 1), (1, 0)])
def test_types_read_together_are_said(types: int, notes: int) -> None:
    rows = [
        {
            "question": f"Which of them is it, {number}?",
            "options": ["oak", "elm"],
            "answer": "AB"[number % 2],
            "kind": f"type {number % types}",
        }
        for number in range(40)
    ]
    report = tst_harness.audit(rows, type="kind", folds=2, progress=False)
    own = [note for note in report.content.diagnostics["forest"].notes if "read together" in note]
    assert len(own) == notes
    assert all(note.startswith("the 2 types of choice without a pattern are read together") for note in own)
