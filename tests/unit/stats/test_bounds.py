from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.stats import binom, binomtest, t

from tst_harness.stats.bounds import Evidence, Resampled, Student, detectable, upper
from tst_harness.stats.intervals import group_bootstrap
from tst_harness.stats.resampling import SURE_OF_SIGN, FloatArray, resample

RANGE = (-1.0, 1.0)
LEVELS = (0.001, 0.01, 0.05, 0.1)


def resamples_of(values: FloatArray, groups: int) -> Resampled:
    """The mean of values, dealt to groups in turn, with its resamples."""
    codes = np.arange(len(values)) % groups
    found = resample(values[:, None], codes, np.zeros(len(values), int), seed=1)
    return Resampled.of(float(values.mean()), found.means[:, 1, 0], groups, RANGE)


@st.composite
def evidence(draw: st.DrawFn) -> Evidence:
    if draw(st.booleans()):
        error = draw(st.just(0.0) | st.floats(0.001, 1.0))
        return Student(draw(st.floats(-0.9, 0.9)), error, draw(st.integers(1, 20)), RANGE)
    values = draw(hnp.arrays(float, st.integers(1, 60), elements=st.sampled_from([-0.4, 0.0, 0.1, 0.3])))
    return replace(
        resamples_of(values, draw(st.integers(1, len(values)))),
        learnt=draw(st.booleans()),
        share=draw(st.booleans()),
    )


@pytest.mark.parametrize("groups", [2, 4, 50])
def test_means_of_columns_have_the_intervals_of_their_resamples(groups: int) -> None:
    rng = np.random.default_rng(0)
    values, codes, types = rng.random(300), rng.integers(groups, size=300), rng.integers(3, size=300)
    whole = group_bootstrap(values[:, None], codes, types, np.array([[0.0, 1.0]]), seed=1)
    found = resample(values[:, None], codes, types, seed=1)
    for row, interval in enumerate([*whole.types[:, 0], whole.overall[0], whole.macro[0]]):
        own = Resampled.of(found.point[row, 0], found.means[:, row, 0], found.groups[row], (0.0, 1.0))
        assert (own.point, own.lower(0.025), upper(own, 0.025)) == tuple(interval)


def test_an_interval_of_what_was_learnt_reaches_zero_unless_the_sign_is_sure() -> None:
    surely = set()
    for shift in np.linspace(-0.2, 0.2, 41):
        values = np.random.default_rng(0).normal(shift, 0.3, 100).clip(-1.0, 1.0)
        plain = resamples_of(values, 100)
        low, high = plain.interval()
        is_more = plain.point - SURE_OF_SIGN * (plain.point - low) > 0.0
        is_less = plain.point + SURE_OF_SIGN * (high - plain.point) < 0.0
        expected = (low if is_more else min(low, 0.0), high if is_less else max(high, 0.0))
        assert replace(plain, learnt=True).interval() == pytest.approx(expected, abs=1e-12)
        surely.add((is_more, is_less))
    assert surely == {(True, False), (False, False), (False, True)}


def test_a_difference_of_zero_in_every_group_is_known() -> None:
    nothing = Resampled.of(0.0, np.zeros(2_000), 9, RANGE)
    assert nothing.interval() == (0.0, 0.0)
    assert nothing.p_above(-0.01, at_least=False) == 0.0
    assert nothing.p_above(0.0, at_least=False) == 1.0
    assert Resampled.of(0.0, np.zeros(2_000), 9, (0.0, 1.0)).interval()[1] > 0.3


@given(evidence(), st.floats(-1.0, 1.0), st.booleans())
@settings(deadline=None)
def test_a_claim_has_a_small_p_value_where_the_bound_supports_it(
    found: Evidence, limit: float, at_least: bool
) -> None:
    p = found.p_above(limit, at_least=at_least)
    assert 0.0 <= p <= 1.0
    for level in LEVELS:
        bound = found.lower(level)
        if abs(p - level) > 1e-6 and abs(bound - limit) > 1e-9:
            assert (p < level) == (bound > limit)


@given(evidence(), st.floats(-1.0, 1.0))
@settings(deadline=None)
def test_a_claim_and_its_opposite_are_never_both_supported(found: Evidence, limit: float) -> None:
    above = found.p_above(limit, at_least=False)
    not_above = found.negated().p_above(-limit, at_least=True)
    assert max(above, not_above) >= 0.05


@given(evidence(), st.sampled_from(LEVELS))
@settings(deadline=None)
def test_bounds_hold_the_figure_and_keep_to_the_range(found: Evidence, level: float) -> None:
    assert RANGE[0] <= found.lower(level) <= found.point + 1e-12
    assert found.point - 1e-12 <= upper(found, level) <= RANGE[1]


@given(st.floats(-0.9, 0.9))
def test_what_is_known_exactly_meets_a_limit_or_does_not(point: float) -> None:
    found = Student(point, 0.0, 1, RANGE)
    assert found.p_above(point, at_least=True) == 0.0
    assert found.p_above(point, at_least=False) == 1.0


def share_of(right: int, n: int) -> Resampled:
    drawn = np.random.default_rng(right).binomial(n, right / n, 2_000) / n
    return Resampled.of(right / n, drawn, n, (0.0, 1.0), share=True)


@pytest.mark.parametrize("n", [10, 50, 200])
def test_claims_on_any_share_of_the_questions_are_rarely_wrong(n: int) -> None:
    """The least and the largest shares are those that percentiles alone are far too sure of."""
    found = [share_of(right, n) for right in range(n + 1)]
    for share in (0.005, 0.02, 0.05, 0.1, 0.3, 0.7, 0.98):
        below = [one.negated().p_above(-share, at_least=True) < 0.05 for one in found]
        above = [one.p_above(share, at_least=True) < 0.05 for one in found]
        chances = binom.pmf(np.arange(n + 1), n, share)
        assert chances @ below < 0.06
        assert chances @ above < 0.06


@pytest.mark.parametrize("right", [0, 1, 50])
def test_small_and_large_shares_are_bounded_as_by_clopper_and_pearson(right: int) -> None:
    exact = binomtest(right, 50).proportion_ci(0.90, method="exact")
    found = share_of(right, 50)
    assert (found.lower(0.05), upper(found, 0.05)) == pytest.approx(tuple(exact), abs=0.005)


def test_groups_that_agree_but_for_rounding_agree() -> None:
    values = np.full(60, 1.0 - 1.0 / 3.0)
    codes = np.repeat(np.arange(11), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 5])
    means = resample(values[:, None], codes, np.zeros(60, int), seed=1).means[:, 1, 0]
    assert 0.0 < np.ptp(means) < 1e-12
    found = Resampled.of(values[0], means, 11, RANGE)
    assert found.lower(0.05) == pytest.approx(-1.0 + (5.0 / 3.0) * 0.05 ** (1 / 11))


def test_groups_that_agree_may_have_left_others_out() -> None:
    found = resamples_of(np.full(60, 0.25), 20)
    assert found.lower(0.05) == pytest.approx(-1.0 + 1.25 * 0.05 ** (1 / 20))
    assert found.p_above(0.0, at_least=False) == pytest.approx((1.0 / 1.25) ** 20)
    assert found.p_above(0.25, at_least=False) == 1.0
    assert detectable(found, 0.05) == pytest.approx((t.ppf(0.95, 19) + t.ppf(0.8, 19)) * 2.0 / 22)


def test_upper_bounds_of_a_percentile_have_resamples_of_their_own() -> None:
    low, high = np.linspace(0.3, 0.5, 2_000), np.linspace(0.4, 0.8, 2_000)
    found = Resampled.of(0.4, low, 1_000, (0.0, 1.0), above=high)
    assert (found.lower(0.05), upper(found, 0.05)) == pytest.approx((0.31, 0.78), abs=0.001)
    assert found.negated().p_above(-0.78, at_least=True) == pytest.approx(0.05, abs=0.001)
    again = found.negated().negated()
    assert (again.resamples == found.resamples).all()
    agreed = Resampled.of(0.4, np.full(9, 0.4), 9, (0.0, 1.0), above=np.full(9, 0.4))
    assert (agreed.lower(0.05), upper(agreed, 0.05), agreed.standard_error) == (0.4, 0.4, 0.0)


def test_few_groups_are_bounded_as_by_student() -> None:
    few = resamples_of(np.array([0.1, 0.2, 0.3] * 20), 3)
    assert few.lower(0.05) == pytest.approx(0.2 - t.ppf(0.95, 2) * 0.1 / 3**0.5, abs=0.005)


def test_a_level_beyond_the_resamples_is_reached_and_not_for_nothing() -> None:
    values = np.random.default_rng(0).random(200) - 0.3
    found = resamples_of(values, 200)
    error = values.std(ddof=1) / 200**0.5
    assert found.lower(1e-5) == pytest.approx(found.point + t.ppf(1e-5, 199) * error, abs=0.005)
    assert found.p_above(-0.2, at_least=False) < 1e-10


def test_one_group_says_nothing() -> None:
    one = resamples_of(np.array([0.1, 0.5]), 1)
    assert (one.lower(0.05), upper(one, 0.05)) == RANGE
    assert one.p_above(0.0, at_least=False) == 1.0
    assert detectable(one, 0.05) is None


def test_resamples_without_a_question_are_left_out() -> None:
    found = Resampled.of(0.2, np.array([0.1, np.nan, 0.3, 0.2, np.nan]), 10, RANGE)
    np.testing.assert_array_equal(found.resamples, [0.1, 0.2, 0.3])


def test_student_by_hand() -> None:
    found = Student(0.03, 0.01, 4, RANGE)
    assert found.lower(0.05) == pytest.approx(0.03 - t.ppf(0.95, 4) * 0.01)
    assert found.p_above(0.0, at_least=False) == pytest.approx(t.sf(3.0, 4))
    assert detectable(found, 0.05) == pytest.approx((t.ppf(0.95, 4) + t.ppf(0.8, 4)) * 0.01)


def test_an_effect_that_is_detectable_is_found_four_times_in_five() -> None:
    rng = np.random.default_rng(0)
    least = detectable(Student(0.0, 0.1 / 400**0.5, 399, RANGE), 0.05)
    assert least is not None
    draws = rng.normal(least, 0.1, (4_000, 400))
    found = [
        Student(mean, error, 399, RANGE).p_above(0.0, at_least=False) < 0.05
        for mean, error in zip(draws.mean(axis=1), draws.std(axis=1, ddof=1) / 20, strict=True)
    ]
    assert np.mean(found) == pytest.approx(0.8, abs=0.02)
