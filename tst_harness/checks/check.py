"""What the checks of this package have in common."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Literal, cast

from tst_harness.analysis.protocol import Experiment, Inputs
from tst_harness.analysis.units import Plan, Unit

if TYPE_CHECKING:
    from tst_harness.analysis.records import BaseRecord, CheckRecord
    from tst_harness.stats.samples import Samples

SIGNIFICANCE = 0.05


class WholeSetCheck(ABC):
    """A check with one unit, for all questions.

    A subclass has a `name` and `code`, and says in `findings` what it found, in plain types: under
    "summary" what a progress line says, and under its own name its part of the report. Where
    `ChecksReport` has no place of that name, the part stands among the sections of the report.

    Attributes
    ----------
    quotes
        Whether its findings may quote questions; then it has a `without_texts` too, which takes a record
        and returns one that quotes none.
    """

    name: str
    kind: Literal["diagnostic", "check"] = "check"
    code: tuple[str, ...]
    needs_gpu = False
    quotes = False

    def findings(self, experiment: Experiment, unit: Unit) -> dict[str, Any]:
        """Compute them, in a module that `code` names."""
        raise NotImplementedError

    def units(self, plan: Plan) -> list[Unit]:
        """One, with the first split."""
        return [Unit(self.name, plan.splits[0])]

    def inputs(self, experiment: Experiment) -> Inputs:
        """The libraries that compute."""
        return Inputs(versions={name: version(name) for name in ("numpy", "scipy")})

    def inputs_in_order(self, experiment: Experiment) -> Inputs:
        """Those of a check that depends on the order of the file."""
        return replace(
            WholeSetCheck.inputs(self, experiment),
            more={"row_order": experiment.dataset.source.fingerprint.row_order},
        )

    def compute(self, experiment: Experiment, unit: Unit) -> "BaseRecord":
        """Record what was found."""
        from tst_harness.analysis.records import CheckRecord

        return CheckRecord(
            key=experiment.key(unit),
            origin=experiment.origin(unit),
            seconds=0.0,
            findings=self.findings(experiment, unit),
        )

    def summarise(self, records: "Sequence[BaseRecord]") -> Mapping[str, Any]:
        """Return the part of the report, by the name of the check."""
        [record] = records
        return {self.name: cast("CheckRecord", record).findings[self.name]}

    def beside_scores(
        self, part: Any, record: "CheckRecord", samples: "Mapping[str, Samples]", seed: int
    ) -> Any:
        """Return the part of the report with what only the scores of diagnostics can tell."""
        return part

    @abstractmethod
    def sentences(self, section: Mapping[str, Any], verbose: bool = False) -> Iterator[str]:
        """Say a sentence or two; `verbose` adds what is not significant. "- " begins what belongs to others.

        Parameters
        ----------
        section
            The part of the report, by the name of the check.
        """
