"""Who loses how many questions."""

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tst_harness.pruning.allocation import turns

sizes = st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 500), min_size=1)


@given(sizes, st.data())
def test_a_larger_total_takes_nothing_from_anybody(sizes: dict[str, int], data: st.DataObject) -> None:
    room = {name: data.draw(st.integers(0, size)) for name, size in sizes.items()}
    total = data.draw(st.integers(0, min(sum(room.values()), 200)))
    found = turns(sizes, room, total)
    assert len(found) == total
    assert found[: total // 2] == turns(sizes, room, total // 2)
    assert all(Counter(found)[name] <= room[name] for name in sizes)


@given(st.integers(1, 500), st.integers(1, 500), st.data())
def test_two_have_their_largest_remainders(one: int, other: int, data: st.DataObject) -> None:
    total = data.draw(st.integers(1, one + other))
    found = Counter(turns({"a": one, "b": other}, {"a": one, "b": other}, total))
    exact = total * one / (one + other)
    assert abs(found["a"] - exact) <= 0.5 + 1e-9


@given(sizes, st.data())
def test_nobody_is_far_from_their_share(sizes: dict[str, int], data: st.DataObject) -> None:
    total = data.draw(st.integers(1, min(sum(sizes.values()), 200)))
    found = Counter(turns(sizes, sizes, total))
    shares = np.array([total * size / sum(sizes.values()) for size in sizes.values()])
    assert np.abs(np.array([found[name] for name in sizes]) - shares).max() < 1.5


def test_what_is_full_is_passed_over() -> None:
    found = turns({"a": 90, "b": 10}, {"a": 2, "b": 10}, 8)
    assert Counter(found) == {"a": 2, "b": 6}
