"""Diagnosing again what is left of the bundled sample."""

from collections.abc import Callable

import numpy as np
import pytest

from tst_harness.analysis.diagnostic import IntArray
from tst_harness.dataset.sample import benchmark
from tst_harness.diagnostics.forest.analysis import FOREST
from tst_harness.diagnostics.forest.choice import ChoiceModel
from tst_harness.diagnostics.forest.diagnostic import ForestDiagnostic
from tst_harness.diagnostics.forest.number import NumberModel
from tst_harness.diagnostics.forest.permutation import TypePrediction
from tst_harness.engine.experiment import Experiment
from tst_harness.engine.settings import Settings
from tst_harness.pruning.rediagnosis import Rediagnosis, benchmark_scores, restricted


@pytest.fixture(scope="module")
def experiment() -> Experiment:
    return Experiment(benchmark(), Settings())


def without(experiment: Experiment, name: str, n: int) -> IntArray:
    """All rows but the first n of a type."""
    types = experiment.dataset.frame["type"].to_numpy()
    return np.setdiff1d(np.arange(len(types)), np.flatnonzero(types == name)[:n])


def test_all_questions_have_the_scores_of_an_audit(experiment: Experiment) -> None:
    everything = np.arange(len(experiment.dataset.frame))
    found = Rediagnosis(experiment, "forest").scores(everything)
    for fold in experiment.folds("random"):
        rows, scored, _ = FOREST.score(experiment, fold, "random")
        for name in ("s", "score", "blind_baseline"):
            assert np.array_equal(found[name].to_numpy()[rows], getattr(scored, name))


def test_what_is_kept_from_before_is_what_would_be_computed(
    experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    once = Rediagnosis(experiment, "forest")
    everything = np.arange(len(experiment.dataset.frame))
    first = once.scores(everything)
    predicted: list[type] = []
    for model in (ChoiceModel, NumberModel):
        monkeypatch.setattr(model, "predict", counted(model, predicted))
    for name, n in (("object_counting", 20), ("route_planning", 10)):
        kept = without(experiment, name, n)
        del predicted[:]
        found = once.scores(kept)
        few = len(predicted)
        del predicted[:]
        assert found.equals(Rediagnosis(experiment, "forest").scores(kept))
        assert 0 < few < len(predicted)
        assert not np.array_equal(found["s"].to_numpy(), first["s"].to_numpy()[kept])


def counted(model: type[ChoiceModel] | type[NumberModel], calls: list[type]) -> Callable[..., TypePrediction]:
    predict: Callable[..., TypePrediction] = model.predict

    def counting(*arguments: object) -> TypePrediction:
        calls.append(model)
        return predict(*arguments)

    return counting


def test_the_parts_of_a_fold_stay_put(experiment: Experiment) -> None:
    keep = np.ones(len(experiment.dataset.frame), dtype=bool)
    keep[::7] = False
    rediagnosis = Rediagnosis(experiment, "forest")
    for fold in rediagnosis._folds:
        left = restricted(fold, keep)
        assert left.parts is not None
        assert fold.parts is not None
        before = dict(zip(fold.train.tolist(), fold.parts.tolist(), strict=True))
        assert left.parts.tolist() == [before[row] for row in left.train.tolist()]
        assert keep[left.train].all()
        assert keep[left.held_out].all()
        assert len(left.units) == len(left.train)


def test_the_order_of_the_rows_that_are_kept_is_that_of_the_table(experiment: Experiment) -> None:
    kept = np.arange(0, 600, 2)
    shuffled = np.random.default_rng(0).permutation(kept)
    rediagnosis = Rediagnosis(experiment, "forest")
    straight, other = rediagnosis.scores(kept), rediagnosis.scores(shuffled)
    assert other["id"].tolist() == experiment.dataset.frame["id"].to_numpy()[shuffled].tolist()
    assert straight.set_index("id").equals(other.set_index("id").loc[straight["id"]])
    assert benchmark_scores(straight, "forest", 1) == benchmark_scores(other, "forest", 1)


def test_repeats_are_averaged_and_their_spread_is_told() -> None:
    experiment = Experiment(benchmark(), Settings(repeats=2, folds=3))
    found = Rediagnosis(experiment, "forest").scores(np.arange(600))
    each = np.empty((2, 600))
    for fold in experiment.folds("random"):
        each[fold.repeat, fold.held_out] = FOREST.score(experiment, fold, "random").scored.s
    assert np.array_equal(found["s"].to_numpy(), each.mean(axis=0))
    assert found["s_sd"].to_numpy() == pytest.approx(np.abs(each[0] - each[1]) / np.sqrt(2))


def test_of_a_type_left_in_one_fold_nothing_is_learnt(experiment: Experiment) -> None:
    types = experiment.dataset.frame["type"].to_numpy()
    [first, *_] = experiment.folds("random")
    alone = np.flatnonzero(types == "route_planning")
    kept = np.setdiff1d(np.arange(600), np.setdiff1d(alone, first.held_out))
    scores = Rediagnosis(experiment, "forest").scores(kept)
    left = scores[scores["type"] == "route_planning"]
    assert len(left) == 12
    assert left["s"].to_numpy() == pytest.approx(left["blind_baseline"].to_numpy())


def test_the_forest_of_an_audit_keeps_its_importances(experiment: Experiment) -> None:
    [fold, *_] = experiment.folds("random")
    assert FOREST.score(experiment, fold, "random").scored.importances
    rediagnosis = Rediagnosis(experiment, "forest")
    assert not rediagnosis._score(fold).scored.importances
    assert ForestDiagnostic().settings == ForestDiagnostic(importances=False).settings


def test_the_fold_of_each_row_is_told(experiment: Experiment) -> None:
    [found] = Rediagnosis(experiment, "forest").fold_of
    for fold in experiment.folds("random"):
        assert (found[fold.held_out] == fold.fold).all()
