from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.stats import t

from tst_harness.reports.bounds import Evidence, Resampled, Student, detectable, upper
from tst_harness.reports.statistics import FloatArray, group_bootstrap, reach_zero, resample

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
    return replace(resamples_of(values, draw(st.integers(1, len(values)))), learnt=draw(st.booleans()))


def test_bounds_are_the_ends_of_the_interval_of_the_report() -> None:
    rng = np.random.default_rng(0)
    values, groups, types = rng.random(300), rng.integers(50, size=300), rng.integers(3, size=300)
    report = group_bootstrap(values[:, None], groups, types, np.array([[0.0, 1.0]]), seed=1)
    found = resample(values[:, None], groups, types, seed=1)
    for row, interval in enumerate([*report.types[:, 0], report.overall[0]]):
        own = Resampled.of(found.point[row, 0], found.means[:, row, 0], found.groups[row], (0.0, 1.0))
        assert own.point == interval[0]
        assert (own.lower(0.025), upper(own, 0.025)) == pytest.approx(tuple(interval[1:]), abs=1e-12)


def test_bounds_of_what_was_learnt_are_the_ends_of_the_interval_of_the_report() -> None:
    for shift in np.linspace(-0.1, 0.1, 21):
        values = np.random.default_rng(0).normal(shift, 0.3, 100).clip(-1.0, 1.0)
        groups, types = np.arange(100), np.zeros(100, int)
        report = reach_zero(
            group_bootstrap(values[:, None], groups, types, np.array([RANGE]), seed=1).overall
        )
        own = replace(resamples_of(values, 100), learnt=True)
        assert (own.lower(0.025), upper(own, 0.025)) == pytest.approx(tuple(report[0, 1:]), abs=1e-12)


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


@given(evidence())
@settings(deadline=None)
def test_what_is_known_exactly_meets_a_limit_or_does_not(found: Evidence) -> None:
    if found.standard_error == 0.0:
        assert found.p_above(found.point, at_least=True) == 0.0
        assert found.p_above(found.point, at_least=False) == 1.0


def test_few_groups_are_bounded_as_by_student() -> None:
    few = resamples_of(np.array([0.1, 0.2, 0.3] * 20), 3)
    assert few.lower(0.05) == pytest.approx(0.2 - t.ppf(0.95, 2) * 0.1 / 3**0.5, abs=0.005)
    assert resamples_of(np.full(60, 0.25), 3).lower(0.05) == 0.25


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
