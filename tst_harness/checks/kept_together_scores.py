"""The forest's score with duplicates kept together."""

from dataclasses import replace
from itertools import chain
from typing import NamedTuple

import numpy as np

from tst_harness.analysis.diagnostic import IntArray
from tst_harness.analysis.folded import score_fold
from tst_harness.analysis.near_duplicates import Clusters
from tst_harness.analysis.protocol import Experiment
from tst_harness.analysis.records import HeldOut
from tst_harness.analysis.scoring import held_out_of
from tst_harness.analysis.units import GROUPED, Split
from tst_harness.checks.kept_together import KeptTogether, Together, folds_of_clusters
from tst_harness.diagnostics.forest.analysis import FOREST
from tst_harness.errors import HarnessError

_ENOUGH_QUESTIONS = 20_000
"""Held-out questions after which no further fold is scored with duplicates kept together."""
_LEAST_SHARE = 0.2
"""The share of a type's questions that must have duplicates kept together, for it to be scored again.

On VSI-Bench types with 4 to 12% lose 0.8 to 2.3 points, each with zero in its interval.
"""


class Again(NamedTuple):
    """What the forest scored with duplicates kept together, and the ids of what has the score it had."""

    held_out: HeldOut
    as_before: list[str]


def keep_together(
    experiment: Experiment, split: Split, clusters: Clusters
) -> tuple[KeptTogether | str, Again | None]:
    """Return what was kept together and its scores, or why nothing was."""
    settings = experiment.settings
    if FOREST.name not in settings.diagnostics:
        return "the forest did not run", None
    if not len(clusters.similarity):
        return "there are no duplicates", None
    dataset = experiment.dataset
    sizes = np.bincount(clusters.of[clusters.of >= 0])
    try:
        together = folds_of_clusters(
            dataset.frame, clusters, k=settings.folds, seed=settings.seed, grouped=split == GROUPED
        )
        whole = together.whole
        if 2 * sizes[whole].sum() < sizes.sum():
            few = f"{sizes[whole].sum():,} of {sizes.sum():,} questions"
            return f"only {few} have duplicates that fit into one fold", None
        types = dataset.frame["type"].to_numpy().astype(str)
        shares = _shares(types, np.append(whole, False)[clusters.of])
        often = [name for name, share in shares.items() if share >= _LEAST_SHARE]
        if not often:
            most = f"{100.0 * max(shares.values()):.0f}%"
            return f"at most {most} of the questions of a type have duplicates that fit into one fold", None
        again = _score(experiment, split, together, np.isin(types, often))
    except HarnessError as error:
        return str(error), None
    kept = KeptTogether(
        clusters=int(whole.sum()),
        questions=int(sizes[whole].sum()),
        clusters_apart=int((~whole).sum()),
        questions_apart=int(sizes[~whole].sum()),
        types=often,
    )
    return kept, again


def _shares(
    types: "np.ndarray[tuple[int], np.dtype[np.str_]]", kept: "np.ndarray[tuple[int], np.dtype[np.bool_]]"
) -> dict[str, float]:
    """The share of each type's questions that have duplicates kept together."""
    names, code, counts = np.unique(types, return_inverse=True, return_counts=True)
    shares = np.bincount(code, weights=kept) / counts
    return dict(zip(names.tolist(), shares.tolist(), strict=True))


def _score(
    experiment: Experiment,
    split: Split,
    together: Together,
    scored: "np.ndarray[tuple[int], np.dtype[np.bool_]]",
) -> Again:
    """Score some of the questions on folds that keep duplicates together."""
    dataset, ids = experiment.dataset, experiment.dataset.frame["id"].to_numpy()
    forest = FOREST.kept_diagnostic(experiment).without_importances(experiment.questions)
    parts: list[HeldOut] = []
    as_before: list[str] = []
    held_out = 0
    for fold in together.folds:
        if held_out >= _ENOUGH_QUESTIONS:
            break
        held_out += len(fold.held_out)
        again: IntArray = fold.held_out[scored[fold.held_out]]
        as_before += ids[fold.held_out[~scored[fold.held_out]]].tolist()
        if not len(again):
            continue
        scores = score_fold(forest, experiment, replace(fold, held_out=again), split)
        parts.append(held_out_of(dataset, scores.rows, scores.scored))
    columns = {
        name: list(chain.from_iterable(getattr(part, name) for part in parts))
        for name in HeldOut.model_fields
    }
    return Again(HeldOut.model_validate(columns), as_before)
