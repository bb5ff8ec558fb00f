"""Audit a file of questions without a module: recognise its columns, then run the module of `init`."""

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
        "Any other argument, after FILE, goes to pytest: -n 2, -v, --tst-group, --tst-repeats 3, ..."
    )


def run(arguments: argparse.Namespace) -> int:
    """Run pytest on the module, with what it says of itself left out, and return its exit status."""
    import pytest

    from tst_harness.dataset.opening import READABLE

    another = next((one for one in arguments.passed_on if one.lower().endswith(READABLE)), None)
    if another is not None and not another.startswith("-"):
        raise DataError(f"{another}: one file is audited at a time, and {arguments.data} is named already")
    proposed = proposal.propose(arguments)
    passed_on = [*arguments.passed_on, f"--tst-report={arguments.report}"]
    if arguments.tst_data:
        passed_on.append(f"--tst-data={arguments.tst_data}")
    with tempfile.TemporaryDirectory(prefix="tst-audit-") as folder:
        root = Path(folder)
        ini, module = proposed.write(root)
        # Neither the options nor the plugins of a project that the caller happens to be in take part.
        without = [f"-pno:{plugin}" for plugin in ("cacheprovider", "randomly", "benchmark")]
        alone = ["-c", str(ini), f"--rootdir={root}", *without, "--assert=plain", "-q"]
        return int(pytest.main([str(module), *alone, *passed_on]))
