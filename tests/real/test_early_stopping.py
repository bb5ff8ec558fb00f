"""Early stopping: the adapter has the lowest loss on what was held back of its training questions."""

from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: pip install 'tst-harness[llm]'")

from colour_questions import always_last_in_the_alphabet, numbers_of_words  # noqa: E402

from tst_harness.diagnostics.llm.data.encoding import PromptEncoder  # noqa: E402
from tst_harness.diagnostics.llm.data.models import LoRASettings  # noqa: E402
from tst_harness.diagnostics.llm.settings import read_settings  # noqa: E402
from tst_harness.diagnostics.llm.trainers.base import TrainingJob  # noqa: E402
from tst_harness.diagnostics.llm.trainers.examples import encode  # noqa: E402
from tst_harness.diagnostics.llm.trainers.joint import JointTrainer  # noqa: E402
from tst_harness.diagnostics.llm.trainers.joint_pass import JointPass  # noqa: E402
from tst_harness.diagnostics.llm.trainers.lessons import Lesson, inner_split  # noqa: E402
from tst_harness.diagnostics.llm.trainers.peft import PeftTrainer  # noqa: E402
from tst_harness.diagnostics.llm.utils.adapters import CONFIG, WEIGHTS  # noqa: E402
from tst_harness.diagnostics.llm.utils.models import ModelSource  # noqa: E402
from tst_harness.diagnostics.llm.utils.networks import shared_network  # noqa: E402
from tst_harness.errors import DataError, EngineError  # noqa: E402

Told = list[tuple[str, float, int, float]]


def settings(**lora: Any) -> LoRASettings:
    return read_settings(LoRASettings, {"recipe": "early_stopping", "dropout": 0.0, **lora}, "test")


def jobs(folder: Path) -> list[TrainingJob]:
    """Groups of three questions."""
    units = [place // 3 for place in range(30)]
    return [
        TrainingJob(always_last_in_the_alphabet(30), folder / "0", "fold 0", 0, units),
        TrainingJob(numbers_of_words(30), folder / "1", "fold 1", 1, units),
    ]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    """Of each epoch: fold, learning rate, step and validation loss."""
    validations: Told = []
    validated = Lesson.validated

    def listening(self: Lesson, loss: float, step: int, weights: Any) -> None:
        validations.append((self.job.fold_id, self.learning_rate, step, loss))
        validated(self, loss, step, weights)

    monkeypatch.setattr(Lesson, "validated", listening)
    return validations


def loss_of(model: ModelSource, adapter: Path, job: TrainingJob) -> float:
    """The mean loss of an answer token of what was held back, with an adapter as it was saved."""
    examples, _ = encode(PromptEncoder(model), job.training_data)
    network = shared_network(model, "cpu")
    network.use_adapter(adapter)
    total, tokens = 0.0, 0
    with torch.no_grad():
        for place in inner_split(job.units, job.seed):
            example = examples[place]
            logits = network.logits([example.shown], [example.positions])
            total += float(
                torch.nn.functional.cross_entropy(logits, torch.tensor(example.answer), reduction="sum")
            )
            tokens += len(example.answer)
    network.use_adapter(None)
    return total / tokens


def test_the_lowest_validation_loss_wins(tiny: ModelSource, tmp_path: Path, told: Told) -> None:
    network = shared_network(tiny, "cpu")  # Kept for the whole test.
    wanted = jobs(tmp_path)
    trained = JointTrainer(PromptEncoder(tiny), settings(lr=5e-3), "cpu").train_together(wanted)
    assert network is shared_network(tiny, "cpu")
    for job, info in zip(wanted, trained, strict=True):
        assert not isinstance(info, Exception)
        assert sorted(path.name for path in job.output_dir.iterdir()) == sorted([CONFIG, WEIGHTS])
        own = [entry for entry in told if entry[0] == job.fold_id]
        _, rate, step, loss = min(own, key=lambda entry: entry[3])
        # 24 questions, 4 to an update.
        assert (info.learning_rate, info.epochs) == (rate, (step + 1) // 6)
        assert sorted({entry[1] for entry in own}) == pytest.approx([5e-3, 2.5e-2])
        assert loss_of(tiny, info.adapter_path, job) == pytest.approx(loss, abs=1e-5)
        for tried in {entry[1] for entry in own}:
            losses = [entry[3] for entry in own if entry[1] == tried]
            # No more than two epochs without a lower one.
            assert len(losses) in (6, losses.index(min(losses)) + 3)
        examples, _ = encode(PromptEncoder(tiny), job.training_data)
        held_back = inner_split(job.units, job.seed)
        an_epoch = sum(len(each.ids) for place, each in enumerate(examples) if place not in held_back)
        assert info.tokens == an_epoch * len(own)
        assert info.training_size == 30


def test_a_learning_rate_that_diverges_leaves_the_other(
    tiny: ModelSource, tmp_path: Path, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    losses, calls = JointPass.losses, 0

    def broken(self: JointPass, batch: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 3:
            self.stack.weights[1].fill_(float("inf"))
        return losses(self, batch)

    monkeypatch.setattr(JointPass, "losses", broken)
    [first, _] = jobs(tmp_path)
    [info] = JointTrainer(PromptEncoder(tiny), settings(epochs=2), "cpu").train_together([first])
    assert not isinstance(info, Exception)
    assert info.learning_rate == 2e-4
    assert sorted(path.name for path in first.output_dir.iterdir()) == sorted([CONFIG, WEIGHTS])
    assert {entry[1] for entry in told} == {2e-4}


def test_what_cannot_be_held_back_or_diverges_is_told(tiny: ModelSource, tmp_path: Path) -> None:
    data = always_last_in_the_alphabet(8)
    alone = TrainingJob(data, tmp_path / "alone", "fold 0", 0, [1] * 8)
    diverging = TrainingJob(data, tmp_path / "diverging", "fold 1", 1, range(8))
    one_group, diverged = JointTrainer(PromptEncoder(tiny), settings(lr=1e30), "cpu").train_together(
        [alone, diverging]
    )
    assert isinstance(one_group, DataError)
    assert "fold 0: early stopping holds whole groups" in str(one_group)
    assert isinstance(diverged, EngineError)
    assert "the loss of fold 1" in str(diverged)
    assert not list(tmp_path.rglob(WEIGHTS))
    with pytest.raises(DataError, match="the trainer peft has no early stopping"):
        PeftTrainer(PromptEncoder(tiny), settings(), "cpu")
