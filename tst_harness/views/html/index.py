"""The page that lists the reports of a folder."""

from pathlib import Path

from tst_harness.report.folder import INDEX, Listing, reports_of, stamp
from tst_harness.views.html import write_page
from tst_harness.views.html.rendering import render
from tst_harness.views.listing import entries


def index_page(listing: Listing) -> str:
    """Return the page: a row for each diagnostic of each report, newest report first."""
    rows = [
        (
            listed.report,
            listed.path.with_suffix(".html") if listed.path.with_suffix(".html").exists() else listed.path,
            diagnostics,
        )
        for listed, diagnostics in zip(listing.reports, entries(listing.reports), strict=True)
    ]
    return render("index", data=None, rows=rows, problems=listing.problems)


def write_index(folder: Path) -> tuple[Path, Listing]:
    """Write `<folder>/index.html`; return its path, and the reports that it lists.

    Raises
    ------
    ReportError
        If it cannot be written.
    """
    while True:
        before = stamp(folder)
        listing = reports_of(folder)
        path = write_page(index_page(listing), folder / INDEX)
        # Another session may have written a report, and the index, since the reports were read.
        if stamp(folder) == before:
            return path, listing
