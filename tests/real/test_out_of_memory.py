"""Too little memory for a batch: played by a network that refuses batches above a size."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: pip install 'tst-harness[llm]'")

from tst_harness.diagnostics.llm.data.conversion import instruction_of  # noqa: E402
from tst_harness.diagnostics.llm.data.encoding import PromptEncoder  # noqa: E402
from tst_harness.diagnostics.llm.data.models import LoRASettings, TstTestInstance, TstTrainingDatum  # noqa: E402
from tst_harness.diagnostics.llm.predictors.transformers import TransformersPredictor  # noqa: E402
from tst_harness.diagnostics.llm.settings import read_settings  # noqa: E402
from tst_harness.diagnostics.llm.trainers.peft import PeftTrainer  # noqa: E402
from tst_harness.diagnostics.llm.utils.adapters import WEIGHTS  # noqa: E402
from tst_harness.diagnostics.llm.utils.memory import is_out_of_memory  # noqa: E402
from tst_harness.diagnostics.llm.utils.models import ModelSource  # noqa: E402
from tst_harness.diagnostics.llm.utils.networks import Network, shared_network  # noqa: E402
from tst_harness.errors import OutOfMemory  # noqa: E402

COLOURS = ("red", "green", "blue", "white")
Allow = Callable[[int], Network]


@pytest.fixture
def allow(tiny: ModelSource, monkeypatch: pytest.MonkeyPatch) -> Allow:
    """Have the network of `tiny` run out of memory with more than so many questions at once."""
    network = shared_network(tiny, "cpu")
    forward = network.model.forward

    def allow(questions: int) -> Network:
        def short_of_memory(*args: Any, **kwargs: Any) -> Any:
            rows, places = len(kwargs["input_ids"]), kwargs.get("position_ids")
            if rows == 1 and places is not None:
                # Packed: a prompt begins where positions do not go on.
                rows += int((places[0, 1:] != places[0, :-1] + 1).sum())
            if rows > questions:
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
            return forward(*args, **kwargs)

        monkeypatch.setattr(network.model, "forward", short_of_memory)
        return network

    return allow


def lessons(n: int = 22) -> list[TstTrainingDatum]:
    return [
        TstTrainingDatum(
            instruction=instruction_of("Which is it " + "now " * (place * 7 % 11) + "?", COLOURS),
            response="ABCD"[place % 4],
        )
        for place in range(n)
    ]


def instances(n: int = 23) -> list[TstTestInstance]:
    """Multiple choice and numbers of different lengths."""
    made = []
    for place in range(n):
        options = COLOURS if place % 3 else None
        text = f"How is lamp {place} " + "by the wall " * (place * 5 % 7) + "now?"
        made.append(
            TstTestInstance(
                instance_id=str(place), instruction=instruction_of(text, options), options=options
            )
        )
    return made


def learner(model: ModelSource, **lora: float) -> PeftTrainer:
    settings = {"dropout": 0.0, "lr": 1e-3, "epochs": 2, **lora}
    return PeftTrainer(PromptEncoder(model), read_settings(LoRASettings, settings, "peft"), device="cpu")


def weights(folder: Path) -> dict[str, np.ndarray]:
    from safetensors.numpy import load_file

    return dict(load_file(folder / WEIGHTS))


TOLERANCE = 5e-5
"""Of weights of a few thousandths; another batch changes them by more."""


def assert_same(one: Path, other: Path, atol: float) -> None:
    first, second = weights(one), weights(other)
    assert first.keys() == second.keys()
    for name, values in first.items():
        np.testing.assert_allclose(values, second[name], rtol=0, atol=atol, err_msg=name)


def test_what_is_optimised_depends_on_batch_times_accumulation(tiny: ModelSource, tmp_path: Path) -> None:
    """Over several updates and epochs, the last update of each smaller than the others."""
    for batch, accumulation in ((4, 1), (2, 2), (1, 4)):
        trainer = learner(tiny, batch_size=batch, gradient_accumulation_steps=accumulation)
        trainer.train(lessons(), tmp_path / str(batch))
    assert_same(tmp_path / "4", tmp_path / "2", TOLERANCE)
    assert_same(tmp_path / "4", tmp_path / "1", TOLERANCE)
    learner(tiny, batch_size=8).train(lessons(), tmp_path / "8")
    with pytest.raises(AssertionError):
        assert_same(tmp_path / "4", tmp_path / "8", TOLERANCE)


@pytest.mark.parametrize(
    ("batch", "allowed", "halved", "at_last"), [(4, 2, 1, 2), (4, 1, 2, 1), (6, 2, 2, 1)]
)
def test_training_goes_on_with_half_a_batch_and_the_same_updates(
    tiny: ModelSource, tmp_path: Path, allow: Allow, batch: int, allowed: int, halved: int, at_last: int
) -> None:
    learner(tiny, batch_size=batch).train(lessons(), tmp_path / "enough")
    before = {name: one.clone() for name, one in shared_network(tiny, "cpu").model.named_parameters()}
    allow(allowed)
    trainer = learner(tiny, batch_size=batch)
    steps: list[int] = []
    trainer.callbacks.append(lambda progress: steps.append(progress.step))
    info = trainer.train(lessons(), tmp_path / "short", fold_id="fold 0")
    assert (info.batch_halved, info.batch_size) == (halved, at_last)
    assert info.training_config["batch_size"] == batch, "what decides the result is what was asked for"
    assert_same(tmp_path / "enough", tmp_path / "short", TOLERANCE)
    assert steps == list(range(1, 2 * -(-22 // batch) + 1))
    # As if it had been asked for, to the last bit: nothing of the attempts before is left.
    asked = learner(tiny, batch_size=at_last, gradient_accumulation_steps=batch // at_last)
    assert asked.train(lessons(), tmp_path / "asked").batch_halved == 0
    assert_same(tmp_path / "short", tmp_path / "asked", 0.0)
    after = dict(shared_network(tiny, "cpu").model.named_parameters())
    assert before.keys() == after.keys()
    assert all(torch.equal(one, after[name]) for name, one in before.items())


def test_running_out_late_begins_anew(
    tiny: ModelSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With dropout, whose random numbers must be those of the start again."""
    trainer = learner(tiny, dropout=0.1)
    accumulate = PeftTrainer._accumulate
    calls = 0

    def third_is_too_much(self: PeftTrainer, batches: Any) -> float:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise RuntimeError(
                "[enforce fail at alloc_cpu.cpp:121] err == 0. DefaultCPUAllocator: can't allocate memory: "
                "you tried to allocate 8000000000 bytes. Error code 12 (Cannot allocate memory)"
            )
        return accumulate(self, batches)

    with monkeypatch.context() as patched:
        patched.setattr(PeftTrainer, "_accumulate", third_is_too_much)
        info = trainer.train(lessons(), tmp_path / "late", seed=3)
    assert (info.batch_halved, info.batch_size) == (1, 2)
    asked = learner(tiny, dropout=0.1, batch_size=2, gradient_accumulation_steps=2)
    asked.train(lessons(), tmp_path / "asked", seed=3)
    assert_same(tmp_path / "late", tmp_path / "asked", 0.0)


def test_one_question_at_once_and_no_memory_is_an_error(
    tiny: ModelSource, tmp_path: Path, allow: Allow
) -> None:
    allow(0)
    with pytest.raises(OutOfMemory, match=r"training fold 3 runs out .* one question at once; .*--tst-model"):
        learner(tiny).train(lessons(), tmp_path / "adapter", fold_id="fold 3")
    assert not list(tmp_path.rglob(WEIGHTS))
    predictor = TransformersPredictor(PromptEncoder(tiny), "cpu")
    with pytest.raises(OutOfMemory, match=r"answering runs out .* with one question of \d+ tokens"):
        predictor.predict(instances())


@pytest.mark.parametrize("allowed", [1, 2, 5])
def test_answers_do_not_depend_on_how_often_memory_ran_out(
    tiny: ModelSource, allow: Allow, allowed: int
) -> None:
    predictor = TransformersPredictor(PromptEncoder(tiny), "cpu")
    expected = predictor.predict(instances())
    assert predictor.take_usage().batch_halved == 0
    allow(allowed)
    found = predictor.predict(instances())
    assert predictor.take_usage().batch_halved > 0
    assert predictor.take_usage().batch_halved == 0
    for one, other in zip(expected, found, strict=True):
        assert (one.instance_id, one.prediction, one.raw_output) == (
            *(other.instance_id, other.prediction, other.raw_output),
        )
        np.testing.assert_allclose(
            one.option_probabilities or (), other.option_probabilities or (), rtol=0, atol=5e-5
        )


def test_other_errors_are_none_of_it(
    tiny: ModelSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied (2x3 and 4x5)")

    network = shared_network(tiny, "cpu")
    monkeypatch.setattr(network.model, "forward", broken)
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        learner(tiny).train(lessons(), tmp_path)
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        TransformersPredictor(PromptEncoder(tiny), "cpu").predict(instances())


def test_the_machine_refusing_memory_is_told_from_other_errors() -> None:
    """What torch itself raises for far more than any machine has."""
    with pytest.raises(RuntimeError) as refused:
        torch.empty(1 << 55)
    assert is_out_of_memory(refused.value)
    assert is_out_of_memory(torch.OutOfMemoryError("anything"))
    assert not is_out_of_memory(ValueError("out of memory"))
