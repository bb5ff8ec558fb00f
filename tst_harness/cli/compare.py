"""Compare two reports or references: exit status 1 if the second scores significantly higher, 6 if untold."""

import argparse
from pathlib import Path

from tst_harness.engine.results import ExitStatus


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "before", type=Path, metavar="A.json", help="a report with its samples, or a reference"
    )
    parser.add_argument("after", type=Path, metavar="B.json", help="another report or reference")
    parser.add_argument(
        "--html", type=Path, metavar="FILE", help="also write an HTML page of the differences"
    )


def run(arguments: argparse.Namespace) -> int:
    """Print in what the two runs differ, and by how much their scores do.

    Raises
    ------
    HarnessError
        A file cannot be read, or nothing in the two can be compared.
    """
    from tst_harness.api.compare import compare
    from tst_harness.views.html import write_page

    comparison = compare(arguments.before, arguments.after)
    print(comparison)
    if arguments.html is not None:
        print(f"page: {write_page(comparison.html(), arguments.html)}")
    if comparison.significant:
        return ExitStatus.FAILED
    return ExitStatus.INCOMPLETE if comparison.incomplete or comparison.undecided else ExitStatus.OK
