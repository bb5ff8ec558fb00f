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
    import pytest

    from tst_harness.cli.passed_on import check_passed_on
    from tst_harness.dataset.opening import READABLE

    another = next((name for name in arguments.passed_on if name.lower().endswith(READABLE)), None)
    if another is not None and not another.startswith("-"):
        raise DataError(
            f"{another}: only one file can be audited at a time, and {arguments.data} is already given"
        )
    passed_on = [*arguments.passed_on, f"--tst-report={arguments.report}"]
    if arguments.tst_data:
        passed_on.append(f"--tst-data={arguments.tst_data}")
    # Neither the options nor the plugins of a project that the caller happens to be in take part.
    without = [f"-pno:{plugin}" for plugin in ("cacheprovider", "randomly", "benchmark")]
    with tempfile.TemporaryDirectory(prefix="tst-audit-") as folder:
        root = Path(folder)
        ini = proposal.write_ini(root)
        alone = ["-c", str(ini), f"--rootdir={root}", *without, "--assert=plain", "-q"]
        check_passed_on(passed_on, [folder, *alone], _own_options())
        _, module = proposal.propose(arguments).write(root)
        return int(pytest.main([str(module), *alone, *passed_on]))


def _own_options() -> list[str]:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return [name for action in parser._actions for name in action.option_strings]
