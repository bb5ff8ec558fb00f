"""How much of the device was used: padding, and the speed beside that of a large matrix product."""

from collections.abc import Callable
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: pip install 'tst-harness[llm]'")

from colour_questions import always_last_in_the_alphabet, instances  # noqa: E402

from tst_harness.diagnostics.llm.data.encoding import PromptEncoder  # noqa: E402
from tst_harness.diagnostics.llm.data.models import LoRASettings  # noqa: E402
from tst_harness.diagnostics.llm.predictors.transformers import TransformersPredictor  # noqa: E402
from tst_harness.diagnostics.llm.trainers.base import LLMTrainer  # noqa: E402
from tst_harness.diagnostics.llm.trainers.joint import JointTrainer  # noqa: E402
from tst_harness.diagnostics.llm.trainers.peft import PeftTrainer  # noqa: E402
from tst_harness.diagnostics.llm.utils.models import ModelSource  # noqa: E402
from tst_harness.diagnostics.llm.utils.networks import shared_network  # noqa: E402
from tst_harness.diagnostics.llm.utils.peak import operations_per_token, peak_operations  # noqa: E402


def test_a_token_is_multiplied_by_all_matrices_of_the_layers(tiny: ModelSource) -> None:
    attention = 2 * 64 * 64 + 2 * 64 * 32
    matrices = 2 * (attention + 3 * 64 * 128)
    model = shared_network(tiny, "cpu").model
    assert operations_per_token(model) == 2 * matrices
    model.config.num_local_experts = 8
    try:
        assert operations_per_token(model) is None
    finally:
        del model.config.num_local_experts


def test_seconds_at_the_peak_are_operations_by_the_speed_of_a_matrix_product(tiny: ModelSource) -> None:
    network, peak = shared_network(tiny, "cpu"), peak_operations("cpu")
    operations = operations_per_token(network.model)
    assert peak is not None
    assert operations is not None
    assert 1e8 < peak < 1e14
    assert network.seconds_at_peak(1_000) == pytest.approx(1_000 * operations / peak)
    assert network.seconds_at_peak(1_000, training=True) == pytest.approx(2_000 * operations / peak)


@pytest.mark.parametrize("make", [PeftTrainer, JointTrainer])
def test_padding_of_training_is_counted(
    tiny: ModelSource,
    tmp_path: Path,
    make: Callable[..., LLMTrainer],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    encoder, data = PromptEncoder(tiny), always_last_in_the_alphabet(4)
    trainer = make(encoder, LoRASettings(batch_size=4), "cpu")
    packed = trainer.train(data, tmp_path / "packed")
    assert packed.padding == 0
    assert packed.seconds_at_peak is not None
    assert 0.0 < packed.seconds_at_peak < packed.seconds
    network = shared_network(tiny, "cpu")
    # As on CUDA.
    monkeypatch.setattr(network, "packs", False)
    monkeypatch.setattr(network, "packable", False)
    lengths = [len(encoder.prompt(datum.instruction).ids + encoder.answer(datum.response)) for datum in data]
    padded = trainer.train(data, tmp_path / "padded")
    assert padded.padding == 4 * max(lengths) - sum(lengths) > 0


def test_padding_of_answers_is_counted(tiny: ModelSource, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = PromptEncoder(tiny)
    predictor = TransformersPredictor(encoder, "cpu")
    questions = instances(12)
    predictor.predict(questions)
    assert predictor.take_usage().padding == 0
    monkeypatch.setattr(shared_network(tiny, "cpu"), "packs", False)
    predictor.predict(questions)
    usage = predictor.take_usage()
    expected = 0
    for kind in (True, False):
        lengths = [
            len(encoder.prompt(question.instruction).ids)
            for question in questions
            if (question.options is None) is kind
        ]
        expected += len(lengths) * max(lengths) - sum(lengths)
    assert usage.padding == expected > 0
    assert usage.seconds_at_peak is not None
    assert 0.0 < usage.seconds_at_peak < usage.seconds
    part = usage.share(usage.tokens // 2)
    assert part.seconds_at_peak == pytest.approx(usage.seconds_at_peak / 2, rel=0.01)
    assert part.padding == pytest.approx(expected / 2, abs=1)
