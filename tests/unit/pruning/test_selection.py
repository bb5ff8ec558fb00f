"""Who goes first."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest

from tst_harness.pruning.selection import ranked, removal_order

SCORES = pd.DataFrame(
    {
        "id": ["two", "four", "often", "rare", "none"],
        "type": ["easy", "hard", "count", "count", "count"],
        "format": ["mc", "mc", "num", "num", "num"],
        "s": [0.7, 0.6, 1.0, 1.0, 0.0],
        "blind_baseline": [0.5, 0.25, 1.0, 0.0, 0.5],
        "s_zero_shot": [0.1, 0.6, 0.9, 0.2, 0.0],
        "s_sd": [0.0, 0.1, 0.2, 0.0, 0.0],
    }
)


def candidates(**columns: object) -> pd.DataFrame:
    n = len(next(value for value in columns.values() if isinstance(value, list)))
    made = {"id": [f"q{place}" for place in range(n)], "type": "one", "format": "mc", "times": 1, **columns}
    table = pd.DataFrame(made)
    return table if "credit" in table else table.assign(credit=table["rank_score"])


def order(table: pd.DataFrame, wanted: int = 1000, seed: int = 1) -> list[str]:
    chosen = removal_order(table, wanted, lambda row: True, seed)
    return table["id"].loc[chosen].tolist()


def test_chance_is_taken_off() -> None:
    found = ranked(SCORES, "excess", 1)["rank_score"]
    assert found.tolist() == pytest.approx([0.2, 0.35, 0.5, 0.5, -0.5])


def test_the_raw_score_is_that_of_the_paper() -> None:
    assert ranked(SCORES, "raw", 1)["rank_score"].tolist() == SCORES["s"].tolist()


def test_the_gain_is_over_zero_shot() -> None:
    assert ranked(SCORES, "gain", 1)["rank_score"].tolist() == pytest.approx([0.6, 0.0, 0.1, 0.8, 0.0])


def test_the_lower_bound_is_students() -> None:
    found = ranked(SCORES, "lower", 4)["rank_score"]
    # The 95% quantile of Student's t with 3 degrees of freedom.
    margin = 2.3533634 * 0.1 / 2
    assert found[1] == pytest.approx(0.35 - margin)
    assert found[0] == pytest.approx(0.2)


def test_the_highest_go_first_and_labels_are_those_of_the_table() -> None:
    table = candidates(rank_score=[0.1, 0.9, 0.5]).set_index(pd.Index([7, 3, 5]))
    assert removal_order(table, 2, lambda row: True, 1) == [3, 5]


def test_ties_are_broken_by_id_and_seed_alone() -> None:
    table = candidates(rank_score=[0.5] * 40)
    found = order(table)
    assert found == order(table.sample(frac=1.0, random_state=0))
    assert found != sorted(found)
    assert found != order(table, seed=2)
    noisy = candidates(rank_score=(0.5 + 1e-14 * np.arange(40)).round(12).tolist())
    assert order(noisy) == found


def test_a_number_is_drawn_and_not_cut_off() -> None:
    table = candidates(rank_score=[0.9] * 50 + [0.6] * 50, format="num")
    high = {f"q{place}" for place in range(50)}
    drawn = [len(high & set(order(table, 50, seed))) for seed in range(40)]
    assert 25 < np.mean(drawn) < 40


def test_what_scores_nothing_is_drawn_last() -> None:
    table = candidates(rank_score=[0.0] * 20 + [0.1] * 5, format="num")
    assert set(order(table, 5)) == {f"q{place}" for place in range(20, 25)}


def test_answers_that_recur_lose_more_than_their_share() -> None:
    """Of 60 equal answers and 40 that occur once, nearly all that go are of the first."""
    table = candidates(rank_score=[0.8] * 100, times=[60] * 60 + [1] * 40, format="num")
    lost = Counter(int(id_[1:]) < 60 for seed in range(20) for id_ in order(table, 20, seed))
    assert lost[True] / lost.total() > 0.95


def test_two_draws_are_one_of_twice_the_size() -> None:
    table = candidates(rank_score=[0.1 * (place % 10) for place in range(60)], format="num")
    once = order(table, 20)
    first = order(table, 10)
    assert once == first + order(table[~table["id"].isin(first)], 10)


def test_types_of_numbers_have_the_turns_that_their_ranks_give_them() -> None:
    table = candidates(rank_score=[0.9] * 10 + [0.3] * 10, type=["high"] * 10 + ["low"] * 10, format="num")
    assert set(order(table, 10)) == {f"q{place}" for place in range(10)}


def test_one_that_may_not_go_leaves_its_turn_to_the_next_of_its_type() -> None:
    table = candidates(rank_score=[0.9, 0.8, 0.7, 0.6], type=["one", "other", "one", "other"])
    assert removal_order(table, 2, lambda row: row != 0, 1) == [2, 1]
