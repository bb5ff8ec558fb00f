from itertools import combinations

import numpy as np
import pytest

from tst_harness.analysis.option_sets import Sizes


def sizes(right: list[int], offered: int = 4) -> Sizes:
    return Sizes(np.array(right, dtype=np.float64), np.full(len(right), float(offered)))


def test_the_baseline_of_one_right_option_is_chance() -> None:
    assert sizes([1] * 1000).blind_baseline(4, 1) == pytest.approx(0.25)
    assert sizes([1] * 1000).blind_baseline(4, 2) == 0.0


def test_the_baseline_is_a_random_set_of_the_best_size() -> None:
    mostly_three = sizes([3] * 60 + [1] * 40)
    assert mostly_three.blind_baseline(4, 3) == pytest.approx(1 / 4)
    # Two of four are six sets, so even where two are right most often another size scores more.
    mostly_two = sizes([2] * 50 + [1] * 50)
    assert (mostly_two.blind_baseline(4, 1), mostly_two.blind_baseline(4, 2)) == (0.25, 0.0)


def test_options_judged_alike_make_a_set_of_the_best_size() -> None:
    chosen = sizes([3] * 60 + [1] * 40).choose(np.full(4, 0.55), (0, 1, 2))
    assert chosen.options == (0, 1, 2)
    assert chosen.gold_probability == pytest.approx(0.6 / 4, abs=0.01)


def test_sure_judgements_decide_the_set() -> None:
    known = sizes([1, 2, 3] * 30)
    assert known.choose(np.array([0.99, 0.01, 0.98, 0.02]), (0, 2)).options == (0, 2)
    assert known.choose(np.array([1.0, 0.0, 0.0, 0.0]), (0,)).gold_probability > 0.99
    # No question is without a right option.
    assert known.choose(np.array([0.01, 0.02, 0.001, 0.0]), (1,)).options == (1,)


def test_the_probabilities_of_all_sets_add_up_to_one() -> None:
    known, judged = sizes([1, 1, 2, 3]), np.array([0.2, 0.7, 0.4, 0.9])
    every = [one for size in range(1, 5) for one in combinations(range(4), size)]
    assert sum(known.choose(judged, one).gold_probability for one in every) == pytest.approx(1.0)


def test_a_number_of_options_that_was_never_trained_on_goes_by_the_rate() -> None:
    shares = sizes([2] * 10).shares(3)
    assert shares[0] == 0.0
    assert shares.sum() == pytest.approx(1.0)


def test_nothing_to_train_on_still_chooses_a_set() -> None:
    none = Sizes(np.empty(0), np.empty(0))
    assert len(none.choose(np.full(26, 0.5), (0,)).options) >= 1
    assert 0.0 <= none.blind_baseline(4, 1) <= 0.25
