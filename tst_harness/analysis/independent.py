"""What is counted as independent: groups, joined where they hold copies or opposites of their questions.

Every resampling, test and interval takes its units from here.
"""

import re
import weakref
from collections import Counter

import numpy as np
import numpy.typing as npt
import pandas as pd

from tst_harness.analysis.comparable import comparable_answers
from tst_harness.analysis.contrasts import contrasting_pairs
from tst_harness.analysis.diagnostic import IntArray
from tst_harness.analysis.near_duplicates import Clusters, find_clusters, normalised, words
from tst_harness.analysis.opposite_answers import opposite_in_order
from tst_harness.analysis.records import IndependentUnits
from tst_harness.dataset.loading import Dataset

MOST_COMPARED = 20_000
"""In a larger benchmark near-copies are not looked for: copies alone are."""
_AGREEMENT = 0.75
_AGREEMENT_ACROSS_GROUPS = 0.9
_LARGEST_SHARE = 1 / 20
_FILLERS, _MOST_WORDS = 3, 100

Names = npt.NDArray[np.object_]


class Independent:
    """The independent units of a dataset.

    Copies are questions of a type with the same words and options, up to case, punctuation and order.
    Near-copies are those that `find_clusters` links, where their cluster holds less than a twentieth of the
    type and they differ in no slot of its pattern. Either are joined where three in four of the cluster give
    the same answer: those of a template that is asked of many images do not, and tell of each image.

    Where groups are declared, questions of other groups are about something else. Then instances of a
    template are no copies even where they agree, and nine in ten of all others that repeat a question of
    their type must. Where none are, near-copies may differ in a slot if they are three or more with one
    answer.

    Pairs of questions with opposite answers, which follow each other in the file or differ in the same words,
    are joined as well.

    Parameters
    ----------
    dataset
        n questions.

    Attributes
    ----------
    clusters
        As from `find_clusters`, where the benchmark is small enough to look for near-copies.
    copied
        Shape (n,), the cluster of copies that a question is in, from 0; -1 for none.
    opposite
        Pairs, or else groups, of opposite answers; None where there are none.
    pairs
        Shape (n,), the pair of opposite answers that it is in, likewise.
    """

    def __init__(self, dataset: Dataset) -> None:
        frame = dataset.frame
        self._ids, self._groups = frame["id"].to_numpy(), frame["group"].to_numpy()
        self._declared = dataset.benchmark.columns.group is not None
        self.clusters = find_clusters(frame) if len(frame) <= MOST_COMPARED else None
        answers = _answers(dataset)
        self.copied = _copies(dataset, answers, self.clusters)
        self.opposite, self.pairs = opposite_in_order(dataset)
        if self.opposite is None:
            self.opposite, self.pairs = contrasting_pairs(dataset, self._apart())

    def names(self, grouped: bool = True) -> Names:
        """Return the unit of each question, shape (n,), by the name of its first group, or first question.

        Parameters
        ----------
        grouped
            Questions of a group are of one unit; otherwise copies and pairs alone are.
        """
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        own, code = np.unique((self._groups if grouped else self._ids).astype(str), return_inverse=True)
        n, left, right = len(own), [], []
        for joined in (self.copied, self.pairs):
            rows = np.flatnonzero(joined >= 0)
            left.append(code[rows])
            right.append(n + joined[rows])
            n += int(joined.max(initial=-1)) + 1
        if n == len(own):
            return own[code].astype(object)
        ends = np.concatenate(left), np.concatenate(right)
        links = coo_array((np.ones(len(ends[0])), ends), shape=(n, n))
        unit = connected_components(links, directed=False)[1][: len(own)]
        first = np.unique(unit, return_index=True)[1]
        return own[first][np.unique(unit, return_inverse=True)[1]][code].astype(object)

    def codes(self, grouped: bool = True) -> IntArray:
        """Return the same as numbers from 0: of groups in the order of their names, else as they come."""
        return pd.factorize(self.names(grouped), sort=grouped)[0].astype(np.int64)

    def _apart(self) -> IntArray:
        """The unit of each question, where all near-copies are of one, too, if nothing else joins any."""
        unit = self.codes()
        if self.clusters is None or len(np.unique(unit)) < len(unit):
            return unit
        near = self.clusters.of
        return np.where(near >= 0, len(unit) + near, unit)

    def report(self) -> IndependentUnits:
        """Return how many there are, and of what."""
        return IndependentUnits(
            of="group" if self._declared else "question",
            before=len(np.unique(self._groups.astype(str))),
            units=len(np.unique(self.names().astype(str))),
            clusters=int(self.copied.max(initial=-1)) + 1,
            copies=int((self.copied >= 0).sum()),
            pairs=int(self.pairs.max(initial=-1)) + 1,
        )


_known: dict[int, Independent] = {}


def independent(dataset: Dataset) -> Independent:
    """Return the independent units of a dataset, found once."""
    if id(dataset) not in _known:
        weakref.finalize(dataset, _known.pop, id(dataset), None)
        _known[id(dataset)] = Independent(dataset)
    return _known[id(dataset)]


def _copies(dataset: Dataset, answers: list[object], clusters: Clusters | None) -> IntArray:
    frame = dataset.frame
    types = frame["type"].to_numpy().astype(str)
    keys = [
        "\n".join([kind, words(text), *sorted(words(option) for option in options or ())])
        for kind, text, options in zip(types.tolist(), frame["text"], frame["options"], strict=True)
    ]
    same = np.unique(np.array(keys, dtype=object).astype(str), return_inverse=True)[1].astype(np.int64)
    allowed, least = np.ones(len(same), dtype=bool), 0.0
    if dataset.benchmark.columns.group is not None:
        allowed, least = ~_of_templates(dataset), _AGREEMENT_ACROSS_GROUPS
    joined = _agreeing(same, allowed, answers, types, least)
    if clusters is not None and len(clusters.similarity):
        near = clusters.of
        allowed &= _small(near, types)
        apart = _differ_in_slots(dataset, near)
        if dataset.benchmark.columns.group is None:
            apart &= ~_agree_throughout(near, answers)
        near = _agreeing(near, allowed & ~apart, answers, types, least)
        # What a cluster of near-copies holds is joined, and so is what copies link it with.
        joined = _linked(joined, near)
    return joined


def _answers(dataset: Dataset) -> list[object]:
    frame = dataset.frame
    values: list[object] = comparable_answers(dataset).tolist()
    options, gold = frame["options"].to_numpy(), frame["answer"].to_numpy(dtype=np.float64)
    for row in np.flatnonzero(frame["format"].to_numpy() == "mc").tolist():
        values[row] = normalised(options[row][int(gold[row])])
    return values


def _agreeing(
    of: IntArray,
    allowed: npt.NDArray[np.bool_],
    answers: list[object],
    types: npt.NDArray[np.str_],
    least_of_type: float,
) -> IntArray:
    """Return the clusters of two or more whose answers agree, numbered anew, and -1 for all else.

    Those of a type count where, of all its questions in clusters, `least_of_type` agree.
    """
    members: dict[int, list[int]] = {}
    for row, cluster in enumerate(of.tolist()):
        if cluster >= 0 and allowed[row]:
            members.setdefault(cluster, []).append(row)
    clusters = [rows for rows in members.values() if len(rows) > 1]
    agreeing = [Counter(answers[row] for row in rows).most_common(1)[0][1] for rows in clusters]
    of_type, in_clusters = Counter[str](), Counter[str]()
    for rows, most in zip(clusters, agreeing, strict=True):
        of_type[types[rows[0]]] += most
        in_clusters[types[rows[0]]] += len(rows)
    copies = np.full(len(of), -1, dtype=np.int64)
    number = 0
    for rows, most in zip(clusters, agreeing, strict=True):
        kind = types[rows[0]]
        if most >= _AGREEMENT * len(rows) and of_type[kind] >= least_of_type * in_clusters[kind]:
            copies[rows] = number
            number += 1
    return copies


def _agree_throughout(of: IntArray, answers: list[object]) -> npt.NDArray[np.bool_]:
    """Whether a question's cluster has three questions or more, all with the same answer."""
    pairs = pd.DataFrame({"of": of, "answer": pd.factorize(np.array(answers, dtype=object))[0]})
    by_cluster = pairs.groupby("of")["answer"]
    alike: npt.NDArray[np.bool_] = (
        (by_cluster.transform("nunique") == 1) & (by_cluster.transform("size") >= 3)
    ).to_numpy()
    return alike


def _small(of: IntArray, types: npt.NDArray[np.str_]) -> npt.NDArray[np.bool_]:
    """Whether a question's cluster holds less than a twentieth of its type."""
    kind = np.unique(types, return_inverse=True)[1]
    pair = np.unique(np.stack([of, kind]), axis=1, return_inverse=True)[1].reshape(-1)
    small: npt.NDArray[np.bool_] = np.bincount(pair)[pair] < _LARGEST_SHARE * np.bincount(kind)[kind]
    return small


def _patterns(dataset: Dataset) -> dict[str, re.Pattern[str]]:
    types = dataset.benchmark.question_types
    return {declared.name: regex for declared in types if (regex := declared.regex) is not None}


def _of_templates(dataset: Dataset) -> npt.NDArray[np.bool_]:
    """Whether a question fills its type's pattern, or others of its type differ from it in one word alone."""
    patterns = _patterns(dataset)
    texts = [
        (kind, tuple(words(text).split()))
        for kind, text in zip(dataset.frame["type"], dataset.frame["text"], strict=True)
    ]
    fillers: dict[tuple[str, int, tuple[str, ...]], set[str]] = {}
    for kind, phrase in set(texts):
        for place, word in enumerate(phrase[:_MOST_WORDS]):
            frame = (kind, place, phrase[:place] + phrase[place + 1 :])
            fillers.setdefault(frame, set()).add(word)
    filled = {
        (kind, (*phrase[:place], word, *phrase[place:]))
        for (kind, place, phrase), others in fillers.items()
        if len(others) >= _FILLERS
        for word in others
    }
    return np.array(
        [
            text in filled or (kind in patterns and patterns[kind].search(own) is not None)
            for text, kind, own in zip(texts, dataset.frame["type"], dataset.frame["text"], strict=True)
        ],
        dtype=np.bool_,
    )


def _differ_in_slots(dataset: Dataset, of: IntArray) -> npt.NDArray[np.bool_]:
    """Whether a question's cluster has different fillings of the slots of its type's pattern."""
    patterns = _patterns(dataset)
    fillings: dict[int, set[tuple[str, ...]]] = {}
    for cluster, kind, text in zip(of.tolist(), dataset.frame["type"], dataset.frame["text"], strict=True):
        if cluster >= 0 and kind in patterns and (match := patterns[kind].search(text)):
            filled = tuple(words(value) for value in match.groupdict().values() if value is not None)
            fillings.setdefault(cluster, set()).add(filled)
    several = {cluster for cluster, filled in fillings.items() if len(filled) > 1}
    return np.isin(of, sorted(several))


def _linked(joined: IntArray, other: IntArray) -> IntArray:
    """Return the clusters that the questions of two clusterings are in when both link."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n = len(joined)
    ones, others = np.flatnonzero(joined >= 0), np.flatnonzero(other >= 0)
    first, second = n, n + int(joined.max(initial=-1)) + 1
    left = np.concatenate([ones, others])
    right = np.concatenate([first + joined[ones], second + other[others]])
    size = second + int(other.max(initial=-1)) + 1
    part = connected_components(coo_array((np.ones(len(left)), (left, right)), shape=(size, size)), False)[1]
    within = np.full(n, -1, dtype=np.int64)
    within[left] = np.unique(part[left], return_inverse=True)[1]
    return within
