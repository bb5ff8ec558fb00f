"""The part of a page on models: a chart of each, and how each answered, question by question."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from tst_harness.analysis.figures import percent
from tst_harness.results.bias import Bias
from tst_harness.results.schema import ModelReport, ModelsReport
from tst_harness.views.html.charts import Quarter, quarter_chart
from tst_harness.views.html.packing import column, diagnosed
from tst_harness.views.models import meanings, model_cells

_RIGHT = 0.5
"""A number is right where at least half of the thresholds are met; other formats score 0 or 1."""
CASES = (
    "both right",
    "model right, text wrong",
    "text right, model wrong",
    "both wrong, same answer",
    "both wrong",
    "no answer",
)


class Part(NamedTuple):
    """What a page says of models: charts by name, the table, and statements, each with those under it."""

    charts: list[tuple[str, str]]
    cells: list[tuple[str, ...]]
    meanings: list[str]
    statements: Sequence[tuple[str, list[str]]]
    blind: bool


def part_of(report: ModelsReport, statements: Sequence[tuple[str, list[str]]]) -> Part:
    """Return what a page shows of models, those of the highest score first."""
    ordered = sorted(report.models.items(), key=lambda item: (-item[1].score, item[0]))
    return Part(
        charts=[(name, _chart(name, model)) for name, model in ordered],
        cells=model_cells(report),
        meanings=meanings(report),
        statements=statements,
        blind=any(model.seeing_quarters is not None for model in report.models.values()),
    )


def _chart(name: str, model: ModelReport) -> str:
    seeing = model.seeing_quarters
    quarters = [
        Quarter(
            quarter.score,
            quarter.interval,
            None if seeing is None else min(1.0, max(0.0, quarter.score - seeing[place].difference)),
        )
        for place, quarter in enumerate(model.quarters)
    ]
    scores = ", ".join(f"{percent(quarter.score)}%" for quarter in quarters)
    return quarter_chart(quarters, f"Score of {name} by quarter of s(x) minus blind baseline: {scores}")


def views_of(
    report: ModelsReport, samples: pd.DataFrame, answers: pd.DataFrame, ids: list[str]
) -> list[dict[str, Any]]:
    """Return what the table of questions says of each model, beside the text.

    Parameters
    ----------
    report
        The models.
    samples
        As from `read_samples`.
    answers
        As from `read_answers`.
    ids
        Of all questions of the page.
    """
    bias = Bias.of(samples, report.diagnostic)
    by_text = diagnosed(samples, report.diagnostic, ids)
    order = [ids[at] for at in by_text["at"]]
    right = pd.Series(bias.right, index=bias.samples["id"]).loc[order].to_numpy()
    text_answer = pd.Series(bias.answer, index=bias.samples["id"]).loc[order]
    views = []
    for name in report.models:
        own = answers[answers["model"] == name].set_index("id").loc[order]
        score = own["score"].to_numpy(dtype=np.float64)
        same = [a == b and a not in ("", None) for a, b in zip(own["prediction"], text_answer, strict=True)]
        data = {
            "at": by_text["at"],
            "s": by_text["s"],
            "blind_baseline": by_text["blind_baseline"],
            "score": [None if np.isnan(value) else round(float(value), 4) for value in score],
            "predicted": [value if value is not None else "" for value in own["prediction"]],
            "by_text": by_text["predicted"],
            "case": [CASES[_case(*row)] for row in zip(score, right, same, strict=True)],
        }
        views.append(
            {
                "name": f"model {name}",
                "columns": [
                    column("s", "s(x)"),
                    column("blind_baseline", "blind baseline"),
                    column("score", "score"),
                    column("case", "case", "text"),
                    column("predicted", "predicted", "text"),
                    column("by_text", "by the text", "text"),
                ],
                "ranged": "s",
                "order": ["s", -1],
                "bars": [],
                "cases": [case for case in CASES if case in set(data["case"])],
                "note": None,
                "data": data,
            }
        )
    return views


def _case(score: float, text_right: bool, same: bool) -> int:
    if np.isnan(score):
        return 5
    if score >= _RIGHT:
        return 0 if text_right else 1
    if text_right:
        return 2
    return 3 if same else 4
