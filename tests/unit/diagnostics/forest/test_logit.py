import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tst_harness.analysis.diagnostic import FloatArray, IntArray
from tst_harness.diagnostics.forest.features import Table
from tst_harness.diagnostics.forest.logit import fit_logit, fit_scales, softmax


@given(st.lists(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=10), min_size=1, max_size=6))
def test_probabilities_of_a_question_add_up_to_one(scores: list[list[float]]) -> None:
    counts = np.array([len(row) for row in scores])
    found = softmax(np.concatenate(scores), counts)
    assert (found >= 0).all()
    np.testing.assert_allclose(np.add.reduceat(found, np.cumsum(counts) - counts), 1.0)


def test_a_higher_score_is_a_higher_probability_and_equal_ones_share() -> None:
    assert softmax(np.array([0.0, np.log(3), 5.0, 5.0]), np.array([2, 2])).tolist() == pytest.approx(
        [0.25, 0.75, 0.5, 0.5]
    )


def planted(questions: int, options: int = 4) -> tuple[Table, IntArray, FloatArray]:
    """The option with the highest first feature is mostly right; the second feature is noise."""
    draw = np.random.default_rng(5)
    table = draw.normal(size=(questions * options, 2)).astype(np.float32)
    counts = np.full(questions, options)
    noisy = 3.0 * table[:, 0] + draw.gumbel(size=len(table))
    target = (noisy == np.repeat(noisy.reshape(-1, options).max(axis=1), options)).astype(np.float64)
    return table, counts, target


def slopes(table: Table, scores: FloatArray) -> FloatArray:
    design = np.column_stack([table, np.ones(len(table))])
    found: FloatArray = np.linalg.lstsq(design, scores, rcond=None)[0]
    return found


def test_a_planted_effect_is_recovered() -> None:
    table, counts, target = planted(1500)
    effect, noise, _ = slopes(table, fit_logit(table, counts, target)(table))
    assert effect == pytest.approx(3.0, abs=0.4)
    assert noise == pytest.approx(0.0, abs=0.2)


def test_noise_alone_is_given_little_weight() -> None:
    table, counts, _ = planted(500)
    target = np.zeros(len(table))
    target[np.arange(500) * 4 + np.random.default_rng(1).integers(4, size=500)] = 1.0
    assert np.abs(slopes(table, fit_logit(table, counts, target)(table))[:2]).max() < 0.2


def test_columns_that_say_nothing_change_nothing() -> None:
    table, counts, target = planted(200)
    wide = np.column_stack([table, np.full(len(table), 7.25), np.full(len(table), np.nan)]).astype(np.float32)
    plain, padded = fit_logit(table, counts, target)(table), fit_logit(wide, counts, target)(wide)
    np.testing.assert_allclose(padded, plain, atol=1e-9)


def test_a_missing_value_counts_as_the_mean() -> None:
    table, counts, target = planted(300)
    table[::7, 0] = np.nan
    scores = fit_logit(table, counts, target)
    mean = np.float32(np.nanmean(table[:, 0].astype(np.float64)))
    filled = np.where(np.isnan(table), mean, table)
    np.testing.assert_allclose(scores(table), scores(filled), atol=1e-5)


def test_a_column_seen_only_when_predicting_counts_for_nothing() -> None:
    table, counts, target = planted(100)
    table[:, 1] = np.nan
    scores = fit_logit(table, counts, target)
    shown = table.copy()
    shown[:, 1] = 1e6
    np.testing.assert_allclose(scores(shown), scores(table))


@pytest.mark.parametrize("size", [1e-6, 1e6, 1e30])
def test_the_scale_of_a_column_does_not_matter(size: float) -> None:
    table, counts, target = planted(200)
    scaled = (table * np.array([size, 1])).astype(np.float32)
    plain, found = fit_logit(table, counts, target)(table), fit_logit(scaled, counts, target)(scaled)
    np.testing.assert_allclose(found, plain, rtol=1e-3, atol=1e-3)


def test_outliers_do_not_make_the_fit_diverge() -> None:
    table, counts, target = planted(100)
    table[::41, 1] = 1e9
    scores = fit_logit(table, counts, target)(table)
    assert np.isfinite(softmax(scores, counts)).all()


def test_few_questions_are_enough_for_finite_scores() -> None:
    table, counts, target = planted(1)
    assert np.isfinite(fit_logit(table, counts, target)(table)).all()


def test_what_is_left_out_is_predicted_by_the_others() -> None:
    table, counts, target = planted(200)
    parts = np.arange(200) % 5
    model = fit_logit(table, counts, target)
    left_out = softmax(model.left_out(table, counts, target, parts), counts)
    for part in range(5):
        others, rows = parts != part, np.repeat(parts != part, counts)
        refitted = fit_logit(table[rows], counts[others], target[rows])
        expected = softmax(refitted(table[~rows]), counts[~others])
        # One step, and the columns' means are those of all questions.
        np.testing.assert_allclose(left_out[~rows], expected, atol=0.03)


def test_of_noise_hardly_anything_counts_where_it_is_left_out() -> None:
    draw = np.random.default_rng(2)
    counts, parts = np.full(200, 4), np.arange(200) % 5
    table = draw.normal(size=(800, 40)).astype(np.float32)
    target = np.zeros(800)
    target[np.arange(200) * 4 + draw.integers(4, size=200)] = 1.0
    left_out = fit_logit(table, counts, target).left_out(table, counts, target, parts)
    [scale] = fit_scales(left_out[:, None], counts, target, np.ones(1))
    assert scale < 0.4


def test_scores_that_know_count_as_much_as_is_expected() -> None:
    table, counts, target = planted(2000)
    [scale] = fit_scales(3.0 * table[:, :1].astype(np.float64), counts, target, np.ones(1))
    assert scale == pytest.approx(1.0, abs=0.1)


def test_without_evidence_scores_count_as_expected() -> None:
    counts, target = np.full(3, 2), np.tile([1.0, 0.0], 3)
    expected = np.array([1.0, 0.25])
    np.testing.assert_allclose(fit_scales(np.zeros((6, 2)), counts, target, expected), expected)


def test_a_candidate_that_is_right_far_more_often_than_the_others_is_preferred() -> None:
    draw = np.random.default_rng(3)
    questions, candidates = 500, 41
    often = np.where(np.arange(candidates) < candidates - 1, 0.01, 0.5)
    right = np.where(
        draw.random(questions) < 0.5, candidates - 1, draw.integers(candidates - 1, size=questions)
    )
    target = (right[:, None] == np.arange(candidates)).astype(np.float64)
    noise = [0.01 * draw.normal(size=(questions, candidates)) for _ in range(4)]
    columns = [np.tile(often, (questions, 1)), *noise]
    table = np.column_stack([column.ravel() for column in columns]).astype(np.float32)
    scores = fit_logit(table, np.full(questions, candidates), target.ravel())(table)
    assert (scores.reshape(questions, candidates).argmax(axis=1) == candidates - 1).mean() > 0.99
