"""Compare two reports or baselines: exit status 1 where the second is clearly more solvable."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from tst_harness.results import ExitStatus

if TYPE_CHECKING:
    from tst_harness.reports.comparison import Paired
    from tst_harness.reports.snapshot import Snapshot


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "before", type=Path, metavar="A.json", help="a report with its samples, or a baseline"
    )
    parser.add_argument("after", type=Path, metavar="B.json", help="another one")


def run(arguments: argparse.Namespace) -> int:
    """Print in which exact things the two differ, and by how much their scores do.

    Raises
    ------
    HarnessError
        A file cannot be read, or nothing in the two can be compared.
    """
    from tst_harness.errors import ReportError
    from tst_harness.reports.baselines import read_snapshot
    from tst_harness.reports.gate_lines import change_lines, comparison_lines
    from tst_harness.reports.gates import ALPHA
    from tst_harness.reports.snapshot import changes

    before, after = read_snapshot(arguments.before), read_snapshot(arguments.after)
    both = sorted(before.about.diagnostics.keys() & after.about.diagnostics.keys())
    incomplete = bool(before.incomplete or after.incomplete)
    if not both and not incomplete:
        raise ReportError(
            f"{arguments.before} and {arguments.after} have no diagnostic in common, so nothing can be "
            f"compared: run the same one for both"
        )
    differ = changes(before.about, after.about)
    print(f"{arguments.before} -> {arguments.after}")
    print("data, folds, models and versions are the same" if not differ else "they differ in:")
    for line in change_lines(differ):
        print(line.text)
    more = False
    for diagnostic in both:
        pairs = _paired(before, after, diagnostic)
        p_more = pairs[None].evidence.p_above(0.0, at_least=False)
        more |= p_more < ALPHA
        print()
        for line in comparison_lines(diagnostic, pairs, p_more):
            print(line.text)
    for name, found in ((arguments.before, before), (arguments.after, after)):
        if found.incomplete:
            print(f"{name} is incomplete: {', '.join(found.incomplete)}")
    if more:
        return ExitStatus.FAILED
    return ExitStatus.INCOMPLETE if incomplete else ExitStatus.OK


def _paired(before: "Snapshot", after: "Snapshot", diagnostic: str) -> "dict[str | None, Paired]":
    """Compare the questions that both have, in as many repeats as both have."""
    from tst_harness.errors import ReportError
    from tst_harness.reports.comparison import compare_runs
    from tst_harness.reports.measures import Metric, Runs

    old, new = Runs.of(before.samples, diagnostic), Runs.of(after.samples, diagnostic)
    common = sorted({*old.id} & {*new.id})
    if not common:
        raise ReportError(
            f"the two have no question of {diagnostic} in common, so nothing can be compared: compare runs "
            f"of the same test set"
        )
    repeats = min(old.repeats, new.repeats)
    for name, runs in (("before", old), ("after", new)):
        if len(runs.id) > len(common):
            print(
                f"{diagnostic}: {len(runs.id) - len(common):,} of {len(runs.id):,} questions are only {name}"
            )
        if runs.repeats > repeats:
            print(f"{diagnostic}: {runs.repeats - repeats} of {runs.repeats} repeats are only {name}")
    settings = after.about.settings
    return compare_runs(
        new.only(common, repeats),
        old.only(common, repeats),
        Metric("score"),
        folds=min(settings.folds, before.about.settings.folds),
        seed=settings.seed,
    )
