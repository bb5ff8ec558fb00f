"""The wording of open questions and of options of which several are right, by runs of signs within words."""

import random

import numpy as np
import pytest
from forest_builders import forms_of

from tst_harness.analysis.diagnostic import FloatArray, IntArray
from tst_harness.diagnostics.forest.evidence import PARTS
from tst_harness.diagnostics.forest.multi import MultiModel
from tst_harness.diagnostics.forest.open import OpenModel
from tst_harness.diagnostics.forest.wording import Wording, nats

N = 300
TRAIN, HELD_OUT = np.arange(240), np.arange(240, N)
PARTS_OF_TRAIN = np.arange(240) % PARTS
LETTERS = "abcdefghklmnoprstuw"


def word(rng: random.Random, ending: str) -> str:
    """A word that no other question has, with an ending that many have."""
    return "".join(rng.choices(LETTERS, k=7)) + ending


def open_score(endings: list[str], golds: IntArray) -> float:
    rng = random.Random(0)
    texts = [f"{word(rng, ending)} {word(rng, '')}?" for ending in endings]
    model = OpenModel(forms_of(texts, [None] * N), "exact")
    accepted = {0: ("yes",), 1: ("no",)}
    found = model.predict(
        TRAIN, golds[TRAIN].astype(np.float64), PARTS_OF_TRAIN, HELD_OUT, 7, accepted, most_permuted=0
    )
    said = [found.texts[int(value)] for value in found.values]
    return float(
        np.mean([accepted[gold][0] == text for gold, text in zip(golds[HELD_OUT], said, strict=True)])
    )


def test_an_open_question_is_told_by_a_part_of_a_word() -> None:
    golds = np.random.default_rng(0).integers(0, 2, N)
    assert open_score(["xivo" if gold else "zuqi" for gold in golds], golds) > 0.9


def test_an_open_question_is_not_told_by_what_does_not_matter() -> None:
    rng = np.random.default_rng(0)
    golds = rng.integers(0, 2, N)
    assert 0.3 < open_score(["xivo" if other else "zuqi" for other in rng.integers(0, 2, N)], golds) < 0.7


def multi_probabilities(planted: bool) -> tuple[FloatArray, FloatArray]:
    """Of each option that is held out, the probability and whether it is right."""
    rng, draws = random.Random(0), np.random.default_rng(0)
    told = draws.integers(0, 2, (N, 4))
    right = told if planted else draws.integers(0, 2, (N, 4))
    options = [tuple(word(rng, "xivo" if own else "zuqi") for own in row) for row in told]
    model = MultiModel(forms_of([f"Question {place}?" for place in range(N)], options))
    answers = (right * 2 ** np.arange(4)).sum(axis=1).astype(np.float64)
    sums = model.sums(TRAIN, answers[TRAIN], PARTS_OF_TRAIN)
    texts = {"wording": Wording.of({"several": model.forms}).scores({"several": sums})["several"]}
    found = model.predict(TRAIN, answers[TRAIN], PARTS_OF_TRAIN, HELD_OUT, 7, sums, texts, most_permuted=0)
    return found.values, right[HELD_OUT].ravel().astype(np.float64)


def test_of_several_right_options_each_is_told_by_a_part_of_a_word() -> None:
    probabilities, right = multi_probabilities(planted=True)
    assert ((probabilities > 0.5) == right).mean() > 0.85


def test_of_several_right_options_none_is_told_by_what_does_not_matter() -> None:
    probabilities, right = multi_probabilities(planted=False)
    assert 0.4 < ((probabilities > 0.5) == right).mean() < 0.6


def test_shares_of_several_right_options_count_as_one_answer() -> None:
    counts = np.array([2, 3])
    scores = np.array([1.0, 0.0, 0.0, 2.0, 1.0])
    one = np.array([1.0, 0.0, 0.0, 1.0, 0.0])
    assert nats(scores, counts, one) > 0.0
    none_right = np.append(one, [0.0, 0.0])
    assert nats(np.append(scores, [5.0, 1.0]), np.append(counts, 2), none_right) == pytest.approx(
        nats(scores, counts, one)
    )
    even = np.array([0.5, 0.5, 1 / 3, 1 / 3, 1 / 3])
    assert nats(scores, counts, even) == pytest.approx(0.0, abs=1e-6)
