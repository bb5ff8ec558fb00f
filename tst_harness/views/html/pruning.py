"""The page of a pruning: what was removed, and what that did to the score."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from tst_harness.report.schema import OverallScores, TypeScores
from tst_harness.views.html.charts import RandomRemovals, Step, removal_chart
from tst_harness.views.html.packing import MOST_LISTED, SCORE_DIGITS, Lines, column, packed, texts_of
from tst_harness.views.html.rendering import render


class Left(NamedTuple):
    """Scores of the questions that are left, over all of them and by type."""

    overall: OverallScores
    types: Mapping[str, TypeScores]


class Removed(NamedTuple):
    """A question that was removed: its type, the iteration (from 1), its s(x) then and its rank score."""

    id: str
    type: str
    iteration: int
    s: float
    rank_score: float


class ControlTable(NamedTuple):
    """A pruning and other removals beside random ones: headings, rows of cells, and what they mean."""

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str]


def pruning_page(
    benchmark: str,
    title: str,
    about: Sequence[str],
    sentences: Sequence[str],
    before: Left,
    after: Left,
    steps: Sequence[Step],
    removed: Sequence[Removed],
    random: RandomRemovals | None = None,
    controls: ControlTable | None = None,
    lines: Lines = (),
    texts: Literal["kept", "omitted"] = "kept",
) -> str:
    """Return the page of a pruning.

    Parameters
    ----------
    benchmark, title
        Its names.
    about
        How it was pruned, in phrases.
    sentences
        The outcome.
    before, after
        Scores of the whole benchmark and of what is kept.
    steps
        Of each iteration; the last one scores what is kept.
    removed
        In removal order.
    random
        Matched random removals of as many questions; None where there were none.
    controls
        None where the removal was not measured against others.
    lines
        The fields of `QuestionLine` of the removed questions, as far as they are known.
    texts
        Whether the benchmark's terms leave them out.
    """
    return render(
        "pruning",
        title=title,
        about=about,
        sentences=sentences,
        before=before.overall,
        after=after.overall,
        types=sorted(
            ((name, old, after.types[name]) for name, old in before.types.items()),
            key=lambda item: (item[2].n / item[1].n, item[0]),
        ),
        chart=removal_chart(steps, random, "Score against the number of questions removed; as in the table"),
        steps=steps,
        random=random,
        controls=controls,
        texts=texts,
        listed=len(removed),
        data=_data(benchmark, removed, lines) if 0 < len(removed) <= MOST_LISTED else None,
    )


def _data(benchmark: str, removed: Sequence[Removed], lines: Lines) -> str:
    types = sorted({question.type for question in removed})
    codes = {name: code for code, name in enumerate(types)}
    questions: dict[str, Any] = {
        "types": types,
        "shortcuts": [],
        "id": [question.id for question in removed],
        "type": [codes[question.type] for question in removed],
        "group": [""] * len(removed),
        "applies": [[]] * len(removed),
        **texts_of([question.id for question in removed], lines),
    }
    view = {
        "name": "removed",
        "columns": [
            column("place", "removed as", "number"),
            column("s", "s(x) then"),
            column("rank_score", "rank score"),
            column("iteration", "iteration", "number"),
        ],
        "ranged": "s",
        "order": ["place", 1],
        "bars": [],
        "note": None,
        "data": {
            "at": list(range(len(removed))),
            "place": list(range(1, len(removed) + 1)),
            "iteration": [question.iteration for question in removed],
            "s": [round(question.s, SCORE_DIGITS) for question in removed],
            "rank_score": [round(question.rank_score, SCORE_DIGITS) for question in removed],
        },
    }
    return packed({"benchmark": benchmark, "questions": questions, "views": [view]})
