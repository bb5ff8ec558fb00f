"""What `tst_harness.llm` and `tst_harness.core` export, and that they load no engine."""

import subprocess
import sys

import pytest

import tst_harness.core
from tst_harness.llm import (
    LlamaFactoryConfig,
    LLMPredictionResult,
    RayVLLMPredictor,
    RayVLLMPredictorConfig,
    VLLMPredictorConfig,
    create_llamafactory_trainer,
    create_ray_vllm_predictor,
    create_trainable_predictor,
    create_vllm_predictor,
)

HEAVY = ["torch", "vllm", "ray", "transformers", "datasets", "peft", "sklearn"]


def heavy_modules(code: str, heavy: list[str]) -> str:
    """Those loaded in a new process that runs `code`."""
    code = f"import sys\n{code}\nprint(*set({heavy!r}) & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("package", ["tst_harness.llm", "tst_harness.core"])
def test_the_public_names_load_no_engine(package: str) -> None:
    assert heavy_modules(f"import {package}", HEAVY) == ""


def test_settings_can_be_read_without_numpy() -> None:
    """As pytest's start does, with or without the LLM diagnostic."""
    code = "from tst_harness.diagnostics.llm.config import LLMConfig; LLMConfig.of({'learning_rate': 1e-3})"
    assert heavy_modules(code, [*HEAVY, "numpy", "pandas"]) == ""


def test_imports_of_the_published_release_work() -> None:
    from tst_harness.core.cross_validation import run_cross_validation
    from tst_harness.core.evaluators import LLMEvaluator, RandomForestEvaluator
    from tst_harness.core.llm_evaluators import create_llm_evaluator
    from tst_harness.core.protocols import BiasModel, FeatureBasedBiasModel, ModelEvaluator

    assert tst_harness.core.run_cross_validation is run_cross_validation
    assert tst_harness.core.create_llm_evaluator is create_llm_evaluator
    assert issubclass(LLMEvaluator, ModelEvaluator)
    assert issubclass(RandomForestEvaluator, ModelEvaluator)
    assert tst_harness.core.BiasModel is BiasModel
    assert tst_harness.core.FeatureBasedBiasModel is FeatureBasedBiasModel


def test_configurations_have_the_names_of_the_published_release() -> None:
    predictor = create_vllm_predictor(model_name="org/model", max_seq_length=256)
    assert isinstance(predictor.config, VLLMPredictorConfig)
    assert (predictor.config.model_name, predictor.config.max_seq_length) == ("org/model", 256)
    assert predictor.config.gpu_memory_utilization == 0.8
    nested = RayVLLMPredictorConfig.model_validate({"base_config": predictor.config, "num_workers": 2})
    workers = RayVLLMPredictor(nested)
    assert (workers.config.model_name, workers.config.num_workers) == ("org/model", 2)
    flat = create_ray_vllm_predictor(model_name="org/model", num_workers=2, max_seq_length=256)
    assert flat.config == workers.config
    trainer = create_llamafactory_trainer(model_name="org/model", learning_rate=1e-4, num_epochs=3)
    assert isinstance(trainer.config, LlamaFactoryConfig)
    assert (trainer.config.model_name, trainer.config.learning_rate) == ("org/model", 1e-4)
    assert (trainer.lora.learning_rate, trainer.lora.num_epochs, trainer.lora.lora_rank) == (1e-4, 3, 8)
    assert create_trainable_predictor(predictor, trainer).trainer is trainer


def test_a_configuration_says_which_model_the_default_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert create_vllm_predictor().config.model_name == "smollm2"
    assert create_llamafactory_trainer().config.model_name == "smollm2"


def test_a_result_needs_no_raw_output() -> None:
    result = LLMPredictionResult(instance_id="1", prediction="6", confidence=0.95)
    assert result.raw_output is None
