"""The checks of a prepared benchmark, and the forest's score with duplicates kept together."""

from itertools import chain

import numpy as np

from tst_harness.analysis.records import HeldOut
from tst_harness.checks.assembling import checks_report
from tst_harness.checks.kept_together import folds_of_clusters
from tst_harness.checks.near_duplicates import Clusters, find_clusters
from tst_harness.checks.schema import ChecksReport, KeptTogether
from tst_harness.diagnostics.features.cross_validation import run_folds
from tst_harness.engine.experiment import Prepared
from tst_harness.engine.results import FOREST
from tst_harness.engine.settings import Options
from tst_harness.errors import HarnessError
from tst_harness.report.held_out import held_out_of

_ENOUGH_QUESTIONS = 20_000
"""Held-out questions after which no further fold is scored with duplicates kept together."""


def check(prepared: Prepared, options: Options) -> tuple[ChecksReport, HeldOut | None]:
    """Return the checks, and the scores with duplicates kept together where the forest can have any.

    Parameters
    ----------
    prepared
        The benchmark.
    options
        Its folds are those of the first repeat, which keep groups whole only where all folds of the run do.
    """
    dataset, grouped = prepared.dataset, options.grouped is True
    clusters = find_clusters(dataset.frame)
    fold = np.empty(len(dataset.frame), dtype=np.int64)
    for one in prepared.folds(grouped)[: options.folds]:
        fold[one.held_out] = one.fold
    checks = checks_report(dataset, clusters, fold, options.seed)
    kept, held_out = _keep_together(prepared, options, clusters, grouped)
    outcome = {"not_kept" if isinstance(kept, str) else "kept_together": kept}
    return checks.model_copy(update={"duplicates": checks.duplicates.model_copy(update=outcome)}), held_out


def _keep_together(
    prepared: Prepared, options: Options, clusters: Clusters, grouped: bool
) -> tuple[KeptTogether | str, HeldOut | None]:
    """Return what was kept together and its scores, or why nothing was."""
    if FOREST not in options.diagnostics:
        return "the forest did not run", None
    if not len(clusters.similarity):
        return "there are no duplicates", None
    dataset = prepared.dataset
    sizes = np.bincount(clusters.of[clusters.of >= 0])
    try:
        folds, whole = folds_of_clusters(
            dataset.frame, clusters, k=options.folds, seed=options.seed, grouped=grouped
        )
        if 2 * sizes[whole].sum() < sizes.sum():
            together = f"{sizes[whole].sum():,} of {sizes.sum():,} questions"
            return f"only {together} have duplicates that fit into one fold", None
        held_out = np.cumsum([0, *(len(one.held_out) for one in folds[:-1])])
        wanted = [one for one, before in zip(folds, held_out, strict=True) if before < _ENOUGH_QUESTIONS]
        scores = run_folds(wanted, prepared.runner(FOREST).score)
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
