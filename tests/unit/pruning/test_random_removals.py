from collections import Counter
from random import Random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tst_harness.analysis.diagnostic import FloatArray, IntArray
from tst_harness.errors import DataError
from tst_harness.pruning.controls import (
    Arm,
    counts_by_type,
    differences,
    over_seeds,
    random_control,
    random_removal,
    rest_of,
)

NAMES = st.sampled_from(["pick", "count", "öl"])
BOTH = np.array([[-1.0, 1.0]])


@st.composite
def asked(draw: st.DrawFn) -> tuple[pd.DataFrame, dict[str, int], int]:
    """A benchmark, how many of each type to remove, and a seed."""
    types = draw(st.lists(NAMES, min_size=1, max_size=40))
    frame = pd.DataFrame({"id": [f"q{n}" for n in range(len(types))], "type": types})
    counts = {name: draw(st.integers(0, size)) for name, size in Counter(types).items()}
    return frame, counts, draw(st.integers(0, 5))


@settings(deadline=None)
@given(asked())
def test_as_many_of_each_type_are_drawn(asked: tuple[pd.DataFrame, dict[str, int], int]) -> None:
    frame, counts, seed = asked
    drawn = random_removal(frame, counts, seed)
    assert counts_by_type(frame, drawn) == {name: n for name, n in sorted(counts.items()) if n}
    assert sorted({*drawn, *rest_of(frame, drawn)}) == list(range(len(frame)))
    assert len(drawn) + len(rest_of(frame, drawn)) == len(frame)


@settings(deadline=None)
@given(asked(), st.randoms(use_true_random=False))
def test_row_order_does_not_matter(asked: tuple[pd.DataFrame, dict[str, int], int], shuffler: Random) -> None:
    frame, counts, seed = asked
    order = list(range(len(frame)))
    shuffler.shuffle(order)
    shuffled = frame.iloc[order].reset_index(drop=True)
    drawn = frame["id"].iloc[random_removal(frame, counts, seed)]
    assert set(shuffled["id"].iloc[random_removal(shuffled, counts, seed)]) == set(drawn)


@settings(deadline=None)
@given(asked())
def test_a_larger_draw_holds_the_smaller_one(asked: tuple[pd.DataFrame, dict[str, int], int]) -> None:
    frame, counts, seed = asked
    fewer = {name: n // 2 for name, n in counts.items()}
    assert set(random_removal(frame, fewer, seed)) <= set(random_removal(frame, counts, seed))


@settings(deadline=None)
@given(asked(), st.integers(1, 2))
def test_what_is_left_of_a_type_stays_in_two_folds(
    asked: tuple[pd.DataFrame, dict[str, int], int], repeats: int
) -> None:
    frame, counts, seed = asked
    place = np.arange(len(frame))
    folds = np.array([place // (repeat + 1) % 3 for repeat in range(repeats)])
    for name in counts:
        own = folds[:, frame["type"] == name]
        few = {name: max(counts[name] - 4, 0)}
        if len(np.unique(own[0])) > 1 and len(np.unique(own[-1])) > 1:
            left = rest_of(frame, random_removal(frame, few, seed, folds))
            left = left[frame["type"].iloc[left] == name]
            assert len(left) == own.shape[1] - few[name]
            assert all(len(np.unique(column[left])) > 1 for column in folds)


def test_folds_decide_nothing_where_many_are_left() -> None:
    frame = pd.DataFrame({"id": [str(n) for n in range(200)], "type": ["pick"] * 200})
    free = random_removal(frame, {"pick": 50}, 0)
    assert np.array_equal(random_removal(frame, {"pick": 50}, 0, np.arange(200)[None] % 5), free)


def test_what_cannot_be_drawn_is_said() -> None:
    frame = pd.DataFrame({"id": ["1", "2", "3"], "type": ["pick"] * 3})
    with pytest.raises(DataError, match="no 2 questions of the type 'pick' can be drawn at random"):
        random_removal(frame, {"pick": 2}, 0, np.array([[0, 1, 1]]))


def test_another_seed_is_another_draw() -> None:
    frame = pd.DataFrame({"id": [str(n) for n in range(200)], "type": ["pick"] * 200})
    draws = {tuple(random_removal(frame, {"pick": 20}, seed)) for seed in range(10)}
    assert len(draws) == 10


def test_draws_are_even() -> None:
    frame = pd.DataFrame({"id": [str(n) for n in range(40)], "type": ["pick"] * 40})
    times = np.bincount(
        np.concatenate([random_removal(frame, {"pick": 10}, seed) for seed in range(400)]), minlength=40
    )
    # 100 are expected of each, with a standard deviation of 8.7.
    assert times.min() > 60
    assert times.max() < 140


def arm(rows: IntArray, values: FloatArray) -> Arm:
    return Arm(rows, values[rows, None])


def test_an_arm_does_not_differ_from_itself() -> None:
    values = np.random.default_rng(0).random(60)
    own = arm(np.arange(60), values)
    [[difference, low, high]] = differences(own, [own], np.arange(60) // 3, BOTH, seed=1)
    assert (difference, low, high) == (0.0, 0.0, 0.0)


def test_the_difference_is_one_of_means_over_draws() -> None:
    rng = np.random.default_rng(0)
    values, groups = rng.random(90), np.arange(90) // 3
    own = arm(np.arange(0, 60), values)
    others = [arm(np.sort(rng.choice(90, 60, replace=False)), values) for _ in range(4)]
    [[difference, low, high]] = differences(own, others, groups, BOTH, seed=1)
    expected = own.values.mean() - np.mean([one.values.mean() for one in others])
    assert difference == pytest.approx(expected)
    assert low < difference < high


def test_intervals_cover_the_difference() -> None:
    """Two halves of a benchmark whose groups have effects of their own: the true difference is 0.2."""
    rng = np.random.default_rng(3)
    groups, hits = np.repeat(np.arange(40), 4), 0
    for repeat in range(100):
        values = rng.normal(0.0, 0.05, 40)[groups] + rng.normal(0.4, 0.1, 160)
        removed = np.arange(160) % 4 == 0
        values[removed] += 0.2
        others = [arm(np.flatnonzero(~removed), values)]
        own = arm(np.flatnonzero(removed), values)
        [[_, low, high]] = differences(own, others, groups, BOTH, seed=repeat)
        hits += low <= 0.2 <= high
    # Binomial with 95% each: fewer than 88 has a probability of 0.002.
    assert hits >= 88


def test_random_draws_that_vary_widen_the_interval() -> None:
    values, groups = np.linspace(0.0, 1.0, 80), np.arange(80)
    own = arm(np.arange(0, 80, 2), values)
    alike = [arm(np.arange(1, 80, 2), values)] * 4
    apart = [arm(np.arange(start, start + 40), values) for start in (0, 40, 0, 40)]
    [[_, low, high]] = differences(own, alike, groups, BOTH, seed=1)
    [[_, wide_low, wide_high]] = differences(own, apart, groups, BOTH, seed=1)
    assert wide_high - wide_low > 2 * (high - low)


def test_removing_what_scores_beats_removing_at_random() -> None:
    frame = pd.DataFrame(
        {
            "id": [str(n) for n in range(200)],
            "type": ["pick", "count"] * 100,
            "group": [f"room {n // 2}" for n in range(200)],
        }
    )
    score = np.where(np.arange(200) < 60, 1.0, 0.25)
    values = np.column_stack([score, score - 0.25])

    def rescore(rows: IntArray) -> Arm:
        return Arm(rows, values[rows])

    removed = np.arange(40)
    groups = np.arange(200) // 2
    found = random_control(frame, removed, rescore(rest_of(frame, removed)), rescore, groups, seed=42)
    assert found.seeds == 10
    assert found.score.value == pytest.approx(rescore(rest_of(frame, removed)).values[:, 0].mean())
    assert found.score.difference_interval[1] < 0.0
    assert found.gain.difference == pytest.approx(found.score.difference)
    assert found.score.random.low <= found.score.random.mean <= found.score.random.high


def test_over_seeds() -> None:
    assert over_seeds(np.array([0.2, 0.4])).model_dump() == pytest.approx(
        {"mean": 0.3, "sd": np.sqrt(0.02), "low": 0.2, "high": 0.4}
    )
    assert over_seeds(np.array([0.3])).sd == 0.0
