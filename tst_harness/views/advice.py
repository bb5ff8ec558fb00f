"""What to do about each finding of a report, and the score without it, as far as that is measured."""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from tst_harness.analysis.figures import percent, signed
from tst_harness.checks.check import SIGNIFICANCE
from tst_harness.checks.duplicates import DuplicatesReport
from tst_harness.report.schema import DiagnosticReport, Report
from tst_harness.views.formats import LARGE_LEAD, majority_lead
from tst_harness.views.shortcuts import worth_sentence
from tst_harness.views.verdict import LEAST_QUESTIONS

_QUOTED = re.compile("`[^`]*`")
_TOGETHER = "with duplicates in the same fold"

Remedy = Literal["remove", "rebalance", "reword", "regroup", "shuffle", "correct"]


_REMEDIES: tuple[tuple[str, Remedy, str], ...] = (
    (
        r"other questions",
        "regroup",
        "Ask about each set of things once: keep one of such questions, or all of them in one group.",
    ),
    (
        r"longest|shortest|length|characters",
        "rebalance",
        "Make wrong options as long as right ones, or cut the right ones.",
    ),
    (
        r"^of \d+ options, the \d|that is the \d+\w\w is right",
        "shuffle",
        "Put the options of each question in a random order.",
    ),
    (
        r"^of \d+ numbers|number|multiple|order of size",
        "rebalance",
        "Draw wrong numbers as the right ones are drawn: as often below as above, as round and as far apart.",
    ),
    (
        r"place is right|before ` is right",
        "shuffle",
        "Make wrong orders so that each thing is as often in each place as in right ones.",
    ),
    (
        r"are options, the former",
        "rebalance",
        "Where both are options, let each be right as often as the other.",
    ),
    (
        r"(?:in|of) (?:common with|the) .*question|as the question|question does",
        "rebalance",
        "Write wrong options with as many words of the question as right ones have.",
    ),
    (
        r"the answer ` scores",
        "rebalance",
        "Ask the same of other pictures, so that these words come with several answers as often.",
    ),
    (
        r"(?:when|and) .*` is right|the option ` is right|it is right",
        "rebalance",
        "Offer this option as a wrong one more often, or ask fewer such questions that it answers.",
    ),
    (
        r"an? option",
        "rebalance",
        "Let wrong options show this as often as right ones do, or remove what the rule solves.",
    ),
    (
        r"",
        "reword",
        "Reword the questions, so that the wording does not depend on the answer, or remove some.",
    ),
)
"""For each kind of rule what its sentence has outside of quotes, and what to do; the first that fits."""


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
    entries = [*_duplicates(report), *_opposite(report), *_context(report), *_frequent(report)]
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
        pairs = "groups" if opposite.by == "group" else "pairs of questions"
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
    """Yield one entry for each kind of rule, about the rule of it that is worth most."""
    of_kind: dict[tuple[Remedy, str], list[int]] = {}
    for place, shortcut in enumerate(diagnostic.shortcuts):
        of_kind.setdefault(remedy_of(shortcut.text), []).append(place)
    for (remedy, what), (place, *others) in of_kind.items():
        shortcut = diagnostic.shortcuts[place]
        parts = [f"{shortcut.type}: {shortcut.text}", worth_sentence(shortcut, diagnostic)]
        finding = ", ".join(part for part in parts if part is not None)
        more = f" ({len(others):,} more of this kind)" if others else ""
        yield Advice(remedy, f"{finding}{more}", what, rule=place)


def remedy_of(rule: str) -> tuple[Remedy, str]:
    """Return what to do about a rule of a kind, which the words of its sentence outside of quotes tell."""
    bare = _QUOTED.sub("`", rule)
    return next((remedy, what) for pattern, remedy, what in _REMEDIES if re.search(pattern, bare))


def _frequent(report: Report) -> Iterator[Advice]:
    for diagnostic in list(report.diagnostics.values())[:1]:
        for name, scores in diagnostic.types.items():
            if majority_lead(scores) >= LARGE_LEAD and scores.n >= LEAST_QUESTIONS:
                yield Advice(
                    "rebalance",
                    f"{name}: the most frequent answer scores {percent(scores.blind_baseline)}%, where "
                    f"chance is {percent(scores.chance)}%, and the gain leaves this out",
                    "Ask as many questions of each answer, or remove some of the most frequent one.",
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
