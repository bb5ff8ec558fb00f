"""The evaluation framework: diagnostics, folds, and cross-validation of a user's own models."""

from tst_harness.core.cross_validation import run_cross_validation
from tst_harness.core.evaluators import RandomForestEvaluator
from tst_harness.core.llm_evaluators import LLMEvaluator, TemporaryLLMEvaluator, create_llm_evaluator
from tst_harness.core.protocols import BiasModel, FeatureBasedBiasModel, FoldResult, ModelEvaluator

__all__ = [
    "BiasModel",
    "FeatureBasedBiasModel",
    "FoldResult",
    "LLMEvaluator",
    "ModelEvaluator",
    "RandomForestEvaluator",
    "TemporaryLLMEvaluator",
    "create_llm_evaluator",
    "run_cross_validation",
]
