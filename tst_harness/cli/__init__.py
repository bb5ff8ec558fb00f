"""The command `tst-harness`: the same work outside pytest, one module a subcommand."""

import argparse
import importlib
import importlib.metadata
import sys
from collections.abc import Sequence
from typing import NoReturn

from tst_harness.activity import errors_shown, heard
from tst_harness.engine.results import ExitStatus
from tst_harness.errors import HarnessError, InvalidDataError, limit_reached
from tst_harness.suggestions import choice_meant, did_you_mean

COMMANDS: tuple[str, ...] = (
    "audit",
    "blind",
    "compare",
    "fetch",
    "gate",
    "init",
    "models",
    "prune",
    "report",
    "store",
)
"""Modules of this package, each with `add_arguments(parser)` and `run(arguments) -> int`.

The first line of a module's docstring is the help of its subcommand, which has the module's name. One
with `PASSES_ON` finds arguments that it does not declare in `arguments.passed_on`.
"""


class _Parser(argparse.ArgumentParser):
    """Ends as pytest does where an argument is wrong."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(ExitStatus.USAGE, f"{self.prog}: error: {message}{choice_meant(message)}\n")

    def unknown(self, arguments: Sequence[str]) -> NoReturn:
        """End with a sentence on arguments that no option takes, and the option that may be meant."""
        known = [name for action in self._actions for name in action.option_strings]
        hint = did_you_mean(arguments[0].partition("=")[0], known)
        self.error(f"unrecognized arguments: {' '.join(arguments)}{hint}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a subcommand and return its exit status (`ExitStatus`)."""
    parser = _Parser(prog="tst-harness", description="pytest for benchmark bias")
    parser.add_argument(
        "--version", action="version", version=f"tst-harness {importlib.metadata.version('tst-harness')}"
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    subparsers: dict[str, _Parser] = {}
    for name in COMMANDS:
        module = importlib.import_module(f"tst_harness.cli.{name}")
        about = (module.__doc__ or "").splitlines()[0]
        subparsers[name] = commands.add_parser(name, help=about, description=about, allow_abbrev=False)
        module.add_arguments(subparsers[name])
    parsed, others = parser.parse_known_args(arguments)
    command = importlib.import_module(f"tst_harness.cli.{parsed.command}")
    if others and not hasattr(command, "PASSES_ON"):
        subparsers[parsed.command].unknown(others)
    parsed.passed_on = others
    try:
        with heard(errors_shown(), f"tst-harness {parsed.command}"):
            status: int = command.run(parsed)
    except HarnessError as error:
        print(f"tst-harness {parsed.command}: {error}", file=sys.stderr)
        return ExitStatus.FAILED if isinstance(error, InvalidDataError) else ExitStatus.USAGE
    except KeyboardInterrupt:
        print(f"tst-harness {parsed.command}: stopped", file=sys.stderr)
        return ExitStatus.INTERRUPTED
    except (MemoryError, OSError, RecursionError, UnicodeError) as error:
        print(f"tst-harness {parsed.command}: {_of_the_machine(error)}", file=sys.stderr)
        return ExitStatus.USAGE
    return status


def _of_the_machine(error: Exception) -> str:
    """What a user can do about an error that no command expects."""
    limit = limit_reached(error)
    if limit is not None:
        return limit
    if isinstance(error, RecursionError):
        return "a file is nested too deeply to be read; flatten it"
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror or error}"
    return f"a text is no Unicode ({error}); correct the file"
