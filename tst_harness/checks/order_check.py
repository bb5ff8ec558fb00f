"""The check of the order of the questions."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from tst_harness.analysis.folded import READING
from tst_harness.analysis.protocol import Experiment, Inputs
from tst_harness.analysis.units import Unit
from tst_harness.checks.check import SIGNIFICANCE, WholeSetCheck
from tst_harness.checks.wording import copied

if TYPE_CHECKING:
    from tst_harness.checks.order import OrderTest

_SOURCES = {
    "one before": "repeating the previous question's answer",
    "two before": "repeating the answer two questions back",
    "same place in a group": "repeating the answer at the same place in the previous group",
    "one before in the group": "repeating the previous answer in the same group",
}


class OrderCheck(WholeSetCheck):
    """Whether the order of the questions gives their answers away."""

    name = "order"
    code = (
        *READING,
        "tst_harness.checks.copying",
        "tst_harness.checks.order",
        "tst_harness.stats.permutation",
        "tst_harness.stats.resampling",
    )

    def inputs(self, experiment: Experiment) -> Inputs:
        """The order of the file."""
        return self.inputs_in_order(experiment)

    def findings(self, experiment: Experiment, unit: Unit) -> dict[str, Any]:
        """Test the order of the file and of the ids."""
        from tst_harness.checks.order import findings

        return findings(experiment)

    def sentences(self, section: Mapping[str, Any], verbose: bool = False) -> Iterator[str]:
        """Say whether each order leaks answers, and of which types."""
        tests: list[OrderTest] = section[self.name]
        for overall in tests:
            if overall.type is not None:
                continue
            own = [
                test
                for test in tests
                if (test.order, test.source) == (overall.order, overall.source) and test.type is not None
            ]
            significant = [test for test in own if test.p_value < SIGNIFICANCE]
            order = "file order" if overall.order == "position" else "id order"
            if overall.source != "one before":
                # Their types are not corrected for how many sources there are.
                significant = []
                if not verbose and overall.p_value >= SIGNIFICANCE:
                    continue
            leaks = "leaks answers" if significant or overall.p_value < SIGNIFICANCE else "leaks no answers"
            yield f"{order} {leaks}: {_SOURCES[overall.source]} {copied(overall)}"
            for test in own if verbose else significant:
                direction = "" if test.p_value >= SIGNIFICANCE else _direction(test)
                yield f"- {test.type}: {copied(test)}{direction}"


def _direction(test: "OrderTest") -> str:
    return ": answers come in runs" if test.score > test.chance else ": answers rarely repeat"


ORDER = OrderCheck()
