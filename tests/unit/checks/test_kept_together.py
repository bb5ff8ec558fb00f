import numpy as np
from check_builders import Row, count, dataset_of, pick
from hypothesis import given, settings
from hypothesis import strategies as st

from tst_harness.analysis.near_duplicates import Clusters
from tst_harness.checks.kept_together import folds_of_clusters

K = 4


def split(rows: list[Row], of: list[int], grouped: bool = False) -> tuple[np.ndarray, list[bool]]:
    """Return the fold of each question, and which clusters are whole."""
    n = max(of) + 1
    clusters = Clusters(np.array(of), np.zeros(len(of), dtype=bool), np.ones(n))
    together = folds_of_clusters(dataset_of(rows).frame, clusters, k=K, seed=0, grouped=grouped)
    fold = np.full(len(rows), -1)
    for one in together.folds:
        assert np.array_equal(np.sort(np.concatenate([one.train, one.held_out])), np.arange(len(rows)))
        fold[one.held_out] = one.fold
    return fold, together.whole.tolist()


def test_a_cluster_is_in_one_fold_and_folds_are_even() -> None:
    of = [place // 5 if place < 50 else -1 for place in range(100)]
    fold, whole = split([pick() for _ in of], of)
    assert all(whole)
    assert all(len(set(fold[place : place + 5])) == 1 for place in range(0, 50, 5))
    assert np.bincount(fold).max() - np.bincount(fold).min() <= 5


def test_a_cluster_that_is_most_of_its_type_is_left_apart() -> None:
    rows = [pick() for _ in range(60)] + [count() for _ in range(10)]
    of = [-1] * 58 + [0, 0] + [1] * 10
    fold, whole = split(rows, of)
    assert whole == [True, False]
    assert len(set(fold[60:])) > 1


def test_groups_and_clusters_are_both_whole_where_asked_for() -> None:
    rows = [pick(group=place // 2) for place in range(80)]
    of = [-1] * 80
    of[1] = of[2] = of[41] = 0
    fold, whole = split(rows, of, grouped=True)
    assert whole == [True]
    assert len({*fold[0:4], *fold[40:42]}) == 1
    assert all(fold[place] == fold[place + 1] for place in range(0, 80, 2))


def test_small_clusters_come_first_where_all_together_link_too_much() -> None:
    rows = [pick(group=place // 2) for place in range(80)]
    # A template in every group, and two questions of a pair.
    of = [0 if place % 2 == 0 else -1 for place in range(80)]
    of[1] = of[43] = 1
    fold, whole = split(rows, of, grouped=True)
    assert whole == [False, True]
    assert fold[1] == fold[43]
    assert np.bincount(fold).tolist() == [20] * K


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(-1, 8), min_size=30, max_size=60), st.booleans())
def test_what_is_said_to_be_whole_is_whole(drawn: list[int], grouped: bool) -> None:
    of = np.unique([-1, *drawn], return_inverse=True)[1][1:] - 1
    rows = [pick(group=place // 3) for place in range(len(of))]
    if of.max() < 0:
        return
    fold, whole = split(rows, of.tolist(), grouped)
    for cluster, kept in enumerate(whole):
        if kept:
            assert len(set(fold[of == cluster])) == 1
    if grouped:
        assert all(len(set(fold[place : place + 3])) == 1 for place in range(0, len(of), 3))
