"""Whether the order of the questions gives their answers away."""

from typing import Literal, NamedTuple

import numpy as np

from tst_harness.analysis.comparable import comparable_answers
from tst_harness.analysis.diagnostic import FloatArray, IntArray
from tst_harness.analysis.independent import independent
from tst_harness.analysis.metrics import copy_scores
from tst_harness.analysis.scoring import inclusive_rules
from tst_harness.dataset.loading import Dataset
from tst_harness.stats.permutation import Copying, chunks, permutations

Order = Literal["position", "id"]


class Sequenced(NamedTuple):
    """A type in one order: whether groups were kept whole, and what copying the answer before scores."""

    by_group: bool
    copying: Copying


def copied_from_before(dataset: Dataset, seed: int) -> dict[Order, dict[str, Sequenced]]:
    """Answer each question as the one before it is answered, among those of its type.

    The questions stand in the order of the file ("position"), and of their ids where that is another
    ("id"). The score is 1 for the same place of the gold option (its letter), and the relative accuracy of
    the copied number.

    Letters say nothing of a scene where options are shuffled, so under the null those of a type are
    exchangeable. Numbers, and options that are the same for all questions of a type, may agree within a
    group, which stands together in many files, without any leak: there the answer copied is the last of the
    group before, groups stand in the order of their first questions, and under the null whole groups are
    exchangeable.

    Answers that come in runs score more than chance and those that take turns less, so both count.

    Parameters
    ----------
    dataset
        The questions.
    seed
        Of the permutations.

    Returns
    -------
    For each order a test of every type with at least three questions, or groups.
    """
    frame, rules = dataset.frame, inclusive_rules(dataset.benchmark)
    position = frame["position"].to_numpy()
    orders: dict[Order, IntArray] = {"position": np.argsort(position, kind="stable")}
    # The frame is in the order of the ids.
    if not np.array_equal(orders["position"], np.arange(len(frame))):
        orders["id"] = np.arange(len(frame))
    types, answers = frame["type"].to_numpy().astype(str), comparable_answers(dataset)
    groups = independent(dataset).codes()
    options = frame["options"].to_numpy()
    total = permutations(len(frame))
    sequenced: dict[Order, dict[str, Sequenced]] = {}
    for order, sequence in orders.items():
        sequenced[order] = {}
        for number, name in enumerate(np.unique(types).tolist()):
            rows = sequence[types[sequence] == name]
            by_group = name in rules or len(set(options[rows])) == 1
            group = _by_first(groups[rows]) if by_group else np.arange(len(rows))
            n_groups = int(group.max()) + 1
            if n_groups >= 3:
                rng = np.random.default_rng([seed, number])
                copying = _copy_last(answers[rows], group, n_groups, rules.get(name), total, rng)
                sequenced[order][name] = Sequenced(by_group, copying)
    return sequenced


def _by_first(group: IntArray) -> IntArray:
    """Number groups from 0 in the order of their first questions."""
    _, first, code = np.unique(group, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return np.asarray(rank[code], dtype=np.int64)


def _copy_last(
    answers: FloatArray,
    group: IntArray,
    n_groups: int,
    inclusive: bool | None,
    total: int,
    rng: np.random.Generator,
) -> Copying:
    last = np.empty(n_groups)
    last[group] = answers  # The last assignment to a group stays.

    def scores(sequences: IntArray) -> FloatArray:
        """The mean score under each of (m, groups) orders of the groups."""
        before = np.empty_like(sequences)
        np.put_along_axis(before, sequences[:, 1:], sequences[:, :-1], axis=1)
        np.put_along_axis(before, sequences[:, :1], -1, axis=1)
        source = before[:, group]
        has_source = source >= 0
        scored = copy_scores(answers, last[source], inclusive)
        mean: FloatArray = np.where(has_source, scored, 0.0).sum(axis=1) / has_source.sum(axis=1)
        return mean

    in_order = np.arange(n_groups)[np.newaxis]
    permuted = [
        scores(np.argsort(rng.random((size, n_groups)), axis=1)) for size in chunks(total, len(group))
    ]
    return Copying(len(group), float(scores(in_order)[0]), np.concatenate(permuted))
