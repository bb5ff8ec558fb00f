"""The page of two runs of the same questions, compared."""

from collections.abc import Sequence
from typing import Any

from tst_harness.gates.comparison import ONE_RUN, ComparedDiagnostic
from tst_harness.gates.snapshot import Snapshot, differences
from tst_harness.stats.samples import Samples
from tst_harness.views.gates import comparison_sentence, difference, units
from tst_harness.views.html.charts import MOST_DRAWN, Row, score_charts
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

_BARS = ("probabilities_before", "probabilities_after")


def comparison_page(
    before: Snapshot,
    after: Snapshot,
    names: tuple[str, str],
    compared: Sequence[ComparedDiagnostic],
    questions: Lines,
) -> str:
    """Return the page of a comparison.

    Parameters
    ----------
    before, after
        The two runs.
    names
        Of their files.
    compared
        The diagnostics that both have.
    questions
        The fields of a `QuestionLine` each; lines of other questions are passed over.
    """
    listed = len({*before.samples["id"]} & {*after.samples["id"]}) if compared else 0
    return render(
        "comparison",
        about=after.about,
        names=names,
        changes=differences(before, after, [diagnostic.name for diagnostic in compared]),
        sections=[_section(diagnostic) for diagnostic in compared],
        incomplete=[
            (name, run.incomplete) for name, run in zip(names, (before, after), strict=True) if run.incomplete
        ],
        listed=listed,
        texts="kept",
        data=_data(before, after, compared, questions) if 0 < listed <= MOST_LISTED else None,
    )


def _section(diagnostic: ComparedDiagnostic) -> dict[str, Any]:
    whole = diagnostic.pairs[None]
    types = sorted(
        ((name, paired) for name, paired in diagnostic.pairs.items() if name is not None),
        key=lambda item: (-item[1].evidence.point, item[0]),
    )
    return {
        "name": diagnostic.name,
        "whole": whole,
        "difference": difference(whole),
        "sentence": comparison_sentence(diagnostic),
        "units": units(whole),
        "note": ONE_RUN if whole.runs is None else None,
        "remarks": diagnostic.remarks,
        "types": [(name, paired, difference(paired)) for name, paired in types],
        "chart": score_charts(
            [Row(name, paired.new, blind_baseline=paired.old) for name, paired in types[:MOST_DRAWN]],
            f"Scores of {diagnostic.name} by question type, before and after; as in the table",
        ),
        "drawn": min(len(types), MOST_DRAWN),
    }


def _data(before: Snapshot, after: Snapshot, compared: Sequence[ComparedDiagnostic], questions: Lines) -> str:
    common = after.samples[after.samples["id"].isin(before.samples["id"])]
    listed = question_columns(common, questions, [])
    views = [_view(before, after, diagnostic.name, listed["id"]) for diagnostic in compared]
    return packed({"benchmark": after.about.benchmark, "questions": listed, "views": views})


def _view(before: Snapshot, after: Snapshot, diagnostic: str, ids: Sequence[str]) -> dict[str, Any]:
    known = set(ids)
    old, new = (
        diagnosed(run.samples[run.samples["id"].isin(known)], diagnostic, ids) for run in (before, after)
    )
    here = {at: row for row, at in enumerate(old["at"])}
    pairs = [(here[at], row) for row, at in enumerate(new["at"]) if at in here]
    data = {
        "at": [new["at"][row] for _, row in pairs],
        "fold": [new["fold"][row] for _, row in pairs],
        "before": [old["s"][row] for row, _ in pairs],
        "after": [new["s"][row] for _, row in pairs],
    }
    data["change"] = [
        round(new_s - old_s, SCORE_DIGITS) for new_s, old_s in zip(data["after"], data["before"], strict=True)
    ]
    repeats = [Samples.of(run.samples, diagnostic).repeats for run in (before, after)]
    bars = "probabilities" in old and "probabilities" in new
    if bars:
        data[_BARS[0]] = [old["probabilities"][row] for row, _ in pairs]
        data[_BARS[1]] = [new["probabilities"][row] for _, row in pairs]
    return {
        "name": diagnostic,
        "columns": [
            column("before", "s(x) before"),
            column("after", "s(x) after"),
            column("change", "change", "change"),
        ],
        "ranged": "change",
        "order": ["change", -1],
        "bars": [[_BARS[0], "before"], [_BARS[1], "after"]] if bars else [],
        "note": f"Scores and probabilities are means over repeats, {repeats[0]} before and {repeats[1]} "
        "after; the fold is that of the first after."
        if max(repeats) > 1
        else None,
        "data": data,
    }
