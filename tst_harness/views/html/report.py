"""The page of one report."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from tst_harness.analysis.figures import percent
from tst_harness.analysis.names import FOREST, MODELS
from tst_harness.analysis.units import describe_folds
from tst_harness.checks.faults import FAULTS
from tst_harness.report.schema import DiagnosticReport, OverallScores, Report, Scores, TypeScores
from tst_harness.results.zero_shot import BLIND, BlindReport
from tst_harness.stats.samples import Samples
from tst_harness.views.advice import advice
from tst_harness.views.checks import check_lines, context_lines, spread_lines, unit_line
from tst_harness.views.formats import format_lines
from tst_harness.views.gates import gate_sentence
from tst_harness.views.html.charts import MOST_DRAWN, Row, histogram, score_charts
from tst_harness.views.html.glossary import GLOSSARY
from tst_harness.views.html.models import part_of, views_of
from tst_harness.views.html.packing import (
    MOST_LISTED,
    SCORE_DIGITS,
    Lines,
    column,
    diagnosed,
    packed,
    question_columns,
)
from tst_harness.views.html.rendering import render
from tst_harness.views.llm import llm_lines
from tst_harness.views.models import models_of
from tst_harness.views.shortcuts import guesses_sentence, worth_sentence
from tst_harness.views.terminal import incomplete_sentence, meaning
from tst_harness.views.verdict import verdict_parts
from tst_harness.views.zero_shot import zero_shot_cells, zero_shot_of

_SOURCES = {
    "hub": "real data from Hugging Face,",
    "file": "real data, the file",
    "sample": "the bundled SAMPLE,",
}


class Section(NamedTuple):
    """One diagnostic with a score: its scores, types in the order of their gains, and charts."""

    name: str
    diagnostic: DiagnosticReport
    overall: OverallScores
    types: list[tuple[str, TypeScores]]
    histograms: list[tuple[str, str]]
    importances: list[tuple[str, list[tuple[str, float]]]]
    meaning: str
    model: list[str]
    spread: list[str]


class Statement(NamedTuple):
    """A sentence, and those that belong under it."""

    text: str
    under: list[str]


def report_page(
    report: Report, samples: pd.DataFrame, questions: Lines, answers: pd.DataFrame | None = None
) -> str:
    """Return the page of a report.

    Parameters
    ----------
    report
        The report.
    samples
        As from `read_samples`.
    questions
        The fields of a `QuestionLine` each; lines of other questions are passed over.
    answers
        As from `read_answers`, where the report has results of models.
    """
    models, zero_shot = models_of(report), zero_shot_of(report)
    sections: list[Section] = []
    for name, diagnostic in sorted(report.diagnostics.items(), key=lambda item: (item[0] != FOREST, item[0])):
        if diagnostic.overall is not None:
            # One order of types, that of the first diagnostic, so that the eye finds them again.
            order = [kind for kind, _ in sections[0].types] if sections else []
            sections.append(_section(report, samples, name, diagnostic, diagnostic.overall, order))
    checks = [] if report.checks is None else list(check_lines(report.checks))
    if report.independent is not None:
        checks.append(unit_line(report.independent))
    listed = samples["id"].nunique() if sections else 0
    return render(
        "report",
        report=report,
        verdict=verdict_parts(report),
        data=_data(report, samples, questions, sections, answers) if 0 < listed <= MOST_LISTED else None,
        models=None
        if models is None
        else part_of(models, list(statements(report.sections[MODELS].sentences))),
        listed=listed,
        sections=sections,
        zero_shot=zero_shot_cells(zero_shot) if zero_shot else None,
        zero_shot_sentences=report.sections[BLIND].sentences if zero_shot else [],
        overview=_overview(sections, zero_shot) if sections else None,
        together=_together(sections) if sections else None,
        advice=advice(report),
        glossary=GLOSSARY,
        guesses=guesses_sentence,
        worth=worth_sentence,
        source=_SOURCES[report.source.kind],
        faults=list(FAULTS.sentences({"faults": report.source})),
        folds=describe_folds(report.settings.folds, report.settings.split),
        incomplete=[
            (name, incomplete_sentence(diagnostic))
            for name, diagnostic in report.diagnostics.items()
            if diagnostic.overall is None
        ],
        gates=[(gate, gate_sentence(gate)) for gate in report.gates],
        gate_notes=list(dict.fromkeys(gate.note for gate in report.gates if gate.note)),
        statements=list(statements([*context_lines(report), *checks])),
    )


def statements(lines: Iterable[str]) -> Iterator[Statement]:
    """Yield sentences as the terminal has them, those with a dash under the one before."""
    above: Statement | None = None
    for line in lines:
        if line.startswith("- ") and above is not None:
            above.under.append(line.removeprefix("- "))
            continue
        if above is not None:
            yield above
        above = Statement(line.removeprefix("- "), [])
    if above is not None:
        yield above


def _section(
    report: Report,
    samples: pd.DataFrame,
    name: str,
    diagnostic: DiagnosticReport,
    overall: OverallScores,
    order: Sequence[str],
) -> Section:
    places = {kind: place for place, kind in enumerate(order)}
    types = sorted(
        diagnostic.types.items(),
        key=lambda item: (places.get(item[0], len(places)), -_gained(item[1]), item[0]),
    )
    drawn = types[:MOST_DRAWN]
    held_out = Samples.of(samples, name)
    # As the page lists them, so that a bar and its filter agree on what lies on an edge.
    s = held_out.mean("s").round(SCORE_DIGITS)
    return Section(
        name=name,
        diagnostic=diagnostic,
        overall=overall,
        types=types,
        histograms=[
            (kind, histogram(s[held_out.type == kind], f"Distribution of s(x), {kind}")) for kind, _ in drawn
        ],
        importances=[
            (kind, sorted(scores.importances.items(), key=lambda item: (-item[1], item[0]))[:6])
            for kind, scores in types
            if scores.importances
        ],
        meaning=meaning(diagnostic.types, overall, report.source.kind == "sample"),
        model=[
            *format_lines(diagnostic, report.settings.folds),
            *llm_lines(diagnostic),
        ],
        spread=[] if diagnostic.spread is None else list(spread_lines(diagnostic.spread)),
    )


def _gained(scores: Scores) -> float:
    return scores.gain if scores.delta is None else scores.delta


def _row(name: str, scores: Scores) -> Row:
    return Row(name, scores.score, scores.interval, scores.blind_baseline, scores.zero_shot)


def _overview(sections: Sequence[Section], zero_shot: Mapping[str, BlindReport]) -> str:
    rows = [_row(section.name, section.overall) for section in sections]
    rows += [
        Row(f"{name}, zero-shot", row.score, row.interval, row.blind_baseline)
        for name, row in zero_shot.items()
    ]
    return score_charts(rows, "; ".join(f"{row.name}: {percent(row.score)}%" for row in rows))


def _together(sections: Sequence[Section]) -> str:
    """The types of the first diagnostic in its order, with the scores of all others in the same lines."""
    first, *others = sections
    zero_shot = next((section for section in sections if section.overall.zero_shot is not None), None)
    rows = []
    for kind, scores in first.types[:MOST_DRAWN]:
        trained = None if zero_shot is None else zero_shot.diagnostic.types.get(kind)
        beside = [section.diagnostic.types.get(kind) for section in others]
        rows.append(
            Row(
                kind,
                scores.score,
                scores.interval,
                scores.blind_baseline,
                None if trained is None else trained.zero_shot,
                tuple(None if each is None else each.score for each in beside),
            )
        )
    names = " and ".join(section.name for section in sections)
    return score_charts(rows, f"Scores of {names} by question type; as in the tables")


def _data(
    report: Report,
    samples: pd.DataFrame,
    questions: Lines,
    sections: list[Section],
    answers: pd.DataFrame | None,
) -> str:
    shortcuts = report.diagnostics[FOREST].shortcuts if FOREST in report.diagnostics else []
    listed = question_columns(samples, questions, shortcuts)
    views: list[dict[str, Any]] = []
    for section in sections:
        results = diagnosed(samples, section.name, listed["id"])
        repeats = Samples.of(samples, section.name).repeats
        results["above"] = [
            round(s - baseline, SCORE_DIGITS)
            for s, baseline in zip(results["s"], results["blind_baseline"], strict=True)
        ]
        columns = [
            column("s", "s(x)"),
            column("blind_baseline", "blind baseline"),
            column("above", "s(x) - baseline", "change"),
        ]
        if "zero_shot" in results:
            columns.insert(1, column("zero_shot", "zero-shot"))
        views.append(
            {
                "name": section.name,
                "columns": [
                    column("fold", "fold", "number"),
                    *columns,
                    column("predicted", "predicted", "text"),
                ],
                "ranged": "s",
                "order": ["above", -1],
                "mixed": True,
                "bars": [["probabilities", "predicted probability"]] if "probabilities" in results else [],
                "note": f"Scores and probabilities are means over {repeats} repeats; fold and "
                "prediction are those of the first."
                if repeats > 1
                else None,
                "data": results,
            }
        )
    models = models_of(report)
    if models is not None and answers is not None:
        views += views_of(models, samples, answers, listed["id"])
    return packed({"benchmark": report.benchmark, "questions": listed, "views": views})
