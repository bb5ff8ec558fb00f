"""What scores a user's own models of bias in cross-validation."""

from tst_harness.diagnostics.features.evaluators import RandomForestEvaluator as RandomForestEvaluator
from tst_harness.diagnostics.features.protocols import ModelEvaluator as ModelEvaluator
from tst_harness.diagnostics.llm.evaluators import LLMEvaluator as LLMEvaluator
