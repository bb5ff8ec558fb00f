"""The check of questions that come with opposite answers."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from tst_harness.analysis.figures import p_value
from tst_harness.analysis.folded import READING
from tst_harness.analysis.protocol import Experiment, Inputs
from tst_harness.analysis.units import Unit
from tst_harness.checks.check import WholeSetCheck

if TYPE_CHECKING:
    from tst_harness.analysis.opposite_answers import OppositeAnswers


_PAIRS = {
    "position": "pairs of questions that follow each other",
    "group": "groups",
    "wording": "pairs of questions that are the same but for a few words",
}


class OppositeAnswersCheck(WholeSetCheck):
    """Whether questions of two answers come in pairs, or groups, with as many of one as of the other."""

    name = "opposite_answers"
    code = (*READING, "tst_harness.checks.opposite_answers")

    def inputs(self, experiment: Experiment) -> Inputs:
        """The order of the file."""
        return self.inputs_in_order(experiment)

    def findings(self, experiment: Experiment, unit: Unit) -> dict[str, Any]:
        """Look for such pairs, or else groups."""
        from tst_harness.checks.opposite_answers import findings

        return findings(experiment)

    def sentences(self, section: Mapping[str, Any], verbose: bool = False) -> Iterator[str]:
        """Say how many there are."""
        result: OppositeAnswers = section[self.name]
        pairs = _PAIRS[result.by]
        yield (
            f"opposite answers: {result.balanced:,} of {result.units:,} {pairs} have as many of one answer "
            f"as of the other ({p_value(result.p_value)}), so one answer gives another away"
        )


OPPOSITE_ANSWERS = OppositeAnswersCheck()
