"""A model's score on each question, for what a removal does to it."""

from pathlib import Path

import numpy as np

from tst_harness.analysis.diagnostic import FloatArray
from tst_harness.dataset.loading import Dataset
from tst_harness.errors import DataError
from tst_harness.results import reading
from tst_harness.results.key import AnswerKey


def read_results(path: Path, dataset: Dataset) -> FloatArray:
    """Read the score of each question: the file's own, else that of the prediction by the type's metric.

    Parameters
    ----------
    path
        Anything that `tst_harness.results` reads.
    dataset
        The benchmark.

    Returns
    -------
    (n,) scores in [0, 1], in the order of the dataset.

    Raises
    ------
    DataError
        The file cannot be read or is of another test set, or a question has no answer.
    """
    results = reading.read_results(path.stem, path, AnswerKey.of_dataset(dataset), allow_missing=True)
    missing = np.flatnonzero(np.isnan(results.score))
    if len(missing):
        raise DataError(
            f"{path.name}: has {results.answered:,} of the {len(results.score):,} questions of "
            f"{dataset.benchmark.name}, {dataset.frame['id'].iloc[missing[0]]!r} is missing; run the model "
            "on all of them"
        )
    return np.where(np.isnan(results.own_score), results.score, results.own_score)
