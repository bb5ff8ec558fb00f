"""Folds that keep duplicates together, as far as that leaves something to train on."""

from collections import Counter
from typing import NamedTuple

import numpy as np
import pandas as pd

from tst_harness.analysis.diagnostic import IntArray
from tst_harness.analysis.near_duplicates import Clusters
from tst_harness.analysis.ranges import Count
from tst_harness.benchmark.model import Model
from tst_harness.checks.comparison import Comparison
from tst_harness.diagnostics.features.cross_validation import Fold, make_folds


class KeptTogether(Model):
    """The forest on folds that keep clusters of duplicates whole, and groups where the run does.

    Clusters that hold too much of a type, or with the groups that they link would, are left apart: there are
    `clusters_apart` of them with `questions_apart`. In `comparison` the score is that with duplicates kept
    together, and `against` that on the folds of the diagnostic; null where that is incomplete. Of a large set
    it is over the first folds that hold out 20,000 questions. `types` were scored again: those of which at
    least a fifth are duplicates in a cluster that is kept whole. The others count with the score they have.
    """

    clusters: Count
    questions: Count
    clusters_apart: Count
    questions_apart: Count
    types: list[str]
    comparison: Comparison | None = None


class Together(NamedTuple):
    """The folds, and which clusters they keep whole, shape (clusters,)."""

    folds: list[Fold]
    whole: "np.ndarray[tuple[int], np.dtype[np.bool_]]"


def folds_of_clusters(
    frame: pd.DataFrame, clusters: Clusters, *, k: int, seed: int, grouped: bool
) -> Together:
    """Split questions into folds that part no cluster.

    Duplicates of a template may be most of a type, and clusters across groups may link nearly all of them.
    So clusters are joined with the groups they touch one by one, the smallest first, and one is left apart
    where what it would join holds more than twice a fold's share of a type, or half of it, or, with what it
    links, more than a fold's share of all questions. Answers play no part.

    Parameters
    ----------
    frame
        n questions with `id`, `type` and `group`.
    clusters
        Of the questions.
    k, seed
        As for `make_folds`.
    grouped
        Keep groups whole as well.

    Raises
    ------
    DataError
        There are fewer units than folds.
    """
    types = frame["type"].to_numpy().astype(str)
    unit = np.arange(len(frame))
    if grouped:
        unit = np.unique(frame["group"].to_numpy().astype(str), return_inverse=True)[1]
    share = min(2 / k, 1 / 2)
    most = {name: share * size for name, size in Counter(types.tolist()).items()}
    joined, whole = _join(unit, types, clusters.of, most, len(frame) / k)
    names = [str(root) for root in joined.tolist()]
    ids = frame["id"].to_numpy()
    # Units are named after a member, since the assignment hangs on names and not on row numbers.
    first = {name: row for row, name in reversed(list(enumerate(names)))}
    return Together(make_folds(ids.tolist(), types, [ids[first[name]] for name in names], k, seed), whole)


def _join(
    unit: IntArray,
    types: "np.ndarray[tuple[int], np.dtype[np.str_]]",
    of: IntArray,
    most: dict[str, float],
    most_of_all: float,
) -> tuple[IntArray, "np.ndarray[tuple[int], np.dtype[np.bool_]]"]:
    """Return the unit of each question, and which clusters are within one."""
    from scipy.cluster.hierarchy import DisjointSet

    units = DisjointSet(range(int(unit.max()) + 1))
    per_type: list[Counter[str]] = [Counter() for _ in range(units.n_subsets)]
    for own, name in zip(unit.tolist(), types.tolist(), strict=True):
        per_type[own][name] += 1
    rows = np.flatnonzero(of >= 0)
    rows = rows[np.argsort(of[rows], kind="stable")]
    sizes = np.bincount(of[rows])
    members = np.split(rows, np.cumsum(sizes)[:-1]) if len(sizes) else []
    whole = np.zeros(len(sizes), dtype=bool)
    for cluster in np.argsort(sizes, kind="stable").tolist():
        roots = sorted({units[member] for member in unit[members[cluster]].tolist()})
        together: Counter[str] = sum((per_type[root] for root in roots), Counter())
        too_many = together.total() > max(most_of_all, sizes[cluster]) or any(
            n > most[name] for name, n in together.items()
        )
        if len(roots) > 1 and too_many:
            continue
        whole[cluster] = True
        for root in roots[1:]:
            units.merge(roots[0], root)
        per_type[units[roots[0]]] = together
    return np.array([units[own] for own in unit.tolist()]), whole
