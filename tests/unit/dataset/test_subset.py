import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from data_rows import count, load_rows, pick
from hypothesis import assume, given
from hypothesis import strategies as st

from tst_harness.dataset.loading import Dataset, load
from tst_harness.dataset.sample import benchmark
from tst_harness.dataset.subset import subset
from tst_harness.errors import DataError

SAMPLE = load(benchmark())


def dataset_of(types: list[str]) -> Dataset:
    """Questions of the sample with ids 0, 1, ... and these types."""
    frame = SAMPLE.frame.iloc[: len(types)].assign(type=types, id=[str(row) for row in range(len(types))])
    return replace(SAMPLE, frame=frame)


TYPES = st.lists(st.sampled_from("aaaaabbcd"), min_size=2, max_size=80)


def smallest(types: list[str], at_least: int) -> int:
    return sum(min(size, at_least) for size in Counter(types).values())


@st.composite
def limited(draw: st.DrawFn) -> tuple[list[str], int, int]:
    types = draw(TYPES)
    at_least = draw(st.integers(1, 6))
    assume(smallest(types, at_least) < len(types))
    return types, draw(st.integers(smallest(types, at_least), len(types) - 1)), at_least


@given(limited(), st.integers(0, 5))
def test_sizes_add_up_and_every_type_keeps_its_minimum(drawn: tuple[list[str], int, int], seed: int) -> None:
    types, n, at_least = drawn
    dataset = dataset_of(types)
    kept = subset(dataset, n, seed, at_least)
    assert kept.frame.index.tolist() == list(range(n))
    assert kept.source == dataset.source
    ids = [int(id_) for id_ in kept.frame["id"]]
    assert ids == sorted(set(ids))
    assert kept.frame["type"].tolist() == [types[row] for row in ids]
    counts = Counter(kept.frame["type"])
    for name, size in Counter(types).items():
        assert min(size, at_least) <= counts[name] <= size
        # Nobody has more than its proportion, rounded up: minima only take away from the others.
        assert counts[name] <= max(-(-n * size // len(types)), at_least)


@given(TYPES, st.data())
def test_shares_are_proportional_where_no_minimum_binds(types: list[str], data: st.DataObject) -> None:
    n = data.draw(st.integers(1, len(types)))
    counts = Counter(subset(dataset_of(types), n, 0, at_least=0).frame["type"])
    for name, size in Counter(types).items():
        assert abs(counts[name] - n * size / len(types)) < 1


@given(limited(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(drawn: tuple[list[str], int, int], shuffle: random.Random) -> None:
    types, n, at_least = drawn
    dataset = dataset_of(types)
    order = list(range(len(types)))
    shuffle.shuffle(order)
    shuffled = replace(dataset, frame=dataset.frame.iloc[order].reset_index(drop=True))
    kept = set(subset(dataset, n, 1, at_least).frame["id"])
    assert set(subset(shuffled, n, 1, at_least).frame["id"]) == kept


@given(limited(), st.data())
def test_a_larger_limit_keeps_what_a_smaller_one_had(
    drawn: tuple[list[str], int, int], data: st.DataObject
) -> None:
    types, n, at_least = drawn
    more = data.draw(st.integers(n, len(types)))
    dataset = dataset_of(types)
    fewer, larger = (subset(dataset, limit, 7, at_least).frame for limit in (n, more))
    for name in set(types):
        before = set(fewer.loc[fewer["type"] == name, "id"])
        after = set(larger.loc[larger["type"] == name, "id"])
        assert before <= after or after < before


def test_another_seed_keeps_others() -> None:
    kept = [set(subset(SAMPLE, 300, seed, 5).frame["id"]) for seed in (1, 1, 2)]
    assert kept[0] == kept[1]
    assert len(kept[0] & kept[2]) == pytest.approx(150, abs=40)


def test_a_type_by_itself_keeps_the_ids_it_keeps_among_others(tmp_path: Path) -> None:
    both = load_rows(tmp_path, [pick(n) for n in range(40)] + [count(n) for n in range(40, 60)])
    kept = subset(both, 30, 0, 5).frame
    assert Counter(kept["type"]) == {"pick": 20, "count": 10}
    assert kept.loc[kept["type"] == "pick", "answer"].eq(0.0).all()
    alone = load_rows(tmp_path, [pick(n) for n in range(40)], "one.jsonl")
    assert subset(alone, 20, 0, 5).frame["id"].tolist() == kept.loc[kept["type"] == "pick", "id"].tolist()


@pytest.mark.parametrize("n", [600, 601])
def test_a_limit_that_does_not_bind_changes_nothing(n: int) -> None:
    assert subset(SAMPLE, n, 0, 5) is SAMPLE


def test_too_few_questions_say_how_many_are_needed() -> None:
    types = ["a"] * 20 + ["b"] * 2
    with pytest.raises(DataError, match=r"6 questions are too few .* use --tst-limit 7 or more"):
        subset(dataset_of(types), 6, 0, 5)
    assert Counter(subset(dataset_of(types), 7, 0, 5).frame["type"]) == {"a": 5, "b": 2}
