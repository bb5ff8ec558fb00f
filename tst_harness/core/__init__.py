"""The evaluation framework: diagnostics, folds, and cross-validation of a user's own models.

A module is imported when a name of it is first asked for.
"""

from typing import TYPE_CHECKING

from tst_harness._imports import on_first_use

if TYPE_CHECKING:
    from tst_harness.diagnostics.features.cross_validation import run_cross_validation as run_cross_validation
    from tst_harness.diagnostics.features.evaluators import RandomForestEvaluator as RandomForestEvaluator
    from tst_harness.diagnostics.features.protocols import BiasModel as BiasModel
    from tst_harness.diagnostics.features.protocols import FeatureBasedBiasModel as FeatureBasedBiasModel
    from tst_harness.diagnostics.features.protocols import FoldResult as FoldResult
    from tst_harness.diagnostics.features.protocols import ModelEvaluator as ModelEvaluator
    from tst_harness.diagnostics.llm.evaluators import LLMEvaluator as LLMEvaluator
    from tst_harness.diagnostics.llm.evaluators import TemporaryLLMEvaluator as TemporaryLLMEvaluator
    from tst_harness.diagnostics.llm.evaluators import create_llm_evaluator as create_llm_evaluator

_HOMES = {
    name: f"tst_harness.diagnostics.{module}"
    for module, names in {
        "features.cross_validation": ["run_cross_validation"],
        "features.evaluators": ["RandomForestEvaluator"],
        "llm.evaluators": [
            "LLMEvaluator",
            "TemporaryLLMEvaluator",
            "create_llm_evaluator",
        ],
        "features.protocols": [
            "BiasModel",
            "FeatureBasedBiasModel",
            "FoldResult",
            "ModelEvaluator",
        ],
    }.items()
    for name in names
}

__all__ = sorted(_HOMES)
__getattr__ = on_first_use(__name__, _HOMES)


def __dir__() -> list[str]:
    return __all__
