"""From the checks of a dataset to their part of the report."""

from collections import Counter
from collections.abc import Mapping

import numpy as np

from tst_harness.analysis.comparable import comparable_answers
from tst_harness.analysis.diagnostic import IntArray
from tst_harness.analysis.near_duplicates import SIMILARITY, Clusters, normalised
from tst_harness.analysis.scoring import LETTERS
from tst_harness.checks.agreement import copied_from_duplicates
from tst_harness.checks.order import copied_in_order
from tst_harness.checks.pairs import Balanced, opposite_answers
from tst_harness.checks.positions import Balance, balances
from tst_harness.checks.schema import (
    ChecksReport,
    CopyTest,
    DuplicateCluster,
    DuplicatesReport,
    OppositeAnswers,
    OrderTest,
    PositionBalance,
    PositionCounts,
    PositionsReport,
    TypeDuplicates,
)
from tst_harness.dataset.loading import Dataset
from tst_harness.stats.permutation import Copying
from tst_harness.stats.resampling import holm

_MOST_CLUSTERS = 50
_MOST_IDS = 20
_MOST_CHARACTERS = 200


def checks_report(dataset: Dataset, clusters: Clusters, fold: IntArray, seed: int) -> ChecksReport:
    """Run the checks that need no diagnostic.

    Parameters
    ----------
    dataset
        n questions.
    clusters
        Its duplicates.
    fold
        Shape (n,), the fold that holds each question out.
    seed
        Of the permutations.
    """
    return ChecksReport(
        duplicates=_duplicates(dataset, clusters, fold, seed),
        order=_order(dataset, seed),
        positions=_positions(balances(dataset, seed)),
        opposite_answers=_opposite(opposite_answers(dataset)),
    )


def _opposite(result: Balanced | None) -> OppositeAnswers | None:
    return None if result is None else OppositeAnswers.model_validate(result._asdict())


def _duplicates(dataset: Dataset, clusters: Clusters, fold: IntArray, seed: int) -> DuplicatesReport:
    frame, of = dataset.frame, clusters.of
    types = frame["type"].to_numpy().astype(str)
    groups = np.unique(frame["group"].to_numpy().astype(str), return_inverse=True)[1]
    copying = copied_from_duplicates(dataset, clusters, seed)
    tests = _corrected(copying)
    counted = {}
    for name in np.unique(types).tolist():
        own = of[types == name]
        counted[name] = TypeDuplicates(
            n=len(own),
            questions=int((own >= 0).sum()),
            exact=int(clusters.exact[types == name].sum()),
            clusters=len(np.unique(own[own >= 0])),
            copying=tests.get(name),
        )
    return DuplicatesReport(
        least_similarity=SIMILARITY,
        questions=int((of >= 0).sum()),
        exact=int(clusters.exact.sum()),
        clusters=len(clusters.similarity),
        across_groups=_spanning(of, groups),
        across_folds=_spanning(of, fold),
        copying=_copy_test(Copying.pooled(list(copying.values()))) if copying else None,
        types=counted,
        largest=_largest(dataset, clusters),
    )


def _spanning(of: IntArray, part: IntArray) -> int:
    """Count the clusters with questions in several parts."""
    pairs = np.unique(np.stack([of[of >= 0], part[of >= 0]]), axis=1)
    return int((np.bincount(pairs[0]) > 1).sum())


def _largest(dataset: Dataset, clusters: Clusters) -> list[DuplicateCluster]:
    sizes = np.bincount(clusters.of[clusters.of >= 0])
    comparable = comparable_answers(dataset)
    largest = []
    for number in np.argsort(-sizes, kind="stable")[:_MOST_CLUSTERS].tolist():
        rows = dataset.frame[clusters.of == number]
        answers = Counter(
            normalised(options[int(answer)]) if format_ == "mc" else answer
            for format_, options, answer in zip(
                rows["format"], rows["options"], comparable[clusters.of == number], strict=True
            )
        )
        largest.append(
            DuplicateCluster(
                size=len(rows),
                groups=int(rows["group"].nunique()),
                types=sorted(set(rows["type"])),
                similarity=float(clusters.similarity[number]),
                same_answer=max(answers.values()) / len(rows),
                text=rows["text"].iloc[0][:_MOST_CHARACTERS],
                ids=rows["id"].iloc[:_MOST_IDS].tolist(),
            )
        )
    return largest


def _order(dataset: Dataset, seed: int) -> list[OrderTest]:
    order_tests = []
    for order, by_source in copied_in_order(dataset, seed).items():
        of_types = {
            str(source): {name: test.copying for name, test in tests.items()}
            for source, tests in by_source.items()
            if tests
        }
        pooled = {source: Copying.pooled(list(copying.values())) for source, copying in of_types.items()}
        others = {source: test for source, test in pooled.items() if source != "one before"}
        overall = {source: _copy_test(test, two_sided=True) for source, test in pooled.items()}
        overall |= _corrected(others, two_sided=True) if others else {}
        for source, tests in by_source.items():
            if not tests:
                continue
            whole = overall[source]
            order_tests.append(OrderTest(**dict(whole), order=order, source=source, type=None, by_group=None))
            order_tests += [
                OrderTest(**dict(test), order=order, source=source, type=name, by_group=tests[name].by_group)
                for name, test in _corrected(of_types[source], two_sided=True).items()
            ]
    return order_tests


def _positions(balances: Mapping[str, Balance]) -> PositionsReport | None:
    if not balances:
        return None
    names = [name for name in balances if name]
    adjusted = holm(np.array([balances[name].p_value for name in names]))
    return PositionsReport(
        overall=_balance(balances[""], balances[""].p_value),
        types={name: _balance(balances[name], p) for name, p in zip(names, adjusted.tolist(), strict=True)},
    )


def _balance(balance: Balance, p_value: float) -> PositionBalance:
    return PositionBalance(
        n=balance.n,
        counts=[PositionCounts(options=k, counts=counts) for k, counts in sorted(balance.counts.items())],
        best=LETTERS[balance.best] if balance.best < len(LETTERS) else str(balance.best),
        best_score=balance.best_score,
        chance=balance.chance,
        p_value=p_value,
        same_options=balance.same_options,
    )


def _corrected(tests: Mapping[str, Copying], two_sided: bool = False) -> dict[str, CopyTest]:
    """Return the tests of the types with p-values corrected for how many there are."""
    adjusted = holm(np.array([test.p_value(two_sided) for test in tests.values()]))
    return {
        name: _copy_test(test, two_sided).model_copy(update={"p_value": p})
        for (name, test), p in zip(tests.items(), adjusted.tolist(), strict=True)
    }


def _copy_test(test: Copying, two_sided: bool = False) -> CopyTest:
    return CopyTest(n=test.n, score=test.score, chance=test.chance, p_value=test.p_value(two_sided))
