"""The results of models as an analysis: the first whose data come from beside the benchmark."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from tst_harness.analysis.names import MODELS as MODELS_NAME
from tst_harness.analysis.protocol import Experiment, Inputs
from tst_harness.analysis.units import Plan, Unit
from tst_harness.errors import HarnessError
from tst_harness.results.schema import ModelsReport
from tst_harness.results.sentences import sentences_of

if TYPE_CHECKING:
    from tst_harness.analysis.records import BaseRecord


class ModelResults:
    """Models beside the bias: no unit of a run, since their results are read once there is a report."""

    name = MODELS_NAME
    kind: Literal["diagnostic", "check"] = "check"
    code = ("tst_harness.results",)
    needs_gpu = False

    def units(self, plan: Plan) -> list[Unit]:
        """None: what models answered is given to `tst-harness models`."""
        return []

    def inputs(self, experiment: Experiment) -> Inputs:
        """Nothing of the run."""
        return Inputs()

    def compute(self, experiment: Experiment, unit: Unit) -> "BaseRecord":
        """Refuse: there is no unit to compute.

        Raises
        ------
        HarnessError
            Always.
        """
        raise HarnessError("results of models are read by `tst-harness models`, once there is a report")

    def summarise(self, records: "Sequence[BaseRecord]") -> Mapping[str, Any]:
        """Nothing: there is no record."""
        return {}

    def sentences(self, section: Mapping[str, Any]) -> Iterator[str]:
        """What the figures of a `ModelsReport` say, in words."""
        return sentences_of(ModelsReport.model_validate(section))


MODELS = ModelResults()
