"""The parts of the LLM diagnostic that its settings amount to."""

from tst_harness.diagnostics.llm.config import LLMConfig
from tst_harness.diagnostics.llm.data.encoding import PromptEncoder
from tst_harness.diagnostics.llm.predictors.base import LLMPredictor
from tst_harness.diagnostics.llm.trainable.predictor import TrainableLLMPredictor
from tst_harness.diagnostics.llm.trainers.base import LLMTrainer
from tst_harness.diagnostics.llm.utils.installed import require
from tst_harness.diagnostics.llm.utils.models import find_model


def build_encoder(config: LLMConfig) -> PromptEncoder:
    """Make what turns prompts into tokens; nothing is fetched yet.

    Raises
    ------
    DataError
        There is no such model.
    EngineUnavailable
        What every engine needs is not installed.
    """
    require("torch", "transformers", "peft")
    model = find_model(config.model_name, config.revision)
    return PromptEncoder(model, config.max_seq_length, config.too_long, config.template_mismatch)


def build_predictor(config: LLMConfig, encoder: PromptEncoder) -> LLMPredictor:
    """Make the predictor; nothing is loaded yet."""
    if config.predictor == "auto":
        from tst_harness.diagnostics.llm.predictors.auto import create_auto_predictor

        return create_auto_predictor(encoder=encoder)
    if config.predictor == "vllm":
        require("vllm")
        from tst_harness.diagnostics.llm.predictors.vllm import create_vllm_predictor

        return create_vllm_predictor(encoder=encoder)
    if config.predictor == "ray":
        require("ray", "vllm")
        from tst_harness.diagnostics.llm.predictors.ray_vllm import create_ray_vllm_predictor

        return create_ray_vllm_predictor(encoder=encoder)
    from tst_harness.diagnostics.llm.predictors.transformers import TransformersPredictor

    return TransformersPredictor(encoder)


def build_trainer(config: LLMConfig, encoder: PromptEncoder) -> LLMTrainer:
    """Make the trainer; nothing is loaded yet."""
    if config.trainer == "llamafactory":
        require("llamafactory")
        from tst_harness.diagnostics.llm.trainers.llamafactory import LlamaFactoryConfig, LlamaFactoryTrainer

        return LlamaFactoryTrainer(LlamaFactoryConfig(**config.as_dict()), encoder)
    if config.trainer == "peft":
        from tst_harness.diagnostics.llm.trainers.peft import PeftTrainer

        return PeftTrainer(encoder, config.lora)
    from tst_harness.diagnostics.llm.trainers.joint import JointTrainer

    return JointTrainer(encoder, config.lora)


def build_trainable(config: LLMConfig) -> TrainableLLMPredictor:
    """Make the predictor and the trainer, with one encoder, and compose them."""
    encoder = build_encoder(config)
    return TrainableLLMPredictor(
        build_predictor(config, encoder), build_trainer(config, encoder), config.keep_adapters
    )
