"""What the terminal says of the checks, of shared context and of repeats."""

from collections.abc import Iterator

from tst_harness.checks.schema import (
    ChecksReport,
    CopyTest,
    DuplicatesReport,
    OppositeAnswers,
    OrderTest,
    PairedScores,
    PositionBalance,
    SpreadReport,
)
from tst_harness.report.schema import IndependentUnits, Report
from tst_harness.views.figures import interval, p_value, percent, signed, verdict

SIGNIFICANCE = 0.05


def unit_line(units: IndependentUnits) -> str:
    """Say what intervals and tests count as independent."""
    noun = units.of if units.units == 1 else f"{units.of}s"
    if not units.copies:
        return f"intervals and tests count {units.units:,} {noun} as independent"
    return (
        f"intervals and tests count {units.units:,} units as independent: {units.before:,} {units.of}s, "
        f"those that share copies as one ({units.copies:,} questions in {units.clusters:,} clusters of "
        "copies)"
    )


def check_lines(checks: ChecksReport, verbose: bool = False) -> Iterator[str]:
    """Yield a sentence or two on each check; `verbose` adds every type and the largest clusters."""
    yield from _duplicate_lines(checks.duplicates, verbose)
    yield from _order_lines(checks.order, verbose)
    if checks.opposite_answers is not None:
        yield _opposite(checks.opposite_answers)
    if checks.positions is not None:
        yield f"answer positions: {_balance(checks.positions.overall)}"
        for name, balance in checks.positions.types.items():
            if verbose or balance.p_value < SIGNIFICANCE:
                yield f"- {name}: {_balance(balance)}"


def _opposite(result: OppositeAnswers) -> str:
    pairs = "pairs of questions that follow each other" if result.by == "position" else "groups"
    return (
        f"opposite answers: {result.balanced:,} of {result.units:,} {pairs} have as many of one answer as of "
        f"the other ({p_value(result.p_value)}), so one answer tells another"
    )


def _duplicate_lines(duplicates: DuplicatesReport, verbose: bool) -> Iterator[str]:
    total = sum(counts.n for counts in duplicates.types.values())
    if not duplicates.clusters:
        yield f"duplicates: none among {total:,} questions, not even near-duplicates"
        return
    yield (
        f"duplicates: {duplicates.questions:,} of {total:,} questions are duplicates or near-duplicates, in "
        f"{duplicates.clusters:,} clusters, {duplicates.across_groups:,} of them across groups and "
        f"{duplicates.across_folds:,} across folds"
    )
    if duplicates.copying is not None:
        leak = "leak answers" if duplicates.copying.p_value < SIGNIFICANCE else "leak no answers"
        yield f"- duplicates {leak}: copying a duplicate's answer {_copied(duplicates.copying)}"
    tested = {name: counts.copying for name, counts in duplicates.types.items() if counts.copying is not None}
    for name, copying in sorted(tested.items(), key=lambda item: _gained(item[1])):
        if verbose or copying.p_value < SIGNIFICANCE:
            yield f"- {name}: {_copied(copying)}"
    yield f"- {_kept_together(duplicates)}"
    for cluster in duplicates.largest if verbose else ():
        yield (
            f"- {cluster.size} copies, {percent(cluster.same_answer)}% with the same answer, first id "
            f"{cluster.ids[0]}{'' if cluster.text is None else f': {cluster.text}'}"
        )


def _kept_together(duplicates: DuplicatesReport) -> str:
    kept = duplicates.kept_together
    if kept is None:
        return f"no score with duplicates in the same fold: {duplicates.not_kept}"
    split = (
        f"; too large for one fold and still split: {kept.clusters_apart:,} of {duplicates.clusters:,} "
        f"clusters, {kept.questions_apart:,} questions"
        if kept.clusters_apart
        else ""
    )
    of = len(duplicates.types)
    few = (
        f"; {of - len(kept.types)} of {of} types have few duplicates and keep their scores"
        if len(kept.types) < of
        else ""
    )
    if kept.comparison is None:
        return f"no score with duplicates in the same fold: the forest is incomplete{split}"
    overall = kept.comparison.overall
    return (
        f"with duplicates in the same fold, the score is {percent(overall.score)}% "
        f"{interval(overall.interval)}, a change of {signed(overall.difference)} points "
        f"{interval(overall.difference_interval)}{few}{split}"
    )


def _gained(copying: CopyTest) -> float:
    return copying.n * (copying.chance - copying.score)


def _copied(test: CopyTest) -> str:
    return (
        f"scores {percent(test.score)}% (n = {test.n:,}, chance {percent(test.chance)}%, "
        f"{p_value(test.p_value)})"
    )


_SOURCES = {
    "one before": "repeating the previous question's answer",
    "two before": "repeating the answer of the question two before",
    "same place in a group": "repeating the answer in the same place of the group before",
    "one before in the group": "repeating the previous answer in the same group",
}


def _order_lines(tests: list[OrderTest], verbose: bool) -> Iterator[str]:
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
        yield f"{order} {leaks}: {_SOURCES[overall.source]} {_copied(overall)}"
        for test in own if verbose else significant:
            direction = "" if test.p_value >= SIGNIFICANCE else _direction(test)
            yield f"- {test.type}: {_copied(test)}{direction}"


def _direction(test: OrderTest) -> str:
    return ": answers come in runs" if test.score > test.chance else ": answers rarely repeat"


def _balance(balance: PositionBalance) -> str:
    what = "answers" if balance.same_options else "gold options"
    spread = f"{what} are {'un' * (balance.p_value < SIGNIFICANCE)}evenly distributed"
    return (
        f"{spread}; always answering {balance.best} scores {percent(balance.best_score)}% "
        f"(n = {balance.n:,}, chance {percent(balance.chance)}%, {p_value(balance.p_value)})"
    )


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
    """Yield how many questions are easy in every repeat; `verbose` adds every type."""
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
