"""Folds that were trained in one pass are answered in one, each with a record of its own."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from llm_fakes import FakeEncoder, FakeModel, FakePredictor, FakeTrainer

from tst_harness.analysis.records import FoldRecord
from tst_harness.analysis.units import RANDOM, Unit
from tst_harness.dataset.sample import benchmark as sample
from tst_harness.diagnostics.llm.predictors.base import Reply, Request
from tst_harness.diagnostics.llm.trainable.predictor import TrainableLLMPredictor
from tst_harness.engine.session import Session
from tst_harness.engine.settings import Settings
from tst_harness.errors import EngineError, OutOfMemory

FOLDS = [Unit("llm", RANDOM, 0, fold) for fold in range(3)]


class Joint(FakeTrainer):
    trains_together = True
    in_process = True


class Alone(FakePredictor):
    in_process = True


class Together(Alone):
    """Answers with one adapter after the other, and counts how many share a pass."""

    def __init__(self, *given: object) -> None:
        super().__init__(*given)  # type: ignore[arg-type]
        self.passes: list[int] = []
        self.too_much = False

    def reply_together(
        self, requests: Sequence[Request], owners: Sequence[int | None], adapters: Sequence[Path]
    ) -> list[Reply]:
        if self.too_much:
            raise OutOfMemory("one question is too much")
        self.passes.append(len(adapters))
        replies: dict[int, Reply] = {}
        for owner in (None, *range(len(adapters))):
            places = [place for place, own in enumerate(owners) if own == owner]
            if owner is not None:
                self.load_adapter(adapters[owner])
            replies.update(zip(places, self._reply([requests[place] for place in places]), strict=True))
        self.unload_adapter()
        self._usage.tokens += sum(len(request.prompt) for request in requests)
        return [replies[place] for place in range(len(requests))]


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where adapters go."""
    (folder := tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def session(
    folder: Path, predictor: type[Alone] = Together, keep_adapters: bool = False
) -> tuple[Session, Joint, Alone]:
    encoder, log = FakeEncoder(FakeModel()), list[str]()
    trainer, own = Joint(encoder, log), predictor(encoder, log)
    trainable = TrainableLLMPredictor(own, trainer, keep_adapters)
    settings = Settings(
        diagnostics=("llm",), folds=3, limit=60, report_dir=folder / "reports", folds_together=3
    )
    return Session(settings, [sample()], trainable=lambda: trainable), trainer, own


def record_of(made: Session, unit: Unit) -> FoldRecord:
    result = made.run_unit(sample(), unit)
    record = made._records.store.load(result.path, result.digest)
    assert isinstance(record, FoldRecord)
    return record


@pytest.mark.parametrize("too_much", [False, True])
def test_answers_are_those_of_one_fold_after_the_other(
    tmp_path: Path, temporary: Path, too_much: bool
) -> None:
    made, trainer, predictor = session(tmp_path)
    assert isinstance(predictor, Together)
    predictor.too_much = too_much
    other, _, _ = session(tmp_path / "other", Alone)
    for unit in FOLDS:
        record, expected = (record_of(own, unit) for own in (made, other))
        assert record.held_out == expected.held_out
        account, alone = record.llm, expected.llm
        assert account is not None
        assert alone is not None
        assert account.inference.tokens == alone.inference.tokens
        assert account.inference.questions == alone.inference.questions == len(record.held_out.id)
        assert [own.check for own in account.adapters] == [own.check for own in alone.adapters]
    assert len(trainer.passes) == 1
    # Two formats of three folds; where they cannot be answered in one pass, each is on its own.
    assert predictor.passes == ([] if too_much else [6])
    assert not list(temporary.rglob("adapter_model*"))


def test_adapters_are_kept_where_asked(tmp_path: Path, temporary: Path) -> None:
    made, _, predictor = session(tmp_path, keep_adapters=True)
    made.run_unit(sample(), FOLDS[0])
    assert len(list(temporary.rglob("adapter_model*"))) == 6
    assert isinstance(predictor, Together)
    assert predictor.passes == [6]


def test_one_that_learnt_nothing_or_diverges_fails_its_own_fold(tmp_path: Path) -> None:
    made, trainer, predictor = session(tmp_path)
    trainer.diverges = "fold 1 num"
    made.run_unit(sample(), FOLDS[0])
    with pytest.raises(EngineError, match="sample fold 1 num diverged"):
        made.run_unit(sample(), FOLDS[1])
    made.run_unit(sample(), FOLDS[2])
    assert isinstance(predictor, Together)
    assert predictor.passes == [5]
    deaf, _, predictor = session(tmp_path / "deaf")
    predictor.deaf = True
    for unit in FOLDS:
        with pytest.raises(EngineError, match="changes no probability"):
            deaf.run_unit(sample(), unit)
