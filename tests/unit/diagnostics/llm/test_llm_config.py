import re
from typing import Any

import pytest

from tst_harness.diagnostics.llm.build import build_trainable
from tst_harness.diagnostics.llm.config import LLMConfig
from tst_harness.diagnostics.llm.predictors.transformers import TransformersPredictor
from tst_harness.diagnostics.llm.trainers.joint import JointTrainer
from tst_harness.diagnostics.llm.utils import installed
from tst_harness.errors import EngineUnavailable, HarnessError


@pytest.fixture(autouse=True)
def everything_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether an engine is installed is asked before it is made; here none is loaded."""
    monkeypatch.setattr(installed, "find_spec", lambda name: object())


def test_what_is_not_installed_is_said_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installed, "find_spec", lambda name: None if name == "vllm" else object())
    with pytest.raises(EngineUnavailable, match=re.escape("pip install 'tst-harness[vllm]'")):
        build_trainable(LLMConfig(model_name="smollm2", predictor="vllm"))


def test_the_defaults_are_those_of_the_paper() -> None:
    lora = LLMConfig.of({}).lora
    assert LLMConfig.of({}) == LLMConfig()
    assert (lora.lora_rank, lora.lora_alpha, lora.lora_dropout, lora.num_epochs, lora.batch_size) == (
        8,
        16,
        0.1,
        1,
        4,
    )
    assert (lora.learning_rate, lora.warmup_ratio, lora.max_seq_length) == (2e-4, 0.1, 1024)


def test_short_names_and_those_of_the_published_release_are_read_as_well() -> None:
    short = {
        "model": "m",
        "r": 4,
        "alpha": 8,
        "dropout": 0.0,
        "epochs": 2,
        "batch_size": 1,
        "lr": 1e-3,
        "cutoff": 64,
        "trainer": "llamafactory",
        "predictor": "vllm",
    }
    published = {
        "model_name": "m",
        "lora_rank": 4,
        "lora_alpha": 8,
        "lora_dropout": 0.0,
        "num_epochs": 2,
        "train_batch_size": 1,
        "learning_rate": 1e-3,
        "max_seq_length": 64,
        "trainer": "llamafactory",
        "predictor": "vllm",
    }
    expected = LLMConfig(
        model_name="m",
        lora_rank=4,
        lora_alpha=8,
        lora_dropout=0.0,
        num_epochs=2,
        batch_size=1,
        learning_rate=1e-3,
        max_seq_length=64,
        trainer="llamafactory",
        predictor="vllm",
    )
    assert LLMConfig.of(short) == LLMConfig.of(published) == LLMConfig.of(expected) == expected


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"rank": 4}, "llm_config: there is no setting 'rank'; the known ones are lora_rank, lora_alpha,"),
        ({"lora": {"r": 4}}, "there is no setting 'lora'"),
        (
            {"lr": 1e-3, "learning_rate": 1e-3},
            "'lr' and 'learning_rate' are the same setting; give one of them",
        ),
        ({"lora_rank": "4"}, "llm_config: 'lora_rank': Input should be a valid integer, not '4'"),
        (
            {"trainer": "trl"},
            "llm_config: 'trainer': Input should be 'joint', 'peft' or 'llamafactory', not 'trl'",
        ),
        ({"learning_rate": 0.0}, "llm_config: 'learning_rate': Input should be greater than 0"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(HarnessError, match=re.escape(message)):
        LLMConfig.of(settings)


def test_the_parts_share_a_model_and_its_tokens() -> None:
    settings = {"model": "smollm2", "predictor": "transformers", "max_seq_length": 300, "lora_rank": 4}
    trainable = build_trainable(LLMConfig.of({**settings, "too_long": "error"}))
    assert isinstance(trainable.predictor, TransformersPredictor)
    assert isinstance(trainable.trainer, JointTrainer)
    assert trainable.predictor.encoder is trainable.trainer.encoder
    assert trainable.predictor.encoder.max_seq_length == 300
    assert trainable.predictor.encoder.too_long == "error"
    assert trainable.trainer.lora.lora_rank == 4
    assert not trainable.keep_adapters


@pytest.mark.parametrize("predictor", ["transformers", "vllm", "ray"])
@pytest.mark.parametrize("trainer", ["joint", "peft", "llamafactory"])
def test_each_engine_can_be_asked_for(predictor: str, trainer: str) -> None:
    trainable = build_trainable(LLMConfig.of({"predictor": predictor, "trainer": trainer, "r": 4}))
    assert (trainable.predictor.engine, trainable.trainer.engine) == (predictor, trainer)
    assert trainable.predictor.encoder is trainable.trainer.encoder
    assert trainable.trainer.lora.lora_rank == 4


def test_the_engine_is_chosen_by_the_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tst_harness.diagnostics.llm.predictors.auto.cuda_devices", lambda: 0)
    assert build_trainable(LLMConfig.of({})).predictor.chosen_because == "there is no CUDA device"
