"""Folds that a session hands out together: trained in one pass, each with a record of its own."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from llm_fakes import FakeEncoder, FakeModel, FakePredictor, FakeTrainer

from tst_harness.analysis.units import RANDOM, Unit
from tst_harness.dataset.sample import benchmark as sample
from tst_harness.diagnostics.llm.trainable.predictor import TrainableLLMPredictor
from tst_harness.engine.groups import group_of, group_size
from tst_harness.engine.session import Session
from tst_harness.engine.settings import Settings
from tst_harness.errors import EngineError

FOLDS = [Unit("llm", RANDOM, 0, fold) for fold in range(3)]


class Joint(FakeTrainer):
    trains_together = True


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where adapters go."""
    (folder := tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def session(folder: Path, together: int, selected: Sequence[Unit] = FOLDS) -> tuple[Session, Joint]:
    encoder, log = FakeEncoder(FakeModel()), list[str]()
    trainable = TrainableLLMPredictor(FakePredictor(encoder, log), Joint(encoder, log), keep_adapters=False)
    settings = Settings(
        diagnostics=("llm",), folds=3, limit=60, report_dir=folder / "reports", folds_together=together
    )
    name = sample().name
    made = Session(settings, [sample()], trainable=lambda: trainable, selected={name: list(selected)})
    assert isinstance(trainable.trainer, Joint)
    return made, trainable.trainer


def names(*folds: int) -> list[str]:
    return [f"sample fold {fold} {part}" for fold in folds for part in ("mc", "num")]


def test_a_group_is_trained_when_its_first_fold_is_asked_for(tmp_path: Path, temporary: Path) -> None:
    made, trainer = session(tmp_path, together=3)
    results = [made.run_unit(sample(), unit) for unit in FOLDS]
    assert trainer.passes == [names(0, 1, 2)]
    assert not any(result.cached for result in results)
    alone, single = session(tmp_path / "alone", together=1)
    for unit, result in zip(FOLDS, results, strict=True):
        assert (
            made._records.store.load(result.path, result.digest).key
            == alone.run_unit(sample(), unit).path.stem
        )
    assert single.passes == [names(0), names(1), names(2)], "the formats of a fold go together in any case"
    assert not list(temporary.rglob("adapter_model*"))


def test_what_is_done_or_was_not_selected_is_not_trained(tmp_path: Path) -> None:
    first, _ = session(tmp_path, together=3, selected=FOLDS[:1])
    first.run_unit(sample(), FOLDS[0])
    rest, trainer = session(tmp_path, together=3)
    assert rest.run_unit(sample(), FOLDS[0]).cached
    rest.run_unit(sample(), FOLDS[2])
    assert trainer.passes == [names(1, 2)]
    chosen, trainer = session(tmp_path / "chosen", together=3, selected=FOLDS[::2])
    chosen.run_unit(sample(), FOLDS[0])
    assert trainer.passes == [names(0, 2)]


def test_one_that_fails_fails_its_own_fold(tmp_path: Path) -> None:
    made, trainer = session(tmp_path, together=3)
    trainer.diverges = "fold 1 num"
    made.run_unit(sample(), FOLDS[0])
    with pytest.raises(EngineError, match="sample fold 1 num diverged"):
        made.run_unit(sample(), FOLDS[1])
    made.run_unit(sample(), FOLDS[2])
    assert trainer.passes == [names(0, 1, 2)]
    trainer.diverges = None
    made.run_unit(sample(), FOLDS[1])
    assert made.done(sample().name) == set(FOLDS)


@pytest.mark.parametrize(
    ("together", "workers", "size"), [(1, 1, 1), (3, 1, 3), (9, 1, 5), (4, 2, 3), (9, 5, 1), ("auto", 1, 1)]
)
def test_a_group_is_no_larger_than_asked_for_and_than_a_share(
    together: int | str, workers: int, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tst_harness.engine.groups.cuda_devices", lambda: 0)
    settings = Settings.model_validate({"folds_together": together})
    assert group_size(settings, workers) == size


def test_all_folds_go_together_on_cuda(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tst_harness.engine.groups.cuda_devices", lambda: 1)
    settings = Settings(repeats=2)
    assert group_size(settings) == 10
    assert group_of(Unit("llm", RANDOM, 1, 4), settings, 10) == 0
    assert group_of(Unit("forest", RANDOM, 1, 4), settings, 10) is None
    assert group_of(Unit("llm"), settings, 10) is None
