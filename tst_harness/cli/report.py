"""Write the page of a report, its samples and questions beside it."""

import argparse
from pathlib import Path

from tst_harness.results import ExitStatus


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the report, and where its page goes."""
    parser.add_argument("report", type=Path, metavar="REPORT.json", help="a report, its samples beside it")
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="where the page goes (default: REPORT.html)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Write it, and print where it is.

    Raises
    ------
    HarnessError
        A file cannot be read or written.
    """
    from tst_harness.reports.files import read_report, read_samples, samples_path
    from tst_harness.reports.html import report_page, write_page
    from tst_harness.reports.questions import questions_beside

    path: Path = arguments.report
    report = read_report(path)
    samples = read_samples(samples_path(path.stem, path.parent))
    page = report_page(report, samples, questions_beside(path))
    print(f"page: {write_page(page, arguments.output or path.with_suffix('.html'))}")
    return ExitStatus.OK
