"""Models beside the bias, in Python: results read, scored, and put into a report."""

import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tst_harness.analysis.names import FOREST, MODELS
from tst_harness.errors import DataError, ReportError
from tst_harness.pruning.lists import read_list
from tst_harness.registry import analyses
from tst_harness.report import schema
from tst_harness.results.assembling import models_report
from tst_harness.results.bias import Bias
from tst_harness.results.key import AnswerKey
from tst_harness.results.logs import Source
from tst_harness.results.reading import Results, read_results
from tst_harness.results.schema import ModelsReport


class Models:
    """How models score beside the bias of a benchmark.

    Attributes
    ----------
    content
        As it stands in the report.
    recognised
        What the files of results were recognised as, in sentences.
    """

    def __init__(self, content: ModelsReport, results: Mapping[str, Results], answers: pd.DataFrame) -> None:
        self.content = content
        self.recognised = [line for own in results.values() for line in own.lines()]
        self._answers = answers

    def table(self) -> pd.DataFrame:
        """Return a row a model: score, lean and falls with the ends of their 95% intervals, and quarters."""
        rows = {name: _row(model.model_dump()) for name, model in self.content.models.items()}
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("model")

    def leaderboard(self) -> pd.DataFrame:
        """Return the score and rank of each model, on all questions and on each part of them."""
        board = self.content.leaderboard
        if board is None:
            return pd.DataFrame(columns=["questions", "model", "score", "rank"])
        parts = {"all": board.places, **{name: part.places for name, part in board.parts.items()}}
        return pd.DataFrame(
            [{"questions": name, **place.model_dump()} for name, places in parts.items() for place in places]
        )[["questions", "model", "score", "rank"]]

    def answers(self) -> pd.DataFrame:
        """Return a row for each model and question: its score, the file's own, prediction and blind score."""
        return self._answers.copy()

    def __str__(self) -> str:
        return "\n".join(self.sentences)

    @property
    def sentences(self) -> list[str]:
        """What the figures say."""
        return list(analyses()[MODELS].sentences(self.content.model_dump()))


def read_models(
    report: schema.Report,
    samples: pd.DataFrame,
    questions: Collection[Mapping[str, Any]],
    results: Mapping[str, Source],
    blind: Mapping[str, Source],
    *,
    percent: Collection[str] = (),
    allow_missing: bool = False,
    removed: str | os.PathLike[str] | Collection[str] | None = None,
    diagnostic: str | None = None,
) -> Models:
    """Return how models score beside the bias of a report; arguments as for `Report.models`.

    Raises
    ------
    HarnessError
        Results cannot be read, or the report has nothing to put beside them.
    """
    if not results:
        raise DataError("there are no results; give at least one model's")
    for name in [name for name in (*blind, *percent) if name not in results]:
        raise DataError(f"there are no results of {name!r} to go with; give them, too")
    if report.null_control:
        raise ReportError(
            f"{report.benchmark} is a null control, whose answers are permuted: run the audit again"
        )
    chosen = complete_diagnostic(report, diagnostic)
    bias = Bias.of(samples, chosen)
    metrics = {name: own.metric for name, own in report.diagnostics[chosen].types.items()}
    key = AnswerKey.of_lines(report.benchmark, bias.samples, questions, metrics)

    def read(name: str, source: Source, shown: str) -> Results:
        return read_results(shown, source, key, percent=name in percent, allow_missing=allow_missing)

    # By name, as in the file of the report.
    seen = {name: read(name, results[name], name) for name in sorted(results)}
    unseen = {name: read(name, blind[name], f"{name}, blind") for name in sorted(blind)}
    if isinstance(removed, str | os.PathLike):
        rows = read_list(Path(removed), bias.samples, report.benchmark)
        removed = bias.samples["id"].iloc[rows].tolist()
    content = models_report(bias, seen, unseen, removed=removed, seed=report.settings.seed)
    return Models(content, seen | {own.name: own for own in unseen.values()}, _answers(key, seen, unseen))


def complete_diagnostic(report: schema.Report, wanted: str | None = None) -> str:
    """Return the diagnostic that is asked for, or the forest or what there is in its place.

    Raises
    ------
    ReportError
        It is not complete.
    """
    complete = [name for name, own in report.diagnostics.items() if own.overall is not None]
    if not complete:
        raise ReportError(f"{report.benchmark}: no diagnostic is complete, so nothing is known of its bias")
    chosen = wanted or (FOREST if FOREST in complete else complete[0])
    if chosen not in complete:
        raise ReportError(f"{report.benchmark} has no {chosen}; there are {', '.join(complete)}")
    return chosen


def _answers(key: AnswerKey, seen: Mapping[str, Results], unseen: Mapping[str, Results]) -> pd.DataFrame:
    tables = [
        pd.DataFrame(
            {
                "model": name,
                "id": key.id,
                "score": own.score,
                "own_score": own.own_score,
                "prediction": pd.Series(own.prediction, dtype=object),
                "blind": unseen[name].score if name in unseen else np.nan,
            }
        )
        for name, own in seen.items()
    ]
    return pd.concat(tables, ignore_index=True)


def _row(model: Mapping[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {"n": model["n"], "score": model["score"]}
    row["score_low"], row["score_high"] = model["interval"]
    for number, quarter in enumerate(model["quarters"], 1):
        row[f"quarter_{number}"] = quarter["score"]
    for name in ("lean", "falls", "seeing"):
        figure = model[name]
        if figure is not None:
            row[name] = figure["difference"]
            row[f"{name}_low"], row[f"{name}_high"] = figure["interval"]
            if "p_value" in figure:
                row[f"{name}_p"] = figure["p_value"]
    return row
