"""Lean and falls of made-up models whose truth is known."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from made_up_models import MADE, OPTIONS, World, world

from tst_harness.results.bias import Bias
from tst_harness.results.evidence import Answers, Figure, ModelFigures

DRAWS = 200
_LEAST, _MOST = 0.91, 0.99
"""How many of 200 intervals of 95% may hold the truth, but for one in a thousand."""


def lean_of(questions: World, answers: Answers) -> Figure:
    lean = ModelFigures(questions.bias, answers, seed=0).lean()
    assert lean is not None
    return lean


def falls_of(questions: World, answers: Answers) -> Figure:
    falls = ModelFigures(questions.bias, answers, seed=0).falls()
    assert falls is not None
    return falls[0]


@cache
def truth() -> dict[str, tuple[float, float]]:
    """Lean and falls of each model on very many questions."""
    rng = np.random.default_rng(11)
    large = world(rng, groups=2_000, size=25)
    made = {name: model(rng, large) for name, model in MADE.items()}
    return {name: (lean_of(large, own).point, falls_of(large, own).point) for name, own in made.items()}


@pytest.mark.simulation
def test_the_truth_is_what_it_was_made_to_be() -> None:
    lean = {name: figures[0] for name, figures in truth().items()}
    assert lean["seer"] == pytest.approx(0.0, abs=0.03)
    assert lean["knower"] == pytest.approx(0.0, abs=0.03)
    assert lean["half"] == pytest.approx(lean["reader"] / 2, abs=0.03)
    assert lean["quarter"] == pytest.approx(lean["reader"] / 4, abs=0.03)
    assert lean["reader"] > 0.25
    # Two of three wrong answers are the popular one, or by chance the same.
    popular = 0.6 + 0.4 / (OPTIONS - 1)
    same = popular**2 + (1 - popular) ** 2 / 2
    assert truth()["reader"][1] == pytest.approx(same - (1 - same) / (OPTIONS - 2), abs=0.03)


@cache
def drawn() -> dict[str, list[tuple[Figure, Figure]]]:
    """Lean and falls of each model on 200 draws of questions."""
    rng = np.random.default_rng(3)
    figures: dict[str, list[tuple[Figure, Figure]]] = {name: [] for name in MADE}
    for _ in range(DRAWS):
        questions = world(rng, groups=80)
        for name, model in MADE.items():
            answers = model(rng, questions)
            figures[name].append((lean_of(questions, answers), falls_of(questions, answers)))
    return figures


@pytest.mark.simulation
@pytest.mark.parametrize("model", MADE)
@pytest.mark.parametrize("figure", [0, 1], ids=["lean", "falls"])
def test_intervals_hold_the_truth(model: str, figure: int) -> None:
    true = truth()[model][figure]
    ends = np.array([pair[figure].interval for pair in drawn()[model]])
    held = np.mean((ends[:, 0] <= true) & (true <= ends[:, 1]))
    assert _LEAST <= held <= _MOST


@pytest.mark.simulation
@pytest.mark.parametrize("model", ["seer", "knower"])
@pytest.mark.parametrize("figure", [0, 1], ids=["lean", "falls"])
def test_nothing_is_found_where_there_is_nothing(model: str, figure: int) -> None:
    significant = np.mean([pair[figure].p_value < 0.05 for pair in drawn()[model]])
    assert significant <= 1 - _LEAST


def test_a_reader_is_found() -> None:
    rng = np.random.default_rng(6)
    questions = world(rng)
    answers = MADE["reader"](rng, questions)
    assert lean_of(questions, answers).p_value < 1e-4
    assert falls_of(questions, answers).p_value < 1e-4


def test_a_lean_is_within_kinds() -> None:
    """A hard type that the text gives away less is no lean, though the quarters differ."""
    rng = np.random.default_rng(7)
    questions = world(rng)
    right = (~questions.hard).astype(np.float64)
    figures = ModelFigures(questions.bias, Answers(right, [None] * len(right)), seed=0)
    lean = figures.lean()
    assert lean is not None
    assert lean.point == pytest.approx(0.0, abs=1e-12)
    quarters = [quarter.point for quarter in figures.quarters()]
    assert quarters[3] - quarters[0] > 0.4
    assert figures.falls() is None


def test_the_middle_third_of_a_kind_is_in_both_halves_in_part() -> None:
    kinds, n = np.repeat([0, 1], [90, 9]), 99
    excess = np.concatenate([np.random.default_rng(1).permutation(90) / 90.0, np.repeat([0.0, 0.5, 1.0], 3)])
    bias = Bias(
        "forest",
        pd.DataFrame({"id": np.arange(n)}),
        excess,
        kinds,
        np.arange(n),
        np.full(n, "", dtype=object),
        np.zeros(n, dtype=np.int64),
        np.zeros(n, dtype=bool),
    )
    rows = np.arange(n)
    part, half = bias.upper_part(rows), bias.given_away(rows)
    order = np.argsort(excess[:90])
    assert np.all(part[order][:30] == 0.0)
    assert np.all(part[order][60:] == 1.0)
    assert np.all(np.diff(part[order][29:61]) > 0.0)
    assert part[:90].sum() == pytest.approx(45.0)
    # Equal ones are alike.
    assert part[90:].tolist() == half[90:].tolist() == [0.0] * 3 + [0.5] * 3 + [1.0] * 3
    assert half[order].tolist() == [0.0] * 45 + [1.0] * 45
    assert bias.upper_part(rows[:2]).tolist() in ([0.0, 1.0], [1.0, 0.0])


def test_missing_answers_are_left_out() -> None:
    rng = np.random.default_rng(8)
    questions = world(rng)
    answers = MADE["reader"](rng, questions)
    score = answers.score.copy()
    score[::7] = np.nan
    figures = ModelFigures(questions.bias, Answers(score, answers.prediction, answers.score), seed=0)
    assert figures.n == np.isfinite(score).sum() == sum(quarter.n for quarter in figures.quarters())
    assert figures.score().point == pytest.approx(np.nanmean(score))
    seeing = figures.seeing()
    assert seeing is not None
    assert seeing.point == 0.0
    assert seeing.n == figures.n
    assert [quarter.point for quarter in figures.seeing_quarters() or ()] == [0.0] * 4


def test_without_a_blind_run_nothing_is_said_of_seeing() -> None:
    rng = np.random.default_rng(9)
    questions = world(rng)
    figures = ModelFigures(questions.bias, MADE["seer"](rng, questions), seed=0)
    assert figures.blind() is None
    assert figures.seeing() is None
    assert figures.seeing_quarters() is None
