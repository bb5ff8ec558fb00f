"""What a reader sees of controls: one table for the terminal and for Markdown, and the overlaps in words."""

from collections.abc import Iterator
from pathlib import PurePath
from typing import NamedTuple

from tst_harness.analysis.figures import interval, percent, signed
from tst_harness.pruning.controls_schema import (
    AgainstRandom,
    Controls,
    OtherDiagnostic,
    Overlap,
    RandomControl,
    Removal,
)
from tst_harness.report.schema import OverallScores
from tst_harness.views.tables import aligned, ruled
from tst_harness.views.terminal import wrap

PRUNED = "pruned"
"""The name of the list that a pruning removed."""
HEADINGS = ("removed", "figure", "before", "after", "random", "difference [95%]")
_DIFFERENCES = ("gain", "gap")


class ControlRow(NamedTuple):
    """A row of the table, the cells of `HEADINGS`."""

    removed: str
    figure: str
    before: str
    after: str
    random: str
    difference: str


def control_rows(controls: Controls) -> list[ControlRow]:
    """Return the table: for each list what is left of the scores, and what random removals leave."""
    return [row for removal in controls.removals for row in _rows(removal, controls)]


def control_lines(controls: Controls, width: int = 80) -> list[str]:
    """Return the table and the overlaps as lines of text, of at most `width` columns."""
    lines = aligned([HEADINGS, *control_rows(controls)], width, right=(2, 3))
    words = [line.text for text in meaning_lines(controls) for line in wrap(text, width, indent="  ")]
    return [*ruled(lines), *words]


def meaning_lines(controls: Controls) -> Iterator[str]:
    """Yield what the table's columns mean, and the overlaps."""
    seeds = {control.seeds for removal in controls.removals for control in _controls_of(removal)}
    if seeds:
        yield (
            f"random: mean ± standard deviation of {max(seeds)} random removals with the same number per "
            "type; difference: after minus that mean"
        )
    for removal in controls.removals:
        if removal.name == PRUNED:
            yield _luck(removal, controls)
    for overlap in controls.overlap:
        yield overlap_text(overlap)


def overlap_text(overlap: Overlap) -> str:
    """Return an overlap in words."""
    low, high = overlap.random_range
    return (
        f"{overlap.first} and {overlap.second} share {overlap.common:,} questions (Jaccard index "
        f"{overlap.jaccard:.2f}); random lists with the same number per type have "
        f"{overlap.random_jaccard:.2f} [{low:.2f}, {high:.2f}]"
    )


def _luck(removal: Removal, controls: Controls) -> str:
    reason = "pruning also removes answers that were right by luck"
    if controls.by_luck is None:
        return (
            f"{reason}, so part of the difference appears without any shortcut, least in another "
            "diagnostic's gain; --tst-null shows how much"
        )
    change = removal.overall.score - controls.before.score
    if controls.by_luck >= 0.0:
        return (
            "with answers permuted, where there is nothing to find, as many removals change the score by "
            f"{signed(controls.by_luck)} points, so none of the {signed(change)} here is luck"
        )
    part = "all" if controls.by_luck <= change else f"up to {signed(controls.by_luck)}"
    return (
        f"{reason}: with answers permuted, where there is nothing to find, as many removals change the score "
        f"by {signed(controls.by_luck)} points, so {part} of the {signed(change)} here may be luck; the gain "
        "that another diagnostic measures suffers least from it"
    )


def _rows(removal: Removal, controls: Controls) -> Iterator[ControlRow]:
    name = f"{PurePath(removal.name).stem} ({sum(removal.removed.values()):,})"
    rows = list(_scores(controls.diagnostic, controls.before, removal.overall, removal.random_control))
    if (other := removal.other_diagnostic) is not None:
        rows += _scores(_called(other), other.before, other.after, other.random_control)
    if (model := removal.vision) is not None:
        for figure in ("vision", "blind", "gap"):
            if (change := getattr(model, figure)) is not None:
                rows.append(_row("model", figure, change.before, change.after, change.against_random))
    # The name stands in the first row of the list alone.
    yield rows[0]._replace(removed=name)
    yield from rows[1:]


def _called(other: OtherDiagnostic) -> str:
    return other.diagnostic if other.limit is None else f"{other.diagnostic} on {other.limit:,}"


def _scores(
    diagnostic: str, before: OverallScores, after: OverallScores, control: RandomControl | None
) -> Iterator[ControlRow]:
    for figure in ("score", "gain"):
        beside = None if control is None else getattr(control, figure)
        yield _row(diagnostic, figure, getattr(before, figure), getattr(after, figure), beside)


def _row(of: str, figure: str, before: float, after: float, beside: AgainstRandom | None) -> ControlRow:
    written = signed if figure in _DIFFERENCES else percent
    random = difference = ""
    if beside is not None:
        random = f"{written(beside.random.mean)} ± {percent(beside.random.sd)}"
        difference = f"{signed(beside.difference)} {interval(beside.difference_interval)}"
    return ControlRow("", f"{of} {figure}", written(before), written(after), random, difference)


def _controls_of(removal: Removal) -> Iterator[RandomControl]:
    for control in (removal.random_control, getattr(removal.other_diagnostic, "random_control", None)):
        if control is not None:
            yield control
