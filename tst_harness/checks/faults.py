"""The check of rows: what is wrong with them, as loading the benchmark found it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tst_harness.analysis.figures import counted
from tst_harness.analysis.units import Plan, Unit
from tst_harness.checks.check import WholeSetCheck

if TYPE_CHECKING:
    from tst_harness.dataset.provenance import Fault, SourceReport

_MANY = 0.1
_NAMED = 5


class FaultsCheck(WholeSetCheck):
    """What is wrong with rows, which loading finds: there is no unit, and `source` of a report has it."""

    name = "faults"
    code = ()

    def units(self, plan: Plan) -> list[Unit]:
        """None: a benchmark that is loaded has had its rows looked at."""
        return []

    def sentences(self, section: Mapping[str, Any], verbose: bool = False) -> Iterator[str]:
        """Say what is wrong, a sentence a kind of fault, and what is kept back.

        Parameters
        ----------
        section
            `faults`: the `source` of a report.
        """
        source: SourceReport = section[self.name]
        by_kind: dict[str, list[Fault]] = {}
        for fault in source.faults:
            by_kind.setdefault(fault.kind, []).append(fault)
        for kind, faults in by_kind.items():
            times = source.fault_counts.get(faults[0].kind, len(faults))
            left_out = sum(not fault.scored for fault in faults)
            fate = "left out" if left_out == times else f"{left_out:,} left out" if left_out else "scored"
            yield f"{kind}: {counted(times, 'row')}, {fate} ({_named(faults, times)})"
        if source.kept_back:
            yield (
                f"answers are kept back in {source.kept_back:,} of {counted(source.rows, 'row')}: these are "
                "not scored, and that is no fault"
            )


def many_faults(source: "SourceReport") -> str | None:
    """What comes first in a result: that more than one row in ten cannot be scored; None where it can."""
    left_out, answered = len(source.left_out), source.rows - source.kept_back
    if left_out <= _MANY * answered:
        return None
    return (
        f"{left_out:,} of {answered:,} rows ({left_out / answered:.1%}) are faulty and left out: correct the "
        "file, or what is declared of its columns, before anything else"
    )


def _named(faults: "Sequence[Fault]", times: int) -> str:
    """The first rows by their ids, or by their numbers where they have none, as what could not be read."""
    first = faults[:_NAMED]
    named = "id " + ", ".join(fault.id for fault in first)
    if not any(fault.id for fault in first):
        named = "row " + ", ".join(str(fault.row) for fault in first)
    return f"{named} and {times - _NAMED:,} more" if times > _NAMED else named


FAULTS = FaultsCheck()
