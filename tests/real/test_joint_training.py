"""Adapters trained together are those that `PeftTrainer` trains alone."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: pip install 'tst-harness[llm]'")

from colour_questions import always_last_in_the_alphabet, numbers_of_words  # noqa: E402

from tst_harness.diagnostics.llm.data.encoding import PromptEncoder  # noqa: E402
from tst_harness.diagnostics.llm.data.models import LoRAAdapterInfo, LoRASettings  # noqa: E402
from tst_harness.diagnostics.llm.settings import read_settings  # noqa: E402
from tst_harness.diagnostics.llm.trainers.base import TrainingJob  # noqa: E402
from tst_harness.diagnostics.llm.trainers.joint import JointTrainer  # noqa: E402
from tst_harness.diagnostics.llm.trainers.joint_pass import JointPass  # noqa: E402
from tst_harness.diagnostics.llm.trainers.peft import PeftTrainer  # noqa: E402
from tst_harness.diagnostics.llm.utils.adapters import WEIGHTS  # noqa: E402
from tst_harness.diagnostics.llm.utils.models import ModelSource  # noqa: E402
from tst_harness.diagnostics.llm.utils.networks import Network, shared_network  # noqa: E402
from tst_harness.errors import EngineError, OutOfMemory, TrainingCancelled  # noqa: E402

AGREE = 1e-5
"""Of weights, in float32 and without dropout, after an epoch."""


def settings(**lora: float) -> LoRASettings:
    return read_settings(LoRASettings, {"dropout": 0.0, **lora}, "test")


def jobs(folder: Path, sizes: Sequence[int]) -> list[TrainingJob]:
    """Adapters of letters and of numbers in turns, each with questions and a seed of its own."""
    kinds = (always_last_in_the_alphabet, numbers_of_words)
    return [
        TrainingJob(kinds[place % 2](size, place), folder / str(place), f"fold {place}", seed=place)
        for place, size in enumerate(sizes)
    ]


def weights(folder: Path) -> dict[str, np.ndarray]:
    from safetensors.numpy import load_file

    return dict(load_file(folder / WEIGHTS))


def distance(one: Path, other: Path) -> float:
    """The largest difference of a weight."""
    first, second = weights(one), weights(other)
    assert first.keys() == second.keys()
    return max(float(np.abs(values - second[name]).max()) for name, values in first.items())


def train(model: ModelSource, asked: Sequence[TrainingJob], **lora: float) -> list[Any]:
    return JointTrainer(PromptEncoder(model), settings(**lora), "cpu").train_together(asked)


def train_alone(model: ModelSource, asked: Sequence[TrainingJob], **lora: float) -> list[LoRAAdapterInfo]:
    trainer = PeftTrainer(PromptEncoder(model), settings(**lora), "cpu")
    return [
        trainer.train(job.training_data, job.output_dir, fold_id=job.fold_id, seed=job.seed) for job in asked
    ]


@pytest.mark.parametrize(
    ("sizes", "lora"),
    [
        ([16, 16], {}),
        ([12, 9, 14, 5, 8], {}),
        ([5, 8, 7, 4, 8, 3, 6, 5, 1, 8], {}),
        ([13, 30], {"batch_size": 3, "gradient_accumulation_steps": 2, "num_epochs": 2}),
        ([18, 11, 6], {"batch_size": 8}),
    ],
)
def test_together_is_alone(
    tiny: ModelSource, tmp_path: Path, sizes: list[int], lora: dict[str, float]
) -> None:
    together, alone = jobs(tmp_path / "together", sizes), jobs(tmp_path / "alone", sizes)
    found, expected = train(tiny, together, **lora), train_alone(tiny, alone, **lora)
    for one, other in zip(found, expected, strict=True):
        assert distance(one.adapter_path, other.adapter_path) < AGREE
        assert one.final_loss == pytest.approx(other.final_loss, abs=AGREE)
        assert (one.fold_id, one.tokens, one.training_size, one.together) == (
            *(other.fold_id, other.tokens, other.training_size, len(sizes)),
        )
    # What begins and is taught otherwise ends far from it.
    assert distance(found[0].adapter_path, found[1].adapter_path) > 100 * AGREE


def test_what_dropout_drops_does_not_depend_on_the_others(tiny: ModelSource, tmp_path: Path) -> None:
    three = jobs(tmp_path / "three", [12, 16, 9])
    train(tiny, three, dropout=0.3)
    [_, second, _] = jobs(tmp_path / "one", [12, 16, 9])
    train(tiny, [second], dropout=0.3)
    assert distance(three[1].output_dir, second.output_dir) < AGREE
    [_, plain, _] = jobs(tmp_path / "plain", [12, 16, 9])
    train(tiny, [plain])
    assert distance(plain.output_dir, second.output_dir) > 10 * AGREE


def test_the_same_seeds_give_the_same_adapters_to_the_last_bit(tiny: ModelSource, tmp_path: Path) -> None:
    for name in ("first", "again"):
        train(tiny, jobs(tmp_path / name, [8, 12]), dropout=0.1)
    for place in ("0", "1"):
        assert distance(tmp_path / "first" / place, tmp_path / "again" / place) == 0.0


def test_one_that_diverges_fails_alone(
    tiny: ModelSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its loss is infinite from the third update on; what it leaves behind goes through every layer."""
    losses = JointPass.losses
    calls = 0

    def broken(self: JointPass, batch: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 3:
            self.stack.weights[1].fill_(float("inf"))
        return losses(self, batch)

    with monkeypatch.context() as patched:
        patched.setattr(JointPass, "losses", broken)
        first, second, third = train(tiny, jobs(tmp_path / "together", [24, 24, 17]))
    assert isinstance(second, EngineError)
    assert "the loss of fold 1 is nan at step 3 of 6: the training diverged" in str(second)
    assert not list((tmp_path / "together" / "1").rglob(WEIGHTS))
    alone = train_alone(tiny, jobs(tmp_path / "alone", [24, 24, 17]))
    for one, other in ((first, alone[0]), (third, alone[2])):
        assert distance(one.adapter_path, other.adapter_path) < AGREE


def test_all_that_diverge_are_told(tiny: ModelSource, tmp_path: Path) -> None:
    found = train(tiny, jobs(tmp_path, [16, 16]), lr=1e30, epochs=3)
    assert [str(error).split(" is ")[0] for error in found] == ["the loss of fold 0", "the loss of fold 1"]


def test_half_of_them_and_then_the_others_where_memory_runs_out(
    tiny: ModelSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = shared_network(tiny, "cpu")
    logits: Callable[..., Any] = Network.logits

    def short_of_memory(self: Network, prompts: Sequence[Any], *more: Any) -> Any:
        if len(prompts) > 4:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
        return logits(self, prompts, *more)

    before = {name: one.clone() for name, one in network.model.named_parameters()}
    with monkeypatch.context() as patched:
        patched.setattr(Network, "logits", short_of_memory)
        found = train(tiny, jobs(tmp_path / "short", [12, 12, 12]), batch_size=3)
        [halved] = train(tiny, jobs(tmp_path / "halved", [12]), batch_size=6)
        patched.setattr(Network, "logits", lambda self, prompts, *more: short_of_memory(self, [0] * 5))
        with pytest.raises(OutOfMemory, match="training fold 0 runs out of memory on cpu with one question"):
            train(tiny, jobs(tmp_path / "none", [12, 12]))
    assert [one.together for one in found] == [1, 1, 1]
    assert (halved.batch_size, halved.batch_halved) == (3, 1)
    for one, other in zip(
        found, train_alone(tiny, jobs(tmp_path / "alone", [12, 12, 12]), batch_size=3), strict=True
    ):
        assert distance(one.adapter_path, other.adapter_path) < AGREE
    after = dict(network.model.named_parameters())
    assert before.keys() == after.keys()
    assert all(torch.equal(one, after[name]) for name, one in before.items())


def test_a_cancelled_training_leaves_nothing(tiny: ModelSource, tmp_path: Path) -> None:
    trainer = JointTrainer(PromptEncoder(tiny), settings(), "cpu")
    trainer.callbacks.append(lambda progress: trainer.cancel() if progress.step == 2 else None)
    with pytest.raises(TrainingCancelled, match="fold 0 and 1 more was cancelled at step 2 of 6"):
        trainer.train_together(jobs(tmp_path, [24, 20]))
    assert not list(tmp_path.rglob(WEIGHTS))


def test_what_has_nothing_to_learn_from_fails_alone(tiny: ModelSource, tmp_path: Path) -> None:
    first, second = jobs(tmp_path, [0, 4])
    nothing, trained = train(tiny, [first, second])
    assert "no question to train on" in str(nothing)
    assert trained.adapter_path == second.output_dir


def test_attention_in_one_call_is_that_of_each_sequence(tiny: ModelSource) -> None:
    """What CUDA is given, on a CPU: with a shared beginning, a sliding window, and groups of heads."""
    from tst_harness.diagnostics.llm.utils import packing

    sequences = [[1, 2, 3, 4, 5], [1, 2, 3, 9], [7, 8], [7, 9, 9, 9, 9, 9]]
    packed = packing.Packing(sequences, owners=[0, 0, 1, 1], shared=3)
    assert packed.ends == [6, 13]
    assert [packed.where(row, 0) for row in range(4)] == [0, 0, 6, 6]
    generator = torch.Generator().manual_seed(0)
    query, key, value = (
        torch.randn(1, heads, len(packed.tokens), 8, generator=generator) for heads in (4, 2, 2)
    )
    module = torch.nn.Module()
    module.layer_idx = 0
    for window in (None, 2):
        token = packing._PACKING.set(packed)
        each, _ = packing._attention(module, query, key, value, None, sliding_window=window)
        packing._PACKING.reset(token)
        at_once = packing._attention_at_once(packed, query, key, value, None, 0.0, window)
        torch.testing.assert_close(each, at_once)
