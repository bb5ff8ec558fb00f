"""The Markdown of a report that commands put models into, or judge."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tst_harness.errors import ReportError

if TYPE_CHECKING:
    from tst_harness.report.schema import GateReport, Report


def declare_markdown(parser: argparse.ArgumentParser) -> None:
    """Declare where it goes."""
    parser.add_argument(
        "--markdown",
        type=Path,
        metavar="FILE",
        help="write the report as Markdown, too; on GitHub it is appended to the page of the run by itself",
    )


def write_summary(report: "Report", gates: "Sequence[GateReport]", given: Path | None) -> None:
    """Write the Markdown where it is asked for, and append it to that of a CI run.

    Raises
    ------
    ReportError
        It cannot be written.
    """
    from tst_harness.views.markdown import is_wanted, markdown, share

    if is_wanted(given) and (problems := share(markdown([report], gates, []), given)):
        raise ReportError("; ".join(problems))
