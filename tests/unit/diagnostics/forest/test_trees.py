import numpy as np

from tst_harness.analysis.diagnostic import FloatArray
from tst_harness.diagnostics.forest.settings import BOOSTED, RANDOM_FOREST
from tst_harness.diagnostics.forest.trees import grow, lightgbm

DRAW = np.random.default_rng(0)
TABLE = DRAW.normal(size=(300, 4)).astype(np.float32)
TARGET = (TABLE[:, 0] + DRAW.normal(size=300) > 0.0).astype(np.float64)


def test_what_is_grown_is_what_lightgbm_trains() -> None:
    trained = lightgbm.train(RANDOM_FOREST, lightgbm.Dataset(TABLE, TARGET), 5)
    grown = grow(RANDOM_FOREST, lightgbm.Dataset(TABLE, TARGET, params=RANDOM_FOREST), 5)
    leaves = [np.asarray(booster.predict(TABLE, pred_leaf=True)) for booster in (trained, grown)]
    assert np.ptp(leaves[0]) > 0
    np.testing.assert_array_equal(leaves[0], leaves[1])


def test_so_it_is_with_a_gradient_of_its_own() -> None:
    def gradient(scores: FloatArray, _: lightgbm.Dataset) -> tuple[FloatArray, FloatArray]:
        probability = 1.0 / (1.0 + np.exp(-scores))
        return probability - TARGET, probability * (1.0 - probability)

    trained = lightgbm.train(
        {**BOOSTED, "objective": gradient}, lightgbm.Dataset(TABLE, TARGET, init_score=TARGET), 5
    )
    data = lightgbm.Dataset(TABLE, TARGET, init_score=TARGET, params=BOOSTED)
    grown = grow(BOOSTED, data, 5, gradient)
    scores = [np.asarray(booster.predict(TABLE, raw_score=True)) for booster in (trained, grown)]
    assert np.ptp(scores[0]) > 0.0
    np.testing.assert_array_equal(scores[0], scores[1])
