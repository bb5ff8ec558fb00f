"""The command `tst-harness`: the same work outside pytest, one module a subcommand."""

import argparse
import importlib
import sys
from collections.abc import Sequence

from tst_harness.errors import HarnessError
from tst_harness.results import ExitStatus

COMMANDS: tuple[str, ...] = ("compare", "gate")
"""Modules of this package, each with `add_arguments(parser)` and `run(arguments) -> int`.

The first line of a module's docstring is the help of its subcommand, which has the module's name.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a subcommand and return its exit status (`ExitStatus`)."""
    parser = argparse.ArgumentParser(prog="tst-harness", description="pytest for benchmark bias")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in COMMANDS:
        module = importlib.import_module(f"tst_harness.cli.{name}")
        about = (module.__doc__ or "").splitlines()[0]
        module.add_arguments(commands.add_parser(name, help=about, description=about))
    asked = parser.parse_args(arguments)
    try:
        status: int = importlib.import_module(f"tst_harness.cli.{asked.command}").run(asked)
    except HarnessError as error:
        print(f"tst-harness {asked.command}: {error}", file=sys.stderr)
        return ExitStatus.USAGE
    return status
