import random
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tst_harness.analysis.folds import IntArray, answer_strata, assign_folds
from tst_harness.errors import DataError

IDS = st.lists(st.text(max_size=6), min_size=2, max_size=60, unique=True)


@st.composite
def questions(draw: st.DrawFn) -> tuple[list[str], list[int], int]:
    ids = draw(IDS)
    strata = draw(st.lists(st.integers(0, 4), min_size=len(ids), max_size=len(ids)))
    return ids, strata, draw(st.integers(2, min(6, len(ids))))


@st.composite
def grouped(draw: st.DrawFn) -> tuple[list[str], list[int], list[str], int]:
    ids, strata, k = draw(questions())
    # As many groups as folds at least, and none with more than half of the questions.
    names = draw(st.permutations([f"g{number % max(k, 3)}" for number in range(len(ids))]))
    return ids, strata, names, k


@given(questions(), st.integers(0, 3))
def test_folds_and_the_shares_of_each_stratum_differ_by_one_at_most(
    drawn: tuple[list[str], list[int], int], repeat: int
) -> None:
    ids, strata, k = drawn
    folds = assign_folds(ids, strata, k=k, repeat=repeat)
    counts = np.bincount(folds, minlength=k)
    assert len(counts) == k
    assert np.ptp(counts) <= 1
    for stratum in set(strata):
        shares = np.bincount(folds[np.array(strata) == stratum], minlength=k)
        assert np.ptp(shares) <= 1


@given(questions(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(
    drawn: tuple[list[str], list[int], int], shuffle: random.Random
) -> None:
    ids, strata, k = drawn
    folds = dict(zip(ids, assign_folds(ids, strata, k=k).tolist(), strict=True))
    order = list(range(len(ids)))
    shuffle.shuffle(order)
    again = assign_folds([ids[row] for row in order], [strata[row] for row in order], k=k)
    assert dict(zip([ids[row] for row in order], again.tolist(), strict=True)) == folds


@given(grouped(), st.randoms(use_true_random=False))
def test_groups_are_never_split_in_any_order_of_rows(
    drawn: tuple[list[str], list[int], list[str], int], shuffle: random.Random
) -> None:
    ids, strata, names, k = drawn
    if len(set(names)) < k or 2 * max(Counter(names).values()) > len(ids):
        return
    folds = assign_folds(ids, strata, groups=names, k=k)
    assert len({(name, fold) for name, fold in zip(names, folds.tolist(), strict=True)}) == len(set(names))
    assert set(folds.tolist()) == set(range(k))
    order = list(range(len(ids)))
    shuffle.shuffle(order)
    again = assign_folds(
        [ids[row] for row in order],
        [strata[row] for row in order],
        groups=[names[row] for row in order],
        k=k,
    )
    assert again.tolist() == folds[order].tolist()


def partition(folds: IntArray) -> set[frozenset[int]]:
    return {frozenset(np.flatnonzero(folds == fold).tolist()) for fold in set(folds.tolist())}


@pytest.mark.parametrize("sizes", [[6] * 20, list(range(1, 21))], ids=["equal", "distinct"])
@pytest.mark.parametrize("by_group", [False, True])
def test_another_seed_or_repeat_gives_other_folds(sizes: list[int], by_group: bool) -> None:
    names = [f"g{number}" for number, size in enumerate(sizes) for _ in range(size)]
    ids = [str(number) for number in range(len(names))]
    groups = names if by_group else None
    first = partition(assign_folds(ids, [0] * len(ids), groups=groups))
    assert partition(assign_folds(ids, [0] * len(ids), groups=groups)) == first
    assert partition(assign_folds(ids, [0] * len(ids), groups=groups, seed=43)) != first
    assert partition(assign_folds(ids, [0] * len(ids), groups=groups, repeat=1)) != first


def test_groups_of_many_sizes_give_balanced_folds() -> None:
    rng = np.random.default_rng(0)
    names = [f"g{number}" for number, size in enumerate(rng.integers(5, 60, 200)) for _ in range(size)]
    ids = [str(number) for number in range(len(names))]
    strata = rng.integers(0, 5, len(ids))
    folds = assign_folds(ids, strata, groups=names)
    assert np.ptp(np.bincount(folds)) < 0.02 * len(ids) / 5
    for stratum in range(5):
        counts = np.bincount(folds[strata == stratum])
        assert np.ptp(counts) < 0.15 * counts.mean()


@pytest.mark.parametrize(
    ("n", "groups", "k", "message"),
    [
        (9, None, 1, r"1 fold\(s\) leave nothing to train on; use --tst-folds 2 or more"),
        (3, None, 5, "there are 3 questions for 5 folds; use fewer folds"),
        (9, ["a"] * 4 + ["b"] * 5, 3, "there are 2 groups for 3 folds"),
        (9, ["a"] * 5 + ["b", "c", "d", "e"], 3, "the group 'a' holds 5 of the 9 questions"),
    ],
)
def test_what_cannot_be_split_says_why(n: int, groups: list[str] | None, k: int, message: str) -> None:
    with pytest.raises(DataError, match=message):
        assign_folds([str(number) for number in range(n)], [0] * n, groups=groups, k=k)


def test_strata_are_the_gold_place_or_the_fifth_of_the_answers() -> None:
    types = np.array(["pick"] * 3 + ["count"] * 10, dtype=object)
    formats = np.array(["mc"] * 3 + ["num"] * 10, dtype=object)
    answers = np.array([0, 2, 2, *range(9), 1e300])
    strata = answer_strata(types, formats, answers)
    assert strata[:3] == ["pick/0", "pick/2", "pick/2"]
    assert Counter(strata[3:]) == {f"count/{fifth}": 2 for fifth in range(5)}


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40), st.randoms(use_true_random=False))
def test_strata_do_not_depend_on_the_order_of_rows(answers: list[float], shuffle: random.Random) -> None:
    num = np.full(len(answers), "num")
    strata = answer_strata(num, num, np.array(answers))
    order = list(range(len(answers)))
    shuffle.shuffle(order)
    assert answer_strata(num, num, np.array(answers)[order]) == [strata[row] for row in order]
