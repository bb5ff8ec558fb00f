"""Which xdist worker gets which fold."""

import re
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, NamedTuple

from xdist.scheduler import LoadScheduling

if TYPE_CHECKING:
    import pytest
    from xdist.remote import Producer
    from xdist.workermanage import WorkerController

_ITEM = re.compile(r"(?P<scope>.+)::(?P<test>\w+)(?:\[(?P<diagnostic>[a-z]+).*\])?")
_SECONDS = {"llm": 600, "forest": 1, "features": 1, "test_zero_shot": 600, "test_pruned": 60}
"""Rough durations of a test by its diagnostic or name; only their order of size matters."""


class Unit(NamedTuple):
    """A test as the scheduler sees it: what it shares loaded data and models with, and a rough duration."""

    scope: str
    seconds: int


def unit_of(nodeid: str) -> Unit:
    """Return what the id of a test says of it; a test of nothing that is known counts one second."""
    found = _ITEM.fullmatch(nodeid)
    if found is None:
        return Unit(nodeid, 1)
    seconds = _SECONDS.get(found["test"]) or _SECONDS.get(found["diagnostic"] or "", 1)
    return Unit(found["scope"], seconds)


def choose(
    pending: Sequence[int], units: Sequence[Unit], own: Collection[str], begun: Collection[str]
) -> int:
    """Return which pending test a worker should get next.

    A benchmark is kept on the worker that has loaded it; a worker without one begins the longest that nobody
    has begun; when all are begun it helps with the one that has most left. Within a benchmark the longest
    test goes first, ties in the order of collection.

    Parameters
    ----------
    pending
        Positions in `units`, at least one.
    units
        Of all tests.
    own
        Scopes that this worker has begun.
    begun
        Scopes that any worker has begun.
    """
    left: dict[str, int] = {}
    for place in pending:
        left[units[place].scope] = left.get(units[place].scope, 0) + units[place].seconds
    scope = max(left, key=lambda name: (name in own, name not in begun, left[name]))
    return max(
        (place for place in pending if units[place].scope == scope),
        key=lambda place: (units[place].seconds, -place),
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

    def __init__(self, config: "pytest.Config", log: "Producer | None" = None) -> None:
        super().__init__(config, log)
        self._units: list[Unit] = []
        self._begun: dict[WorkerController, set[str]] = {}

    def schedule(self) -> None:
        """Give every worker two tests: xdist's workers start one when they know the next."""
        if self.collection is None and any("::test_fold[" in id for id in self._collected()):
            if not self._check_nodes_have_same_collection():
                return
            self.collection = self._collected()
            self._units = [unit_of(nodeid) for nodeid in self.collection]
            self.pending[:] = range(len(self.collection))
            for _ in range(2):
                for node in self.nodes:
                    self._give(node)
        if self._units:
            for node in self.nodes:
                self.check_schedule(node)
        else:
            super().schedule()

    def check_schedule(self, node: "WorkerController", duration: float = 0) -> None:
        """Give a worker its next test, or tell it that there is none."""
        if not self._units:
            super().check_schedule(node, duration)
        elif not node.shutting_down:
            if len(self.node2pending[node]) < 2:
                self._give(node)
            if not self.pending:
                node.shutdown()

    def _collected(self) -> list[str]:
        return next(iter(self.node2collection.values()), [])

    def _give(self, node: "WorkerController") -> None:
        if not self.pending:
            return
        own = self._begun.setdefault(node, set())
        chosen = choose(self.pending, self._units, own, set().union(*self._begun.values()))
        own.add(self._units[chosen].scope)
        self.pending.remove(chosen)
        self.node2pending[node].append(chosen)
        node.send_runtest_some([chosen])
