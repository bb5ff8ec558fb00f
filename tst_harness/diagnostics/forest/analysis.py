"""The forest as an analysis."""

from dataclasses import replace
from typing import TYPE_CHECKING

from tst_harness.analysis.folded import SCORING, DiagnosticAnalysis
from tst_harness.analysis.protocol import Experiment, Inputs

if TYPE_CHECKING:
    from tst_harness.diagnostics.forest.diagnostic import ForestDiagnostic


class ForestAnalysis(DiagnosticAnalysis):
    """Tree ensembles on facts derived from the declarations (TsT-RF)."""

    name = "forest"
    code = (*SCORING, "tst_harness.benchmark.columns", "tst_harness.diagnostics.forest")

    def diagnostic(self, experiment: Experiment) -> "ForestDiagnostic":
        """Make the forest, with word vectors if asked for; its libraries take a second to import."""
        from tst_harness.diagnostics.forest.diagnostic import ForestDiagnostic

        return ForestDiagnostic(vectors=experiment.settings.vectors)

    def inputs(self, experiment: Experiment) -> Inputs:
        """What the forest says of itself, with a note where texts that are not of the benchmark count."""
        inputs = super().inputs(experiment)
        table = experiment.settings.vectors
        if table is None:
            return inputs
        note = f"its scores depend on the pretrained word vectors of {table} {inputs.versions[table]}"
        return replace(inputs, notes=(note,))


FOREST = ForestAnalysis()
