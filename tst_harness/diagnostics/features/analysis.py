"""The feature models of a benchmark, written by hand, as an analysis."""

import hashlib
import inspect
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tst_harness.analysis.folded import SCORING, DiagnosticAnalysis, Scores
from tst_harness.analysis.protocol import Experiment, Inputs
from tst_harness.analysis.units import Plan, Split, Unit, fold_units

if TYPE_CHECKING:
    from tst_harness.analysis.folds import Fold
    from tst_harness.diagnostics.features.models import FeatureModels


class FeaturesAnalysis(DiagnosticAnalysis):
    """Random forests on the features of each model; it goes with the forest, where there are models."""

    name = "features"
    code = (*SCORING, "tst_harness.dataset.raw", "tst_harness.diagnostics.features")

    def units(self, plan: Plan) -> list[Unit]:
        """Every fold, where there are models and the forest was asked for."""
        return fold_units(self.name, plan) if plan.models and "forest" in plan.diagnostics else []

    def diagnostic(self, experiment: Experiment) -> Any:
        """Read the rows that the models know, and have each select its questions."""
        from tst_harness.dataset.raw import raw_rows
        from tst_harness.dataset.sources import resolve
        from tst_harness.diagnostics.features.models import FeatureModels, permuted_rows

        settings = experiment.settings
        rows = raw_rows(experiment.dataset, settings.data_dir, settings.require_real)
        if settings.null_control:
            rows = permuted_rows(rows, experiment.dataset, settings.seed)
        files = resolve(experiment.dataset.benchmark, settings.data_dir, settings.require_real).files
        sources = [file.path for file in files]
        return FeatureModels(experiment.models, experiment.dataset, rows, settings.allow_leak, sources)

    def inputs(self, experiment: Experiment) -> Inputs:
        """The models by name, and their source."""
        from tst_harness.diagnostics.features.leaks import withheld_note

        feature_models: FeatureModels = self.kept_diagnostic(experiment)
        notes = []
        if feature_models.uncovered:
            notes.append(f"questions that no model selects, which are not scored: {feature_models.uncovered}")
        if feature_models.withheld:
            notes.append(withheld_note("the models", feature_models.withheld))
        if experiment.settings.allow_leak:
            notes.append("it was not checked whether features read held-out answers: --tst-allow-leak")
        files = sorted({Path(inspect.getfile(type(model))) for model in experiment.models})
        return Inputs(
            {"models": [model.name for model in experiment.models]},
            {name: version(name) for name in ("numpy", "scikit-learn")},
            notes,
            {"models": hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()},
        )

    def score(self, experiment: Experiment, fold: "Fold", split: Split) -> Scores:
        """Score the held-out questions that a model selects."""
        return Scores(*self.kept_diagnostic(experiment).score(fold))


FEATURES = FeaturesAnalysis()
