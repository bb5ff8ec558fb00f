from dataclasses import replace

import numpy as np
import pytest
from check_builders import Row, count, dataset_of, pick

from tst_harness.checks.order import Found, Order, Sequenced, Source, copied_in_order


def of_all(rows: list[Row]) -> Found:
    return copied_in_order(dataset_of(rows), seed=0)


def found(rows: list[Row], source: Source = "one before") -> dict[Order, dict[str, Sequenced]]:
    return {order: tests[source] for order, tests in of_all(rows).items()}


def shuffled(answers: list[int]) -> list[Row]:
    """Questions whose options are in another order each time."""
    rng = np.random.default_rng(1)
    return [pick(answer, options=tuple(rng.permutation(["a", "b", "c", "d"]))) for answer in answers]


def test_answers_in_runs_are_found() -> None:
    test = found(shuffled([place // 10 for place in range(40)]))["position"]["pick"]
    assert test.copying.score == pytest.approx(36 / 39)
    assert abs(test.copying.chance - 9 / 39) < 0.02
    assert test.copying.p_value() == 0.001


def test_answers_that_take_turns_are_found() -> None:
    test = found(shuffled([place % 4 for place in range(40)]))["position"]["pick"]
    assert test.copying.score == 0.0
    assert test.copying.p_value() == 0.001


def test_random_answers_are_not() -> None:
    rng = np.random.default_rng(5)
    p_values = np.array(
        [
            found(shuffled(rng.integers(4, size=40).tolist()))["position"]["pick"].copying.p_value()
            for _ in range(100)
        ]
    )
    assert np.mean(p_values <= 0.05) <= 0.12


def test_numbers_that_agree_within_a_group_are_no_leak() -> None:
    rng = np.random.default_rng(7)
    p_values = []
    for _ in range(60):
        sizes = rng.lognormal(3, 1, size=25)
        rows = [
            count(round(float(size), 1), group=f"room {at}") for at, size in enumerate(sizes) for _ in "1234"
        ]
        test = found(rows)["position"]["count"]
        assert test.by_group
        p_values.append(test.copying.p_value())
    assert np.mean(np.array(p_values) <= 0.05) <= 0.14


def test_numbers_sorted_across_groups_are_a_leak() -> None:
    rows = [count(10 + place, group=f"room {place // 3}") for place in range(60)]
    test = found(rows)["position"]["count"]
    assert test.copying.score > test.copying.chance + 0.2
    assert test.copying.p_value() == 0.001


def test_options_that_never_change_are_tested_by_group() -> None:
    rows = [pick(place // 5 % 2, options=("yes", "no"), group=f"room {place // 5}") for place in range(40)]
    test = found(rows)["position"]["pick"]
    assert test.by_group
    assert test.copying.score == 0.0


def test_the_order_of_the_ids_is_tested_where_it_is_another() -> None:
    rng = np.random.default_rng(9)
    rows = shuffled([place // 10 for place in range(40)])
    assert set(found(rows)) == {"position"}
    for row, position in zip(rows, rng.permutation(40), strict=True):
        row["position"] = int(position)
    both = found(rows)
    assert both["id"]["pick"].copying.p_value() == 0.001
    assert both["position"]["pick"].copying.p_value() > 0.01


def test_the_order_of_ids_that_were_made_is_not_tested() -> None:
    dataset = dataset_of(shuffled([place // 10 for place in range(40)][::-1]))
    dataset.frame["position"] = np.random.default_rng(9).permutation(40)
    columns = dataset.benchmark.columns.model_copy(update={"id": None})
    assert set(copied_in_order(dataset, seed=0)) == {"position", "id"}
    made = replace(dataset, benchmark=dataset.benchmark.model_copy(update={"columns": columns}))
    assert set(copied_in_order(made, seed=0)) == {"position"}


def test_types_are_tested_apart_and_too_few_questions_not_at_all() -> None:
    rows = [*shuffled([0] * 5), count(1), count(2)]
    assert set(found(rows)["position"]) == {"pick"}


def in_groups(answers: list[int], size: int) -> list[Row]:
    """Questions whose options are in another order each time, in groups that stand together."""
    rng = np.random.default_rng(1)
    return [
        pick(answer, options=tuple(rng.permutation(["a", "b", "c", "d"])), group=f"room {place // size}")
        for place, answer in enumerate(answers)
    ]


def test_the_answer_two_before_is_found() -> None:
    rng = np.random.default_rng(3)
    answers = rng.integers(4, size=2).tolist()
    while len(answers) < 60:
        answers.append((answers[-2] + (rng.random() < 0.2)) % 4)
    test = found(shuffled(answers), "two before")["position"]["pick"]
    assert test.copying.score > 0.6
    assert test.copying.p_value() < 0.01


def test_a_letter_of_each_place_in_a_group_is_found() -> None:
    rows = in_groups([place % 3 for place in range(60)], 3)
    test = found(rows, "same place in a group")["position"]["pick"]
    assert test.copying.score == 1.0
    assert test.copying.p_value() < 0.01


def test_a_number_of_each_place_in_a_group_is_found_where_groups_differ() -> None:
    rows = [
        count((place // 3 + 1) * (1, 10, 100)[place % 3], group=f"room {place // 3}") for place in range(60)
    ]
    test = found(rows, "same place in a group")["position"]["count"]
    assert test.copying.score > test.copying.chance + 0.1
    assert test.copying.p_value() < 0.01


@pytest.mark.parametrize("numbers", [False, True])
def test_answers_that_repeat_within_a_group_are_found(numbers: bool) -> None:
    rng = np.random.default_rng(5)
    answers = np.repeat(rng.integers(4, size=20), 3).tolist()
    rows = in_groups(answers, 3)
    if numbers:
        rows = [count(answer, group=row["group"]) for answer, row in zip(answers, rows, strict=True)]
    test = found(rows, "one before in the group")["position"]["count" if numbers else "pick"]
    assert test.copying.score == 1.0
    assert test.copying.p_value() < 0.01


def test_random_answers_are_found_by_no_source() -> None:
    rng = np.random.default_rng(5)
    p_values = [
        test["pick"].copying.p_value()
        for _ in range(60)
        for test in of_all(in_groups(rng.integers(4, size=60).tolist(), 3))["position"].values()
    ]
    assert len(p_values) == 4 * 60
    assert np.mean(np.array(p_values) <= 0.05) <= 0.09


def test_groups_of_one_question_have_no_places() -> None:
    tests = of_all(shuffled([place % 4 for place in range(40)]))["position"]
    assert {source for source, by_type in tests.items() if by_type} == {"one before", "two before"}


def test_groups_agree_on_numbers_without_a_place_that_tells() -> None:
    rng = np.random.default_rng(7)
    p_values = []
    for _ in range(60):
        sizes = rng.lognormal(3, 1, size=25)
        rows = [
            count(round(float(size * rng.lognormal(0, 0.3)), 1), group=f"room {at}")
            for at, size in enumerate(sizes)
            for _ in "1234"
        ]
        p_values.append(found(rows, "same place in a group")["position"]["count"].copying.p_value())
    assert np.mean(np.array(p_values) <= 0.05) <= 0.14
