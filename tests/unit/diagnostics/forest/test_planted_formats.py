"""What is planted in open answers and in sets of right options is found, and nothing else."""

from pathlib import Path

import numpy as np
import pytest
from planted_formats import planted
from sample_formats import SampleFormat

from tst_harness.analysis.scoring import Scored
from tst_harness.diagnostics.forest.analysis import FOREST
from tst_harness.engine.experiment import Experiment
from tst_harness.pruning.rediagnosis import Rediagnosis, benchmark_scores
from tst_harness.pruning.schema import BenchmarkScores

FORMATS: tuple[SampleFormat, ...] = ("open", "multi")


def scores(experiment: Experiment, diagnostic: str = "forest") -> BenchmarkScores:
    rows = np.arange(len(experiment.dataset.frame))
    table = Rediagnosis(experiment, diagnostic).scores(rows)
    return benchmark_scores(table, diagnostic, 42, experiment.dataset.benchmark.question_types)


def first_fold(experiment: Experiment) -> Scored:
    return FOREST.score(experiment, experiment.folds("random")[0], "random").scored


@pytest.mark.simulation
@pytest.mark.parametrize("diagnostic", ["forest", "words"])
@pytest.mark.parametrize("format_", FORMATS)
def test_a_planted_shortcut_is_found_in_every_type(
    tmp_path: Path, format_: SampleFormat, diagnostic: str
) -> None:
    found = scores(planted(tmp_path, format_, 1.0), diagnostic)
    assert found.overall.gain_interval[0] > 0.4
    assert all(own.gain_interval[0] > 0.1 for own in found.types.values())


@pytest.mark.simulation
@pytest.mark.parametrize("null_control", [False, True])
@pytest.mark.parametrize("format_", FORMATS)
def test_nothing_is_found_where_nothing_is(tmp_path: Path, format_: SampleFormat, null_control: bool) -> None:
    found = scores(planted(tmp_path, format_, 1.0 if null_control else 0.0, null_control))
    low, high = found.overall.gain_interval
    assert low <= 0.0 <= high


def test_types_are_scored_by_their_metrics(tmp_path: Path) -> None:
    found = scores(planted(tmp_path, "open", 0.5)).types
    assert {name: own.metric for name, own in found.items()} == {
        "material": "exact",
        "color": "vqa",
        "label": "anls",
    }


def test_predictions_are_texts_and_letters(tmp_path: Path) -> None:
    said = first_fold(planted(tmp_path, "open", 1.0)).prediction
    assert set(said) > {"red", "handle with care"}
    scored = first_fold(planted(tmp_path, "multi", 1.0))
    assert {len(str(text)) for text in scored.prediction} <= {1, 4, 7, 10}
    assert all(row is not None and len(row) == 4 for row in scored.probabilities)


def test_what_no_training_question_answers_is_never_said(tmp_path: Path) -> None:
    experiment = planted(tmp_path, "open", 1.0)
    [fold, *_] = experiment.folds("random")
    task = experiment.task(fold, "random")
    known = {text for texts in task.accepted.values() for text in texts}
    assert set(FOREST.score(experiment, fold, "random").scored.prediction) <= known
    assert set(task.accepted) == set(task.answers.astype(int).tolist())
