"""What a session knows of its units, and what it keeps apart."""

from pathlib import Path
from typing import Any

import pytest

from tst_harness.analysis.units import GROUPED, RANDOM, Unit
from tst_harness.benchmark.declarations import Benchmark
from tst_harness.dataset.sample import benchmark as sample
from tst_harness.engine.session import Session
from tst_harness.engine.settings import Settings
from tst_harness.errors import IncompleteError

FOLDS = [Unit("forest", RANDOM, 0, fold) for fold in range(2)]


@pytest.fixture
def declared() -> Benchmark:
    return sample()


def settings(folder: Path, **changes: Any) -> Settings:
    return Settings(folds=2, report_dir=folder, limit=120, **changes)


def test_units_follow_from_the_settings_and_the_benchmark(tmp_path: Path, declared: Benchmark) -> None:
    session = Session(settings(tmp_path), [declared])
    names = ("shortcuts", "duplicates", "order", "opposite_answers", "positions")
    checks = [Unit(name) for name in names]
    assert session.units() == [(declared.name, unit) for unit in [*FOLDS, *checks]]
    both = Session(settings(tmp_path, split="both"), [declared])
    assert {unit.split for _, unit in both.units()} == {RANDOM, GROUPED}


def test_what_is_missing_is_a_difference_of_sets(tmp_path: Path, declared: Benchmark) -> None:
    session = Session(settings(tmp_path), [declared])
    with pytest.raises(IncompleteError, match="no diagnostic left a record"):
        session.assemble(declared.name)
    session.run_unit(declared, FOLDS[1])
    assert session.missing(declared.name) == [FOLDS[0]]
    with pytest.raises(IncompleteError, match=r"1 of 2 folds left no record \(forest repeat 0 fold 0\)"):
        session.assemble(declared.name)
    results: list[Unit] = []
    session.run(lambda result: results.append(result.unit))
    assert FOLDS[1] not in results
    assert session.assemble(declared.name).report.diagnostics["forest"].complete
    again = Session(settings(tmp_path), [declared])
    assert again.run_unit(declared, FOLDS[0]).cached


def test_another_set_of_models_is_another_experiment(tmp_path: Path, declared: Benchmark) -> None:
    session = Session(settings(tmp_path))
    one, other = object(), object()
    first = session.experiment(declared, [one])  # type: ignore[list-item]
    assert session.experiment(declared, [one]) is first  # type: ignore[list-item]
    second = session.experiment(declared, [other])  # type: ignore[list-item]
    assert second is not first
    assert list(second.models) == [other]
    assert session.experiment(declared) not in (first, second)
