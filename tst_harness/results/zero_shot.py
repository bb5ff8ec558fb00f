"""What a served model scores without picture and without training, as a row of a report."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tst_harness.analysis.figures import counted
from tst_harness.analysis.independent import independent
from tst_harness.analysis.ranges import Difference, Fraction, Interval
from tst_harness.benchmark.model import Model
from tst_harness.dataset.loading import Dataset
from tst_harness.results.blind import answers_in
from tst_harness.results.key import AnswerKey
from tst_harness.results.reading import read_results
from tst_harness.stats.intervals import group_bootstrap

BLIND = "blind"
_SEED = 42
_LIMITS = np.array([[0.0, 1.0], [-1.0, 1.0]])


class BlindReport(Model):
    """A served model that was asked without picture.

    `score` is the mean over `n` questions by each type's metric and `gain` is that minus the blind baseline
    of the report, both with a 95% interval over groups; the baseline is null where there is no report.
    `by_probability` counts the questions that were read from the probabilities of their options, `unread` the
    answers that name no option or number, and `tokens` are those that the server counted.
    """

    n: int
    score: Fraction
    interval: Interval
    blind_baseline: Fraction | None = None
    gain: Difference | None = None
    gain_interval: Interval | None = None
    by_probability: int
    unread: int
    tokens: int


def blind_report(
    dataset: Dataset, path: Path, model: str, baseline: Mapping[str, float] | None = None
) -> BlindReport:
    """Return what a blind run scores.

    Parameters
    ----------
    dataset
        The questions.
    path
        The answers to all of them.
    model
        Its name, for messages.
    baseline
        The blind baseline of each question of a report, by id, which may have fewer than the dataset; None
        without a report.
    """
    frame = dataset.frame
    rows = np.flatnonzero(frame["id"].isin(list(baseline)) if baseline is not None else frame["id"].notna())
    results = read_results(model, path, AnswerKey.of_dataset(dataset).part(rows), allow_missing=True)
    ids = frame["id"].iloc[rows].tolist()
    columns = [results.score]
    if baseline is not None:
        columns.append(results.score - np.array([baseline[id_] for id_ in ids]))
    (score, low, high), *gained = group_bootstrap(
        np.column_stack(columns),
        np.unique(independent(dataset).codes()[rows], return_inverse=True)[1],
        np.zeros(len(rows), dtype=np.int64),
        _LIMITS[: len(columns)],
        seed=_SEED,
    ).overall.tolist()
    gain, *ends = gained[0] if gained else (None, 0.0, 0.0)
    answers = [answer for answer in answers_in(path) if answer.id in set(ids)]
    return BlindReport(
        n=results.answered,
        score=score,
        interval=(low, high),
        blind_baseline=None if gain is None else score - gain,
        gain=gain,
        gain_interval=None if gain is None else (ends[0], ends[1]),
        by_probability=sum(answer.probabilities is not None for answer in answers),
        unread=results.unread,
        tokens=sum(answer.tokens for answer in answers),
    )


def blind_sentences(rows: Mapping[str, BlindReport | Mapping[str, Any]]) -> Iterator[str]:
    """Yield a sentence on each model."""
    for name, row in rows.items():
        report = BlindReport.model_validate(row if isinstance(row, BlindReport) else dict(row))
        low, high = report.interval
        unread = f"; {counted(report.unread, 'answer')} of which nothing is read" if report.unread else ""
        yield (
            f"{name}, zero-shot and without picture, scores {100 * report.score:.1f}% "
            f"[{100 * low:.1f}, {100 * high:.1f}] (n = {report.n:,}, {report.by_probability:,} by the "
            f"probabilities of the options, {report.tokens:,} tokens){unread}"
        )
