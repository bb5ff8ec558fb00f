from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.stats import binom, binomtest, t

from tst_harness.stats.intervals import group_bootstrap
from tst_harness.stats.resampling import FloatArray, IntArray, holm, rule_p_values

LIMITS = np.array([[0.0, 1.0], [-1.0, 1.0]])
RULES = 4_000
# The nominal 5% and three standard errors of a rate measured on so many rules.
MOST_REJECTED = 0.05 + 3.0 * np.sqrt(0.05 * 0.95 / RULES)

Draw = Callable[[np.random.Generator, IntArray], tuple[FloatArray, FloatArray]]


@st.composite
def questions(draw: st.DrawFn) -> tuple[FloatArray, IntArray, IntArray]:
    n = draw(st.integers(1, 25))
    score = draw(hnp.arrays(float, n, elements=st.floats(0.0, 1.0)))
    gain = score - draw(hnp.arrays(float, n, elements=st.floats(0.0, 1.0)))
    groups, types = (draw(hnp.arrays(int, n, elements=st.integers(0, 4))) for _ in range(2))
    dense = [np.unique(codes, return_inverse=True)[1] for codes in (groups, types)]
    return np.column_stack([score, gain]), dense[0], dense[1]


@given(questions())
@settings(deadline=None)
def test_an_interval_holds_its_mean_and_keeps_to_the_range(
    drawn: tuple[FloatArray, IntArray, IntArray],
) -> None:
    values, groups, types = drawn
    found = group_bootstrap(values, groups, types, LIMITS, seed=1)
    np.testing.assert_allclose(found.overall[:, 0], values.mean(axis=0), atol=1e-12)
    np.testing.assert_allclose(found.macro[:, 0], found.types[:, :, 0].mean(axis=0), atol=1e-12)
    for estimates in (found.overall, found.macro, *found.types):
        mean, low, high = estimates.T
        assert (low <= mean).all()
        assert (mean <= high).all()
        assert (low >= LIMITS[:, 0]).all()
        assert (high <= LIMITS[:, 1]).all()
    for code, estimates in enumerate(found.types):
        np.testing.assert_allclose(estimates[:, 0], values[types == code].mean(axis=0), atol=1e-12)


@given(questions())
@settings(deadline=None)
def test_the_bootstrap_takes_questions_in_any_order(
    drawn: tuple[FloatArray, IntArray, IntArray],
) -> None:
    values, groups, types = drawn
    order = np.random.default_rng(len(values)).permutation(len(values))
    one = group_bootstrap(values, groups, types, LIMITS, seed=1)
    other = group_bootstrap(values[order], groups[order], types[order], LIMITS, seed=1)
    np.testing.assert_allclose(one.overall, other.overall, atol=1e-12)
    np.testing.assert_allclose(one.types, other.types, atol=1e-12)


def test_the_same_seed_gives_the_same_intervals() -> None:
    rng = np.random.default_rng(0)
    values, groups, types = rng.random((200, 2)), rng.integers(40, size=200), rng.integers(3, size=200)
    one, two, other = (group_bootstrap(values, groups, types, LIMITS, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.overall, two.overall)
    assert (one.overall[:, 1:] != other.overall[:, 1:]).any()


def test_an_interval_of_single_questions_is_that_of_student() -> None:
    n = 400
    values = np.random.default_rng(0).beta(2.0, 2.0, (n, 1))
    found = group_bootstrap(values, np.arange(n), np.zeros(n, int), LIMITS[:1], seed=1)
    half = t.ppf(0.975, n - 1) * values.std(ddof=1) / np.sqrt(n)
    np.testing.assert_allclose(found.overall[0, 1:], values.mean() + half * np.array([-1.0, 1.0]), atol=0.005)


def test_questions_that_share_a_group_count_once() -> None:
    score = np.random.default_rng(0).random(30)
    apart = group_bootstrap(score[:, None], np.arange(30), np.zeros(30, int), LIMITS[:1], seed=1)
    groups = np.repeat(np.arange(30), 20)
    shared = group_bootstrap(score[groups][:, None], groups, np.zeros(600, int), LIMITS[:1], seed=1)
    np.testing.assert_allclose(apart.overall, shared.overall, atol=1e-12)


def test_a_gain_that_hardly_varies_is_known_well_since_resamples_are_paired() -> None:
    score = np.random.default_rng(0).random(60) / 2
    values = np.column_stack([score, 0.25 + score / 1_000])
    found = group_bootstrap(values, np.arange(60) // 3, np.zeros(60, int), LIMITS, seed=1)
    np.testing.assert_allclose(found.overall[1], 0.25, atol=1e-3)
    assert found.overall[0, 2] - found.overall[0, 1] > 0.05


def test_one_group_says_nothing_about_others() -> None:
    values = np.column_stack([np.full(9, 0.5), np.full(9, 0.25)])
    found = group_bootstrap(values, np.zeros(9, int), np.zeros(9, int), LIMITS, seed=1)
    np.testing.assert_array_equal(found.overall, [[0.5, 0.0, 1.0], [0.25, -1.0, 1.0]])


def test_groups_that_agree_may_have_left_others_out() -> None:
    values = np.column_stack([np.ones(9), np.full(9, -0.5)])
    found = group_bootstrap(values, np.arange(9), np.zeros(9, int), LIMITS, seed=1)
    exact = binomtest(9, 9).proportion_ci(method="exact")
    np.testing.assert_allclose(found.overall[0], [1.0, exact.low, 1.0])
    np.testing.assert_allclose(found.overall[1], [-0.5, -1.0 + exact.low / 2, 1.0 - 1.5 * exact.low])


def test_a_difference_of_zero_everywhere_is_known() -> None:
    found = group_bootstrap(np.zeros((9, 2)), np.arange(9), np.zeros(9, int), LIMITS, seed=1)
    assert found.overall[0, 2] > 0.3
    np.testing.assert_array_equal(found.overall[1], np.zeros(3))


def test_a_type_in_few_groups_is_left_out_of_resamples_without_it() -> None:
    values = np.concatenate([np.full(40, 0.5), [0.2, 0.4]])[:, None]
    types = np.repeat([0, 1], [40, 2])
    found = group_bootstrap(values, np.arange(42), types, LIMITS[:1], seed=1)
    # Of two groups, Student's t with one degree of freedom says next to nothing.
    np.testing.assert_allclose(found.types[1, 0], [0.3, 0.0, 1.0])
    np.testing.assert_allclose(found.macro[0, :2], [0.4, 0.35], atol=1e-12)
    assert np.isfinite(found.macro).all()


@given(hnp.arrays(float, st.integers(0, 20), elements=st.floats(0.0, 1.0)))
def test_holm_is_monotone_and_never_below_what_it_corrects(p_values: FloatArray) -> None:
    adjusted = holm(p_values)
    order = np.argsort(p_values, kind="stable")
    assert (np.diff(adjusted[order]) >= 0.0).all()
    assert (adjusted >= p_values).all()
    assert (adjusted <= 1.0).all()


def test_what_pairs_of_questions_teach_each_other_is_hardly_ever_taken_for_a_gain() -> None:
    """Answers are fair coins, and each question says what the pairs with those of other folds say."""
    n, mistaken, unwidened = 100, 0, 0
    fold = np.arange(n) % 5
    everyone, one_type = np.arange(n), np.zeros(n, int)
    for seed in range(400):
        rng = np.random.default_rng(seed)
        bearing = rng.normal(size=(n, n))
        bearing = (bearing + bearing.T) * (fold[:, None] != fold)
        answers = rng.choice([-1.0, 1.0], n)
        gain = (0.05 * answers * (bearing @ answers)).clip(-1.0, 1.0)
        columns, limits = np.column_stack([gain, gain]), np.repeat(LIMITS[1:], 2, axis=0)
        found = group_bootstrap(columns, everyone, one_type, limits, seed=1, learnt=[False, True]).overall
        excludes_zero = (found[:, 1] > 0.0) | (found[:, 2] < 0.0)
        unwidened += excludes_zero[0]
        mistaken += excludes_zero[1]
    # The nominal 5% and three standard errors of a rate measured on so many.
    assert mistaken / 400 <= 0.05 + 3.0 * np.sqrt(0.05 * 0.95 / 400) < unwidened / 400


def test_holm_by_hand() -> None:
    np.testing.assert_allclose(holm(np.array([0.04, 0.01, 0.03])), [0.06, 0.03, 0.06])


def test_weighted_holm_by_hand() -> None:
    weights = np.array([1.0, 2.0, 1.0])
    np.testing.assert_allclose(holm(np.array([0.004, 0.01, 0.9]), weights), [0.016, 0.016, 0.9])
    np.testing.assert_allclose(holm(np.array([0.04, 0.01, 0.03]), np.full(3, 7.0)), [0.06, 0.03, 0.06])


def _coins(chance: float, together: float) -> Draw:
    """Right or wrong by chance, the same in the whole group for the fraction `together` of questions."""

    def draw(rng: np.random.Generator, group: IntArray) -> tuple[FloatArray, FloatArray]:
        shape = (RULES, len(group))
        luck = np.where(
            rng.random(shape) < together,
            rng.random((RULES, int(group.max()) + 1))[:, group],
            rng.random(shape),
        )
        return (luck < chance).astype(float), np.full(shape, chance)

    return draw


def _mixed_chances(rng: np.random.Generator, group: IntArray) -> tuple[FloatArray, FloatArray]:
    chance = np.broadcast_to(rng.choice([0.1, 0.25, 0.5], len(group)), (RULES, len(group)))
    return (rng.random(chance.shape) < chance).astype(float), chance


def _rarely_much_worse(rng: np.random.Generator, group: IntArray) -> tuple[FloatArray, FloatArray]:
    """A little better than the baseline mostly and much worse rarely: what fools a t-test."""
    rare = rng.random((RULES, len(group))) < 3 / 13
    return np.where(rare, 0.0, 0.5), np.where(rare, 1.0, 0.2)


def _relative_accuracies(rng: np.random.Generator, group: IntArray) -> tuple[FloatArray, FloatArray]:
    score, chance = rng.integers(0, 11, (2, RULES, int(group.max()) + 1))[..., group] / 10.0
    return score, chance


SINGLES_8, SINGLES_40 = np.arange(8), np.arange(40)
EQUAL, UNEQUAL = (
    np.repeat(np.arange(20), 10),
    np.repeat(np.arange(24), [*[1] * 16, 2, 3, 5, 5, 10, 10, 15, 20]),
)


@pytest.mark.parametrize(
    ("group", "draw"),
    [
        pytest.param(SINGLES_8, _coins(0.25, 0.0), id="8 questions"),
        pytest.param(SINGLES_8, _coins(0.5, 0.0), id="8 questions with two options"),
        pytest.param(SINGLES_40, _coins(0.25, 0.0), id="40 questions"),
        pytest.param(SINGLES_8, _mixed_chances, id="8 questions of several chances"),
        pytest.param(SINGLES_40, _mixed_chances, id="40 questions of several chances"),
        pytest.param(EQUAL, _coins(0.25, 1.0), id="groups that agree"),
        pytest.param(EQUAL, _coins(0.5, 0.7), id="groups that mostly agree"),
        pytest.param(UNEQUAL, _coins(0.25, 1.0), id="unequal groups that agree"),
        pytest.param(UNEQUAL, _coins(0.5, 0.7), id="unequal groups that mostly agree"),
        pytest.param(SINGLES_8, _rarely_much_worse, id="8 skewed scores"),
        pytest.param(SINGLES_40, _rarely_much_worse, id="40 skewed scores"),
        pytest.param(EQUAL, _relative_accuracies, id="relative accuracies in groups"),
    ],
)
def test_chance_is_rarely_taken_for_a_shortcut(group: IntArray, draw: Draw) -> None:
    score, chance = draw(np.random.default_rng(0), group)
    rule = np.repeat(np.arange(RULES), len(group))
    p = rule_p_values(rule, np.tile(group, RULES), score.ravel(), chance.ravel(), RULES)
    assert (p <= 0.05).mean() <= MOST_REJECTED


@pytest.mark.parametrize("chance", [0.1, 0.25, 0.5])
@pytest.mark.parametrize("n", [4, 8, 48, 500])
def test_single_questions_get_the_binomial_tail(n: int, chance: float) -> None:
    right = np.arange(n + 1)
    exact = binom.sf(right - 1, n, chance)
    score = (np.arange(n) < right[:, None]).astype(float)
    p = rule_p_values(
        np.repeat(right, n), np.tile(np.arange(n), n + 1), score.ravel(), np.full(score.size, chance), n + 1
    )
    telling = (exact < 0.3) & (exact > 1e-300)
    assert (p[telling] >= 0.99 * exact[telling]).all()
    assert (p[telling] <= 1.1 * exact[telling]).all()


def test_a_planted_shortcut_is_found_among_many_rules() -> None:
    score = np.array([1.0] * 34 + [0.0] * 14)
    p = rule_p_values(np.zeros(48, int), np.arange(48), score, np.full(48, 0.25), 1)
    assert p[0] * 10_000 < 0.01


def test_a_better_relative_accuracy_is_found() -> None:
    score = np.random.default_rng(0).uniform(0.5, 1.0, 60)
    p = rule_p_values(np.zeros(60, int), np.arange(60), score, np.full(60, 0.5), 1)
    assert p[0] < 1e-4


def test_a_rule_that_holds_in_one_group_alone_is_none() -> None:
    p = rule_p_values(np.zeros(50, int), np.zeros(50, int), np.ones(50), np.full(50, 0.25), 1)
    assert p.tolist() == [1.0]


def test_rules_are_judged_apart_and_those_that_never_apply_get_one() -> None:
    score, chance = np.array([1.0] * 10), np.full(10, 0.25)
    alone = rule_p_values(np.zeros(10, int), np.arange(10), score, chance, 1)
    both = rule_p_values(
        np.concatenate([np.full(10, 3), np.full(10, 1)]),
        np.tile(np.arange(10), 2),
        np.concatenate([score, 1.0 - score]),
        np.tile(chance, 2),
        5,
    )
    np.testing.assert_allclose(both, [1.0, 1.0, 1.0, alone[0], 1.0])
    none = np.zeros(0)
    assert rule_p_values(none.astype(int), none.astype(int), none, none, 2).tolist() == [1.0, 1.0]
