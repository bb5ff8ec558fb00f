"""The check of the positions of gold options."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from tst_harness.analysis.figures import p_value, percent
from tst_harness.analysis.folded import READING
from tst_harness.analysis.protocol import Experiment
from tst_harness.analysis.units import Unit
from tst_harness.checks.check import SIGNIFICANCE, WholeSetCheck

if TYPE_CHECKING:
    from tst_harness.checks.positions import PositionBalance, PositionsReport


class PositionsCheck(WholeSetCheck):
    """Whether the gold options are spread evenly over their positions."""

    name = "positions"
    code = (*READING, "tst_harness.checks.positions", "tst_harness.stats.resampling")

    def findings(self, experiment: Experiment, unit: Unit) -> dict[str, Any]:
        """Test the positions of every multiple-choice type."""
        from tst_harness.checks.positions import findings

        return findings(experiment)

    def sentences(self, section: Mapping[str, Any], verbose: bool = False) -> Iterator[str]:
        """Say whether the gold options are evenly distributed, and of which types not."""
        positions: PositionsReport = section[self.name]
        yield f"answer positions: {_balance(positions.overall)}"
        for name, balance in positions.types.items():
            if verbose or balance.p_value < SIGNIFICANCE:
                yield f"- {name}: {_balance(balance)}"


def _balance(balance: "PositionBalance") -> str:
    what = "answers" if balance.same_options else "gold options"
    spread = f"{what} are evenly distributed"
    if balance.p_value < SIGNIFICANCE:
        spread = f"{what} are unevenly distributed, {_most_uneven(balance)}"
    return (
        f"{spread}; always answering {balance.best} scores {percent(balance.best_score)}% "
        f"(n = {balance.n:,}, chance {percent(balance.chance)}%, {p_value(balance.p_value)})"
    )


def _most_uneven(balance: "PositionBalance") -> str:
    """Say of the place whose count is furthest from an even one, in standard errors, how far it is."""
    from tst_harness.analysis.scoring import option_letter

    n, options, count, place = max(
        (
            (sum(row.counts), row.options, count, place)
            for row in balance.counts
            for place, count in enumerate(row.counts)
            if row.options > 1 and any(row.counts)
        ),
        key=lambda cell: abs(cell[2] * cell[1] - cell[0]) / (cell[0] * (cell[1] - 1)) ** 0.5,
    )
    return (
        f"{option_letter(place)} is right in {percent(count / n)}% of the {n:,} questions with {options} "
        f"options, not in {percent(1 / options)}%"
    )


POSITIONS = PositionsCheck()
