"""What the terminal says of the checks, of shared context and of repeats."""

from collections.abc import Iterator

from tst_harness.analysis.figures import counted, interval, percent, signed, verdict
from tst_harness.checks.check import WholeSetCheck
from tst_harness.checks.comparison import PairedScores
from tst_harness.registry import analyses
from tst_harness.report.schema import ChecksReport, IndependentUnits, Report
from tst_harness.report.spread import SpreadReport


def unit_line(units: IndependentUnits) -> str:
    """Say what intervals and tests count as independent."""
    joined = []
    if units.copies:
        clusters = f"{counted(units.clusters, 'cluster')} of copies"
        joined.append(f"those that share copies as one ({units.copies:,} questions in {clusters})")
    if units.pairs:
        joined.append(f"each pair of opposite answers as one ({counted(units.pairs, 'pair')})")
    if not joined:
        return f"intervals and tests count {counted(units.units, units.of)} as independent"
    return (
        f"intervals and tests count {counted(units.units, 'unit')} as independent: "
        f"{counted(units.before, units.of)}, "
        f"{' and '.join(joined)}"
    )


def check_lines(checks: ChecksReport, verbose: bool = False) -> Iterator[str]:
    """Yield a sentence or two on each check; `verbose` adds every type and the largest clusters."""
    parts = dict(checks)
    for name, check in analyses().items():
        if isinstance(check, WholeSetCheck) and parts.get(name) is not None:
            yield from check.sentences({name: parts[name]}, verbose)


def context_lines(report: Report, verbose: bool = False) -> Iterator[str]:
    """Yield how much shared context adds to each diagnostic's score; `verbose` adds every type."""
    for context in report.context:
        yield (
            f"shared context, {context.diagnostic}: {_side_by_side(context.overall)}, "
            f"{verdict(context.overall.difference_interval)}"
        )
        ordered = sorted(context.types.items(), key=lambda item: (-item[1].difference, item[0]))
        for name, paired in ordered:
            if verbose or paired.difference_interval[0] > 0.0:
                yield f"- {name}: {_side_by_side(paired)}"


def _side_by_side(paired: PairedScores) -> str:
    return (
        f"random folds {percent(paired.score)}%, grouped folds {percent(paired.against)}%: "
        f"a difference of {signed(paired.difference)} points {interval(paired.difference_interval)}"
    )


def spread_lines(spread: SpreadReport, verbose: bool = False) -> Iterator[str]:
    """Yield how many questions are easy in every repeat, and what folds change; `verbose` adds every type."""
    parts = {"over repeats": spread.overall}
    if verbose:
        parts |= {f"- {name}": part for name, part in spread.types.items()}
    for name, part in parts.items():
        yield (
            f"{name}: {percent(part.always)}% of questions are easy in every repeat "
            f"({percent(part.always_expected)}% expected by chance), {percent(part.sometimes)}% in some, "
            f"{percent(part.never)}% in none ({percent(part.never_expected)}%); the standard deviation of "
            f"s(x) is {percent(part.mean_sd)} points"
        )
    if spread.overall.score_sd is not None:
        yield (
            f"other folds alone move the score by {percent(spread.overall.score_sd)} points (standard "
            "deviation over repeats)"
        )
