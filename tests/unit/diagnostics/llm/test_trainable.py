import gc
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from llm_fakes import (
    FakeEncoder,
    FakeModel,
    FakePredictor,
    FakeTrainer,
    questions,
    read_weights,
    write_adapter,
)

from tst_harness.diagnostics.llm.data.models import TrainingProgress, TstTestInstance
from tst_harness.diagnostics.llm.predictors.base import Reply, Request
from tst_harness.diagnostics.llm.trainable.predictor import TrainableLLMPredictor, create_trainable_predictor
from tst_harness.diagnostics.llm.utils.adapters import CONFIG, WEIGHTS
from tst_harness.errors import EngineError, HarnessError, TrainingCancelled

ASKED = [
    TstTestInstance(instance_id="a", instruction="Which?", options=("x", "y")),
    TstTestInstance(instance_id="b", instruction="How many?"),
]


@pytest.fixture(autouse=True)
def temporary(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where adapters without a folder of their own go."""
    folder = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


class Trainable(TrainableLLMPredictor):
    """Made of fakes that write what they do into one log."""

    predictor: FakePredictor
    trainer: FakeTrainer

    def __init__(self, keep_adapters: bool = False, deaf: bool = False, learns: bool = True) -> None:
        encoder = FakeEncoder(FakeModel())
        self.log: list[str] = []
        super().__init__(
            FakePredictor(encoder, self.log, deaf), FakeTrainer(encoder, self.log, learns), keep_adapters
        )


def first(trainable: TrainableLLMPredictor) -> tuple[float, ...] | None:
    return trainable.predict(ASKED)[0].option_probabilities


def test_training_changes_the_answers_as_it_should() -> None:
    trainable = Trainable()
    info = trainable.train(questions("AAAB77"), fold_id="fold 0", seed=7)
    choice, number = trainable.predict(ASKED)
    assert choice.option_probabilities == pytest.approx((4 / 6, 2 / 6))
    assert (choice.prediction, number.prediction) == ("A", "7")
    assert (info.fold_id, info.training_size, trainable.trainer.seeds) == ("fold 0", 6, [7])
    assert trainable.current_adapter_path == info.adapter_path


def test_only_one_of_the_two_holds_memory() -> None:
    trainable = Trainable()
    trainable.predict(ASKED)
    trainable.log.clear()
    trainable.train(questions("AB"))
    assert trainable.log == [
        "predictor released",
        "trainer trains",
        "trainer released",
        "predictor loads",
        "predictor replies without an adapter",
        "predictor replies with an adapter",
    ]


def test_zero_shot_is_the_base_model_and_puts_the_adapter_back() -> None:
    trainable = Trainable()
    trainable.train(questions("AAA"))
    [choice, _] = trainable.zero_shot(ASKED)
    assert choice.option_probabilities == (0.5, 0.5)
    assert first(trainable) == pytest.approx((0.8, 0.2))
    trainable.predictor.fails = True
    with pytest.raises(EngineError, match="the engine died"):
        trainable.zero_shot(ASKED)
    trainable.predictor.fails = False
    assert first(trainable) == pytest.approx((0.8, 0.2))


def test_an_adapter_can_be_put_on_and_off(tmp_path: Path) -> None:
    write_adapter(tmp_path, [1.0 if token == ord("B") else 0.0 for token in range(128)])
    trainable = Trainable()
    trainable.load_adapter(tmp_path)
    assert trainable.current_adapter_path == tmp_path
    assert trainable.predict(ASKED)[0].prediction == "B"
    trainable.unload_adapter()
    assert trainable.current_adapter_path is None
    assert first(trainable) == (0.5, 0.5)


def test_the_history_says_what_was_trained_on_what() -> None:
    trainable = Trainable()
    trainable.train(questions("AAA"), fold_id="one")
    trainable.train(questions("AAB"), fold_id="two")
    trainable.train(questions("AAA"), fold_id="three")
    one, two, three = trainable.history
    assert [entry.info.fold_id for entry in trainable.history] == ["one", "two", "three"]
    assert one.data_digest == three.data_digest != two.data_digest
    assert (one.check.passed, one.check.prompts) == (True, 3)
    # One letter of four, against four times as likely as each of three others.
    assert one.check.largest_change == pytest.approx(4 / 7 - 1 / 4)


@pytest.mark.parametrize("fault", ["deaf", "unlearning"])
@pytest.mark.parametrize("answers", ["AAB", "0123", "A1"])
def test_an_adapter_that_changes_nothing_is_refused(temporary: Path, fault: str, answers: str) -> None:
    trainable = Trainable(keep_adapters=True, deaf=fault == "deaf", learns=fault == "deaf")
    message = "the adapter of fold 3 changes no probability of an answer by more than 0.0001"
    with pytest.raises(EngineError, match=message):
        trainable.train(questions(answers), fold_id="fold 3")
    assert trainable.current_adapter_path is None
    assert trainable.history == []
    assert list(temporary.iterdir()) == []


def test_an_adapter_with_which_the_model_says_nan_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    trainable = Trainable()
    nan = [float("nan")] * 128
    monkeypatch.setattr("llm_fakes.read_weights", lambda folder: nan)
    with pytest.raises(EngineError, match="its training diverged; lower the learning rate"):
        trainable.train(questions("AB"))


def test_the_check_asks_for_letters_and_digits_on_prompts_from_everywhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trainable = Trainable()
    asked: list[list[Request]] = []
    reply = trainable.predictor.reply

    def recorded(requests: Sequence[Request]) -> list[Reply]:
        asked.append(list(requests))
        return reply(requests)

    monkeypatch.setattr(trainable.predictor, "reply", recorded)
    trainable.train(questions("A" * 50 + "C" + "7" * 50))
    without, with_adapter = asked
    assert without == with_adapter
    assert len(without) == 8
    candidates = ["".join(map(chr, one.candidates)) for one in without]
    # All letters that may be an answer on these prompts, and four at least.
    assert candidates[0] == "ABCD"
    assert candidates[-1] == "7012345689"
    assert trainable.predictor.take_usage().tokens == 0


def failing(trainable: Trainable) -> type[Exception]:
    trainable.trainer.fails_after = 20
    return EngineError


def cancelling(trainable: Trainable) -> type[Exception]:
    trainable.on_progress(lambda progress: trainable.cancel())
    return TrainingCancelled


def interrupted(trainable: Trainable) -> type[BaseException]:
    def interrupt(progress: TrainingProgress) -> None:
        if progress.step == 2:
            raise KeyboardInterrupt

    trainable.on_progress(interrupt)
    return KeyboardInterrupt


def dying_predictor(trainable: Trainable) -> type[Exception]:
    trainable.predictor.fails = True
    return EngineError


@pytest.mark.parametrize("fault", [failing, cancelling, interrupted, dying_predictor])
@pytest.mark.parametrize("keep", [True, False])
def test_after_an_error_all_is_clean_and_usable(
    fault: Callable[[Trainable], type[BaseException]], keep: bool, temporary: Path
) -> None:
    trainable = Trainable(keep_adapters=keep)
    with pytest.raises(fault(trainable)):
        trainable.train(questions("AAB"))
    assert list(temporary.iterdir()) == []
    assert "trainer released" in trainable.log
    assert trainable.current_adapter_path is None
    trainable.trainer.fails_after = None
    trainable.trainer.callbacks.clear()
    trainable.predictor.fails = False
    assert first(trainable) == (0.5, 0.5)
    trainable.train(questions("AAA"))
    assert first(trainable) == pytest.approx((0.8, 0.2))


def test_a_failed_training_takes_the_adapter_before_it_off() -> None:
    trainable = Trainable()
    trainable.train(questions("AAA"))
    failing(trainable)
    with pytest.raises(EngineError, match="the disk is full"):
        trainable.train(questions("BBB"))
    assert trainable.current_adapter_path is None
    assert len(trainable.history) == 1


@pytest.mark.parametrize("own_folder", [True, False])
def test_many_folds_leave_no_growth_on_disk(tmp_path: Path, temporary: Path, own_folder: bool) -> None:
    def files() -> int:
        return sum(path.is_file() for folder in (tmp_path, temporary) for path in folder.rglob("*"))

    trainable = Trainable()
    for fold in range(12):
        folder = tmp_path / f"fold{fold}" if own_folder else None
        trainable.train(questions("AAB"), folder, fold_id=str(fold))
        trainable.predict(ASKED)
        assert files() == 2
    trainable.discard()
    assert list(tmp_path.iterdir()) == []
    assert list(temporary.iterdir()) == []
    assert len(trainable.history) == 12


@pytest.mark.parametrize("end", ["discard", "reset", "close", "with", "forgotten"])
def test_the_last_adapter_is_deleted_at_the_end(temporary: Path, end: str) -> None:
    trainable = Trainable()
    with trainable:
        trainable.train(questions("AAB"))
        assert len(list(temporary.iterdir())) == 1
        if end != "with" and end != "forgotten":
            getattr(trainable, end)()
            assert list(temporary.iterdir()) == []
            assert trainable.current_adapter_path is None
        if end in ("reset", "close"):
            assert not trainable.predictor.is_loaded
    assert list(temporary.iterdir()) == []
    if end == "forgotten":
        other = Trainable()
        other.train(questions("AAB"))
        del other
        gc.collect()
        assert list(temporary.iterdir()) == []


def test_kept_adapters_stay_and_can_be_used_again(tmp_path: Path) -> None:
    with Trainable(keep_adapters=True) as trainable:
        one = trainable.train(questions("AAA"), tmp_path / "one")
        two = trainable.train(questions("BBB"))
        trainable.discard()
    with Trainable() as another:
        another.load_adapter(one.adapter_path)
        assert first(another) == pytest.approx((0.8, 0.2))
        another.load_adapter(two.adapter_path)
        assert first(another) == pytest.approx((0.2, 0.8))
    assert (one.adapter_path / WEIGHTS).is_file()
    assert (two.adapter_path / WEIGHTS).is_file()


def test_what_others_have_in_the_folder_stays(tmp_path: Path) -> None:
    folder = tmp_path / "results"
    (folder / "empty").mkdir(parents=True)
    (folder / "notes.txt").write_text("mine")
    write_adapter(folder, [0.5] * 128)
    (folder / CONFIG).write_text('{"peft_type": "LORA", "old": true}')
    trainable = Trainable()
    trainable.train(questions("AAA"), folder)
    assert read_weights(folder)[ord("A")] > 1.0
    (folder / "later.txt").write_text("mine too")
    trainable.discard()
    assert sorted(path.name for path in folder.iterdir()) == ["empty", "later.txt", "notes.txt"]


def test_a_new_folder_with_something_of_others_stays(tmp_path: Path) -> None:
    trainable = Trainable()
    info = trainable.train(questions("AAA"), tmp_path / "new")
    (info.adapter_path / "notes.txt").write_text("mine")
    trainable.discard()
    assert [path.name for path in tmp_path.rglob("*")] == ["new", "notes.txt"]


def test_a_relative_folder_is_the_same_after_a_change_of_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    trainable = Trainable()
    trainable.train(questions("AAA"), "adapter")
    monkeypatch.chdir(tmp_path / "elsewhere")
    trainable.discard()
    assert [path.name for path in tmp_path.iterdir()] == ["elsewhere"]


def test_progress_is_passed_on() -> None:
    seen: list[TrainingProgress] = []
    trainable = Trainable()
    trainable.on_progress(seen.append)
    trainable.train(questions("AB"), fold_id="fold 1")
    assert [(one.fold_id, one.step, one.loss) for one in seen] == [("fold 1", 1, 1.0), ("fold 1", 2, 0.5)]


def test_settings_and_versions_are_those_of_both() -> None:
    trainable = Trainable()
    assert trainable.settings == {
        "model": "fake",
        "revision": "1",
        "trainer": {"engine": "fake-trainer", "learns": True},
        "predictor": {"engine": "fake-predictor", "deaf": False},
    }
    assert trainable.versions == {"torch": "2", "fake": "1", "torch (trainer)": "1"}


def test_two_models_cannot_be_one() -> None:
    log: list[str] = []
    predictor = FakePredictor(FakeEncoder(FakeModel("small")), log)
    message = "the predictor answers with small and the trainer trains large; give both the same model"
    with pytest.raises(HarnessError, match=message):
        create_trainable_predictor(predictor, FakeTrainer(FakeEncoder(FakeModel("large")), log))
    other = FakeTrainer(FakeEncoder(FakeModel("small", "2")), log)
    trainable = create_trainable_predictor(predictor, other)
    message = "the predictor has small at revision 1 and the trainer at 2; give both the same revision"
    with pytest.raises(HarnessError, match=re.escape(message)):
        trainable.train(questions("AB"))
    assert log == []


@pytest.mark.parametrize(
    ("free", "resets", "missing"),
    [
        # GiB free before each of the trainings, and again where it was found to be less.
        ([None, None, None], 0, [0, 0, 0]),
        ([80.0, 50.0, 49.8, 49.6], 0, [0, 0, 0, 0]),
        ([80.0, 50.0, 45.0, 50.0, 50.0], 1, [0, 0, 0, 0]),
        ([80.0, 50.0, 45.0, 46.0, 50.0], 1, [0, 0, 4, 0]),
        # It creeps: each time less than may differ, in the end more.
        ([80.0, 50.0, 49.6, 49.2, 49.2], 1, [0, 0, 0, 0.8]),
        ([80.0, 50.0, 60.0, 50.0, 50.0], 1, [0, 0, 0, 10]),
    ],
)
def test_memory_that_an_earlier_training_had_is_asked_back(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    free: list[float | None],
    resets: int,
    missing: list[float],
) -> None:
    trainable = Trainable()
    left = iter(free)

    def read() -> int | None:
        found = next(left)
        return None if found is None else int(found * 2**30)

    monkeypatch.setattr(trainable.trainer, "free_memory", read)
    reset: list[None] = []
    monkeypatch.setattr(trainable.predictor, "reset", lambda: reset.append(None))
    for fold in range(len(missing)):
        trainable.train(questions("AB"), fold_id=f"fold {fold}")
    assert [one.memory_not_returned / 2**30 for one in trainable.history] == pytest.approx(missing, abs=1e-6)
    assert len(reset) == resets
    told = [f"fold {fold}: {one:.1f} GiB" for fold, one in enumerate(missing) if one]
    assert len(caplog.messages) == len(told)
    assert all(message.startswith(one) for message, one in zip(caplog.messages, told, strict=True))
