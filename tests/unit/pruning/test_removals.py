"""The laws of removing in batches, whatever the scores and however they change."""

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pruning_builders import FORMATS, Made, begun, made, prunings, removed_ids, run, shuffled

from tst_harness.benchmark.pruning import PruningSettings
from tst_harness.errors import DataError, DeclarationError
from tst_harness.pruning.allocation import strata_of

# Each is a pruning of many batches.
FEW = settings(max_examples=25, deadline=None)


@FEW
@given(prunings())
def test_no_budget_and_no_floor_is_violated(pruning: tuple[Made, list[PruningSettings]]) -> None:
    benchmark, [asked] = pruning
    removed = removed_ids(benchmark, asked)
    assert asked.budget is not None
    assert len(set(removed)) == len(removed) <= asked.budget
    frame = benchmark.frame
    left = frame[~frame["id"].isin(removed)]
    assert len(left) + len(removed) == len(frame)
    for name, before in Counter(frame["type"]).items():
        of_type = left["type"] == name
        assert of_type.sum() >= min(before, asked.min_per_type)
        for folds in benchmark.folds:
            assert len(set(folds[left.index[of_type]])) > 1
    answers = Counter(zip(left["type"], left["answer"], strict=True))
    for cell, before in Counter(zip(frame["type"], frame["answer"], strict=True)).items():
        assert answers[cell] >= min(before, asked.min_per_answer)


@FEW
@given(prunings(budgets=2))
def test_what_a_budget_removes_a_larger_one_removes_first(
    pruning: tuple[Made, list[PruningSettings]],
) -> None:
    benchmark, [small, large] = pruning
    # A stratum with nothing above tau waits, and what is above it later depends on what the others lost.
    assume(small.tau is None or not benchmark.coupled or small.allocation == "global")
    less, more = removed_ids(benchmark, small), removed_ids(benchmark, large)
    assert len(less) <= len(more)
    stratum_of = dict(zip(benchmark.frame["id"], strata_of(benchmark.frame, small), strict=True))
    for stratum in set(stratum_of.values()):
        own, of_more = ([id_ for id_ in ids if stratum_of[id_] == stratum] for ids in (less, more))
        assert own == of_more[: len(own)]


@FEW
@given(st.integers(1, 15), st.integers(1, 15), st.integers(1, 6))
def test_so_it_is_with_budgets_of_their_own(first: int, second: int, batch: int) -> None:
    benchmark = made({"route": 30, "size": 30})
    few, many = sorted((first, second))

    def lists(budgets: dict[str, int]) -> dict[str, list[str]]:
        asked_for = PruningSettings(budgets=budgets, batch=batch)
        removed = removed_ids(benchmark, asked_for)
        return {name: [id_ for id_ in removed if id_.startswith(name)] for name in ("route", "size")}

    less, larger = lists({"mc": few, "num": 8}), lists({"mc": many, "num": 8})
    assert (len(less["route"]), len(larger["route"]), len(less["size"])) == (few, many, 8)
    assert larger["route"][:few] == less["route"]
    assert larger["size"] == less["size"]


@FEW
@given(prunings(), st.integers(0, 9))
def test_row_order_does_not_matter(pruning: tuple[Made, list[PruningSettings]], seed: int) -> None:
    benchmark, [asked] = pruning
    assert removed_ids(benchmark, asked) == removed_ids(shuffled(benchmark, seed), asked)


@FEW
@given(prunings(), st.integers(0, 5))
def test_one_that_was_interrupted_goes_on_as_if_it_had_not_been(
    pruning: tuple[Made, list[PruningSettings]], done: int
) -> None:
    benchmark, [asked] = pruning
    batches, stopped = run(benchmark, asked)
    again = begun(benchmark, asked)
    for batch in batches[:done]:
        again.repeat(one.id for one in batch)
    gone = {one.id for batch in batches[:done] for one in batch}
    assert [row for row, id_ in enumerate(benchmark.frame["id"]) if id_ not in gone] == again.kept.tolist()
    assert run(benchmark, asked, again) == (batches[done:], stopped)


def test_budgets_by_format_go_in_batches_of_each() -> None:
    batches, stopped = run(
        made({"route": 50, "count": 30, "size": 30}), PruningSettings(budgets={"mc": 25, "num": 40}, batch=10)
    )
    assert stopped == "budget"
    by_format = [Counter(FORMATS[one.type] for one in batch) for batch in batches]
    assert [(one["mc"], one["num"]) for one in by_format] == [(10, 10), (10, 10), (5, 10), (0, 10)]


def test_a_budget_is_shared_in_proportion() -> None:
    asked_for = PruningSettings(budget=30, batch=10, min_per_type=2)
    batches, _ = run(made({"route": 40, "size": 80}), asked_for)
    shares = [Counter(FORMATS[one.type] for one in batch) for batch in batches]
    assert [sum(one.values()) for one in shares] == [20, 10]
    assert sum(one["mc"] for one in shares) == 10


def test_tau_keeps_what_ranks_at_or_below_it() -> None:
    benchmark = made({"route": 60})
    benchmark = replace(benchmark, score=10 * benchmark.score)
    batches, stopped = run(benchmark, PruningSettings(tau=0.5, rank="raw", min_per_type=2))
    assert stopped == "tau"
    assert min(one.rank_score for batch in batches for one in batch) > 0.5
    assert removed_ids(benchmark, PruningSettings(tau=1.0, min_per_type=2)) == []


def test_floors_end_what_no_budget_ends() -> None:
    batches, stopped = run(made({"route": 30}), PruningSettings(until_chance=True, min_per_type=12))
    assert stopped == "floors"
    assert sum(map(len, batches)) == 18


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (
            {"budget": 41},
            r"41 of 60 questions .* the floors \(--min-per-type 10, --min-per-answer 0\) allow 30;",
        ),
        ({"budgets": {"mc": 5, "num": 31}}, "'num' is to lose 31 questions, and the floors allow 20"),
        ({"budgets": {"rout": 5}}, "'rout' is none of 'count', 'route', 'size'; name formats"),
        ({"fraction": 0.01}, "a fraction of 0.01 of 60 questions is none"),
        ({"until_chance": True, "min_per_type": 30}, r"keep all 60 questions; lower them"),
    ],
)
def test_what_cannot_be_removed_is_refused(asked: dict[str, Any], sentence: str) -> None:
    benchmark = made({"route": 20, "count": 20, "size": 20})
    with pytest.raises(DataError, match=sentence):
        run(benchmark, PruningSettings(**asked))


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({}, "nothing says when to stop"),
        ({"budget": 0}, "budget: "),
        ({"fraction": 1.0}, "fraction: Input should be less than 1"),
        ({"fraction": 0.0}, "fraction: Input should be greater than 0"),
        ({"budget": 1, "fraction": 0.5}, "budget and fraction both say how many"),
        ({"budgets": {}}, "there is no question to remove in them"),
        ({"budgets": {"mc": -1}}, "budgets.mc: "),
        ({"budgets": {"mc": 1}, "allocation": "type"}, "budgets say it already"),
        ({"budget": 1, "rank": "gain"}, "which the forest has none of"),
        ({"budget": 1, "min_per_type": 0}, "min_per_type: "),
        ({"budget": 1, "batch": 0}, "batch: "),
        ({"buget": 1}, "buget: "),
    ],
)
def test_settings_that_make_no_sense_are_refused(asked: dict[str, Any], sentence: str) -> None:
    with pytest.raises(DeclarationError, match=f"^PruningSettings: .*{sentence}"):
        PruningSettings(**asked)


def test_the_last_question_outside_a_fold_stays() -> None:
    benchmark = made({"route": 20})
    folds = np.ones((1, 20), dtype=np.int64)
    folds[0, 7] = 0
    best = benchmark.score.copy()
    best.iloc[7] = 2.0
    asked_for = PruningSettings(budget=15, min_per_type=2)
    removed = removed_ids(replace(benchmark, folds=folds, score=best), asked_for)
    assert len(removed) == 15
    assert "route-7" not in removed
