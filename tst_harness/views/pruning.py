"""What a user sees of a pruning: each type before and after, and why it stopped."""

from collections.abc import Iterator

from tst_harness.analysis.figures import interval, percent, signed, verdict
from tst_harness.pruning.controls_schema import Comparison
from tst_harness.pruning.schema import PruningReport, Stopped
from tst_harness.report.schema import TypeScores
from tst_harness.views.terminal import Line, table, wrap

_HEADINGS = ("question type", "fmt", "kept of n", "before", "after [95%]", "gain after [95%]")
STOPPED: dict[Stopped, str] = {
    "budget": "the budget is spent",
    "tau": "no remaining question ranks above tau",
    "chance": "the remaining gain is not significant",
    "floors": "the floors protect the remaining questions",
}


def summary_lines(report: PruningReport, width: int = 80) -> list[Line]:
    """Return the table before and after, and what it means; no line is longer than `width` columns."""
    lines = [Line("", {}), *wrap(title(report, "pruned", report.settings.diagnostic), width, bold=True)]
    lines += [Line(text, {}) for text in table([_HEADINGS, *_rows(report)], width)]
    for sentence in _sentences(report):
        lines += wrap(sentence, width)
    return lines


def summary_line(report: PruningReport) -> str:
    """Return the outcome in one sentence."""
    before, after = report.before.overall, report.after.overall
    return (
        f"{len(report.removed):,} of {before.n:,} questions removed: score {percent(before.score)} to "
        f"{percent(after.score)}, gain {signed(before.gain)} to {signed(after.gain)} "
        f"{interval(after.gain_interval)}; {STOPPED[report.stopped]}"
    )


def title(report: PruningReport | Comparison, what: str, diagnostic: str) -> str:
    """Return the heading: which benchmark, what was done to it, by which diagnostic."""
    parts = [f"{report.benchmark}: {report.title}", what, diagnostic]
    if report.source.substituted_for is not None:
        parts[0] = f"{report.benchmark}: bundled SAMPLE, not {report.title}"
    if report.null_control:
        parts.append("NULL CONTROL: answers permuted")
    return " | ".join(parts)


def _rows(report: PruningReport) -> Iterator[tuple[str, ...]]:
    before, after = report.before, report.after

    def lost(item: tuple[str, TypeScores]) -> tuple[float, str]:
        return after.types[item[0]].n / item[1].n, item[0]

    for name, old in sorted(before.types.items(), key=lost):
        new = after.types[name]
        yield (
            name,
            old.format,
            f"{new.n} of {old.n}",
            percent(old.score),
            f"{percent(new.score)} {interval(new.interval)}",
            f"{signed(new.gain)} {interval(new.gain_interval)}",
        )
    old_all, new_all = before.overall, after.overall
    yield (
        "weighted mean",
        "",
        f"{new_all.n} of {old_all.n}",
        percent(old_all.score),
        f"{percent(new_all.score)} {interval(new_all.interval)}",
        f"{signed(new_all.gain)} {interval(new_all.gain_interval)}",
    )
    yield (
        "macro mean",
        "",
        "",
        percent(old_all.macro_score),
        f"{percent(new_all.macro_score)} {interval(new_all.macro_interval)}",
        f"{signed(new_all.macro_gain)} {interval(new_all.macro_gain_interval)}",
    )


def _sentences(report: PruningReport) -> Iterator[str]:
    after = report.after.overall
    yield f"{summary_line(report)}."
    yield f"The remaining gain is {verdict(after.gain_interval)}."
    if report.removed:
        yield (
            "The remaining questions were selected by these scores, so this diagnostic understates what is "
            "left; judge it with another one."
        )
    if after.delta is not None:
        before = report.before.overall
        yield (
            f"Gain over zero-shot: {signed(before.delta)} {interval(before.delta_interval)} to "
            f"{signed(after.delta)} {interval(after.delta_interval)}."
        )
