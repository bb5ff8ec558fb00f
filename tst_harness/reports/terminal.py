"""What a user sees of a report at the end of a session: tables, sentences, and where the files lie."""

import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tst_harness.reports.records import fold_name
from tst_harness.reports.schema import DiagnosticReport, Interval, OverallScores, Report, TypeScores

_STRONGEST = 8
_NAMED_ROWS = 5
_SOURCES = {"hub": "Hugging Face", "file": "file", "sample": "bundled sample"}
_BASELINES = {
    frozenset({"mc"}): "chance is",
    frozenset({"num"}): "the best constant answers get",
    frozenset({"mc", "num"}): "chance and the best constant answers get",
}
_HEADINGS = ("question type", "fmt", "n", "baseline", "held-out [95%]", "gain [95%]")


class Line(NamedTuple):
    """A line of the summary and its markup, in the words of pytest's `TerminalReporter.write_line`."""

    text: str
    markup: dict[str, bool]


def summary_lines(
    report: Report, report_path: Path, samples_path: Path, width: int = 80, verbose: bool = False
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
    width
        In columns; nothing but a path is longer.
    verbose
        Show every shortcut, fold and skipped row, not only the first few.
    """
    lines = [Line("", {})]
    for name, found in report.diagnostics.items():
        lines += _wrap(_title(report, name), width, bold=True)
        lines += _caveats(report, width)
        if found.overall is None:
            lines += _wrap(_incomplete(found), width, red=True)
        else:
            lines += [Line(text, {}) for text in _table(found.types, found.overall, width)]
            lines += _wrap(
                _meaning(found.types, found.overall, report.source.kind == "sample"), width, bold=True
            )
        lines += _shortcuts(found, width, verbose)
        if verbose:
            lines += [Line(text, {}) for text in _folds(found)]
        for note in found.notes:
            lines += _wrap(f"note: {note}", width)
        lines.append(Line("", {}))
    lines += _skipped(report, width, verbose)
    lines.append(Line(f"report: {report_path}", {}))
    lines.append(Line(f"samples: {samples_path}", {}))
    return lines


def _title(report: Report, diagnostic: str) -> str:
    parts = [f"{report.benchmark}: {report.title}", diagnostic]
    if report.source.substituted_for is not None:
        parts[0] = f"{report.benchmark}: bundled SAMPLE, not {report.title}"
    else:
        parts.append(f"{_SOURCES[report.source.kind]} {report.source.location}")
    if report.null_control:
        parts.append("NULL CONTROL: answers permuted")
    return " | ".join(parts)


def _caveats(report: Report, width: int) -> Iterator[Line]:
    if report.source.substituted_for is not None:
        yield from _wrap(f"stands in for {report.source.substituted_for}", width, yellow=True)


def _incomplete(found: DiagnosticReport) -> str:
    total = len(found.missing) + len(found.folds)
    return (
        f"incomplete, so without a score: {len(found.missing)} of {total} folds left no record "
        f"({', '.join(found.missing)}); run the same command again to compute those alone"
    )


def _table(types: dict[str, TypeScores], overall: OverallScores, width: int) -> list[str]:
    rows = [
        (
            name,
            scores.format,
            str(scores.n),
            f"{'chance' if scores.format == 'mc' else 'constant'} {_percent(scores.baseline)}",
            f"{_percent(scores.score)} {_interval(scores.interval)}",
            f"{_signed(scores.gain)} {_interval(scores.gain_interval)}",
        )
        for name, scores in sorted(types.items(), key=lambda item: (-item[1].gain, item[0]))
    ]
    weighted = (
        "weighted mean",
        "",
        str(overall.n),
        _percent(overall.baseline),
        f"{_percent(overall.score)} {_interval(overall.interval)}",
        f"{_signed(overall.gain)} {_interval(overall.gain_interval)}",
    )
    macro = (
        "macro mean",
        "",
        "",
        _percent(overall.macro_baseline),
        f"{_percent(overall.macro_score)} {_interval(overall.macro_interval)}",
        f"{_signed(overall.macro_gain)} {_interval(overall.macro_gain_interval)}",
    )
    cells = [_HEADINGS, *rows, weighted, macro]
    widths = [max(len(row[column]) for row in cells) for column in range(len(_HEADINGS))]
    rest = sum(widths[1:]) + len(widths) - 1
    widths[0] = min(widths[0], max(len(weighted[0]), width - rest))
    rule = "-" * (widths[0] + rest)
    lines = [_row(row, widths) for row in cells]
    return [lines[0], rule, *lines[1 : len(rows) + 1], rule, *lines[len(rows) + 1 :], ""]


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    first = _elide(cells[0], widths[0]).ljust(widths[0])
    # Figures line up on the left of their interval, whose own width varies.
    rest = [
        cell.rjust(size) if place < 3 else cell.ljust(size)
        for place, (cell, size) in enumerate(zip(cells[1:], widths[1:], strict=True))
    ]
    return " ".join([first, *rest]).rstrip()


def _elide(text: str, width: int) -> str:
    if len(text) <= width:
        return text
    tail = (width - 2) // 2
    return f"{text[: width - 2 - tail]}..{text[len(text) - tail :]}"


def _meaning(types: dict[str, TypeScores], overall: OverallScores, sample: bool) -> str:
    low, high = overall.gain_interval
    if low > 0.0:
        verdict = "distinguishable from zero"
    elif high < 0.0:
        verdict = "below zero"
    else:
        verdict = "not distinguishable from zero"
    formats = {scores.format for scores in types.values()}
    questions = f"{overall.n:,} {'sample ' if sample else ''}questions"
    solved = (
        f"of the {questions} can be answered"
        if formats == {"mc"}
        else f"of the score on {questions} can be had"
    )
    return (
        f"{_percent(overall.score)}% {solved} without looking; {_BASELINES[frozenset(formats)]} "
        f"{_percent(overall.baseline)}%; the gain of {_signed(overall.gain)} points is {verdict}."
    )


def _shortcuts(found: DiagnosticReport, width: int, verbose: bool) -> Iterator[Line]:
    if found.rules_tried == 0:
        return
    if not found.shortcuts:
        yield from _wrap(f"none of {found.rules_tried:,} rules tried beats chance", width)
        return
    shown = found.shortcuts if verbose else found.shortcuts[:_STRONGEST]
    yield from _wrap(
        f"strongest shortcuts ({len(shown)} of {len(found.shortcuts):,} that beat chance, "
        f"{found.rules_tried:,} rules tried):",
        width,
    )
    for rule in shown:
        kind = found.types.get(rule.type)
        baseline = "constant" if kind is not None and kind.format == "num" else "chance"
        yield from _wrap(
            f"- {rule.type}: {rule.text} (n = {rule.support}, {baseline} {_percent(rule.chance)}%, "
            f"{_p_value(rule.p_value)})",
            width,
            indent="  ",
        )


def _folds(found: DiagnosticReport) -> Iterator[str]:
    for fold in found.folds:
        origin = "cached" if fold.cached else f"{fold.seconds:.1f} s"
        yield (
            f"{fold_name(fold.repeat, fold.fold)}: {_percent(fold.score)}% of {fold.n}, "
            f"trained on {fold.n_train} ({origin})"
        )


def _skipped(report: Report, width: int, verbose: bool) -> Iterator[Line]:
    skipped = report.source.skipped
    if not skipped:
        return
    noun = "row was" if len(skipped) == 1 else "rows were"
    yield from _wrap(
        f"{len(skipped):,} of {report.source.rows:,} {noun} invalid and skipped:", width, yellow=True
    )
    shown = skipped if verbose else skipped[:_NAMED_ROWS]
    for row in shown:
        yield from _wrap(f"- row {row.row} (id {row.id}), {row.field}: {row.problem}", width, indent="  ")
    if len(shown) < len(skipped):
        yield Line(f"  and {len(skipped) - len(shown):,} more, named in the report", {})


def _wrap(text: str, width: int, indent: str = "", **markup: bool) -> list[Line]:
    pieces = textwrap.wrap(text, width, subsequent_indent=indent) or [""]
    return [Line(piece, markup) for piece in pieces]


def _percent(fraction: float) -> str:
    return f"{100.0 * fraction:.1f}"


def _signed(difference: float) -> str:
    text = f"{100.0 * difference:+.1f}"
    return "0.0" if text in ("+0.0", "-0.0") else text


def _interval(interval: Interval) -> str:
    low, high = (_percent(end).replace("-0.0", "0.0") for end in interval)
    return f"[{low} {high}]"


def _p_value(p: float) -> str:
    return "p < 0.0001" if p < 0.0001 else f"p = {p:.4f}"
