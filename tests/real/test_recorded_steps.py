"""Steps that are recorded and replayed train the adapters that steps made one by one do.

A tape of the CPU's operations stands for a CUDA graph: Python is not run again when it is replayed, and the
tensors are the same.
"""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: pip install 'tst-harness[llm]'")

from colour_questions import always_last_in_the_alphabet, numbers_of_words  # noqa: E402
from safetensors.numpy import load_file  # noqa: E402
from taped import TapeRecorder  # noqa: E402

from tst_harness.diagnostics.llm.data.encoding import PromptEncoder  # noqa: E402
from tst_harness.diagnostics.llm.data.models import LoRASettings  # noqa: E402
from tst_harness.diagnostics.llm.settings import read_settings  # noqa: E402
from tst_harness.diagnostics.llm.trainers.base import TrainingJob  # noqa: E402
from tst_harness.diagnostics.llm.trainers.joint import JointTrainer  # noqa: E402
from tst_harness.diagnostics.llm.trainers.joint_pass import JointPass  # noqa: E402
from tst_harness.diagnostics.llm.trainers.recorded import RecordedSteps  # noqa: E402
from tst_harness.diagnostics.llm.utils.adapters import WEIGHTS  # noqa: E402
from tst_harness.diagnostics.llm.utils.models import ModelSource  # noqa: E402
from tst_harness.diagnostics.llm.utils.networks import Network  # noqa: E402
from tst_harness.errors import EngineError  # noqa: E402

AGREE = 1e-5


class Recording(JointTrainer):
    """Records on a CPU, too."""

    recorder = TapeRecorder()

    def _recorder(self) -> TapeRecorder:
        return self.recorder


def jobs(folder: Path, sizes: Sequence[int]) -> list[TrainingJob]:
    kinds = (always_last_in_the_alphabet, numbers_of_words)
    return [
        TrainingJob(kinds[place % 2](size, place), folder / str(place), f"fold {place}", seed=place)
        for place, size in enumerate(sizes)
    ]


def train(
    trainer: type[JointTrainer], model: ModelSource, asked: Sequence[TrainingJob], **lora: Any
) -> list[Any]:
    settings = read_settings(LoRASettings, {"dropout": 0.0, **lora}, "test")
    return trainer(PromptEncoder(model), settings, "cpu").train_together(asked)


def distance(one: Path, other: Path) -> float:
    first, second = load_file(one / WEIGHTS), load_file(other / WEIGHTS)
    return max(float(abs(values - second[name]).max()) for name, values in first.items())


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> TapeRecorder:
    tape = TapeRecorder()
    monkeypatch.setattr(Recording, "recorder", tape)
    return tape


@pytest.mark.parametrize(
    ("sizes", "lora"),
    [
        ([9, 14], {}),
        ([12, 9, 14, 5, 8], {}),
        ([13, 30], {"batch_size": 3, "gradient_accumulation_steps": 2}),
        ([5, 8, 7, 4, 8, 3, 6, 5, 1, 8], {}),
    ],
)
def test_replayed_is_step_by_step(
    tiny: ModelSource, tmp_path: Path, recorder: TapeRecorder, sizes: list[int], lora: dict[str, float]
) -> None:
    alone, replayed = jobs(tmp_path / "alone", sizes), jobs(tmp_path / "replayed", sizes)
    expected = train(JointTrainer, tiny, alone, **lora)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(JointPass, "losses", None)  # No step is made in the ordinary way.
        trained = train(Recording, tiny, replayed, **lora)
    # The tape of the update comes last.
    assert recorder.replays > 2 * len(recorder.sizes)
    assert min(recorder.sizes) == recorder.sizes[-1]
    for one, other in zip(trained, expected, strict=True):
        assert distance(one.adapter_path, other.adapter_path) < AGREE
        assert one.final_loss == pytest.approx(other.final_loss, abs=AGREE)
        assert one.without_graphs is None
        assert other.padding == 0
    assert 0 < sum(one.padding for one in trained) < sum(one.tokens for one in trained)


def test_dropout_is_drawn_anew_at_each_replay(
    tiny: ModelSource, tmp_path: Path, recorder: TapeRecorder
) -> None:
    """With one question and a learning rate of next to nothing, only dropout tells one step from another."""
    [job] = jobs(tmp_path, [1])
    losses: list[float] = []
    trainer = Recording(
        PromptEncoder(tiny),
        read_settings(LoRASettings, {"dropout": 0.5, "epochs": 4, "lr": 1e-2, "warmup": 0.0}, "test"),
        "cpu",
    )
    trainer.callbacks.append(lambda progress: losses.append(progress.loss or 0.0))
    for name in ("first", "again"):
        losses.clear()
        [info] = trainer.train_together(
            [TrainingJob(job.training_data, tmp_path / name, job.fold_id, seed=job.seed)]
        )
        assert not isinstance(info, Exception)
        assert info.without_graphs is None
    assert len(set(losses)) == len(losses) > 3
    assert distance(tmp_path / "first", tmp_path / "again") == 0.0


def test_one_that_diverges_fails_alone(
    tiny: ModelSource, tmp_path: Path, recorder: TapeRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its weights are infinite from the third update on; a replayed step spoils all, and is made again."""
    accumulate = RecordedSteps.accumulate
    spoiled: list[dict[int, float]] = []

    def broken(self: RecordedSteps, update: Any) -> dict[int, float]:
        if len(spoiled) == 2:
            self._stack.weights[1].fill_(float("inf"))
        spoiled.append(accumulate(self, update))
        return spoiled[-1]

    with monkeypatch.context() as patched:
        patched.setattr(RecordedSteps, "accumulate", broken)
        first, second, third = train(Recording, tiny, jobs(tmp_path / "together", [20, 20, 13]))
    assert isinstance(second, EngineError)
    assert "the loss of fold 1 is nan at step 3 of 5: the training diverged" in str(second)
    # All that was replayed is used but the step that was spoiled, and the next ones are replayed again.
    finite = [all(map(torch.isfinite, map(torch.tensor, losses.values()))) for losses in spoiled]
    assert finite == [True, True, False, True, True]
    expected = train(JointTrainer, tiny, jobs(tmp_path / "alone", [20, 20, 13]))
    for one, other in ((first, expected[0]), (third, expected[2])):
        assert distance(one.adapter_path, other.adapter_path) < AGREE


def test_early_stopping_is_the_same(tiny: ModelSource, tmp_path: Path, recorder: TapeRecorder) -> None:
    lora = {"recipe": "early_stopping", "epochs": 2}
    [expected] = train(JointTrainer, tiny, jobs(tmp_path / "alone", [15]), **lora)
    [replayed] = train(Recording, tiny, jobs(tmp_path / "replayed", [15]), **lora)
    assert (replayed.epochs, replayed.learning_rate) == (expected.epochs, expected.learning_rate)
    assert distance(replayed.adapter_path, expected.adapter_path) < AGREE
    assert recorder.replays


def failing(self: TapeRecorder, work: Callable[[], Any]) -> Callable[[], Any]:
    raise RuntimeError("CUDA error: operation not permitted when stream is capturing\nand much more")


def other_work(self: TapeRecorder, work: Callable[[], Any]) -> Callable[[], Any]:
    return lambda: None


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (failing, "RuntimeError: CUDA error: operation not permitted when stream is capturing"),
        (other_work, "a step of {} tokens that was recorded gives 0 where it gives"),
    ],
)
def test_without_graphs_where_they_cannot_be_had(
    tiny: ModelSource,
    tmp_path: Path,
    recorder: TapeRecorder,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    record: Any,
    reason: str,
) -> None:
    monkeypatch.setattr(TapeRecorder, "record", record)
    with caplog.at_level(logging.INFO, "tst_harness"):
        trained = train(Recording, tiny, jobs(tmp_path / "replayed", [8, 5]), dropout=0.1)
    told = trained[0].without_graphs
    assert told.startswith(reason.split("{}")[0])
    assert told.partition("tokens")[2].startswith(reason.partition("tokens")[2])
    assert f"training without CUDA graphs, which takes longer: {told}" in caplog.text
    expected = train(JointTrainer, tiny, jobs(tmp_path / "alone", [8, 5]), dropout=0.1)
    for one, other in zip(trained, expected, strict=True):
        assert distance(one.adapter_path, other.adapter_path) < AGREE


def test_a_network_that_cannot_be_packed_is_not_recorded(
    tiny: ModelSource, tmp_path: Path, recorder: TapeRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Network, "packable", False, raising=False)
    monkeypatch.setattr("tst_harness.diagnostics.llm.utils.networks.is_packable", lambda model: False)
    [info] = train(Recording, tiny, jobs(tmp_path, [4]))
    assert info.without_graphs == "the network cannot run several sequences in one row"


def test_memory_that_runs_out_while_recording_halves_the_adapters(
    tiny: ModelSource, tmp_path: Path, recorder: TapeRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = RecordedSteps._step

    def short_of_memory(self: RecordedSteps, buffers: Any) -> None:
        if len(self._stack.weights) > 1:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
        step(self, buffers)

    monkeypatch.setattr(RecordedSteps, "_step", short_of_memory)
    trained = train(Recording, tiny, jobs(tmp_path, [6, 6]))
    assert [info.together for info in trained] == [1, 1]
    assert [info.without_graphs for info in trained] == [None, None]
