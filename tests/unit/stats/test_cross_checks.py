"""The statistics beside those of scipy and statsmodels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from tst_harness.stats.bounds import Resampled, upper
from tst_harness.stats.resampling import holm, left_out, rule_p_values


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=20))
def test_holm_is_that_of_statsmodels(p_values: list[float]) -> None:
    expected = multipletests(p_values, alpha=0.05, method="holm")[1]
    np.testing.assert_allclose(holm(np.array(p_values)), expected, rtol=1e-12)


@pytest.mark.parametrize("level", [0.05, 0.025, 0.001])
@pytest.mark.parametrize("n", [1, 5, 60, 1000])
def test_what_may_be_left_out_is_the_exact_bound_of_none(n: int, level: float) -> None:
    by_scipy = binomtest(0, n, alternative="less").proportion_ci(1.0 - level, method="exact").high
    _, by_statsmodels = proportion_confint(0, n, alpha=2 * level, method="beta")
    assert left_out(n, level) == pytest.approx(by_scipy, rel=1e-9)
    assert left_out(n, level) == pytest.approx(by_statsmodels, rel=1e-9)


@pytest.mark.parametrize("right", [1, 3, 199])
def test_the_bound_of_a_share_is_no_tighter_than_the_exact_one(right: int) -> None:
    n = 200
    error = np.sqrt(right * (n - right) / n**3 * (n - 1) / n)
    # Resamples with just the standard error of independent questions.
    spread = np.sort(np.random.default_rng(1).normal(size=2_000))
    resamples = right / n + error * (spread - spread.mean()) / spread.std()
    evidence = Resampled.of(right / n, resamples, n, (0.0, 1.0), share=True)
    low, high = proportion_confint(right, n, alpha=0.1, method="beta")
    assert evidence.lower(0.05) <= low + 1e-9
    assert upper(evidence, 0.05) >= high - 1e-9


@pytest.mark.parametrize(("right", "n"), [(30, 40), (60, 80), (12, 16)])
def test_a_rule_of_independent_questions_has_the_exact_binomial_p_value(right: int, n: int) -> None:
    score = np.repeat([1.0, 0.0], [right, n - right])
    found = rule_p_values(np.zeros(n, int), np.arange(n), score, np.full(n, 0.5), 1)
    exact = binomtest(right, n, 0.5, alternative="greater").pvalue
    # The saddlepoint is within about 8%.
    np.testing.assert_allclose(found, exact, rtol=0.08)
