"""The checks of a benchmark, and the forest's score with duplicates kept together."""

from itertools import chain

import numpy as np

from tst_harness.analysis.protocol import Experiment
from tst_harness.analysis.records import HeldOut
from tst_harness.analysis.scoring import held_out_of
from tst_harness.analysis.units import GROUPED, Split
from tst_harness.checks.assembling import checks_report
from tst_harness.checks.kept_together import folds_of_clusters
from tst_harness.checks.near_duplicates import Clusters, find_clusters
from tst_harness.checks.schema import ChecksReport, KeptTogether
from tst_harness.diagnostics.forest.analysis import FOREST
from tst_harness.errors import HarnessError

_ENOUGH_QUESTIONS = 20_000
"""Held-out questions after which no further fold is scored with duplicates kept together."""


def check(experiment: Experiment, split: Split) -> tuple[ChecksReport, HeldOut | None]:
    """Return the checks, and the scores with duplicates kept together where the forest can have any.

    Parameters
    ----------
    experiment
        The benchmark.
    split
        Of the folds, which are those of the first repeat.
    """
    dataset, settings = experiment.dataset, experiment.settings
    clusters = find_clusters(dataset.frame)
    fold = np.empty(len(dataset.frame), dtype=np.int64)
    for part in experiment.folds(split)[: settings.folds]:
        fold[part.held_out] = part.fold
    checks = checks_report(dataset, clusters, fold, settings.seed)
    kept, held_out = _keep_together(experiment, split, clusters)
    outcome = {"not_kept" if isinstance(kept, str) else "kept_together": kept}
    return checks.model_copy(update={"duplicates": checks.duplicates.model_copy(update=outcome)}), held_out


def _keep_together(
    experiment: Experiment, split: Split, clusters: Clusters
) -> tuple[KeptTogether | str, HeldOut | None]:
    """Return what was kept together and its scores, or why nothing was."""
    settings = experiment.settings
    if FOREST.name not in settings.diagnostics:
        return "the forest did not run", None
    if not len(clusters.similarity):
        return "there are no duplicates", None
    dataset = experiment.dataset
    sizes = np.bincount(clusters.of[clusters.of >= 0])
    try:
        folds, whole = folds_of_clusters(
            dataset.frame, clusters, k=settings.folds, seed=settings.seed, grouped=split == GROUPED
        )
        if 2 * sizes[whole].sum() < sizes.sum():
            together = f"{sizes[whole].sum():,} of {sizes.sum():,} questions"
            return f"only {together} have duplicates that fit into one fold", None
        held_out = np.cumsum([0, *(len(one.held_out) for one in folds[:-1])])
        wanted = [one for one, before in zip(folds, held_out, strict=True) if before < _ENOUGH_QUESTIONS]
        scores = [FOREST.score(experiment, fold, split) for fold in wanted]
    except HarnessError as error:
        return str(error), None
    parts = [held_out_of(dataset, one.rows, one.scored) for one in scores]
    kept = KeptTogether(
        clusters=int(whole.sum()),
        questions=int(sizes[whole].sum()),
        clusters_apart=int((~whole).sum()),
        questions_apart=int(sizes[~whole].sum()),
    )
    return kept, HeldOut.model_validate(
        {
            name: list(chain.from_iterable(getattr(part, name) for part in parts))
            for name in HeldOut.model_fields
        }
    )
