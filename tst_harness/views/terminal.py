"""What a user sees of a report at the end of a session: tables, sentences, and where the files lie."""

import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tst_harness.analysis.figures import NO_BREAK, interval, percent, signed, unbroken, verdict
from tst_harness.analysis.names import FOREST, LLM, STACK, ungrouped
from tst_harness.analysis.records import ZERO_SHOT, fold_name
from tst_harness.checks.faults import FAULTS, many_faults
from tst_harness.report.schema import DiagnosticReport, OverallScores, Report, TypeScores
from tst_harness.views.checks import check_lines, context_lines, spread_lines, unit_line
from tst_harness.views.formats import baseline_word, baselines_of, format_lines
from tst_harness.views.llm import llm_lines, training_meaning
from tst_harness.views.shortcuts import shortcut_sentences
from tst_harness.views.tables import aligned, ruled
from tst_harness.views.verdict import verdict_sentence

_NAMED_ROWS = 5
_SOURCES = {"hub": "Hugging Face", "file": "file", "sample": "bundled sample"}


class Line(NamedTuple):
    """A line of the summary and its markup, in the words of pytest's `TerminalReporter.write_line`."""

    text: str
    markup: dict[str, bool]


def summary_lines(
    report: Report,
    report_path: Path,
    samples_path: Path,
    page_path: Path | None = None,
    width: int = 80,
    verbose: bool = False,
) -> list[Line]:
    """Return the summary of a report.

    Parameters
    ----------
    report
        The report.
    report_path
        Where it lies.
    samples_path
        Where its samples lie.
    page_path
        Where its page lies, if there is one.
    width
        In columns; nothing but a path is longer.
    verbose
        Show every shortcut, fold and faulty row, not only the first few.
    """
    lines = [Line("", {})]
    many = many_faults(report.source)
    if many is not None:
        lines += [*wrap(many, width, bold=True, red=True), Line("", {})]
    for name, diagnostic in report.diagnostics.items():
        lines += wrap(title(report, name), width, bold=True)
        if report.source.substituted_for is not None:
            lines += wrap(f"stands in for {report.source.substituted_for}", width, yellow=True)
        if diagnostic.overall is None:
            lines += wrap(incomplete_sentence(diagnostic), width, red=True)
        else:
            lines += [Line(text, {}) for text in table(cells_of(diagnostic.types, diagnostic.overall), width)]
            lines += wrap(
                meaning(diagnostic.types, diagnostic.overall, report.source.kind == "sample"),
                width,
                bold=True,
            )
            for text in format_lines(diagnostic, report.settings.folds):
                lines += wrap(text, width, indent="  ")
            for text in llm_lines(diagnostic):
                lines += wrap(text, width, indent="  ")
        for text in () if diagnostic.spread is None else spread_lines(diagnostic.spread, verbose):
            lines += wrap(text, width, indent="  ")
        lines += _shortcuts(diagnostic, width, verbose)
        if verbose:
            lines += [Line(text, {}) for text in _folds(diagnostic)]
        for note in diagnostic.notes:
            lines += wrap(f"note: {note}", width)
        lines.append(Line("", {}))
    checks = list(context_lines(report, verbose))
    if report.checks is not None:
        checks += check_lines(report.checks, verbose)
    if report.independent is not None:
        checks.append(unit_line(report.independent))
    for name, section in report.sections.items():
        checks += [f"{name}: {sentence}" for sentence in section.sentences]
    for text in checks:
        lines += wrap(text, width, indent="  ")
    if checks:
        lines.append(Line("", {}))
    lines += _not_scored(report, width)
    lines += _faults(report, width, verbose)
    if report.texts == "omitted":
        lines += wrap("question texts are left out of the report; --tst-texts keep includes them", width)
    lines.append(Line(f"report: {report_path}", {}))
    lines.append(Line(f"samples: {samples_path}", {}))
    if page_path is not None:
        lines.append(Line(f"page: {page_path}", {}))
    return lines


def verdict_lines(reports: Sequence[Report], width: int = 80) -> list[Line]:
    """Return the verdict of each report, after its name where there are several."""
    lines = []
    for report in reports:
        sentence = verdict_sentence(report)
        if sentence is not None:
            name = f"{report.benchmark}: " if len(reports) > 1 else ""
            lines += wrap(f"{name}{sentence}", width, bold=True)
    return lines


def no_verdict_lines(reasons: Sequence[str]) -> list[Line]:
    """Return that there is no verdict, once for each reason; paths and commands in it are not broken."""
    return [Line(f"no verdict: {reason}", {"bold": True, "red": True}) for reason in reasons]


def title(report: Report, diagnostic: str) -> str:
    """Return the heading of a diagnostic: what was diagnosed, and how."""
    stack = ungrouped(diagnostic) == STACK
    name = f"{diagnostic} of {FOREST} and {LLM}, multiple choice" if stack else diagnostic
    parts = [f"{report.benchmark}: {report.title}", name]
    limit, questions = report.settings.limit, report.source.questions
    if limit is not None and limit < questions:
        parts.append(f"{limit:,} of {questions:,} questions")
    if report.source.substituted_for is not None:
        parts[0] = f"{report.benchmark}: bundled SAMPLE, not {report.title}"
    else:
        parts.append(f"{_SOURCES[report.source.kind]} {report.source.location}")
    if report.settings.vectors is not None and ungrouped(diagnostic) in (FOREST, STACK):
        parts.append(f"pretrained word vectors of {report.settings.vectors}")
    if report.null_control:
        parts.append("NULL CONTROL: answers permuted")
    return " | ".join(parts)


def incomplete_sentence(diagnostic: DiagnosticReport) -> str:
    """Return what a diagnostic lacks to have a score, and what to do."""
    folds = [name for name in diagnostic.missing if name != ZERO_SHOT]
    missing = [f"{len(folds)} of {len(folds) + len(diagnostic.folds)} folds"] if folds else []
    if ZERO_SHOT in diagnostic.missing:
        missing.append("the zero-shot answers")
    return (
        f"incomplete, so no score: {' and '.join(missing)} left no record "
        f"({', '.join(diagnostic.missing)}); run the same command again to compute only these"
    )


def cells_of(types: dict[str, TypeScores], overall: OverallScores) -> list[tuple[str, ...]]:
    """Return the cells of the table of scores: headings, types by gain, weighted and macro mean.

    The gain is that over zero-shot where there is one, else that over the baseline.
    """
    trained = overall.zero_shot is not None
    before, gain = ("zero_shot", "delta") if trained else ("blind_baseline", "gain")
    headings = "zero-shot" if trained else "baseline", "held-out [95%]", f"{gain} [95%]"

    def figures(scores: TypeScores | OverallScores, macro: str = "", word: str = "") -> tuple[str, str, str]:
        def value(name: str) -> Any:
            return getattr(scores, macro + name)

        return (
            f"{word}{percent(value(before))}",
            f"{percent(value('score'))} {interval(value('interval'))}",
            f"{signed(value(gain))} {interval(value(f'{gain}_interval'))}",
        )

    rows = []
    for name, scores in sorted(types.items(), key=lambda item: (-(getattr(item[1], gain) or 0.0), item[0])):
        word = "" if trained else f"{baseline_word(scores)} "
        rows.append((name, scores.format, str(scores.n), *figures(scores, word=word)))
    return [
        ("question type", "fmt", "n", *headings),
        *rows,
        ("weighted mean", "", str(overall.n), *figures(overall)),
        ("macro mean", "", "", *figures(overall, "macro_")),
    ]


def table(cells: Sequence[Sequence[str]], width: int) -> list[str]:
    """Return the lines of a table of types with both means below, and rules between."""
    return [*ruled(aligned(cells, width, right=(1, 2, 3)), last=2), ""]


def meaning(types: dict[str, TypeScores], overall: OverallScores, sample: bool) -> str:
    """Return what the scores mean, in words."""
    questions = f"{overall.n:,} {'sample ' if sample else ''}questions"
    baseline = baselines_of(types.values())
    if overall.zero_shot is not None:
        return training_meaning(overall, questions, baseline)
    scores = (
        f"A text-only model scores {percent(overall.score)}% on {questions} "
        f"({baseline}: {percent(overall.blind_baseline)}%)"
    )
    points = f"{signed(overall.gain)} points {interval(overall.gain_interval)}"
    if signed(overall.gain).startswith("-"):
        how = "" if overall.gain_interval[1] < 0.0 else "not "
        return f"{scores}, {how}significantly less than guessing: {points}."
    return f"{scores}; the text alone is worth {points}, {verdict(overall.gain_interval)}."


def _shortcuts(diagnostic: DiagnosticReport, width: int, verbose: bool) -> Iterator[Line]:
    for sentence in shortcut_sentences(diagnostic, verbose):
        yield from wrap(sentence, width, indent="  " if sentence.startswith("- ") else "")


def _folds(diagnostic: DiagnosticReport) -> Iterator[str]:
    for fold in diagnostic.folds:
        origin = "cached" if fold.cached else f"{fold.seconds:.1f} s"
        yield (
            f"{fold_name(fold.repeat, fold.fold)}: {percent(fold.score)}% of {fold.n}, "
            f"trained on {fold.n_train} ({origin})"
        )


def _not_scored(report: Report, width: int) -> Iterator[Line]:
    for name, rows in report.source.not_scored.items():
        noun = "question of type {} is" if rows == 1 else "questions of type {} are"
        yield from wrap(f"{rows:,} {noun.format(name)} not scored", width)


def _faults(report: Report, width: int, verbose: bool) -> Iterator[Line]:
    for sentence in FAULTS.sentences({"faults": report.source}):
        yield from wrap(sentence, width, indent="  ", yellow=True)
    left_out = report.source.left_out
    shown = left_out if verbose else left_out[:_NAMED_ROWS]
    for row in shown:
        where = f"row {row.row} (id {row.id}), {row.field}: " if row.field else ""
        yield from wrap(f"- {where}{row.problem}", width, indent="  ")
    if len(shown) < len(left_out):
        yield Line(f"  and {len(left_out) - len(shown):,} more, named in the report", {})


def wrap(text: str, width: int, indent: str = "", **markup: bool) -> list[Line]:
    """Return a text as lines of at most `width` columns, those after the first indented.

    An interval, and `n = 62` or `p < 0.0001`, stays on one line.
    """
    pieces = textwrap.wrap(unbroken(text), width, subsequent_indent=indent, break_on_hyphens=False) or [""]
    return [Line(piece.replace(NO_BREAK, " "), markup) for piece in pieces]
