"""Trees grown without copies of the model, and LightGBM imported without what it can do without."""

import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from tst_harness.analysis.diagnostic import FloatArray
from tst_harness.diagnostics.forest.settings import BOOSTED, RANDOM_FOREST
from tst_harness.diagnostics.forest.trees import _import_alone as import_alone
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


def test_a_package_is_imported_alone_and_others_get_all_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, source in {
        "shop": "try:\n    import till\nexcept ImportError:\n    till = None\nfrom shop import shelf\n",
        "till": "",
    }.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(source, encoding="utf-8")
    (tmp_path / "shop" / "shelf.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    alone = import_alone("shop", without=["till"])
    assert alone.till is None
    assert not {"shop", "shop.shelf", "till"} & set(sys.modules)
    complete = import_module("shop")
    try:
        assert complete.till is import_module("till")
        assert complete.shelf is not alone.shelf
        assert import_alone("shop", without=["till"]) is complete
    finally:
        for name in ("shop", "shop.shelf", "till"):
            del sys.modules[name]
