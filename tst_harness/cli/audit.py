"""Audit a file of questions: recognise its columns, run the diagnostics and write a report."""

import argparse
import tempfile
from pathlib import Path

from tst_harness.cli import proposal
from tst_harness.errors import DataError

PASSES_ON = True
"""Arguments that are not declared here go to pytest."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    proposal.add_arguments(parser)
    parser.add_argument(
        "--report", metavar="DIR", default="reports", help="where reports go (default: reports/)"
    )
    parser.epilog = (
        "Any other argument, after FILE, goes to pytest: -n 2, -v, --tst-split grouped, --tst-repeats 3, ..."
    )


def run(arguments: argparse.Namespace) -> int:
    """Run pytest on the proposed module, without its header, and return its exit status."""
    from tst_harness.dataset.opening import READABLE
    from tst_harness.integrations.pytest.passed_on import check_passed_on
    from tst_harness.integrations.pytest.running import options_of, run_module

    another = next((name for name in arguments.passed_on if name.lower().endswith(READABLE)), None)
    if another is not None and not another.startswith("-"):
        raise DataError(
            f"{another}: only one file can be audited at a time, and {arguments.data} is already given"
        )
    passed_on = [f"--tst-report={arguments.report}", *arguments.passed_on]
    if arguments.tst_data:
        passed_on.append(f"--tst-data={arguments.tst_data}")
    with tempfile.TemporaryDirectory(prefix="tst-audit-") as folder:
        folder_options = options_of(proposal.write_ini(Path(folder)))
        check_passed_on(passed_on, [folder, *folder_options], _own_options())
        _, module = proposal.propose(arguments).write(Path(folder))
        return run_module(module, [*folder_options, *passed_on])


def _own_options() -> list[str]:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return [name for action in parser._actions for name in action.option_strings]
