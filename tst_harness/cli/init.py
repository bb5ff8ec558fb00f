"""Write the benchmark module for a file of questions, ready to be edited."""

import argparse
from pathlib import Path

from tst_harness.cli import proposal
from tst_harness.cli.workflow import check_workflow, write_workflow
from tst_harness.engine.results import ExitStatus
from tst_harness.errors import HarnessError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    proposal.add_arguments(parser)
    parser.add_argument(
        "-o", "--output", metavar="FILE", type=Path, help="the module (default: test_NAME.py)"
    )
    parser.add_argument(
        "--github",
        action="store_true",
        help="also write a GitHub workflow that gates the benchmark, and its first reference",
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the module, unless there is one, and with `--github` what a gate in CI needs."""
    path: Path = arguments.output or Path(f"test_{proposal.name_of(arguments)}.py")
    if path.exists():
        raise HarnessError(f"there is a file {str(path)!r} already; name another with -o, or remove it")
    if arguments.github:
        check_workflow()
    # Data that pull requests change are compared with those of the reference.
    proposed = proposal.propose(arguments, path.parent, fixed=not arguments.github)
    try:
        with path.open("x", encoding="utf-8") as module:
            module.write(proposed.text)
    except OSError as error:
        raise HarnessError(f"cannot write {str(path)!r}: {error.strerror}; name another with -o") from None
    if proposed.faulty:
        print(f"note: {proposed.faulty}")
    print(f"wrote {path.as_posix()}; run it with: pytest {path.as_posix()}")
    return write_workflow(path, proposed.name) if arguments.github else ExitStatus.OK
