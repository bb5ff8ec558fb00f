"""Which worker gets which fold."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tst_harness.engine.settings import Settings
from tst_harness.integrations.pytest.course import Course
from tst_harness.integrations.pytest.scheduling import Task, choose, task_of

COURSE = Course(Settings(diagnostics=("forest", "llm")))


def scope(name: str) -> str:
    return f"benchmarks/test_{name}.py::Test{name.title()}"


@pytest.mark.parametrize(
    ("test", "longer"),
    [
        ("test_fold[forest-fold0]", False),
        ("test_fold[llm-fold0]", True),
        ("test_zero_shot[llm]", True),
        ("test_check[shortcuts]", False),
    ],
)
def test_what_an_id_says(test: str, longer: bool) -> None:
    task = task_of(f"{scope('vsi')}::{test}", COURSE)
    assert task.scope == scope("vsi")
    assert (task.seconds > 60) is longer


def test_an_id_of_another_kind_counts_little() -> None:
    assert task_of("docs/usage.md", COURSE) == Task("docs/usage.md", 1)


def test_a_worker_stays_with_the_benchmark_that_it_has_loaded() -> None:
    tasks = [Task("vsi", 1), Task("cvb", 600), Task("cvb", 1)]
    assert choose([0, 1, 2], tasks, own={"vsi"}, begun={"vsi"}) == 0


def test_a_new_worker_begins_the_longest_benchmark_that_nobody_has_begun() -> None:
    tasks = [Task("vsi", 1), Task("cvb", 2), Task("cvb", 2), Task("mmmu", 3)]
    assert choose([0, 1, 2, 3], tasks, own=(), begun=()) == 1
    assert choose([0, 2, 3], tasks, own=(), begun={"cvb"}) == 3


def test_where_all_are_begun_it_helps_the_one_with_most_left_longest_test_first() -> None:
    tasks = [Task("vsi", 1), Task("vsi", 1), Task("cvb", 1), Task("cvb", 600)]
    assert choose([0, 1, 2, 3], tasks, own=(), begun={"vsi", "cvb"}) == 3


def makespan(tasks: Sequence[Task], workers: int) -> tuple[int, list[list[int]]]:
    """Workers that take a test each, one ahead, as those of xdist do; when the last ends, who got what."""
    pending = list(range(len(tasks)))
    queues: list[list[int]] = [[] for _ in range(workers)]
    free = [0] * workers
    given: list[list[int]] = [[] for _ in range(workers)]

    def give(worker: int) -> None:
        if pending:
            own = {tasks[place].scope for place in given[worker]}
            begun = {tasks[place].scope for one in given for place in one}
            chosen = choose(pending, tasks, own, begun)
            assert chosen is not None
            pending.remove(chosen)
            queues[worker].append(chosen)
            given[worker].append(chosen)

    for _ in range(2):
        for worker in range(workers):
            give(worker)
    while any(queues):
        busy = min(
            (one for one in range(workers) if queues[one]),
            key=lambda one: free[one] + tasks[queues[one][0]].seconds,
        )
        free[busy] += tasks[queues[busy].pop(0)].seconds
        give(busy)
    return max(free), given


@given(
    st.lists(
        st.builds(Task, st.sampled_from(["vsi", "cvb", "mmmu"]), st.sampled_from([1, 600]), st.just(False)),
        max_size=40,
    ),
    st.integers(1, 6),
)
def test_every_test_is_given_once_and_no_worker_is_left_with_much_more(
    tasks: list[Task], workers: int
) -> None:
    ended, given = makespan(tasks, workers)
    assert sorted(place for one in given for place in one) == list(range(len(tasks)))
    longest = max((task.seconds for task in tasks), default=0)
    # Each may have one more than its share running and one waiting.
    assert ended <= sum(task.seconds for task in tasks) / workers + 2 * longest


def test_folds_of_one_benchmark_are_spread_over_idle_workers() -> None:
    tasks = [Task("vsi", 600)] * 6
    assert makespan(tasks, 3)[0] == 1200


def test_benchmarks_of_equal_size_are_not_torn_apart() -> None:
    tasks = [Task(name, 1) for name in ("vsi", "cvb") for _ in range(6)]
    _, given = makespan(tasks, 2)
    assert [{tasks[place].scope for place in one} for one in given] == [{"vsi"}, {"cvb"}]


def test_what_a_worker_has_begun_for_all_of_a_group_no_other_gets() -> None:
    tasks = [Task("vsi 0", 600, bound=True), Task("vsi 0", 600, bound=True), Task("vsi 1", 600, bound=True)]
    assert choose([1, 2], tasks, own={"vsi 0"}, begun={"vsi 0"}) == 1
    assert choose([1, 2], tasks, own=(), begun={"vsi 0"}) == 2
    assert choose([1], tasks, own={"vsi 1"}, begun={"vsi 0", "vsi 1"}) is None


def test_folds_are_shared_out_in_groups() -> None:
    course = Course(Settings(diagnostics=("forest", "llm"), folds_together=4))
    ids = [f"{scope('vsi')}::test_fold[llm-fold{fold}]" for fold in range(5)]
    for workers, expected in ((1, [0, 0, 0, 0, 1]), (2, [0, 0, 0, 1, 1]), (5, [None] * 5)):
        tasks = [task_of(test, course, workers) for test in ids]
        groups = [task.scope.split()[-1] if task.bound else None for task in tasks]
        assert groups == [None if group is None else str(group) for group in expected]
    assert not task_of(f"{scope('vsi')}::test_fold[forest-fold0]", course, 1).bound
    assert not task_of(f"{scope('vsi')}::test_zero_shot[llm]", course, 1).bound
