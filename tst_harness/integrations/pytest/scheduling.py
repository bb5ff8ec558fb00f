"""Which xdist worker gets which unit."""

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, NamedTuple

from xdist.scheduler import LoadScheduling

from tst_harness.engine.groups import group_of, group_size
from tst_harness.integrations.pytest.course import are_of_benchmarks
from tst_harness.integrations.pytest.items import PRUNED

if TYPE_CHECKING:
    import pytest
    from xdist.remote import Producer
    from xdist.workermanage import WorkerController

    from tst_harness.integrations.pytest.course import Course

_ON_A_GPU, _PRUNING = 600, 60
"""Rough durations of tests in seconds; only their order of size matters."""


class Task(NamedTuple):
    """A test as the scheduler sees it: what it shares loaded data and models with, and a rough duration.

    The tests of a bound scope were begun by one worker for all of them, so another gets none.
    """

    scope: str
    seconds: int
    bound: bool = False


def task_of(nodeid: str, course: "Course", workers: int = 1) -> Task:
    """Return what is known of a test; one of nothing that is known counts one second."""
    from tst_harness.registry import analyses

    scope, _, test = nodeid.rpartition("::")
    unit = course.unit(nodeid)
    if unit is not None and analyses()[unit.analysis].needs_gpu:
        group = group_of(unit, course.settings, group_size(course.settings, workers))
        if group is not None:
            return Task(f"{scope} {unit.analysis} {unit.split} {group}", _ON_A_GPU, bound=True)
        return Task(scope, _ON_A_GPU)
    return Task(scope or nodeid, _PRUNING if test == PRUNED else 1)


def choose(
    pending: Sequence[int], tasks: Sequence[Task], own: Collection[str], begun: Collection[str]
) -> int | None:
    """Return which pending test a worker should get next; None where all belong to other workers.

    A benchmark is kept on the worker that has loaded it; a worker without one begins the longest that nobody
    has begun; when all are begun it helps with the one that has most left. Within a benchmark the longest
    test goes first, ties in the order of collection.

    Parameters
    ----------
    pending
        Positions in `tasks`, at least one.
    units
        Of all tests.
    own
        Scopes that this worker has begun.
    begun
        Scopes that any worker has begun.
    """
    left: dict[str, int] = {}
    pending = [
        place
        for place in pending
        if not tasks[place].bound or tasks[place].scope in own or tasks[place].scope not in begun
    ]
    if not pending:
        return None
    for place in pending:
        left[tasks[place].scope] = left.get(tasks[place].scope, 0) + tasks[place].seconds
    scope = max(left, key=lambda name: (name in own, name not in begun, left[name]))
    return max(
        (place for place in pending if tasks[place].scope == scope),
        key=lambda place: (tasks[place].seconds, -place),
    )


class FoldScheduling(LoadScheduling):
    """Hands out folds one at a time, so that nobody waits for a worker that was handed many.

    xdist's own schedulers send batches, which suits thousands of quick tests; where no benchmark was
    collected that is what happens here too.
    """

    collection: list[str] | None
    pending: list[int]
    nodes: "list[WorkerController]"
    node2collection: "dict[WorkerController, list[str]]"
    node2pending: "dict[WorkerController, list[int]]"

    def __init__(
        self, config: "pytest.Config", course: "Callable[[], Course]", log: "Producer | None" = None
    ) -> None:
        super().__init__(config, log)
        self._course = course
        self._tasks: list[Task] = []
        self._begun: dict[WorkerController, set[str]] = {}

    def schedule(self) -> None:
        """Give every worker two tests: xdist's workers start one when they know the next."""
        if self.collection is None and are_of_benchmarks(self._collected()):
            if not self._check_nodes_have_same_collection():
                return
            self.collection = self._collected()
            self._tasks = [task_of(nodeid, self._course(), len(self.nodes)) for nodeid in self.collection]
            self.pending[:] = range(len(self.collection))
            for _ in range(2):
                for node in self.nodes:
                    self._give(node)
        if self._tasks:
            for node in self.nodes:
                self.check_schedule(node)
        else:
            super().schedule()

    def check_schedule(self, node: "WorkerController", duration: float = 0) -> None:
        """Give a worker its next test, or tell it that there is none."""
        if not self._tasks:
            super().check_schedule(node, duration)
        elif not node.shutting_down:
            given = len(self.node2pending[node]) >= 2 or self._give(node)
            if not given or not self.pending:
                node.shutdown()

    def remove_node(self, node: "WorkerController") -> str | None:
        """Have another worker take what this one has begun."""
        self._begun.pop(node, None)
        crashed: str | None = super().remove_node(node)
        return crashed

    def _collected(self) -> list[str]:
        return next(iter(self.node2collection.values()), [])

    def _give(self, node: "WorkerController") -> bool:
        """Give a worker a test, where there is one for it."""
        if not self.pending:
            return False
        own = self._begun.setdefault(node, set())
        chosen = choose(self.pending, self._tasks, own, set().union(*self._begun.values()))
        if chosen is None:
            return False
        own.add(self._tasks[chosen].scope)
        self.pending.remove(chosen)
        self.node2pending[node].append(chosen)
        node.send_runtest_some([chosen])
        return True
