"""What the terminal says of the checks, of shared context and of repeats."""

from collections.abc import Iterator

from tst_harness.checks.schema import (
    ChecksReport,
    CopyTest,
    DuplicatesReport,
    OrderTest,
    PairedScores,
    PositionBalance,
    SpreadReport,
)
from tst_harness.report.schema import Report
from tst_harness.views.figures import interval, p_value, percent, signed, verdict

SIGNIFICANCE = 0.05


def check_lines(checks: ChecksReport, verbose: bool = False) -> Iterator[str]:
    """Yield a sentence or two on each check; `verbose` adds every type and the largest clusters."""
    yield from _duplicate_lines(checks.duplicates, verbose)
    yield from _order_lines(checks.order, verbose)
    if checks.positions is not None:
        yield f"answer positions: {_balance(checks.positions.overall)}"
        for name, found in checks.positions.types.items():
            if verbose or found.p_value < SIGNIFICANCE:
                yield f"- {name}: {_balance(found)}"


def _duplicate_lines(found: DuplicatesReport, verbose: bool) -> Iterator[str]:
    total = sum(one.n for one in found.types.values())
    if not found.clusters:
        yield f"duplicates: none of the {total:,} questions is the same as another, or nearly so"
        return
    yield (
        f"duplicates: {found.questions:,} of {total:,} questions are the same as others or nearly so, in "
        f"{found.clusters:,} clusters, {found.across_groups:,} of them across groups and "
        f"{found.across_folds:,} across folds"
    )
    if found.copying is not None:
        judged = "their answers agree" if found.copying.p_value < SIGNIFICANCE else "that gives nothing away"
        yield f"- {judged}: copying a duplicate's answer {_copied(found.copying)}"
    tested = {name: one.copying for name, one in found.types.items() if one.copying is not None}
    for name, copying in sorted(tested.items(), key=lambda item: _gained(item[1])):
        if verbose or copying.p_value < SIGNIFICANCE:
            yield f"- {name}: {_copied(copying)}"
    yield f"- {_kept_together(found)}"
    for cluster in found.largest if verbose else ():
        yield (
            f"- {cluster.size} times, one answer in {percent(cluster.same_answer)}% of them, from id "
            f"{cluster.ids[0]}{'' if cluster.text is None else f': {cluster.text}'}"
        )


def _kept_together(found: DuplicatesReport) -> str:
    kept = found.kept_together
    if kept is None:
        return f"no score with duplicates kept together: {found.not_kept}"
    apart = (
        f"; too large for that: {kept.clusters_apart:,} of {found.clusters:,} clusters, "
        f"{kept.questions_apart:,} questions"
        if kept.clusters_apart
        else ""
    )
    if kept.comparison is None:
        return f"no score with duplicates kept together: the forest is incomplete{apart}"
    overall = kept.comparison.overall
    return (
        f"kept together in one fold: {percent(overall.score)} {interval(overall.interval)}, that is "
        f"{signed(overall.difference)} {interval(overall.difference_interval)}{apart}"
    )


def _gained(copying: CopyTest) -> float:
    return copying.n * (copying.chance - copying.score)


def _copied(test: CopyTest) -> str:
    return (
        f"scores {percent(test.score)}% (n = {test.n:,}, chance {percent(test.chance)}%, "
        f"{p_value(test.p_value)})"
    )


def _order_lines(tests: list[OrderTest], verbose: bool) -> Iterator[str]:
    for overall in tests:
        if overall.type is not None:
            continue
        own = [test for test in tests if test.order == overall.order and test.type is not None]
        leaks = [test for test in own if test.p_value < SIGNIFICANCE]
        where = "in the file" if overall.order == "position" else "by id"
        judged = "gives answers away" if leaks or overall.p_value < SIGNIFICANCE else "gives nothing away"
        yield f"order {where} {judged}: copying the answer before {_copied(overall)}"
        for test in own if verbose else leaks:
            way = "" if test.p_value >= SIGNIFICANCE else _way(test)
            yield f"- {test.type}: {_copied(test)}{way}"


def _way(test: OrderTest) -> str:
    return ": answers come in runs" if test.score > test.chance else ": answers avoid the one before"


def _balance(found: PositionBalance) -> str:
    what = "answers" if found.same_options else "gold options"
    spread = f"the {what} are {'un' * (found.p_value < SIGNIFICANCE)}evenly spread"
    return (
        f"{spread}; always {found.best} is right {percent(found.best_score)}% of the time (n = {found.n:,}, "
        f"chance {percent(found.chance)}%, {p_value(found.p_value)})"
    )


def context_lines(report: Report, verbose: bool = False) -> Iterator[str]:
    """Yield what shared context gives away to each diagnostic; `verbose` adds every type."""
    for found in report.context:
        yield (
            f"shared context, {found.diagnostic}: {_side_by_side(found.overall)}, "
            f"{verdict(found.overall.difference_interval)}"
        )
        ordered = sorted(found.types.items(), key=lambda item: (-item[1].difference, item[0]))
        for name, paired in ordered:
            if verbose or paired.difference_interval[0] > 0.0:
                yield f"- {name}: {_side_by_side(paired)}"


def _side_by_side(paired: PairedScores) -> str:
    return (
        f"random folds {percent(paired.score)}, grouped {percent(paired.against)}: "
        f"{signed(paired.difference)} {interval(paired.difference_interval)}"
    )


def spread_lines(spread: SpreadReport, verbose: bool = False) -> Iterator[str]:
    """Yield how many questions are easy in every repeat; `verbose` adds every type."""
    found = {"over repeats": spread.overall}
    if verbose:
        found |= {f"- {name}": one for name, one in spread.types.items()}
    for name, one in found.items():
        yield (
            f"{name}: {percent(one.always)}% of questions are always easy "
            f"({percent(one.always_expected)}% by luck alone), {percent(one.sometimes)}% sometimes, "
            f"{percent(one.never)}% never ({percent(one.never_expected)}%); s(x) varies by "
            f"{percent(one.mean_sd)} points"
        )
