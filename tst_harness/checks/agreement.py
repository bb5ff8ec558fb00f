"""Whether duplicates agree in their answers more than questions of their type do by chance."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import pandas as pd

from tst_harness.analysis.comparable import comparable_answers
from tst_harness.analysis.diagnostic import FloatArray, IntArray
from tst_harness.analysis.metrics import copy_scores
from tst_harness.analysis.near_duplicates import Clusters, normalised
from tst_harness.analysis.scoring import inclusive_rules
from tst_harness.dataset.loading import Dataset
from tst_harness.stats.permutation import Copying, chunks, permutations

_MOST_QUESTIONS = 5_000


def copied_from_duplicates(dataset: Dataset, clusters: Clusters, seed: int) -> dict[str, Copying]:
    """Answer each duplicate as another of its cluster is answered, within a type and across groups.

    The score is 1 for the same gold option, by its text, or the same accepted texts or right options, and the
    relative accuracy of the copied number. Under the null the answers of a type are exchangeable: all of
    them, or for multiple choice those of the questions that offer the same options, or, where no other
    cluster does, the gold option's place in the alphabet among the questions with as many. So neither a
    popular option nor a short list makes duplicates look alike. A template that is repeated with independent
    answers scores no more than chance.

    Of a type with more than 5,000 questions that many are tested, whole clusters first.

    Parameters
    ----------
    dataset
        The questions.
    clusters
        Of its questions.
    seed
        Of the permutations.

    Returns
    -------
    A test for each type that has duplicates in different groups.
    """
    frame, rules = dataset.frame, inclusive_rules(dataset.benchmark)
    types, groups = frame["type"].to_numpy().astype(str), frame["group"].to_numpy().astype(str)
    answers = comparable_answers(dataset)
    copying: dict[str, Copying] = {}
    for name in np.unique(types).tolist():
        rows = _pool(np.flatnonzero(types == name), clusters.of)
        partner = partners(clusters.of[rows], groups[rows])
        if (partner >= 0).any():
            rng = np.random.default_rng([seed, len(copying)])
            questions = frame.iloc[rows]
            if questions["format"].iloc[0] != "mc":
                copying[name] = _numbers(answers[rows], partner, rules.get(name), rng)
            else:
                copying[name] = _choices(questions, partner, clusters.of[rows], rng)
    return copying


def partners(cluster: IntArray, group: "np.ndarray[tuple[int], np.dtype[np.str_]]") -> IntArray:
    """For each question another of its cluster and of another group; -1 where there is none.

    Parameters
    ----------
    cluster
        Shape (n,), -1 for none.
    group
        Shape (n,), names.

    Returns
    -------
    (n,) positions. Within a cluster each is the partner of one question, if no group has most of them.
    """
    partner = np.full(len(cluster), -1, dtype=np.int64)
    order = np.lexsort((group, cluster))
    order = order[cluster[order] >= 0]
    starts = np.flatnonzero(np.diff(cluster[order], prepend=-1))
    for members in np.split(order, starts[1:]):
        if len(members) > 1:
            # A step as long as the largest group leaves the group.
            step = int(np.unique(group[members], return_counts=True)[1].max())
            chosen = np.roll(members, -step)
            apart = group[chosen] != group[members]
            partner[members[apart]] = chosen[apart]
    return partner


def _pool(rows: IntArray, cluster: IntArray) -> IntArray:
    if len(rows) <= _MOST_QUESTIONS:
        return rows
    # By cluster, so that those which are cut off are whole clusters, and single questions last.
    order = np.lexsort((rows, np.where(cluster[rows] < 0, np.iinfo(np.int64).max, cluster[rows])))
    return np.sort(rows[order[:_MOST_QUESTIONS]])


def _numbers(
    answers: FloatArray, partner: IntArray, inclusive: bool | None, rng: np.random.Generator
) -> Copying:
    copies = np.flatnonzero(partner >= 0)
    source = partner[copies]
    scores = []
    for size in chunks(permutations(len(answers)), len(answers)):
        permuted = rng.permuted(np.tile(answers, (size, 1)), axis=1)
        scores.append(copy_scores(permuted[:, copies], permuted[:, source], inclusive).mean(axis=1))
    observed = copy_scores(answers[copies], answers[source], inclusive)
    return Copying(len(copies), float(observed.mean()), np.concatenate(scores))


def _choices(
    questions: pd.DataFrame, partner: IntArray, cluster: IntArray, rng: np.random.Generator
) -> Copying:
    codes, gold = _alphabetical(
        questions["options"].tolist(), questions["answer"].to_numpy().astype(np.int64)
    )
    blocks = _blocks(codes, cluster)
    copies = np.flatnonzero(partner >= 0)
    source = partner[copies]
    by_block = np.argsort(blocks, kind="stable")
    each = np.arange(len(gold))
    observed = codes[each, gold]
    scores = []
    for size in chunks(permutations(len(gold)), len(gold)):
        drawn = np.argsort(blocks + rng.random((size, len(gold))), axis=1)
        permuted = np.empty((size, len(gold)), dtype=np.int64)
        permuted[:, by_block] = gold[drawn]
        options = codes[each, permuted]
        scores.append(copy_scores(options[:, copies], options[:, source], None).mean(axis=1))
    score = copy_scores(observed[copies], observed[source], None)
    return Copying(len(copies), float(score.mean()), np.concatenate(scores))


def _alphabetical(options: Sequence[Sequence[str]], gold: IntArray) -> tuple[IntArray, IntArray]:
    """Return codes of each question's options in alphabetical order, then -1, and the gold's place in it."""
    texts = [[normalised(option) for option in row] for row in options]
    known: dict[str, int] = {
        text: code for code, text in enumerate(sorted({t for row in texts for t in row}))
    }
    codes = np.full((len(texts), max(map(len, texts))), -1, dtype=np.int64)
    place = np.empty(len(texts), dtype=np.int64)
    for question, row in enumerate(texts):
        own = np.array([known[text] for text in row], dtype=np.int64)
        order = np.argsort(own, kind="stable")
        codes[question, : len(row)] = own[order]
        place[question] = np.flatnonzero(order == gold[question])[0]
    return codes, place


def _blocks(codes: IntArray, cluster: IntArray) -> IntArray:
    """Return what answers are permuted within: the same options, else as many."""
    offered = np.unique(codes, axis=0, return_inverse=True)[1].reshape(-1)
    askers: dict[int, set[int]] = defaultdict(set)
    for question, (block, own) in enumerate(zip(offered.tolist(), cluster.tolist(), strict=True)):
        askers[block].add(own if own >= 0 else -2 - question)
    alone = np.array([len(askers[block]) == 1 for block in offered.tolist()])
    return np.where(alone, -1 - (codes >= 0).sum(axis=1), offered)
