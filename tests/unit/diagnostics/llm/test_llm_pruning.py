"""Pruning by the llm diagnostic, its model made of fakes."""

import numpy as np
import pytest
from llm_fakes import FakeEncoder, FakeModel, FakePredictor, FakeTrainer
from pruning_builders import prune

from tst_harness.dataset.sample import benchmark
from tst_harness.diagnostics.llm.trainable.predictor import TrainableLLMPredictor
from tst_harness.engine.experiment import Experiment
from tst_harness.engine.settings import Settings
from tst_harness.pruning.rediagnosis import Rediagnosis

OPTIONS = Settings(diagnostics=("llm",), limit=100, folds=2)


class Trainable(TrainableLLMPredictor):
    predictor: FakePredictor
    trainer: FakeTrainer

    def __init__(self) -> None:
        encoder = FakeEncoder(FakeModel())
        self.log: list[str] = []
        super().__init__(FakePredictor(encoder, self.log), FakeTrainer(encoder, self.log))


def test_zero_shot_is_asked_once_and_training_has_what_is_left() -> None:
    trainable = Trainable()
    experiment = Experiment(benchmark(), OPTIONS, trainable=lambda: trainable)
    rediagnosis = Rediagnosis(experiment, "llm")
    everything = rediagnosis.scores(np.arange(100))
    assert trainable.log.count("predictor replies without an adapter") > 0
    asked_zero_shot = trainable.log.count("predictor replies without an adapter")
    kept = np.arange(0, 100, 2)
    del trainable.trainer.seen[:]
    found = rediagnosis.scores(kept)
    assert [name for name in map(str, found) if name.endswith("zero_shot")] == [
        "s_zero_shot",
        "zero_shot",
    ]
    assert found["s_zero_shot"].tolist() == everything["s_zero_shot"].to_numpy()[kept].tolist()
    # A training checks its adapter without it, too.
    trainings = len(trainable.trainer.seen)
    assert trainings == 4
    assert sum(map(len, trainable.trainer.seen)) == 50
    assert trainable.log.count("predictor replies without an adapter") == asked_zero_shot + trainings


def test_questions_go_by_their_gain_over_zero_shot() -> None:
    found = prune(
        benchmark(),
        options=OPTIONS,
        trainable=Trainable(),
        diagnostic="llm",
        budget=20,
        min_per_type=2,
        force=True,
    )
    assert found.ranked_by == "gain"
    assert len(found.removed) == 20
    assert found.stopped == "budget"
    assert found.after.overall.zero_shot is not None
    assert found.before.overall.delta is not None
    first = found.iterations[0].removed
    gains = [one.rank_score for one in first if found.before.types[one.type].format == "mc"]
    assert gains == sorted(gains, reverse=True)


@pytest.mark.parametrize("rank", ["excess", "raw"])
def test_it_can_be_ranked_as_the_forest(rank: str) -> None:
    found = prune(
        benchmark(),
        options=OPTIONS,
        trainable=Trainable(),
        diagnostic="llm",
        budget=10,
        min_per_type=2,
        rank=rank,
        force=True,
    )
    assert found.ranked_by == rank
    assert len(found.removed) == 10
