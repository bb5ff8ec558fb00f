"""Pages to look at: a report, two compared, or a pruning, in one file that needs no network."""

from pathlib import Path

from tst_harness.report.files import write_atomically


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
