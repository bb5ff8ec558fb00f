"""Pairs and groups of questions whose answers are half yes and half no."""

import random
from collections.abc import Callable
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from check_builders import Row, dataset_of, pick

from tst_harness.analysis.independent import independent
from tst_harness.analysis.opposite_answers import opposite_in_order
from tst_harness.views.checks import unit_line

YES_NO: dict[str, Any] = {"options": ("no", "yes")}


def drawn(n: int) -> list[int]:
    return [int(answer) for answer in np.random.default_rng(0).integers(2, size=n)]


def test_pairs_that_follow_each_other_are_found() -> None:
    rows = [pick(answer, **YES_NO) for first in drawn(20) for answer in (first, 1 - first)]
    found, _ = opposite_in_order(dataset_of(rows))
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
    found, _ = opposite_in_order(dataset_of(rows))
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
    assert opposite_in_order(dataset_of(rows))[0] is None
    assert not rows or independent(dataset_of(rows)).opposite is None


THINGS = ("cup", "plate", "lamp", "chair", "book", "phone", "bottle", "shoe", "clock", "vase", "bowl", "pen")


def contrasted(
    one: str, other: str, answers: Callable[[int], tuple[int, int]], *, groups: bool, pairs: int = 60
) -> list[Row]:
    """Questions that are the same but for a few words, far from each other in the file, with two answers."""
    rows: list[tuple[float, Row]] = []
    rng = random.Random(5)
    for number, (thing, place) in enumerate(list(permutations(THINGS, 2))[:pairs]):
        for wording, answer in zip((one, other), answers(number), strict=True):
            text = f"In this picture, is the {thing} {wording} the {place}, as you see it?"
            group = {"group": f"image {number}"} if groups else {}
            rows.append((rng.random(), pick(answer, text, **group, **YES_NO)))
        if groups:
            rows.append((rng.random(), pick(rng.randrange(2), **group, **YES_NO)))
    return [row for _, row in sorted(rows, key=lambda each: each[0])]


@pytest.mark.parametrize("groups", [True, False])
@pytest.mark.parametrize(
    ("one", "other"), [("left of", "right of"), ("to the left of", "behind"), ("near", "not near")]
)
def test_questions_alike_but_for_a_few_words_are_found_wherever_they_are(
    one: str, other: str, groups: bool
) -> None:
    first = drawn(60)
    rows = contrasted(one, other, lambda number: (first[number], 1 - first[number]), groups=groups)
    units = independent(dataset_of(rows))
    assert units.opposite is not None
    assert (units.opposite.by, units.opposite.balanced) == ("wording", units.opposite.units)
    assert units.opposite.questions == 120
    assert units.opposite.p_value < 1e-5
    assert units.report().pairs == 60


@pytest.mark.parametrize("groups", [True, False])
@pytest.mark.parametrize("how", ["independent", "equal", "nearly", "told by the wording"])
def test_answers_that_are_not_opposite_make_no_pairs(how: str, groups: bool) -> None:
    first, second = drawn(60), np.random.default_rng(1).integers(2, size=60).tolist()

    def answers(number: int) -> tuple[int, int]:
        if how == "independent":
            return first[number], second[number]
        if how == "told by the wording":
            return 0, 1
        return first[number], first[number] if how == "equal" or number % 10 == 0 else 1 - first[number]

    rows = contrasted("left of", "right of", answers, groups=groups)
    assert opposite_in_order(dataset_of(rows))[0] is None
    assert not rows or independent(dataset_of(rows)).opposite is None


def test_independent_answers_are_rarely_found_to_be_opposite() -> None:
    rng = np.random.default_rng(3)
    count = 0
    for _ in range(40):
        few = contrasted(
            "left of", "right of", lambda _: tuple(rng.integers(2, size=2).tolist()), groups=False, pairs=12
        )
        count += independent(dataset_of(few)).opposite is not None
    assert count == 0


def test_pairs_of_a_group_are_one_unit_and_copies_count_once() -> None:
    first = drawn(60)
    rows = contrasted("left of", "right of", lambda number: (first[number], 1 - first[number]), groups=True)
    in_rooms = [row | {"group": f"room {int(str(row['group']).split()[1]) % 20}"} for row in rows]
    units = independent(dataset_of([*in_rooms, *in_rooms]))
    assert units.opposite is not None
    assert (units.opposite.units, units.opposite.balanced) == (20, 20)
