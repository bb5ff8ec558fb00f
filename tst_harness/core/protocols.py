"""What a user's own models of bias and evaluators implement."""

from tst_harness.diagnostics.features.protocols import BiasModel as BiasModel
from tst_harness.diagnostics.features.protocols import FeatureBasedBiasModel as FeatureBasedBiasModel
from tst_harness.diagnostics.features.protocols import FoldResult as FoldResult
from tst_harness.diagnostics.features.protocols import Format as Format
from tst_harness.diagnostics.features.protocols import ModelEvaluator as ModelEvaluator
