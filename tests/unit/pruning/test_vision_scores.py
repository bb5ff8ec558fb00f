from pathlib import Path

import numpy as np
import pytest
from control_builders import load_rows, rows_of, write_jsonl

from tst_harness.dataset.loading import Dataset
from tst_harness.pruning.controls_schema import ModelScore
from tst_harness.pruning.vision import Results, vision_report


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    return load_rows(tmp_path, rows_of(picks=60, counts=40))


def results(dataset: Dataset) -> Results:
    """A model that needs no image for the first 30 questions, and has it for the others."""
    blind = np.where(np.arange(100) < 30, 1.0, 0.2)
    vision = np.where(np.arange(100) % 5 == 0, 0.0, 1.0)
    return Results("vision.jsonl", "blind.jsonl", np.column_stack([vision, blind, vision - blind]), [])


def test_removing_what_is_answered_blind_widens_the_gap(dataset: Dataset) -> None:
    asked, removed = results(dataset), np.arange(25)
    found = vision_report(dataset, removed, asked, seed=42)
    assert (found.results, found.results_blind, found.seeds) == ("vision.jsonl", "blind.jsonl", 10)
    assert found.blind is not None
    assert found.gap is not None
    kept = np.arange(25, 100)
    for column, figure in enumerate((found.vision, found.blind, found.gap)):
        assert figure.before == pytest.approx(asked.values[:, column].mean())
        assert figure.after == pytest.approx(asked.values[kept, column].mean())
        assert figure.change == pytest.approx(figure.after - figure.before)
        assert figure.against_random.value == pytest.approx(figure.after)
        for value, (low, high) in intervals(figure):
            assert low <= value <= high
    assert found.blind.change_interval[1] < 0.0
    assert found.blind.against_random.difference_interval[1] < 0.0
    assert found.gap.against_random.difference_interval[0] > 0.0
    low, high = found.vision.against_random.difference_interval
    assert low < 0.0 < high


def intervals(figure: ModelScore) -> list[tuple[float, tuple[float, float]]]:
    beside = figure.against_random
    return [
        (figure.before, figure.before_interval),
        (figure.after, figure.after_interval),
        (figure.change, figure.change_interval),
        (beside.difference, beside.difference_interval),
    ]


def test_without_blind_results_there_is_no_gap(dataset: Dataset, tmp_path: Path) -> None:
    scores = [{"id": id_, "score": n % 2} for n, id_ in enumerate(dataset.frame["id"])]
    seen = write_jsonl(tmp_path / "seen.jsonl", scores)
    found = vision_report(dataset, np.arange(10), Results.read(seen, None, dataset), seed=42)
    assert (found.results, found.results_blind) == ("seen.jsonl", None)
    assert found.vision.before == 0.5
    assert found.blind is None
    assert found.gap is None


def test_both_files_are_read(dataset: Dataset, tmp_path: Path) -> None:
    ids = dataset.frame["id"]
    seen = write_jsonl(tmp_path / "seen.jsonl", [{"id": id_, "score": 1} for id_ in ids])
    unseen = write_jsonl(tmp_path / "unseen.jsonl", [{"id": id_, "score": 0.25} for id_ in ids])
    assert np.array_equal(Results.read(seen, unseen, dataset).values, [[1.0, 0.25, 0.75]] * 100)
