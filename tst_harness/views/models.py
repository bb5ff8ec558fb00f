"""What is shown of models beside the bias: one table, and sentences."""

from collections.abc import Iterator

from tst_harness.analysis.figures import interval, percent, signed
from tst_harness.analysis.names import MODELS
from tst_harness.registry import analyses
from tst_harness.report.schema import Report
from tst_harness.results.schema import ModelReport, ModelsReport
from tst_harness.results.zero_shot import BLIND
from tst_harness.views.tables import aligned
from tst_harness.views.terminal import wrap
from tst_harness.views.zero_shot import zero_shot_cells, zero_shot_of

HEADINGS = ("model", "n", "score [95%]", "by quarter", "lean [95%]", "falls [95%]")


def models_of(report: Report) -> ModelsReport | None:
    """Return what a report says of models; None where it says nothing."""
    section = report.sections.get(MODELS)
    return None if section is None else ModelsReport.model_validate(section.figures)


def tables_of_models(report: Report) -> Iterator[tuple[str, str, list[tuple[str, ...]]]]:
    """Yield each section of a report on models, its heading and its table."""
    zero_shot, models = zero_shot_of(report), models_of(report)
    if zero_shot:
        yield BLIND, f"{report.benchmark}: zero-shot, without picture", zero_shot_cells(zero_shot)
    if models is not None:
        yield MODELS, f"{report.benchmark}: models beside the bias", model_cells(models)


def model_cells(report: ModelsReport) -> list[tuple[str, ...]]:
    """Return the cells of the table: headings, and the models, the highest score first."""
    ordered = sorted(report.models.items(), key=lambda item: (-item[1].score, item[0]))
    return [HEADINGS, *(_row(name, model) for name, model in ordered)]


def _row(name: str, model: ModelReport) -> tuple[str, ...]:
    lean, falls = model.lean, model.falls
    return (
        name,
        f"{model.n:,}",
        f"{percent(model.score)} {interval(model.interval)}",
        " ".join(f"{100 * quarter.score:.0f}" for quarter in model.quarters),
        "-" if lean is None else f"{signed(lean.difference)} {interval(lean.interval)}",
        "-" if falls is None else f"{signed(falls.difference)} {interval(falls.interval)}",
    )


def model_lines(report: ModelsReport, width: int) -> list[str]:
    """Return the table and the sentences as lines of at most `width` columns, but for a long table."""
    sentences = analyses()[MODELS].sentences(report.model_dump())
    # Cells have spaces of their own.
    headings, *rows = aligned(model_cells(report), width, right=(1,), gap=2)
    return [
        headings,
        "-" * max(map(len, [headings, *rows])),
        *rows,
        "",
        *(line.text for text in [*meanings(report), *sentences] for line in wrap(text, width, indent="  ")),
    ]


def meanings(report: ModelsReport) -> list[str]:
    """Return what the columns of the table mean."""
    return [
        f"by quarter: the score in four quarters of s(x) minus blind baseline ({report.diagnostic}), from "
        "what the text gives away least to most; lean: points between the two halves within types, formats "
        "and numbers of options; falls: how much more often an error is the text's own error than any other "
        "wrong option"
    ]
