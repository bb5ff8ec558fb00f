"""The public names of the evaluation framework: cross-validation of a user's own models of bias.

They live in `tst_harness.diagnostics`; the modules of this package are those of the published release.
"""

from tst_harness.core.cross_validation import run_cross_validation as run_cross_validation
from tst_harness.core.evaluators import RandomForestEvaluator as RandomForestEvaluator
from tst_harness.core.llm_evaluators import LLMEvaluator as LLMEvaluator
from tst_harness.core.llm_evaluators import TemporaryLLMEvaluator as TemporaryLLMEvaluator
from tst_harness.core.llm_evaluators import create_llm_evaluator as create_llm_evaluator
from tst_harness.core.protocols import BiasModel as BiasModel
from tst_harness.core.protocols import FeatureBasedBiasModel as FeatureBasedBiasModel
from tst_harness.core.protocols import FoldResult as FoldResult
from tst_harness.core.protocols import ModelEvaluator as ModelEvaluator
