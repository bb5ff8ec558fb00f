"""The forest as an analysis."""

from typing import TYPE_CHECKING

from tst_harness.analysis.folded import SCORING, DiagnosticAnalysis
from tst_harness.analysis.protocol import Experiment

if TYPE_CHECKING:
    from tst_harness.diagnostics.forest.diagnostic import ForestDiagnostic


class ForestAnalysis(DiagnosticAnalysis):
    """Tree ensembles on facts derived from the declarations (TsT-RF)."""

    name = "forest"
    code = (*SCORING, "tst_harness.benchmark.columns", "tst_harness.diagnostics.forest")

    def diagnostic(self, experiment: Experiment) -> "ForestDiagnostic":
        """Make the forest; its libraries take a second to import."""
        from tst_harness.diagnostics.forest.diagnostic import ForestDiagnostic

        return ForestDiagnostic()


FOREST = ForestAnalysis()
