"""The check of what other questions of the kind would score."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from tst_harness.analysis.figures import interval
from tst_harness.analysis.protocol import Experiment, Inputs
from tst_harness.analysis.units import POPULATION, Plan, Unit
from tst_harness.checks.check import WholeSetCheck
from tst_harness.diagnostics.forest.analysis import FOREST

if TYPE_CHECKING:
    from tst_harness.analysis.records import CheckRecord
    from tst_harness.checks.population import PopulationReport
    from tst_harness.stats.samples import Samples


class PopulationCheck(WholeSetCheck):
    """Intervals of the forest for other questions of the benchmark's kind, where they were asked for.

    One unit for all halves: they share the units that are halved and nothing of the folds.
    """

    name = "population"
    code = (
        *FOREST.code,
        "tst_harness.checks.population",
        "tst_harness.diagnostics.features.cross_validation",
    )

    def units(self, plan: Plan) -> list[Unit]:
        """One, of the first split, where the forest and such intervals were asked for."""
        return super().units(plan) if plan.interval == POPULATION and FOREST.name in plan.diagnostics else []

    def inputs(self, experiment: Experiment) -> Inputs:
        """Those of the forest."""
        return FOREST.inputs(experiment)

    def findings(self, experiment: Experiment, unit: Unit) -> dict[str, Any]:
        """Diagnose halves of the questions."""
        from tst_harness.checks.population import findings

        return findings(experiment, unit.split)

    def beside_scores(
        self, part: Any, record: "CheckRecord", samples: "Mapping[str, Samples]", seed: int
    ) -> "PopulationReport":
        """Return the intervals around the figures of the whole set."""
        from tst_harness.checks.population import population_report

        return population_report(part, samples.get(FOREST.name))

    def sentences(self, section: Mapping[str, Any], verbose: bool = False) -> Iterator[str]:
        """Say what other questions would score; `verbose` adds every type."""
        report: PopulationReport = section[self.name]
        if report.overall is None:
            yield f"other questions of the kind: no interval, since {report.reason or 'folds are missing'}"
            return
        yield (
            f"other questions of the kind, {report.units:,} units with a forest trained on them: score "
            f"{interval(report.overall.interval)}, gain {interval(report.overall.gain_interval)} (95%, from "
            f"{2 * report.pairs} halves diagnosed anew); all other intervals are of this test set"
        )
        for name, scores in report.types.items() if verbose else ():
            yield f"- {name}: score {interval(scores.interval)}, gain {interval(scores.gain_interval)}"


POPULATION_INTERVALS = PopulationCheck()
