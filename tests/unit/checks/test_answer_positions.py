import numpy as np
import pytest
from check_builders import count, dataset_of, pick
from scipy.stats import chisquare

from tst_harness.checks.order import copied_in_order
from tst_harness.checks.positions import balances
from tst_harness.dataset.loading import Dataset


def options(k: int, first: str = "a") -> tuple[str, ...]:
    return tuple(f"{first}{place}" for place in range(k))


def test_even_positions_are_even() -> None:
    found = balances(dataset_of([pick(place % 3, options=options(3, str(place))) for place in range(60)]), 0)
    assert set(found) == {"", "pick"}
    assert found["pick"].counts == {3: [20, 20, 20]}
    assert found["pick"].p_value == 1.0
    assert found["pick"].chance == pytest.approx(1 / 3)
    assert not found["pick"].same_options


def test_large_samples_have_the_p_value_of_pearsons_test() -> None:
    rows = [pick(answer, options=options(4)) for answer in [0] * 30 + [1] * 20 + [2] * 25 + [3] * 25]
    found = balances(dataset_of(rows), 0)["pick"]
    assert found.p_value == pytest.approx(chisquare([30, 20, 25, 25]).pvalue)
    assert (found.best, found.best_score) == (0, 0.3)
    assert found.same_options


def test_small_samples_have_an_exact_p_value() -> None:
    found = balances(dataset_of([pick(0) for _ in range(4)]), 0)["pick"]
    # All four in one of three places: 3 of the 81 ways.
    assert found.p_value == pytest.approx(3 / 81, abs=0.006)


def test_numbers_of_options_are_counted_apart() -> None:
    rows = [pick(1, options=options(2)), pick(1, options=options(4)), pick(3, options=options(4))]
    found = balances(dataset_of(rows), 0)["pick"]
    assert found.counts == {2: [0, 1], 4: [0, 1, 0, 1]}
    assert found.best == 1
    assert found.best_score == pytest.approx(2 / 3)
    assert found.chance == pytest.approx((1 / 2 + 1 / 4 + 1 / 4) / 3)


def test_chance_of_a_small_p_value_is_as_small() -> None:
    rng = np.random.default_rng(0)
    p_values = [
        balances(dataset_of([pick(int(answer)) for answer in rng.integers(3, size=12)]), seed)[""].p_value
        for seed in range(60)
    ]
    assert np.mean(np.array(p_values) <= 0.05) <= 0.12


def test_numbers_have_no_positions() -> None:
    assert balances(dataset_of([count(), count()]), 0) == {}


def test_an_order_of_options_that_was_drawn_is_not_tested() -> None:
    dataset = dataset_of([pick(0) for _ in range(60)] + [count(number % 7) for number in range(20)])
    columns = dataset.benchmark.columns.model_copy(update={"options": ("wrong", "answer")})
    benchmark = dataset.benchmark.model_copy(update={"columns": columns})
    drawn = Dataset(benchmark, dataset.frame, dataset.source)
    assert balances(drawn, 0) == {}
    tested = {
        name for by_source in copied_in_order(drawn, 0).values() for of in by_source.values() for name in of
    }
    assert tested == {"count"}
