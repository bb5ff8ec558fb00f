import numpy as np
from check_builders import count, dataset_of, own_text, pick
from hypothesis import given
from hypothesis import strategies as st

from tst_harness.analysis.near_duplicates import find_clusters
from tst_harness.checks.agreement import copied_from_duplicates, partners
from tst_harness.dataset.loading import Dataset
from tst_harness.stats.permutation import Copying


def copying(dataset: Dataset) -> dict[str, Copying]:
    return copied_from_duplicates(dataset, find_clusters(dataset.frame), seed=0)


def twins(answers: list[tuple[int, int]], *others: int) -> Dataset:
    """Two questions of each text, with these answers, and questions of their own."""
    rows = [pick(one, own_text(place)) for place, pair in enumerate(answers) for one in pair]
    return dataset_of([*rows, *(pick(answer) for answer in others)])


def test_duplicates_with_equal_answers_give_themselves_away() -> None:
    found = copying(twins([(place % 3, place % 3) for place in range(15)]))["pick"]
    assert (found.n, found.score) == (30, 1.0)
    assert abs(found.chance - 1 / 3) < 0.05
    assert found.p_value() == 0.001


def test_duplicates_with_opposite_answers_give_themselves_away() -> None:
    rng = np.random.default_rng(4)
    rows = [
        pick(answer, own_text(place), options=("yes", "no"), position=int(position))
        for position, (place, answer) in zip(
            rng.permutation(60), ((place, answer) for place in range(30) for answer in (0, 1)), strict=True
        )
    ]
    found = copying(dataset_of(rows))["pick"]
    assert (found.n, found.score) == (60, 0.0)
    assert abs(found.chance - 1 / 2) < 0.05
    assert found.p_value() == 0.001


def test_duplicates_with_unrelated_answers_do_not() -> None:
    rng = np.random.default_rng(3)
    p_values = []
    for _ in range(100):
        drawn = rng.integers(3, size=(12, 2)).tolist()
        p_values.append(copying(twins(drawn, *rng.integers(3, size=10)))["pick"].p_value())
    assert np.mean(np.array(p_values) <= 0.05) <= 0.12
    assert 0.35 < np.mean(p_values) < 0.75


def test_a_popular_answer_is_no_agreement() -> None:
    found = copying(twins([(0, 0)] * 20, *[0] * 20))["pick"]
    assert found.score == found.chance == 1.0
    assert found.p_value() == 1.0


def test_options_that_no_other_question_offers_agree_by_their_number() -> None:
    rows = []
    for place in range(30):
        options = tuple(f"{letter}{place}" for letter in "abcd")
        rows += [pick(place % 4, own_text(place), options=options) for _ in range(2)]
    found = copying(dataset_of(rows))["pick"]
    assert found.score == 1.0
    assert abs(found.chance - 1 / 4) < 0.06


def test_shuffled_options_are_compared_by_their_text() -> None:
    text = "Which colour is it, the one by the window?"
    rows = [
        pick(0, text, options=("red", "green")),
        pick(1, text, options=("green", "red")),
        *(pick(place % 2, options=("red", "green")) for place in range(10)),
    ]
    assert copying(dataset_of(rows))["pick"].score == 1.0


def test_numbers_count_by_how_near_they_are() -> None:
    rows = [
        count(answer, own_text(place)) for place, pair in enumerate([(100, 104), (5, 5)]) for answer in pair
    ]
    found = copying(dataset_of([*rows, *(count(answer) for answer in range(20, 30))]))["count"]
    assert found.n == 4
    assert found.score == (1.0 + 1.0 + 1.0 + 1.0) / 4
    assert found.chance < 0.5


def test_duplicates_within_a_group_are_not_tested() -> None:
    rows = [
        pick(0, "The same question twice?", group="room"),
        pick(0, "The same question twice?", group="room"),
    ]
    assert copying(dataset_of([*rows, pick(1), pick(2)])) == {}


def test_a_large_type_is_sampled_by_whole_clusters() -> None:
    rows = [pick(place % 3) for place in range(6_000)]
    rows[17] = rows[5_900] = pick(1, "The only question that is asked twice?")
    found = copying(dataset_of(rows))["pick"]
    assert (found.n, found.score) == (2, 1.0)


@given(st.lists(st.tuples(st.integers(-1, 3), st.sampled_from("abc")), min_size=1, max_size=30))
def test_partners_are_of_the_cluster_and_of_another_group(questions: list[tuple[int, str]]) -> None:
    cluster = np.array([one for one, _ in questions])
    group = np.array([name for _, name in questions])
    found = partners(cluster, group)
    for place, partner in enumerate(found.tolist()):
        members = np.flatnonzero((cluster == cluster[place]) & (cluster[place] >= 0))
        if partner >= 0:
            assert partner in members
            assert group[partner] != group[place]
        elif len(members):
            # A partner lacks only where one group has most of the cluster.
            assert 2 * np.unique(group[members], return_counts=True)[1].max() > len(members)
    used = found[found >= 0]
    assert len(np.unique(used)) == len(used)
