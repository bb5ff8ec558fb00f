"""Folds: which questions are trained on and which are held out.

A fold is a pure function of the ids, of their strata or groups, of k, the seed and the repeat. Row
order does not enter: ids are put in the order of a keyed digest first.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tst_harness.errors import DataError, NoGroupedFolds

IntArray = npt.NDArray[np.int64]

_ANSWER_QUANTILES = 5
_SHUFFLED = 0.25
"""Groups whose sizes differ by less than this share may be placed in either order."""


@dataclass(frozen=True, eq=False)
class Fold:
    """One fold of one repeat.

    Attributes
    ----------
    repeat, fold
        Count from 0.
    train, held_out
        Row numbers, in ascending order.
    units
        One for each of `train`: equal for questions that no split may part.
    seed
        For whatever is random in learning from this fold.
    parts
        As in `FoldTask`.
    """

    repeat: int
    fold: int
    train: IntArray
    held_out: IntArray
    units: IntArray
    seed: int
    parts: IntArray | None = None


def assign_folds(
    ids: Sequence[str],
    strata: Sequence[Any] | npt.NDArray[Any],
    *,
    groups: Sequence[str] | None = None,
    k: int = 5,
    seed: int = 42,
    repeat: int = 0,
) -> IntArray:
    """The fold of every question.

    Parameters
    ----------
    ids
        n distinct ids.
    strata
        n labels; every fold gets its share of each.
    groups
        n group names. Where given, no group is split, and the folds' sizes and shares of each stratum
        are balanced as far as whole groups allow. Otherwise they differ by at most one question.
    k
        Number of folds, at least 2.
    seed, repeat
        Another repeat is another assignment.

    Returns
    -------
    (n,) folds, 0 .. k - 1.

    Raises
    ------
    DataError
        There are fewer questions, or groups, than folds.
    NoGroupedFolds
        One of more groups than folds holds most of the questions.
    """
    if k < 2:
        raise DataError(f"{k} fold(s) leave nothing to train on; use --tst-folds 2 or more")
    if len(ids) < k:
        raise DataError(
            f"there are {len(ids)} questions for {k} folds; use fewer folds (--tst-folds) or more questions"
        )
    _, stratum = np.unique(np.asarray(strata, dtype=str), return_inverse=True)
    if groups is None:
        return _stratified(_digests(ids, seed, repeat), stratum, k)
    return _grouped(groups, stratum, k, seed, repeat)


def pooled_strata(types: npt.NDArray[Any], formats: npt.NDArray[Any], k: int) -> list[str]:
    """A label for each question: its type, or where that has fewer than k questions, "small" and its format.

    So the small types of a format are spread over the folds together.
    """
    names, kind, sizes = np.unique(types.astype(str), return_inverse=True, return_counts=True)
    return [
        str(names[place]) if sizes[place] >= k else f"small\0{format_}"
        for place, format_ in zip(kind.tolist(), formats.tolist(), strict=True)
    ]


def _stratified(digests: list[bytes], stratum: IntArray, k: int) -> IntArray:
    order = np.lexsort((_ranks(digests), stratum))
    folds = np.empty(len(order), dtype=np.int64)
    folds[order] = np.arange(len(order)) % k
    return folds


def _grouped(groups: Sequence[str], stratum: IntArray, k: int, seed: int, repeat: int) -> IntArray:
    names, group = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
    sizes = np.bincount(group)
    if len(names) < k:
        raise DataError(
            f"there are {len(names)} groups for {k} folds; use fewer folds (--tst-folds) or "
            "--tst-split random"
        )
    largest = int(sizes.argmax())
    if len(names) > k and 2 * sizes[largest] > len(group):
        raise NoGroupedFolds(
            f"the group {str(names[largest])!r} holds {sizes[largest]} of the {len(group)} questions, so no "
            "balanced folds keep it whole; use --tst-split random or declare another group column"
        )
    strata = int(stratum.max()) + 1
    cells, counts = np.unique(group * strata + stratum, return_counts=True)
    start = np.searchsorted(cells, np.arange(len(names) + 1) * strata)
    # Of each stratum, and of all questions together, the share that a fold already has.
    load = np.zeros((k, strata + 1))
    weight = 1.0 / np.append(np.bincount(stratum, minlength=strata), len(group) / strata)
    chosen = np.empty(len(names), dtype=np.int64)
    rank = _ranks(_digests([str(name) for name in names], seed, repeat))
    # By size alone, groups of distinct sizes would be placed alike whatever the seed.
    order = np.lexsort((rank, -sizes * (1.0 + _SHUFFLED * rank / len(names))))
    for members in order:
        at = slice(start[members], start[members + 1])
        kinds = np.append(cells[at] % strata, strata)
        amounts = np.append(counts[at], sizes[members]) * weight[kinds]
        chosen[members] = fold = int((load[:, kinds] @ amounts).argmin())
        load[fold, kinds] += np.append(counts[at], sizes[members])
    return chosen[group]


def _digests(names: Sequence[str], seed: int, repeat: int) -> list[bytes]:
    key = f"{seed}:{repeat}".encode()
    return [
        hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=16, key=key).digest()
        for name in names
    ]


def _ranks(digests: list[bytes]) -> IntArray:
    ranks = np.empty(len(digests), dtype=np.int64)
    ranks[sorted(range(len(digests)), key=digests.__getitem__)] = np.arange(len(digests))
    return ranks


def answer_strata(
    types: npt.NDArray[Any], formats: npt.NDArray[Any], answers: npt.NDArray[np.float64]
) -> list[str]:
    """A label for each question: its type with the gold option's place (mc) or the answer's fifth (num)."""
    level = np.where(formats == "mc", answers, 0.0).astype(np.int64)
    for name in np.unique(types[formats == "num"].astype(str)):
        rows = np.flatnonzero(types == name)
        edges = np.quantile(answers[rows], np.linspace(0, 1, _ANSWER_QUANTILES + 1)[1:-1])
        level[rows] = np.searchsorted(edges, answers[rows], side="left")
    return [f"{name}/{kind}" for name, kind in zip(types, level.tolist(), strict=True)]
