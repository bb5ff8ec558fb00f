"""Runs of the forest without pytest and without records."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tst_harness.analysis.blind_baseline import accepted_by_answer
from tst_harness.analysis.diagnostic import FloatArray, FoldTask, IntArray, Questions
from tst_harness.analysis.scoring import score
from tst_harness.dataset.loading import Dataset
from tst_harness.diagnostics.features.cross_validation import dataset_folds
from tst_harness.diagnostics.forest.diagnostic import ForestDiagnostic
from tst_harness.stats.samples import Samples


def forest_runs(dataset: Dataset, seeds: Sequence[int], *, folds: int, grouped: bool = False) -> Samples:
    """Score all questions once for each seed of folds."""
    questions, forest, frame = Questions.of(dataset), ForestDiagnostic(), dataset.frame
    answers = frame["answer"].to_numpy(dtype=np.float64)
    scores, s, baseline = (np.empty((len(seeds), len(answers))) for _ in range(3))
    for repeat, seed in enumerate(seeds):
        for fold in dataset_folds(dataset, k=folds, seed=seed, repeats=1, grouped=grouped):
            train, held_out = fold.train, fold.held_out
            accepted = accepted_by_answer(dataset, train)
            task = FoldTask(
                questions, train, held_out, answers[train], fold.units, fold.seed, accepted=accepted
            )
            found = score(dataset, forest.predict(task), train, held_out)
            scores[repeat, held_out] = found.score
            s[repeat, held_out] = found.s
            baseline[repeat, held_out] = found.blind_baseline
    groups = pd.factorize(frame["group"].to_numpy(), sort=True)[0]
    return runs_of(frame["id"].tolist(), frame["type"].tolist(), groups, scores, s, baseline)


def runs_of(
    ids: Sequence[str],
    types: Sequence[str],
    groups: IntArray,
    score: FloatArray,
    s: FloatArray,
    blind_baseline: FloatArray,
) -> Samples:
    """Runs from scores of shape (repeats, n)."""
    nothing = np.full(len(ids), np.nan)
    return Samples(
        id=np.array(ids, dtype=object),
        type=np.array(types, dtype=object),
        format=np.full(len(types), "mc", dtype=object),
        group=groups,
        s=s,
        score=score,
        blind_baseline=blind_baseline,
        failed=np.zeros_like(s),
        s_zero_shot=nothing,
        zero_shot=nothing,
    )
