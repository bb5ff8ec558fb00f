"""Questions of several adapters answered in one pass are answered as by one adapter after the other."""

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: pip install 'tst-harness[llm]'")

from colour_questions import always_last_in_the_alphabet, instances, numbers_of_words  # noqa: E402

from tst_harness.diagnostics.llm.data.encoding import PromptEncoder  # noqa: E402
from tst_harness.diagnostics.llm.data.models import (  # noqa: E402
    LLMPredictionResult,
    LoRASettings,
    TrainingProgress,
    TstTestInstance,
)
from tst_harness.diagnostics.llm.predictors.transformers import TransformersPredictor  # noqa: E402
from tst_harness.diagnostics.llm.settings import read_settings  # noqa: E402
from tst_harness.diagnostics.llm.trainable.adapters import AdapterAhead, Answers  # noqa: E402
from tst_harness.diagnostics.llm.trainable.predictor import TrainableLLMPredictor  # noqa: E402
from tst_harness.diagnostics.llm.trainable.together import HeldOut  # noqa: E402
from tst_harness.diagnostics.llm.trainers.base import TrainingJob  # noqa: E402
from tst_harness.diagnostics.llm.trainers.joint import JointTrainer  # noqa: E402
from tst_harness.diagnostics.llm.utils import networks  # noqa: E402
from tst_harness.diagnostics.llm.utils.adapters import WEIGHTS  # noqa: E402
from tst_harness.diagnostics.llm.utils.models import ModelSource  # noqa: E402
from tst_harness.errors import DataError, EngineError, OutOfMemory  # noqa: E402

AGREE = 1e-5


def trainable(model: ModelSource, batch_tokens: int | None = None, **lora: float) -> TrainableLLMPredictor:
    encoder = PromptEncoder(model)
    settings = read_settings(LoRASettings, {"dropout": 0.0, "lr": 1e-2, **lora}, "test")
    predictor = TransformersPredictor(encoder, "cpu", batch_tokens)
    return TrainableLLMPredictor(predictor, JointTrainer(encoder, settings, "cpu"), keep_adapters=True)


def held_out(trained: TrainableLLMPredictor, folder: Path, adapters: int) -> list[HeldOut]:
    """Adapters of letters and of numbers in turns, each with other questions of both formats."""
    kinds = (always_last_in_the_alphabet, numbers_of_words)
    jobs = [
        TrainingJob(kinds[place % 2](12, place), folder / str(place), f"fold {place}", place)
        for place in range(adapters)
    ]
    ahead = trained.train_ahead(jobs)
    asked = []
    for place, (job, own) in enumerate(zip(jobs, ahead, strict=True)):
        assert isinstance(own, AdapterAhead)
        asked.append(HeldOut(own, job.training_data, instances(5 + 3 * place, seed=100 + place)))
    return asked


def alone(trained: TrainableLLMPredictor, own: HeldOut) -> list[LLMPredictionResult]:
    trained.load_adapter(own.ahead.info.adapter_path)
    results = trained.predict(own.instances)
    trained.unload_adapter()
    return results


def assert_alike(results: Sequence[LLMPredictionResult], expected: Sequence[LLMPredictionResult]) -> None:
    for result, other in zip(results, expected, strict=True):
        assert (result.instance_id, result.prediction) == (other.instance_id, other.prediction)
        assert result.confidence == pytest.approx(other.confidence, abs=AGREE)
        if other.option_probabilities is None:
            assert result.raw_output == other.raw_output
        else:
            assert result.option_probabilities == pytest.approx(other.option_probabilities, abs=AGREE)
            assert result.letter_mass == pytest.approx(other.letter_mass, abs=AGREE)


@pytest.mark.parametrize("packs", [True, False], ids=["packed", "padded"])
@pytest.mark.parametrize(("adapters", "batch_tokens"), [(1, None), (2, 300), (5, None), (5, 600)])
def test_answers_are_those_of_one_adapter_after_the_other(
    tiny: ModelSource,
    tmp_path: Path,
    adapters: int,
    batch_tokens: int | None,
    packs: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trained = trainable(tiny, batch_tokens)
    asked = held_out(trained, tmp_path, adapters)
    expected = [alone(trained, own) for own in asked]
    # As on CUDA.
    monkeypatch.setattr(networks.shared_network(tiny, "cpu"), "packs", packs)
    answered = trained.answer_ahead(asked)
    for own, answers, results in zip(asked, answered, expected, strict=True):
        assert isinstance(answers, Answers)
        assert_alike(answers.results, results)
        tokens = sum(
            len(trained.predictor.encoder.prompt(instance.instruction).ids) for instance in own.instances
        )
        assert answers.usage.tokens == tokens
        assert answers.adapter.check.passed
        assert trained.history[-1].info.fold_id == f"fold {adapters - 1}"
        trained.adopt(own.ahead, own.training_data)
        assert answers.adapter.check.largest_change == pytest.approx(
            trained.history.pop().check.largest_change, abs=AGREE
        )
    if adapters > 1:
        # Each has its own: on the same questions they say something else.
        first, second = asked[:2]
        other = HeldOut(second.ahead, second.training_data, first.instances)
        one, another = trained.answer_ahead([first, other])
        assert isinstance(one, Answers)
        assert isinstance(another, Answers)
        probabilities = [
            np.concatenate([result.option_probabilities or () for result in answers.results])
            for answers in (one, another)
        ]
        assert np.abs(probabilities[0] - probabilities[1]).max() > 100 * AGREE


def test_an_adapter_that_changes_nothing_or_is_no_number_fails_alone(
    tiny: ModelSource, tmp_path: Path
) -> None:
    from safetensors.numpy import load_file, save_file

    trained = trainable(tiny)
    asked = held_out(trained, tmp_path, 4)
    expected = [alone(trained, own) for own in asked]
    for place, value in ((1, 0.0), (2, np.nan)):
        file = tmp_path / str(place) / WEIGHTS
        save_file({name: np.full_like(weights, value) for name, weights in load_file(file).items()}, file)
    first, deaf, diverged, last = trained.answer_ahead(asked)
    assert isinstance(deaf, EngineError)
    assert "the adapter of fold 1 changes no probability" in str(deaf)
    assert isinstance(diverged, EngineError)
    assert "with the adapter of fold 2 the model gives no probabilities but NaN" in str(diverged)
    for answers, results in ((first, expected[0]), (last, expected[3])):
        assert isinstance(answers, Answers)
        assert_alike(answers.results, results)
    assert [entry.info.fold_id for entry in trained.history] == ["fold 0", "fold 3"]
    assert not (tmp_path / "1").exists()
    assert (tmp_path / "3" / WEIGHTS).is_file()


def test_the_base_model_is_left_as_it_was_and_smaller_batches_are_tried(
    tiny: ModelSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained = trainable(tiny)
    asked = held_out(trained, tmp_path, 3)
    before = trained.zero_shot(asked[0].instances)
    expected = [alone(trained, own) for own in asked]
    network = networks.shared_network(tiny, "cpu")
    run = network.run_packed

    def short_of_memory(packing: Any, *more: Any) -> Any:
        if len(packing.tokens) > 700:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
        return run(packing, *more)

    with monkeypatch.context() as patched:
        patched.setattr(network, "run_packed", short_of_memory)
        answered = trained.answer_ahead(asked)
    halved = []
    for answers, results in zip(answered, expected, strict=True):
        assert isinstance(answers, Answers)
        assert_alike(answers.results, results)
        halved.append(answers.usage.batch_halved > 0)
    assert halved == [True, False, False]

    def never(*more: Any) -> Any:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")

    with monkeypatch.context() as patched:
        patched.setattr(network, "run_packed", never)
        with pytest.raises(OutOfMemory, match="with one question of"):
            trained.answer_ahead(asked)
    assert_alike(trained.zero_shot(asked[0].instances), before)


def test_a_question_that_is_too_long_leaves_the_adapters_to_be_used_alone(
    tiny: ModelSource, tmp_path: Path
) -> None:
    trained = trainable(tiny)
    first, second = held_out(trained, tmp_path, 2)
    long = TstTestInstance(instance_id="long", instruction="word " * 3_000, options=("a", "b"))
    with pytest.raises(DataError, match="a prompt has"):
        trained.answer_ahead([first, HeldOut(second.ahead, second.training_data, [long])])
    trained.adopt(first.ahead, first.training_data)
    assert trained.history[-1].check.passed


def test_progress_is_told_from_before_the_model_is_loaded(tiny: ModelSource, tmp_path: Path) -> None:
    trained = trainable(tiny, batch_tokens=600)
    steps: list[tuple[str, int, int, bool]] = []

    def listen(progress: TrainingProgress) -> None:
        loaded = trained.predictor.is_loaded
        steps.append((progress.unit, progress.step, progress.total_steps, loaded))

    trained.on_progress(listen)
    questions = instances(40)
    trained.predict(questions)
    assert steps[0] == ("question", 0, 40, False)
    assert steps[-1] == ("question", 40, 40, True)
    assert [step for _, step, *_ in steps] == sorted(step for _, step, *_ in steps)
    assert len(steps) > 3
    steps.clear()
    job = TrainingJob(always_last_in_the_alphabet(8), tmp_path / "adapter", "fold 0", 0)
    trained.train_ahead([job])
    assert [entry[:3] for entry in steps] == [("step", step, 2) for step in range(3)]
    steps.clear()
    trained.predict(questions[:8])
    assert steps == []


def test_texts_are_tokenised_while_weights_are_loaded(
    tiny: ModelSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each waits for the other to have begun, which it would not if they came one after the other."""
    load, encode = networks.shared_network, PromptEncoder.prompt
    loading, tokenising = threading.Event(), threading.Event()

    def slow_load(*where: Any) -> Any:
        loading.set()
        assert tokenising.wait(60)
        return load(*where)

    def slow_encode(self: PromptEncoder, *text: Any, **more: Any) -> Any:
        tokenising.set()
        assert loading.wait(60)
        return encode(self, *text, **more)

    monkeypatch.setattr(PromptEncoder, "prompt", slow_encode)
    for module in ("predictors.transformers", "trainers.in_process"):
        monkeypatch.setattr(f"tst_harness.diagnostics.llm.{module}.shared_network", slow_load)
    trained = trainable(tiny)
    answered = trained.predict(instances(4))
    assert [result.instance_id for result in answered] == ["0", "1", "2", "3"]
    loading.clear()
    tokenising.clear()
    trained.predictor.release()
    job = TrainingJob(always_last_in_the_alphabet(4), tmp_path / "adapter", "fold 0", 0)
    [ahead] = trained.train_ahead([job])
    assert isinstance(ahead, AdapterAhead)


def test_a_question_that_is_too_long_and_a_model_that_is_missing_are_told(tiny: ModelSource) -> None:
    long = TstTestInstance(instance_id="long", instruction="word " * 3_000, options=("a", "b"))
    with pytest.raises(DataError, match="a prompt has"):
        trainable(tiny).predict([long])
    with pytest.MonkeyPatch.context() as patched:

        def missing(*where: Any) -> Any:
            raise OutOfMemory("tiny does not fit")

        patched.setattr("tst_harness.diagnostics.llm.predictors.transformers.shared_network", missing)
        with pytest.raises(OutOfMemory, match="tiny does not fit"):
            trainable(tiny).predict(instances(4))
