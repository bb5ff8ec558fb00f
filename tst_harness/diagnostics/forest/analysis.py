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
        """What the forest says of itself, with notes on types read together and on pretrained vectors."""
        inputs = super().inputs(experiment)
        notes, table = _together(experiment), experiment.settings.vectors
        if table is not None:
            version = inputs.versions[table]
            notes.append(f"its scores depend on the pretrained word vectors of {table} {version}")
        return replace(inputs, notes=notes)


def _together(experiment: Experiment) -> list[str]:
    """Say of types that are also read as one how much that counts; nothing where there are none."""
    from tst_harness.diagnostics.forest.settings import POOLED_QUESTIONS

    dataset = experiment.dataset
    there = set(dataset.frame["type"])
    free = [
        declared.name
        for declared in dataset.benchmark.scored_types
        if declared.format == "mc" and declared.regex is None and declared.name in there
    ]
    if len(free) < 2:
        return []
    return [
        f"the {len(free)} types of choice without a pattern are read together, too, which counts half for a "
        f"type of at most {POOLED_QUESTIONS:,} training questions and less for a larger one"
    ]


FOREST = ForestAnalysis()
