"""Compare two reports or baselines: exit status 1 if the second scores significantly higher."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tst_harness.engine.results import ExitStatus

if TYPE_CHECKING:
    from tst_harness.gates.comparison import Paired
    from tst_harness.gates.snapshot import Snapshot


class _Compared(NamedTuple):
    """The differences of one diagnostic, and what only one of the two runs has."""

    pairs: "dict[str | None, Paired]"
    remarks: list[str]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "before", type=Path, metavar="A.json", help="a report with its samples, or a baseline"
    )
    parser.add_argument("after", type=Path, metavar="B.json", help="another report or baseline")
    parser.add_argument(
        "--html", type=Path, metavar="FILE", help="also write an HTML page of the differences"
    )


def run(arguments: argparse.Namespace) -> int:
    """Print in which exact things the two differ, and by how much their scores do.

    The claims that scores are higher are corrected (Holm) for the number of diagnostics.

    Raises
    ------
    HarnessError
        A file cannot be read, or nothing in the two can be compared.
    """
    import numpy as np

    from tst_harness.errors import ReportError
    from tst_harness.gates.judge import ALPHA
    from tst_harness.gates.reference import read_snapshot
    from tst_harness.gates.snapshot import differences
    from tst_harness.stats.resampling import holm
    from tst_harness.views.gates import change_lines, comparison_lines

    before, after = read_snapshot(arguments.before), read_snapshot(arguments.after)
    both = sorted(before.about.diagnostics.keys() & after.about.diagnostics.keys())
    incomplete = bool(before.incomplete or after.incomplete)
    if not both and not incomplete:
        raise ReportError(
            f"{arguments.before} and {arguments.after} share no diagnostic, so they cannot be "
            f"compared: run the same diagnostic for both"
        )
    compared = {diagnostic: _compare(before, after, diagnostic) for diagnostic in both}
    claims = [
        differences.pairs[None].evidence.p_above(0.0, at_least=False) for differences in compared.values()
    ]
    p_more = dict(zip(compared, holm(np.array(claims)).tolist(), strict=True))
    differ = differences(before, after, both)
    print(f"{arguments.before} -> {arguments.after}")
    print("data, folds, models and versions are the same" if not differ else "differences between the runs:")
    for line in change_lines(differ):
        print(line.text)
    for diagnostic, (pairs, remarks) in compared.items():
        for remark in remarks:
            print(remark)
        print()
        for line in comparison_lines(diagnostic, pairs, p_more[diagnostic]):
            print(line.text)
    for name, run in ((arguments.before, before), (arguments.after, after)):
        if run.incomplete:
            print(f"{name} is incomplete: {', '.join(run.incomplete)}")
    if arguments.html is not None:
        _write_page(arguments, before, after, compared, p_more)
    if any(p < ALPHA for p in p_more.values()):
        return ExitStatus.FAILED
    return ExitStatus.INCOMPLETE if incomplete else ExitStatus.OK


def _compare(before: "Snapshot", after: "Snapshot", diagnostic: str) -> _Compared:
    """Compare the questions that both have, in as many repeats as both have."""
    from tst_harness.errors import ReportError
    from tst_harness.gates.comparison import compare_runs
    from tst_harness.stats.measures import Metric, Runs

    old, new = Runs.of(before.samples, diagnostic), Runs.of(after.samples, diagnostic)
    common = sorted({*old.id} & {*new.id})
    if not common:
        raise ReportError(
            f"the two runs share no question of {diagnostic}: compare runs of the same test set"
        )
    repeats = min(old.repeats, new.repeats)
    remarks = []
    for name, runs in (("before", old), ("after", new)):
        if len(runs.id) > len(common):
            remarks.append(
                f"{diagnostic}: {len(runs.id) - len(common):,} of {len(runs.id):,} questions are only {name}"
            )
        if runs.repeats > repeats:
            remarks.append(
                f"{diagnostic}: {runs.repeats - repeats} of {runs.repeats} repeats are only {name}"
            )
    settings = after.about.settings
    pairs = compare_runs(
        new.only(common, repeats),
        old.only(common, repeats),
        Metric("score"),
        folds=min(settings.folds, before.about.settings.folds),
        seed=settings.seed,
    )
    return _Compared(pairs, remarks)


def _write_page(
    arguments: argparse.Namespace,
    before: "Snapshot",
    after: "Snapshot",
    compared: dict[str, _Compared],
    p_more: dict[str, float],
) -> None:
    from tst_harness.report.questions import questions_beside
    from tst_harness.views.html import write_page
    from tst_harness.views.html.comparison import ComparedDiagnostic, comparison_page

    page = comparison_page(
        before,
        after,
        (str(arguments.before), str(arguments.after)),
        [ComparedDiagnostic(name, *differences, p_more[name]) for name, differences in compared.items()],
        questions_beside(arguments.after) or questions_beside(arguments.before),
    )
    print(f"page: {write_page(page, arguments.html)}")
