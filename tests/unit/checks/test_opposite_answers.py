"""Pairs and groups of questions whose answers are half yes and half no."""

from typing import Any

import numpy as np
import pytest
from check_builders import dataset_of, pick

from tst_harness.analysis.independent import independent
from tst_harness.analysis.opposite_answers import opposite_answers
from tst_harness.views.checks import unit_line

YES_NO: dict[str, Any] = {"options": ("no", "yes")}


def drawn(n: int) -> list[int]:
    return [int(answer) for answer in np.random.default_rng(0).integers(2, size=n)]


def test_pairs_that_follow_each_other_are_found() -> None:
    rows = [pick(answer, **YES_NO) for first in drawn(20) for answer in (first, 1 - first)]
    found = opposite_answers(dataset_of(rows))
    assert found is not None
    assert (found.by, found.questions, found.units, found.balanced) == ("position", 40, 20, 20)
    assert found.p_value < 1e-5


def test_pairs_count_once_in_intervals_and_tests() -> None:
    rows = [pick(answer, **YES_NO) for first in drawn(20) for answer in (first, 1 - first)]
    units = independent(dataset_of(rows))
    codes = units.codes()
    assert (codes[::2] == codes[1::2]).all()
    assert len(set(codes.tolist())) == 20
    assert unit_line(units.report()) == (
        "intervals and tests count 20 units as independent: 40 groups, each pair of opposite answers as one "
        "(20 pairs)"
    )
    alone = independent(dataset_of([pick(answer, **YES_NO) for answer in drawn(40)]))
    assert alone.report().pairs == 0


def test_groups_with_as_many_of_each_are_found() -> None:
    rows = []
    for group in range(12):
        answers = np.random.default_rng(group).permutation([0, 0, 0, 1, 1, 1]).tolist()
        rows += [pick(answer, group=f"image {group}", **YES_NO) for answer in answers]
    found = opposite_answers(dataset_of(rows))
    assert found is not None
    assert (found.by, found.units, found.balanced) == ("group", 12, 12)


@pytest.mark.parametrize(
    "rows",
    [
        [pick(answer, **YES_NO) for answer in drawn(200)],
        [pick(answer, group=f"image {n // 4}", **YES_NO) for n, answer in enumerate(drawn(200))],
        [pick(n % 2) for n in range(40)],
        [pick(n % 2, options=("no", "yes", "maybe")) for n in range(40)],
        [pick(n % 2, **YES_NO) for n in range(8)],
        [],
    ],
    ids=["drawn", "drawn in groups", "options of their own", "three answers", "few", "none"],
)
def test_what_is_no_pair_is_not_found(rows: list[Any]) -> None:
    assert opposite_answers(dataset_of(rows)) is None
