"""What a served model scores without picture and without training, as a row of a report."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tst_harness.analysis.ranges import Fraction, Interval
from tst_harness.benchmark.model import Model
from tst_harness.dataset.loading import Dataset
from tst_harness.results.blind import answers_in
from tst_harness.results.key import AnswerKey
from tst_harness.results.reading import read_results
from tst_harness.stats.intervals import group_bootstrap

BLIND = "blind"
_SEED = 42


class BlindReport(Model):
    """A served model that was asked without picture.

    `score` is the mean over `n` questions by each type's metric, with a 95% interval over groups.
    `by_probability` counts the questions that were read from the probabilities of their options, `unread` the
    answers that name no option or number, and `tokens` are those that the server counted.
    """

    n: int
    score: Fraction
    interval: Interval
    by_probability: int
    unread: int
    tokens: int


def blind_report(dataset: Dataset, path: Path, model: str) -> BlindReport:
    """Return what a blind run scores.

    Parameters
    ----------
    dataset
        The questions.
    path
        The answers to all of them.
    model
        Its name, for messages.
    """
    results = read_results(model, path, AnswerKey.of_dataset(dataset))
    group = np.unique(dataset.frame["group"].to_numpy().astype(str), return_inverse=True)[1]
    limits = np.array([[0.0, 1.0]])
    one_type = np.zeros(len(group), dtype=np.int64)
    [[score, low, high]] = group_bootstrap(
        results.score[:, None], group, one_type, limits, seed=_SEED
    ).overall.tolist()
    answers = list(answers_in(path))
    return BlindReport(
        n=results.answered,
        score=score,
        interval=(low, high),
        by_probability=sum(answer.probabilities is not None for answer in answers),
        unread=results.unread,
        tokens=sum(answer.tokens for answer in answers),
    )


def blind_sentences(rows: Mapping[str, BlindReport | Mapping[str, Any]]) -> Iterator[str]:
    """Yield a sentence on each model."""
    for name, row in rows.items():
        report = BlindReport.model_validate(row if isinstance(row, BlindReport) else dict(row))
        low, high = report.interval
        unread = f"; {report.unread:,} answers name nothing" if report.unread else ""
        yield (
            f"{name}, zero-shot and without picture, scores {100 * report.score:.1f}% "
            f"[{100 * low:.1f}, {100 * high:.1f}] (n = {report.n:,}, {report.by_probability:,} by the "
            f"probabilities of the options, {report.tokens:,} tokens){unread}"
        )
