"""The bundled sample as an instrument: no gain where nothing is planted, a large one where much is."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from sample_generator import write

from tst_harness.analysis.diagnostic import FloatArray, FoldTask, Questions
from tst_harness.analysis.folds import assign_folds
from tst_harness.analysis.scoring import score
from tst_harness.benchmark.declarations import LocalFile
from tst_harness.dataset.loading import Dataset, load
from tst_harness.dataset.sample import benchmark
from tst_harness.diagnostics.forest.diagnostic import ForestDiagnostic
from tst_harness.stats.resampling import SURE_OF_SIGN

pytestmark = pytest.mark.simulation

FOLDS = 5
SEEDS = range(8)
NOT_PLANTED = "room_size_estimation"


def sample(folder: Path, strength: float, seed: int) -> Dataset:
    path = folder / f"{strength}_{seed}.jsonl"
    write(path, strength, seed)
    return load(benchmark().model_copy(update={"source": LocalFile(str(path))}))


def gains(dataset: Dataset) -> dict[str, FloatArray]:
    """By type, for each question held out: its score less chance, or less the best constant's."""
    frame = dataset.frame
    types, answers = frame["type"].to_numpy(), frame["answer"].to_numpy(dtype=np.float64)
    folds = assign_folds(frame["id"].tolist(), types.tolist(), k=FOLDS)
    questions, diagnostic = Questions.of(dataset), ForestDiagnostic()
    gain = np.full(len(frame), np.nan)
    for fold in range(FOLDS):
        train, held_out = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        task = FoldTask(questions, train, held_out, answers[train], train, seed=fold)
        found = score(dataset, diagnostic.predict(task), train, held_out)
        gain[held_out] = found.score - found.blind_baseline
    return {declared.name: gain[types == declared.name] for declared in dataset.benchmark.question_types}


@pytest.fixture(scope="module")
def unplanted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, FloatArray]:
    """The gains of several samples at strength 0, by type."""
    folder = tmp_path_factory.mktemp("samples")
    found = [gains(sample(folder, 0.0, seed)) for seed in SEEDS]
    return {name: np.concatenate([one[name] for one in found]) for name in found[0]}


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, FloatArray]:
    """The gains of one sample at strength 1, by type."""
    return gains(sample(tmp_path_factory.mktemp("samples"), 1.0, 0))


def of_format(found: Mapping[str, FloatArray], form: str) -> FloatArray:
    return np.concatenate([found[one.name] for one in benchmark().question_types if one.format == form])


def standard_error(gain: FloatArray) -> float:
    """Of a mean over questions whose folds learn from each other's answers."""
    return float(SURE_OF_SIGN * gain.std(ddof=1) / len(gain) ** 0.5)


def test_without_shortcuts_choices_are_at_chance(unplanted: Mapping[str, FloatArray]) -> None:
    gain = of_format(unplanted, "mc")
    assert abs(gain.mean()) < 3 * standard_error(gain)


def test_without_shortcuts_numbers_do_not_beat_the_best_constant(unplanted: Mapping[str, FloatArray]) -> None:
    gain = of_format(unplanted, "num")
    assert gain.mean() < 2 * standard_error(gain)


def test_without_shortcuts_no_type_stands_out(unplanted: Mapping[str, FloatArray]) -> None:
    for name, gain in unplanted.items():
        assert gain.mean() < 4 * standard_error(gain), name


def test_planted_shortcuts_are_found_in_every_type(planted: Mapping[str, FloatArray]) -> None:
    for declared in benchmark().question_types:
        gain = planted[declared.name]
        if declared.name == NOT_PLANTED:
            assert abs(gain.mean()) < 0.03
        else:
            assert gain.mean() > 0.15, declared.name


def test_planted_shortcuts_carry_the_score_far_above_chance(planted: Mapping[str, FloatArray]) -> None:
    assert of_format(planted, "mc").mean() > 0.4
    assert of_format(planted, "num").mean() > 0.15
