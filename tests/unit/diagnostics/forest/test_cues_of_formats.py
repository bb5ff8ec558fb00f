"""Cues of open questions and of several right options: found, named, and nothing where there is nothing."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from format_cues import MULTI_KINDS, OPEN_KINDS, with_cue

from tst_harness.analysis.blind_baseline import accepted_by_answer
from tst_harness.analysis.diagnostic import FoldTask, Questions
from tst_harness.analysis.scoring import score
from tst_harness.checks.shortcut_rules import rules_of
from tst_harness.checks.shortcuts import significant_shortcuts
from tst_harness.dataset.loading import Dataset
from tst_harness.diagnostics.forest.diagnostic import ForestDiagnostic
from tst_harness.diagnostics.forest.reading import Reading

QUESTIONS = 600
pytestmark = pytest.mark.simulation
NAMES = {
    "a word of the question tells the answer": "when the question says `",
    "two words of the question tell the answer": "when the question says `",
    "the length of the question tells the answer": "when the question has ",
    "the answer is the first of two colours in the question": " `or` in the question",
    "the answer is the first of two words in the question": " in the question, said as the answer",
    "the answer is the number of the question": "number in the question, said as the answer",
    "the answer is the last word of the question": "the last word in the question, said as the answer",
    "the answer is what the question has in quotes": "what the question has in quotation marks",
    "a Chinese sign tells the answer": "when the question says `",
    "right options have a word": "the word `",
    "right options are longer": "the longest option",
    "right options begin with a capital": "begins with a capital letter",
    "right options have a digit": "has a digit",
    "right options have a Chinese sign": "the word `",
    "a word of the question tells a word of the right options": "when the question says `",
}


def gain(dataset: Dataset) -> float:
    """Points over the blind baseline in the last of three parts, learnt from the others."""
    rows = np.arange(len(dataset.frame))
    train, held_out = rows[rows % 3 < 2], rows[rows % 3 == 2]
    answers = dataset.frame["answer"].to_numpy(dtype=np.float64)
    task = FoldTask(
        Questions.of(dataset),
        train,
        held_out,
        answers[train],
        train,
        1,
        accepted=accepted_by_answer(dataset, train),
    )
    scored = score(dataset, ForestDiagnostic().predict(task), train, held_out)
    return 100.0 * float((scored.score - scored.blind_baseline).mean())


def named(dataset: Dataset) -> list[str]:
    rules = rules_of(dataset, Reading.of(Questions.of(dataset)), np.arange(len(dataset.frame)), 0)
    return [shortcut.text for shortcut in significant_shortcuts(dataset, rules).shortcuts]


def permuted(dataset: Dataset) -> Dataset:
    order = np.random.default_rng(4).permutation(len(dataset.frame))
    return replace(dataset, frame=dataset.frame.assign(answer=dataset.frame["answer"].to_numpy()[order]))


@pytest.mark.parametrize("kind", [kind for kind in OPEN_KINDS | MULTI_KINDS if kind in NAMES])
def test_a_cue_is_found_and_named(tmp_path: Path, kind: str) -> None:
    dataset, share = with_cue(kind, tmp_path / "set.jsonl", QUESTIONS, 0)
    assert gain(dataset) > 50.0 * share
    assert any(NAMES[kind] in text for text in named(dataset))


@pytest.mark.parametrize(
    "kind", ["the answer is the first of two words in the question", "right options have a word"]
)
def test_nothing_is_named_where_answers_are_those_of_other_questions(tmp_path: Path, kind: str) -> None:
    dataset, _ = with_cue(kind, tmp_path / "set.jsonl", QUESTIONS, 0)
    assert named(permuted(dataset)) == []


def test_a_word_that_tells_how_many_are_right_is_learnt(tmp_path: Path) -> None:
    dataset, _ = with_cue("a word of the question tells how many are right", tmp_path / "set.jsonl", 1500, 0)
    assert gain(dataset) > 1.0
