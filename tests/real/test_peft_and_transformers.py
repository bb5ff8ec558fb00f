"""Training with torch and peft, and prediction with transformers: the default engines, for real."""

import filecmp
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from colour_questions import always_last_in_the_alphabet, instances

from tst_harness.diagnostics.llm.data.encoding import PromptEncoder
from tst_harness.diagnostics.llm.data.models import (
    LLMPredictionResult,
    LoRASettings,
)
from tst_harness.diagnostics.llm.predictors.base import LETTERS
from tst_harness.diagnostics.llm.predictors.transformers import TransformersPredictor
from tst_harness.diagnostics.llm.settings import read_settings
from tst_harness.diagnostics.llm.trainers.examples import learning_rate_share
from tst_harness.diagnostics.llm.trainers.peft import PeftTrainer
from tst_harness.diagnostics.llm.utils.adapters import WEIGHTS
from tst_harness.diagnostics.llm.utils.models import ModelSource
from tst_harness.errors import DataError, EngineError, TrainingCancelled


def probabilities(results: Sequence[LLMPredictionResult]) -> np.ndarray:
    return np.array([p for one in results for p in one.option_probabilities or ()])


def trainer(model: ModelSource, **lora: float) -> PeftTrainer:
    return PeftTrainer(PromptEncoder(model), read_settings(LoRASettings, lora, "peft"), device="cpu")


def test_results_come_in_order_and_do_not_depend_on_the_batch(smollm2: ModelSource) -> None:
    asked = instances()
    encoder = PromptEncoder(smollm2)
    batched = TransformersPredictor(encoder, "cpu").predict(asked)
    single = TransformersPredictor(encoder, "cpu", batch_tokens=1).predict(asked[::-1])[::-1]
    assert [one.instance_id for one in batched] == [one.instance_id for one in asked]
    np.testing.assert_allclose(probabilities(batched), probabilities(single), atol=1e-4)
    assert [one.raw_output for one in batched] == [one.raw_output for one in single]
    assert all(one.letter_mass for one in batched if one.option_probabilities)


def test_probabilities_are_those_of_the_whole_network(smollm2: ModelSource) -> None:
    """Against the plain forward pass, with its mask and its head at every position."""
    import torch
    from transformers import AutoModelForCausalLM

    encoder = PromptEncoder(smollm2)
    asked = [one for one in instances() if one.options]
    network = AutoModelForCausalLM.from_pretrained(str(smollm2.folder()), dtype=torch.float32)
    results = TransformersPredictor(encoder, "cpu").predict(asked)
    for one, result in zip(asked, results, strict=True):
        with torch.no_grad():
            ids = torch.tensor([encoder.prompt(one.instruction).ids])
            next_token = network(ids).logits[0, -1].softmax(-1)
        letters = encoder.letters(len(one.options or ()))
        expected = np.array([float(next_token[list(tokens)].sum()) for tokens in letters])
        assert result.letter_mass == pytest.approx(expected.sum(), abs=1e-4)
        np.testing.assert_allclose(result.option_probabilities or (), expected / expected.sum(), atol=1e-4)


def test_the_loss_is_that_of_the_answer_tokens(tiny: ModelSource, tmp_path: Path) -> None:
    """The first loss against transformers' own, with everything but the answers masked out."""
    import torch
    from transformers import AutoModelForCausalLM

    data = always_last_in_the_alphabet(4)
    encoder = PromptEncoder(tiny)
    network = AutoModelForCausalLM.from_pretrained(str(tiny.folder()), dtype=torch.float32)
    total, tokens = 0.0, 0
    for one in data:
        prompt, answer = encoder.prompt(one.instruction).ids, encoder.answer(one.response)
        labels = torch.tensor([[-100] * len(prompt) + list(answer)])
        with torch.no_grad():
            loss = network(torch.tensor([[*prompt, *answer]]), labels=labels).loss
        total, tokens = total + float(loss) * len(answer), tokens + len(answer)
    seen: list[float | None] = []
    # An adapter begins as no change at all, so the first loss is that of the base model.
    learner = trainer(tiny, batch_size=4, dropout=0.0)
    learner.callbacks.append(lambda progress: seen.append(progress.loss))
    info = learner.train(data, tmp_path)
    assert seen == [pytest.approx(total / tokens, rel=1e-4)]
    assert info.tokens == sum(
        len(encoder.prompt(one.instruction).ids) + len(encoder.answer(one.response)) for one in data
    )


def test_accumulating_is_a_larger_batch(tiny: ModelSource, tmp_path: Path) -> None:
    from safetensors.numpy import load_file

    data = always_last_in_the_alphabet(8)
    large, small = tmp_path / "large", tmp_path / "small"
    trainer(tiny, batch_size=8, dropout=0.0, lr=1e-2).train(data, large)
    trainer(tiny, batch_size=2, gradient_accumulation_steps=4, dropout=0.0, lr=1e-2).train(data, small)
    one, other = load_file(large / WEIGHTS), load_file(small / WEIGHTS)
    assert one.keys() == other.keys()
    for name in one:
        np.testing.assert_allclose(one[name], other[name], atol=1e-5, err_msg=name)


def test_the_learning_rates_are_those_of_transformers() -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed: pip install 'tst-harness[llm]'")
    from transformers import get_cosine_schedule_with_warmup

    for total in (1, 2, 9, 100):
        warmup = LoRASettings().warmup_steps(total)
        optimiser = torch.optim.AdamW([torch.zeros(1, requires_grad=True)], lr=1.0)
        schedule = get_cosine_schedule_with_warmup(optimiser, warmup, total)
        for step in range(total):
            assert learning_rate_share(step, total, warmup) == pytest.approx(schedule.get_last_lr()[0])
            optimiser.step()
            schedule.step()


def test_the_same_seed_gives_the_same_adapter(tiny: ModelSource, tmp_path: Path) -> None:
    data = always_last_in_the_alphabet(16)
    for name, seed in (("first", 1), ("again", 1), ("other", 2)):
        trainer(tiny).train(data, tmp_path / name, seed=seed)
    first, again, other = (tmp_path / name / WEIGHTS for name in ("first", "again", "other"))
    assert filecmp.cmp(first, again, shallow=False)
    assert not filecmp.cmp(first, other, shallow=False)


def test_a_shortcut_is_learnt_and_the_base_model_is_left_as_it_was(
    smollm2: ModelSource, tmp_path: Path
) -> None:
    encoder = PromptEncoder(smollm2)
    predictor = TransformersPredictor(encoder, "cpu")
    asked = [one for one in instances(40, seed=2) if one.options]
    gold = [LETTERS[one.options.index(max(one.options))] for one in asked if one.options]

    def accuracy(results: Sequence[LLMPredictionResult]) -> float:
        return float(np.mean([one.prediction == letter for one, letter in zip(results, gold, strict=True)]))

    before = predictor.predict(asked)
    # What dropout leaves out of 24 updates is luck that moves 40 answers by ten points.
    settings = LoRASettings(learning_rate=2e-3, num_epochs=2, lora_dropout=0.0)
    learner = PeftTrainer(encoder, settings, "cpu")
    steps: list[int] = []
    learner.callbacks.append(lambda progress: steps.append(progress.step))
    info = learner.train(always_last_in_the_alphabet(48), tmp_path / "adapter", fold_id="fold 0")
    predictor.load_adapter(info.adapter_path)
    after = predictor.predict(asked)
    predictor.unload_adapter()
    again = predictor.predict(asked)
    assert steps == list(range(1, 25))
    assert accuracy(after) > accuracy(before) + 0.2
    assert sorted(path.name for path in info.adapter_path.iterdir()) == ["adapter_config.json", WEIGHTS]
    np.testing.assert_array_equal(probabilities(before), probabilities(again))


def test_a_cancelled_training_leaves_nothing(tiny: ModelSource, tmp_path: Path) -> None:
    encoder = PromptEncoder(tiny)
    predictor = TransformersPredictor(encoder, "cpu")
    asked = instances()
    before = predictor.predict(asked)
    learner = PeftTrainer(encoder, LoRASettings(), "cpu")
    learner.callbacks.append(lambda progress: learner.cancel() if progress.step == 2 else None)
    with pytest.raises(TrainingCancelled, match="step 2 of 12"):
        learner.train(always_last_in_the_alphabet(48), tmp_path / "adapter")
    assert not list(tmp_path.rglob(WEIGHTS))
    np.testing.assert_array_equal(probabilities(before), probabilities(predictor.predict(asked)))


def test_what_cannot_be_trained_or_loaded_is_said(tiny: ModelSource, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no question to train on"):
        trainer(tiny).train([], tmp_path)
    with pytest.raises(EngineError, match="diverged; use a lower learning rate"):
        trainer(tiny, lr=1e30, epochs=3).train(always_last_in_the_alphabet(16), tmp_path)
    predictor = TransformersPredictor(PromptEncoder(tiny), "cpu")
    trainer(tiny).train(always_last_in_the_alphabet(4), tmp_path / "cut")
    whole = (tmp_path / "cut" / WEIGHTS).read_bytes()
    (tmp_path / "cut" / WEIGHTS).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(EngineError, match="cut short"):
        predictor.load_adapter(tmp_path / "cut")
