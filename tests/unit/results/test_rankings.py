import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau

from tst_harness.results.leaderboard import _tau, leaderboard


def test_pairs_that_change_places_are_named() -> None:
    rng = np.random.default_rng(0)
    n, easy = 2_000, np.arange(2_000) % 2 == 0
    chances = {"seer": (0.6, 0.6), "reader": (0.95, 0.4), "poor": (0.3, 0.3)}
    scores = {
        name: (rng.random(n) < np.where(easy, on_easy, on_hard)).astype(np.float64)
        for name, (on_easy, on_hard) in chances.items()
    }
    board = leaderboard(scores, np.arange(n) // 5, {"hard": 1.0 - easy, "same": np.ones(n)}, seed=1)
    assert [(place.model, place.rank) for place in board.places] == [("reader", 1), ("seer", 2), ("poor", 3)]
    hard = board.parts["hard"]
    assert [place.model for place in hard.places] == ["seer", "reader", "poor"]
    [swap] = hard.swaps
    assert (swap.above, swap.below) == ("reader", "seer")
    assert swap.share > 0.95
    assert swap.p_value < 0.05
    assert hard.tau == pytest.approx(1 / 3)
    assert hard.tau_interval[0] <= hard.tau <= hard.tau_interval[1] < 1.0
    same = board.parts["same"]
    assert (same.tau, same.tau_interval, same.swaps) == (1.0, (1.0, 1.0), [])


def test_the_interval_of_tau_holds_what_other_questions_would_give() -> None:
    """Models that are nearly tied: noise has turned some pairs, and a resample turns them once more."""
    n, groups = 600, np.arange(600) // 3
    easy = np.arange(n) % 2 == 0
    rng = np.random.default_rng(0)
    found = []
    for _ in range(100):
        chances = [np.where(easy, 0.55 + 0.02 * model, 0.55 + 0.01 * model) for model in range(6)]
        scores = {f"m{m}": (rng.random(n) < chance).astype(np.float64) for m, chance in enumerate(chances)}
        found.append(leaderboard(scores, groups, {"hard": 1.0 - easy}, seed=1).parts["hard"])
    usual = np.mean([part.tau for part in found])
    assert 0.5 < usual < 0.9
    assert np.mean([low <= usual <= high for low, high in (part.tau_interval for part in found)]) >= 0.93
    inside = [part for part in found if -1.0 < part.tau < 1.0]
    assert all(part.tau_interval[0] < part.tau < part.tau_interval[1] for part in inside)


def test_equal_scores_share_a_rank() -> None:
    score = np.array([0.0, 1.0, 1.0, 0.0])
    board = leaderboard({"b": score, "a": score, "c": score * 0}, np.arange(4), {}, seed=0)
    assert [(place.model, place.rank) for place in board.places] == [("a", 1), ("b", 1), ("c", 3)]


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=3, max_size=8))
def test_tau_is_that_of_scipy(pairs: list[tuple[int, int]]) -> None:
    first, second = np.array(pairs, dtype=np.float64).T
    a, b = np.triu_indices(len(pairs), 1)
    tau = float(_tau((first[a] - first[b])[None], (second[a] - second[b])[None])[0])
    expected = kendalltau(first, second).statistic
    if not np.isnan(expected):
        assert tau == pytest.approx(expected)
