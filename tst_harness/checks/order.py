"""Whether the order of the questions gives their answers away."""

from typing import Any, Literal, NamedTuple, get_args

import numpy as np

from tst_harness.analysis.comparable import comparable_answers
from tst_harness.analysis.diagnostic import FloatArray, IntArray
from tst_harness.analysis.independent import independent
from tst_harness.analysis.metrics import copy_scores
from tst_harness.analysis.protocol import Experiment
from tst_harness.analysis.scoring import inclusive_rules
from tst_harness.checks.check import SIGNIFICANCE
from tst_harness.checks.copying import CopyTest, copy_test, corrected
from tst_harness.dataset.loading import Dataset
from tst_harness.stats.permutation import Copying, chunks, permutations

Order = Literal["position", "id"]
Source = Literal["one before", "two before", "same place in a group", "one before in the group"]


_OTHER_SOURCES = 3
"""Than the one before; together they take as many permutations."""


class OrderTest(CopyTest):
    """Each question answered as another of its type, in the order of the file or of the ids.

    `source` says which: the one before, the one two before, the one in the same place of the group before, or
    the one before in its own group. For multiple choice the place of the gold option is copied. `by_group`:
    what was copied is the last answer of the group before, since questions of a group may agree, or that of a
    place in a group. `type` is null for all types together, where `by_group` is null too; there the
    p-values of all sources but the first are corrected (Holm) for their number, else for that of types.
    """

    order: Order
    source: Source = "one before"
    type: str | None
    by_group: bool | None


class Sequenced(NamedTuple):
    """A type in one order: whether groups were kept whole, and what copying an answer scores."""

    by_group: bool
    copying: Copying


Found = dict[Order, dict[Source, dict[str, Sequenced]]]


def findings(experiment: Experiment) -> dict[str, Any]:
    """Test the order of the file and of the ids."""
    tests = order_tests(experiment.dataset, experiment.settings.seed)
    significant = sum(test.p_value < SIGNIFICANCE for test in tests)
    return {
        "summary": f"{significant} of {len(tests)} tests are significant",
        "order": [test.model_dump() for test in tests],
    }


def order_tests(dataset: Dataset, seed: int) -> list[OrderTest]:
    """Return the tests of all types together and of each, for the report."""
    order_tests = []
    for order, by_source in copied_in_order(dataset, seed).items():
        of_types = {
            str(source): {name: test.copying for name, test in tests.items()}
            for source, tests in by_source.items()
            if tests
        }
        pooled = {source: Copying.pooled(list(copying.values())) for source, copying in of_types.items()}
        others = {source: test for source, test in pooled.items() if source != "one before"}
        overall = {source: copy_test(test) for source, test in pooled.items()}
        overall |= corrected(others) if others else {}
        for source, tests in by_source.items():
            if not tests:
                continue
            whole = overall[source]
            order_tests.append(OrderTest(**dict(whole), order=order, source=source, type=None, by_group=None))
            order_tests += [
                OrderTest(**dict(test), order=order, source=source, type=name, by_group=tests[name].by_group)
                for name, test in corrected(of_types[source]).items()
            ]
    return order_tests


def copied_in_order(dataset: Dataset, seed: int) -> Found:
    """Answer each question as another that stands in some place relative to it, among those of its type.

    It is the one before it, the one two before, the one in the same place of the group before, or the one
    before it in its own group. The questions stand in the order of the file ("position"), and of their ids
    where that is another ("id"). The score is 1 for the same place of the gold option (its letter), and the
    relative accuracy of the copied number.

    Letters say nothing of a scene where options are shuffled, so under the null those of a type are
    exchangeable. Numbers, and options that are the same for all questions of a type, may agree within a
    group, which stands together in many files, without any leak: there the answer copied is the last of the
    group before, groups stand in the order of their first questions, and under the null whole groups are
    exchangeable. For the same place in a group, those of a group are exchangeable whatever they are. Within
    a group answers count as copied where they are equal, numbers too; that they repeat there tells a model
    that was trained on some of a group the others.

    Answers that come in runs score more than chance and those that take turns less, so both count. Of options
    whose order was drawn here, letters say nothing, and choices are not tested.

    Parameters
    ----------
    dataset
        The questions.
    seed
        Of the permutations.

    Returns
    -------
    For each order and source a test of every type with at least three questions, or groups; for those in
    groups, of types that have several questions in some group.
    """
    frame, rules = dataset.frame, inclusive_rules(dataset.benchmark)
    tested = np.ones(len(frame), dtype=bool)
    if dataset.benchmark.columns.order_is_drawn:
        tested = frame["format"].to_numpy() != "mc"
    position = frame["position"].to_numpy()
    orders: dict[Order, IntArray] = {"position": np.argsort(position, kind="stable")}
    # The frame is in the order of the ids. Ids that were made from the questions put like next to like.
    if dataset.benchmark.columns.id is not None and not np.array_equal(
        orders["position"], np.arange(len(frame))
    ):
        orders["id"] = np.arange(len(frame))
    types, answers = frame["type"].to_numpy().astype(str), comparable_answers(dataset)
    groups = independent(dataset).codes()
    options = frame["options"].to_numpy()
    total = permutations(len(frame))
    fewer = max(total // _OTHER_SOURCES, 1)
    declared = np.unique(frame["group"].to_numpy().astype(str), return_inverse=True)[1]
    sequenced: Found = {}
    for order, sequence in orders.items():
        tests: dict[Source, dict[str, Sequenced]] = {source: {} for source in get_args(Source)}
        sequenced[order] = tests
        for number, name in enumerate(np.unique(types[tested]).tolist()):
            rows = sequence[types[sequence] == name]
            by_group = name in rules or len(set(options[rows])) == 1
            group = _by_first(groups[rows]) if by_group else np.arange(len(rows))
            n_groups = int(group.max()) + 1
            if n_groups >= 3:
                copies: list[tuple[Source, int]] = [("one before", 1), ("two before", 2)]
                for source, lag in copies:
                    rng = np.random.default_rng([seed, number] if lag == 1 else [seed, number, lag])
                    drawn = total if lag == 1 else fewer
                    copying = _copy_last(answers[rows], group, n_groups, lag, rules.get(name), drawn, rng)
                    tests[source][name] = Sequenced(by_group, copying)
            group = _by_first(declared[rows])
            if 3 <= int(group.max()) + 1 < len(rows):
                own, rng = answers[rows], np.random.default_rng([seed, number, 3])
                copying = _copy_place(own, group, rules.get(name), fewer, rng)
                tests["same place in a group"][name] = Sequenced(True, copying)
                tests["one before in the group"][name] = Sequenced(True, _copy_own(own, group, fewer, rng))
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
    lag: int,
    inclusive: bool | None,
    total: int,
    rng: np.random.Generator,
) -> Copying:
    last = np.empty(n_groups)
    last[group] = answers  # The last assignment to a group stays.

    def scores(sequences: IntArray) -> FloatArray:
        """The mean score under each of (m, groups) orders of the groups."""
        before = np.empty_like(sequences)
        np.put_along_axis(before, sequences[:, lag:], sequences[:, :-lag], axis=1)
        np.put_along_axis(before, sequences[:, :lag], -1, axis=1)
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


def _copy_place(
    answers: FloatArray, group: IntArray, inclusive: bool | None, total: int, rng: np.random.Generator
) -> Copying:
    """Copy from the last group before that has as many questions; the answers of each group permuted."""
    order = np.argsort(group, kind="stable")
    whole, own = group[order], answers[order]
    first = np.flatnonzero(np.diff(whole, prepend=-1))
    place = np.arange(len(whole)) - first[whole]
    by_place = np.lexsort((whole, place))
    source, given = by_place[:-1], by_place[1:]
    same = place[source] == place[given]
    source, given = source[same], given[same]

    def score(permuted: FloatArray) -> FloatArray:
        mean: FloatArray = copy_scores(permuted[:, given], permuted[:, source], inclusive).mean(axis=1)
        return mean

    drawn = [
        score(own[np.argsort(whole + rng.random((size, len(own))), axis=1)])
        for size in chunks(total, len(own))
    ]
    return Copying(len(given), float(score(own[np.newaxis])[0]), np.concatenate(drawn))


def _copy_own(answers: FloatArray, group: IntArray, total: int, rng: np.random.Generator) -> Copying:
    """Copy from the one before of the same group; all answers permuted."""
    order = np.argsort(group, kind="stable")
    given = 1 + np.flatnonzero(np.diff(group[order]) == 0)
    codes = np.unique(answers[order], return_inverse=True)[1]

    def score(permuted: IntArray) -> FloatArray:
        same: FloatArray = (permuted[:, given] == permuted[:, given - 1]).mean(axis=1)
        return same

    drawn = [score(rng.permuted(np.tile(codes, (size, 1)), axis=1)) for size in chunks(total, len(codes))]
    return Copying(len(given), float(score(codes[np.newaxis])[0]), np.concatenate(drawn))
