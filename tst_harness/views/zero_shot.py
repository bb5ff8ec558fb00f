"""What is shown of served models that were asked without picture: a row each."""

from collections.abc import Mapping

from tst_harness.analysis.figures import interval, percent, signed
from tst_harness.report.schema import Report
from tst_harness.results.zero_shot import BLIND, BlindReport
from tst_harness.views.tables import aligned, ruled

HEADINGS = ("zero-shot, no picture", "n", "baseline", "score [95%]", "gain [95%]")


def zero_shot_of(report: Report) -> dict[str, BlindReport]:
    """Return the rows of a report, by model."""
    section = report.sections.get(BLIND)
    figures = {} if section is None else section.figures
    return {name: BlindReport.model_validate(row) for name, row in figures.items()}


def zero_shot_cells(rows: Mapping[str, BlindReport]) -> list[tuple[str, ...]]:
    """Return the cells of the table: headings, and the models, the highest score first."""
    ordered = sorted(rows.items(), key=lambda item: (-item[1].score, item[0]))
    return [
        HEADINGS,
        *(
            (
                name,
                f"{row.n:,}",
                percent(row.blind_baseline),
                f"{percent(row.score)} {interval(row.interval)}",
                f"{signed(row.gain)} {interval(row.gain_interval)}",
            )
            for name, row in ordered
        ),
    ]


def zero_shot_lines(rows: Mapping[str, BlindReport], width: int) -> list[str]:
    """Return the table as lines of at most `width` columns, but for a long table; none without rows."""
    return ruled(aligned(zero_shot_cells(rows), width, right=(1, 2), gap=2)) if rows else []
