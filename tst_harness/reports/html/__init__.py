"""Pages to look at: a report, two compared, or a pruning, in one file that needs no network."""

from pathlib import Path

from tst_harness.reports.files import write_atomically
from tst_harness.reports.html.charts import RandomRemovals as RandomRemovals
from tst_harness.reports.html.charts import Step as Step
from tst_harness.reports.html.comparison import ComparedDiagnostic as ComparedDiagnostic
from tst_harness.reports.html.comparison import comparison_page as comparison_page
from tst_harness.reports.html.pruning import ControlTable as ControlTable
from tst_harness.reports.html.pruning import Left as Left
from tst_harness.reports.html.pruning import Removed as Removed
from tst_harness.reports.html.pruning import pruning_page as pruning_page
from tst_harness.reports.html.report import report_page as report_page


def write_page(page: str, path: Path) -> Path:
    """Write a page and return its path.

    Raises
    ------
    ReportError
        If it cannot be written.
    """
    # Text of another program may hold half a character; a page is no place to stop for it.
    write_atomically(path, page.encode("utf-8", "replace").decode())
    return path
