import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tst_harness.analysis.diagnostic import IntArray
from tst_harness.pruning.controls import counts_by_type, random_removal
from tst_harness.pruning.controls_schema import Overlap
from tst_harness.pruning.overlap import overlap

FRAME = pd.DataFrame(
    {"id": [str(n) for n in range(60)], "type": ["pick"] * 40 + ["count"] * 15 + ["order"] * 5}
)
ROWS = st.sets(st.integers(0, 59)).map(lambda rows: np.array(sorted(rows), dtype=np.int64))


def found(first: IntArray, second: IntArray) -> Overlap:
    return overlap(FRAME, ("one", first), ("other", second))


@settings(deadline=None)
@given(ROWS, ROWS)
def test_an_index_is_a_share_and_symmetric(first: IntArray, second: IntArray) -> None:
    one, other = found(first, second), found(second, first)
    assert 0.0 <= one.jaccard <= 1.0
    assert one.random_range[0] <= one.random_range[1]
    assert one.jaccard == other.jaccard
    assert one.random_jaccard == pytest.approx(other.random_jaccard)
    both, either = set(first) & set(second), set(first) | set(second)
    assert one.common == len(both)
    assert one.jaccard == (len(both) / len(either) if either else 1.0)


@settings(deadline=None)
@given(ROWS)
def test_a_list_is_all_of_itself(rows: IntArray) -> None:
    assert found(rows, rows).jaccard == 1.0


def test_lists_of_everything_overlap_by_chance_alone() -> None:
    everything = np.arange(60)
    one = found(everything, everything)
    assert one.random_jaccard == pytest.approx(1.0)
    assert one.random_range == (1.0, 1.0)


def test_chance_is_that_of_random_lists_with_as_many_of_each_type() -> None:
    first, second = np.array([*range(30), 40, 41]), np.array([*range(10, 30), *range(45, 60)])
    one = found(first, second)
    drawn = [
        found(
            random_removal(FRAME, counts_by_type(FRAME, first), seed),
            random_removal(FRAME, counts_by_type(FRAME, second), 1_000 + seed),
        ).jaccard
        for seed in range(400)
    ]
    assert one.random_jaccard == pytest.approx(np.mean(drawn), abs=4 * float(np.std(drawn)) / 20)
    inside = np.mean([one.random_range[0] <= index <= one.random_range[1] for index in drawn])
    assert inside > 0.92
