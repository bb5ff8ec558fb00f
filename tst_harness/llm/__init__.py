"""The public names of the LLM diagnostic (TsT-LLM): a language model fine-tuned on the other folds.

They live in `tst_harness.diagnostics.llm`. Importing them imports no engine.
"""

from tst_harness.diagnostics.llm.build import build_trainable as build_trainable
from tst_harness.diagnostics.llm.config import LLMConfig as LLMConfig
from tst_harness.diagnostics.llm.data.encoding import PromptEncoder as PromptEncoder
from tst_harness.diagnostics.llm.data.models import AdapterCheck as AdapterCheck
from tst_harness.diagnostics.llm.data.models import LLMPredictionResult as LLMPredictionResult
from tst_harness.diagnostics.llm.data.models import LoRAAdapterInfo as LoRAAdapterInfo
from tst_harness.diagnostics.llm.data.models import LoRASettings as LoRASettings
from tst_harness.diagnostics.llm.data.models import TrainingProgress as TrainingProgress
from tst_harness.diagnostics.llm.data.models import TstTestInstance as TstTestInstance
from tst_harness.diagnostics.llm.data.models import TstTrainingDatum as TstTrainingDatum
from tst_harness.diagnostics.llm.data.tables import frame_test_instances as frame_test_instances
from tst_harness.diagnostics.llm.data.tables import frame_training_data as frame_training_data
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
from tst_harness.diagnostics.llm.trainable.adapters import TrainedAdapter as TrainedAdapter
from tst_harness.diagnostics.llm.trainable.predictor import TrainableLLMPredictor as TrainableLLMPredictor
from tst_harness.diagnostics.llm.trainable.predictor import (
    create_trainable_predictor as create_trainable_predictor,
)
from tst_harness.diagnostics.llm.trainers.base import LLMTrainer as LLMTrainer
from tst_harness.diagnostics.llm.trainers.joint import JointTrainer as JointTrainer
from tst_harness.diagnostics.llm.trainers.joint import create_joint_trainer as create_joint_trainer
from tst_harness.diagnostics.llm.trainers.llamafactory import LlamaFactoryConfig as LlamaFactoryConfig
from tst_harness.diagnostics.llm.trainers.llamafactory import LlamaFactoryTrainer as LlamaFactoryTrainer
from tst_harness.diagnostics.llm.trainers.llamafactory import (
    create_llamafactory_trainer as create_llamafactory_trainer,
)
from tst_harness.diagnostics.llm.trainers.peft import PeftTrainer as PeftTrainer
from tst_harness.diagnostics.llm.trainers.peft import create_peft_trainer as create_peft_trainer
from tst_harness.diagnostics.llm.utils.models import find_model as find_model
from tst_harness.json_lines import PydanticJSONLinesReader as PydanticJSONLinesReader
from tst_harness.json_lines import PydanticJSONLinesWriter as PydanticJSONLinesWriter
