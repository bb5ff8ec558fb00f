"""The LLM diagnostic (TsT-LLM): a language model fine-tuned with LoRA on the other folds.

All that is public is here by name. A module is imported when a name of it is first asked for, so that
pytest's start does not pay for it; no module imports an engine before it is used.
"""

from typing import TYPE_CHECKING

from tst_harness._imports import on_first_use

if TYPE_CHECKING:
    from tst_harness.diagnostics.llm.build import build_trainable as build_trainable
    from tst_harness.diagnostics.llm.config import LLMConfig as LLMConfig
    from tst_harness.diagnostics.llm.data.conversion import frame_test_instances as frame_test_instances
    from tst_harness.diagnostics.llm.data.conversion import frame_training_data as frame_training_data
    from tst_harness.diagnostics.llm.data.encoding import PromptEncoder as PromptEncoder
    from tst_harness.diagnostics.llm.data.models import AdapterCheck as AdapterCheck
    from tst_harness.diagnostics.llm.data.models import LLMPredictionResult as LLMPredictionResult
    from tst_harness.diagnostics.llm.data.models import LoRAAdapterInfo as LoRAAdapterInfo
    from tst_harness.diagnostics.llm.data.models import LoRASettings as LoRASettings
    from tst_harness.diagnostics.llm.data.models import TrainingProgress as TrainingProgress
    from tst_harness.diagnostics.llm.data.models import TstTestInstance as TstTestInstance
    from tst_harness.diagnostics.llm.data.models import TstTrainingDatum as TstTrainingDatum
    from tst_harness.diagnostics.llm.predictors.auto import create_auto_predictor as create_auto_predictor
    from tst_harness.diagnostics.llm.predictors.base import LLMPredictor as LLMPredictor
    from tst_harness.diagnostics.llm.predictors.ray_vllm import RayVLLMPredictor as RayVLLMPredictor
    from tst_harness.diagnostics.llm.predictors.ray_vllm import (
        RayVLLMPredictorConfig as RayVLLMPredictorConfig,
    )
    from tst_harness.diagnostics.llm.predictors.ray_vllm import (
        create_ray_vllm_predictor as create_ray_vllm_predictor,
    )
    from tst_harness.diagnostics.llm.predictors.transformers import (
        TransformersPredictor as TransformersPredictor,
    )
    from tst_harness.diagnostics.llm.predictors.transformers import (
        create_transformers_predictor as create_transformers_predictor,
    )
    from tst_harness.diagnostics.llm.predictors.vllm import VLLMPredictor as VLLMPredictor
    from tst_harness.diagnostics.llm.predictors.vllm import VLLMPredictorConfig as VLLMPredictorConfig
    from tst_harness.diagnostics.llm.predictors.vllm import create_vllm_predictor as create_vllm_predictor
    from tst_harness.diagnostics.llm.trainable.predictor import TrainableLLMPredictor as TrainableLLMPredictor
    from tst_harness.diagnostics.llm.trainable.predictor import TrainedAdapter as TrainedAdapter
    from tst_harness.diagnostics.llm.trainable.predictor import (
        create_trainable_predictor as create_trainable_predictor,
    )
    from tst_harness.diagnostics.llm.trainers.base import LLMTrainer as LLMTrainer
    from tst_harness.diagnostics.llm.trainers.llamafactory import LlamaFactoryConfig as LlamaFactoryConfig
    from tst_harness.diagnostics.llm.trainers.llamafactory import LlamaFactoryTrainer as LlamaFactoryTrainer
    from tst_harness.diagnostics.llm.trainers.llamafactory import (
        create_llamafactory_trainer as create_llamafactory_trainer,
    )
    from tst_harness.diagnostics.llm.trainers.peft import PeftTrainer as PeftTrainer
    from tst_harness.diagnostics.llm.trainers.peft import create_peft_trainer as create_peft_trainer
    from tst_harness.diagnostics.llm.utils.io import PydanticJSONLinesReader as PydanticJSONLinesReader
    from tst_harness.diagnostics.llm.utils.io import PydanticJSONLinesWriter as PydanticJSONLinesWriter
    from tst_harness.diagnostics.llm.utils.models import find_model as find_model

_HOMES = {
    name: f"tst_harness.diagnostics.llm.{module}"
    for module, names in {
        "build": ["build_trainable"],
        "config": ["LLMConfig"],
        "data.conversion": ["frame_test_instances", "frame_training_data"],
        "data.encoding": ["PromptEncoder"],
        "data.models": [
            *("AdapterCheck", "LLMPredictionResult", "LoRAAdapterInfo", "LoRASettings", "TrainingProgress"),
            *("TstTestInstance", "TstTrainingDatum"),
        ],
        "predictors.auto": ["create_auto_predictor"],
        "predictors.base": ["LLMPredictor"],
        "predictors.ray_vllm": [
            "RayVLLMPredictor",
            "RayVLLMPredictorConfig",
            "create_ray_vllm_predictor",
        ],
        "predictors.transformers": [
            "TransformersPredictor",
            "create_transformers_predictor",
        ],
        "predictors.vllm": [
            "VLLMPredictor",
            "VLLMPredictorConfig",
            "create_vllm_predictor",
        ],
        "trainable.predictor": [
            "TrainableLLMPredictor",
            "TrainedAdapter",
            "create_trainable_predictor",
        ],
        "trainers.base": ["LLMTrainer"],
        "trainers.llamafactory": [
            *("LlamaFactoryConfig", "LlamaFactoryTrainer", "create_llamafactory_trainer"),
        ],
        "trainers.peft": ["PeftTrainer", "create_peft_trainer"],
        "utils.io": ["PydanticJSONLinesReader", "PydanticJSONLinesWriter"],
        "utils.models": ["find_model"],
    }.items()
    for name in names
}

__all__ = sorted(_HOMES)


__getattr__ = on_first_use(__name__, _HOMES)


def __dir__() -> list[str]:
    return __all__
