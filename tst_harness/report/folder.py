"""The reports of a folder, which different runs and sessions write."""

import json
from pathlib import Path
from typing import NamedTuple

from tst_harness.errors import ReportError
from tst_harness.report.files import read_report
from tst_harness.report.schema import Report

INDEX = "index.html"


class Listed(NamedTuple):
    """A report and the file that it was read from."""

    path: Path
    report: Report


class Listing(NamedTuple):
    """The reports of a folder, newest first, and what is wrong with files that cannot be read."""

    reports: list[Listed]
    problems: list[str]


Stamp = frozenset[tuple[str, int, int]]


def stamp(folder: Path) -> Stamp:
    """Return what changes whenever a report of a folder is written: names, times and sizes of its files."""
    status = {path.name: path.stat() for path in folder.glob("*.json")}
    return frozenset((name, each.st_mtime_ns, each.st_size) for name, each in status.items())


def reports_of(folder: Path) -> Listing:
    """Return the reports of a folder; JSON files that are no reports are passed over."""
    reports, problems = [], []
    for path in sorted(folder.glob("*.json")):
        try:
            if _is_report(path):
                reports.append(Listed(path, read_report(path)))
        except ReportError as error:
            problems.append(str(error))
    return Listing(sorted(reports, key=lambda listed: listed.report.run.started, reverse=True), problems)


def _is_report(path: Path) -> bool:
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(value, dict) and {"schema_version", "benchmark", "diagnostics"} <= value.keys()
