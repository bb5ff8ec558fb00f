"""What to do about each finding of a report, and the score without it, as far as that is measured."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from tst_harness.analysis.figures import percent, signed
from tst_harness.checks.check import SIGNIFICANCE
from tst_harness.checks.duplicates import DuplicatesReport
from tst_harness.report.schema import DiagnosticReport, Report
from tst_harness.views.shortcuts import worth_sentence

_MOST_RULES = 5
_TOGETHER = "with duplicates in the same fold"

Remedy = Literal["remove", "rebalance", "reword", "regroup", "shuffle", "correct"]


class Advice(NamedTuple):
    """A finding and its remedy.

    `leaves` is the score, in [0, 1], that was `measured` without what was found, None where none was. `ids`
    are questions that may be removed, and `rule` the place of a shortcut whose questions may be.
    """

    remedy: Remedy
    finding: str
    what: str
    leaves: float | None = None
    measured: str = ""
    ids: tuple[str, ...] = ()
    rule: int | None = None


def advice(report: Report) -> list[Advice]:
    """Return what to do about what a report found; nothing where it found nothing."""
    if report.null_control:
        return []
    entries = [*_duplicates(report), *_opposite(report), *_context(report)]
    for diagnostic in report.diagnostics.values():
        entries += _rules(diagnostic)
    return [*entries, *_places(report), *_order(report), *_faults(report)]


def _duplicates(report: Report) -> Iterator[Advice]:
    duplicates = None if report.checks is None else report.checks.duplicates
    copying = None if duplicates is None else duplicates.copying
    if duplicates is None or copying is None or copying.p_value >= SIGNIFICANCE:
        return
    finding = (
        f"copying the answer of a duplicate scores {percent(copying.score)}% on {copying.n:,} questions, "
        f"where chance is {percent(copying.chance)}%"
    )
    if copying.score < copying.chance:
        yield _pairs(report, finding)
        return
    if duplicates.across_groups and 2 * duplicates.across_groups > duplicates.clusters:
        what = (
            "Most clusters ask the same of several groups, such as images: balance the answers of each "
            "cluster, so that one says nothing of the others."
        )
        yield Advice("rebalance", finding, what, _left(report), _TOGETHER)
        return
    what = "Keep one question of each cluster of duplicates. The list has the others of the largest clusters."
    yield Advice("remove", finding, what, _left(report), _TOGETHER, _spare(duplicates))


def _opposite(report: Report) -> Iterator[Advice]:
    opposite = None if report.checks is None else report.checks.opposite_answers
    if opposite is not None:
        pairs = "pairs of questions" if opposite.by == "position" else "groups"
        finding = (
            f"{opposite.balanced:,} of {opposite.units:,} {pairs} have as many of one answer as of the other"
        )
        yield _pairs(report, finding)


def _pairs(report: Report, finding: str) -> Advice:
    what = (
        "Keep each pair in one fold, and count it as right where both answers are right: a model that has "
        "learned one answer of a pair knows the other."
    )
    return Advice("regroup", finding, what, _left(report), _TOGETHER)


def _left(report: Report) -> float | None:
    """The score with duplicates in the same fold."""
    duplicates = None if report.checks is None else report.checks.duplicates
    kept = None if duplicates is None else duplicates.kept_together
    comparison = None if kept is None else kept.comparison
    return None if comparison is None else comparison.overall.score


def _spare(duplicates: DuplicatesReport) -> tuple[str, ...]:
    """All questions of the listed clusters but the first of each."""
    return tuple(dict.fromkeys(id for cluster in duplicates.largest for id in cluster.ids[1:]))


def _context(report: Report) -> Iterator[Advice]:
    for context in report.context:
        paired = context.overall
        if paired.difference_interval[0] > 0.0:
            yield Advice(
                "regroup",
                f"questions of a group give {signed(paired.difference)} points away of one another "
                f"({context.diagnostic})",
                "Ask fewer questions of each group, or ones that do not settle each other; quote the score "
                "on folds that keep groups whole.",
                paired.against,
                "with each group in one fold",
            )


def _rules(diagnostic: DiagnosticReport) -> Iterator[Advice]:
    for place, shortcut in enumerate(diagnostic.shortcuts[:_MOST_RULES]):
        remedy, what = _remedy(shortcut.text)
        parts = [f"{shortcut.type}: {shortcut.text}", worth_sentence(shortcut, diagnostic)]
        finding = ", ".join(part for part in parts if part is not None)
        yield Advice(remedy, finding, what, rule=place)


def _remedy(rule: str) -> tuple[Remedy, str]:
    if "other questions" in rule:
        return (
            "regroup",
            "Ask about each set of things once: keep one of such questions, or all of them in one group.",
        )
    if "option" in rule:
        return (
            "rebalance",
            "Let wrong options show this as often as right ones do, or remove what the rule solves.",
        )
    return (
        "reword",
        "Reword the questions, so that the wording does not depend on the answer, or remove some.",
    )


def _places(report: Report) -> Iterator[Advice]:
    positions = None if report.checks is None else report.checks.positions
    if positions is None:
        return
    for name, balance in positions.types.items():
        if (
            balance.p_value < SIGNIFICANCE
            and not balance.same_options
            and balance.best_score > balance.chance
        ):
            yield Advice(
                "shuffle",
                f"{name}: always answering {balance.best} scores {percent(balance.best_score)}%, where "
                f"chance is {percent(balance.chance)}%",
                "Put the options of each question in a random order.",
            )


def _order(report: Report) -> Iterator[Advice]:
    tests = [] if report.checks is None else report.checks.order or []
    leaking = [test for test in tests if test.type is None and test.p_value < SIGNIFICANCE]
    if leaking:
        test = max(leaking, key=lambda test: abs(test.score - test.chance))
        yield Advice(
            "shuffle",
            f"the order of the {'file' if test.order == 'position' else 'ids'} gives answers away: repeating "
            f"an answer scores {percent(test.score)}%, where chance is {percent(test.chance)}%",
            "Shuffle the rows, and give ids that do not follow the order in which questions were made.",
        )


def _faults(report: Report) -> Iterator[Advice]:
    if report.source.faults:
        rows = len({fault.row for fault in report.source.faults})
        yield Advice(
            "correct",
            f"{rows:,} row{'s have faults' if rows > 1 else ' has a fault'}",
            "Correct or remove the rows, which are named under How it was run.",
            ids=tuple(dict.fromkeys(fault.id for fault in report.source.faults if fault.id)),
        )
