"""What scores a user's own models of bias with a language model."""

from tst_harness.diagnostics.llm.evaluators import LLMEvaluator as LLMEvaluator
from tst_harness.diagnostics.llm.evaluators import TemporaryLLMEvaluator as TemporaryLLMEvaluator
from tst_harness.diagnostics.llm.evaluators import create_llm_evaluator as create_llm_evaluator
