"""Write the HTML page of a report or of a pruning, or a card for a dataset; list reports, or show them."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from tst_harness.engine.results import ExitStatus
from tst_harness.errors import DataError

if TYPE_CHECKING:
    from tst_harness.pruning.schema import PruningReport
    from tst_harness.views.html.charts import RandomRemovals
    from tst_harness.views.html.packing import Lines


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the report, and where its page goes."""
    parser.add_argument(
        "report",
        type=Path,
        nargs="?",
        metavar="REPORT.json",
        help="a report with its samples and questions beside it, or a pruning.json; of a folder, the reports "
        "are listed, here and in its index.html",
    )
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="where the page goes (default: REPORT.html)"
    )
    parser.add_argument(
        "--card",
        type=Path,
        nargs="?",
        const=Path(),
        metavar="FILE.md",
        help="write a card for a dataset's page instead: a paragraph, a table, how it was measured, and a "
        "badge beside it, FILE.svg (default: REPORT.card.md and REPORT.card.svg)",
    )
    parser.add_argument(
        "--gallery",
        type=Path,
        metavar="FILE.md",
        help="of a folder: write its reports as one page of measured benchmarks instead",
    )


def run(arguments: argparse.Namespace) -> int:
    """Write it, and print where it is.

    Raises
    ------
    HarnessError
        A file cannot be read or written.
    """
    from tst_harness.pruning.files import REPORT, read_pruning
    from tst_harness.report.files import read_report
    from tst_harness.report.models import answers_beside
    from tst_harness.report.questions import questions_beside
    from tst_harness.report.sample_files import read_samples_of
    from tst_harness.views.html import write_page
    from tst_harness.views.html.report import report_page

    path = _report_of(arguments)
    if arguments.gallery is not None:
        return _write_gallery(path, arguments.gallery)
    if path.is_dir():
        return _list(path)
    if path.name == REPORT:
        page = _pruning_page(read_pruning(path), questions_beside(path))
    elif arguments.card is not None:
        named = arguments.card not in (Path(), path)
        return _write_card(path, arguments.card if named else path.with_suffix(".card.md"))
    else:
        report = read_report(path)
        samples = read_samples_of(report, path)
        answers = answers_beside(report, path)
        page = report_page(report, samples, questions_beside(path), answers)
    print(f"page: {write_page(page, arguments.output or path.with_suffix('.html'))}")
    return ExitStatus.OK


def _report_of(arguments: argparse.Namespace) -> Path:
    """Return the report, which `--card` takes for its own file where that stands right before it.

    Raises
    ------
    DataError
        There is none.
    """
    if arguments.report is not None:
        return Path(arguments.report)
    if arguments.card is not None and arguments.card.suffix == ".json":
        return Path(arguments.card)
    raise DataError(
        "no report is named; write one after the command, as in `tst-harness report reports/vsi.json`"
    )


def _list(folder: Path) -> int:
    from tst_harness.errors import ReportError
    from tst_harness.report.folder import reports_of
    from tst_harness.views.html.index import write_index
    from tst_harness.views.listing import listing_lines

    if not any(reports_of(folder)):
        raise ReportError(f"{folder}: there is no report in it")
    path, listing = write_index(folder)
    for line in [*listing_lines(listing.reports), *listing.problems, f"page: {path}"]:
        print(line)
    return ExitStatus.OK


def _write_gallery(folder: Path, path: Path) -> int:
    from tst_harness.errors import ReportError
    from tst_harness.report.files import write_atomically
    from tst_harness.report.folder import reports_of
    from tst_harness.views.gallery import gallery

    listing = reports_of(folder)
    if listing.problems:
        raise ReportError("; ".join(listing.problems))
    write_atomically(path, gallery([each.report for each in listing.reports]))
    print(f"gallery: {path}")
    return ExitStatus.OK


def _write_card(report_path: Path, path: Path) -> int:
    from tst_harness.report.files import read_report, write_atomically
    from tst_harness.views.card import badge, card

    report, badge_path = read_report(report_path), path.with_suffix(".svg")
    write_atomically(path, card(report, badge_path.name))
    write_atomically(badge_path, badge(report))
    print(f"card: {path}\nbadge: {badge_path}")
    return ExitStatus.OK


def _pruning_page(report: "PruningReport", lines: "Lines") -> str:
    from tst_harness.views.html.charts import Step
    from tst_harness.views.html.pruning import ControlTable, Left, Removed, pruning_page
    from tst_harness.views.pruning import summary_line
    from tst_harness.views.pruning_controls import HEADINGS, control_rows, meaning_lines

    steps: list[Step] = []
    removed: list[Removed] = []
    for number, iteration in enumerate(report.iterations, 1):
        overall = iteration.overall
        steps.append(Step(len(removed), overall.score, overall.interval, overall.blind_baseline))
        removed += [
            Removed(each.id, each.type, number, each.s, each.rank_score) for each in iteration.removed
        ]
    controls = report.controls
    sample = report.source.kind == "sample"
    return pruning_page(
        report.benchmark,
        report.title,
        [
            f"{report.source.questions:,} questions: {'bundled SAMPLE' if sample else 'real data'}, "
            f"{report.source.location}",
            *(["NULL CONTROL: answers permuted"] if report.null_control else []),
            f"diagnosed by {report.settings.diagnostic}, ranked by {report.ranked_by}",
            f"{report.diagnosis.folds} folds, seed {report.diagnosis.seed}",
        ],
        [f"{summary_line(report)}."],
        Left(report.before.overall, report.before.types),
        Left(report.after.overall, report.after.types),
        steps,
        removed,
        _random_removals(report),
        None
        if controls is None
        else ControlTable(HEADINGS, control_rows(controls), list(meaning_lines(controls))),
        lines,
        report.texts,
    )


def _random_removals(report: "PruningReport") -> "RandomRemovals | None":
    """The random control of the pruning itself, which is the first list that was measured."""
    from tst_harness.views.html.charts import RandomRemovals

    own = None if report.controls is None else report.controls.removals[0].random_control
    if own is None:
        return None
    random = own.score.random
    return RandomRemovals(len(report.removed), random.mean, random.low, random.high)
