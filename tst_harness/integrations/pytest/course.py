"""Which tests of benchmarks were to run, and which have ended."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from tst_harness.analysis.units import BOTH, GROUPED, RANDOM, Plan, Unit
from tst_harness.engine.settings import Settings
from tst_harness.integrations.pytest.items import TESTS, units_by_id
from tst_harness.registry import analyses

if TYPE_CHECKING:
    from tst_harness.engine.results import Result


def are_of_benchmarks(ids: Iterable[str]) -> bool:
    """Whether any test has the name of one that benchmarks have."""
    return any(f"::{name}[" in id for id in ids for name in TESTS)


class Course:
    """The folds of each class that have not ended, and the classes with a result.

    `has_tests` is whether any test of a benchmark was to run.

    Parameters
    ----------
    settings
        The units that there may be follow from them.
    """

    def __init__(self, settings: Settings) -> None:
        splits = (RANDOM, GROUPED) if settings.split == BOTH else (settings.split,)
        self.settings = settings
        plan = Plan(settings.diagnostics, splits, settings.repeats, settings.folds, models=True)
        self._units = units_by_id(plan)
        self._waiting: dict[str, dict[Unit, None]] = {}
        self._begun: set[str] = set()
        self.has_tests = False

    def plan(self, tests: Iterable[str]) -> None:
        """Take the ids of the tests that are to run."""
        for test in tests:
            unit = self.unit(test)
            self.has_tests |= unit is not None
            if unit is not None and unit.fold is not None:
                self._waiting.setdefault(_scope(test), {})[unit] = None

    def end(self, test: str) -> None:
        """Take note of a test that has run, whatever came of it."""
        unit = self.unit(test)
        if unit is not None:
            self._waiting.get(_scope(test), {}).pop(unit, None)

    def add(self, test: str, result: "Result") -> None:
        """Take note of the result of a test."""
        if analyses()[result.unit.analysis].kind == "diagnostic":
            self._begun.add(_scope(test))

    def unfinished(self) -> dict[str, list[Unit]]:
        """The folds that were to run and did not end, of each class without a result."""
        return {
            scope: list(units) for scope, units in self._waiting.items() if units and scope not in self._begun
        }

    def describe(self) -> str:
        """What there is still to do, in words."""
        left = sum(map(len, self._waiting.values()))
        return f"{left} fold{'s' * (left != 1)} to go" if left else "checks and reports"

    def unit(self, test: str) -> Unit | None:
        """The unit of a test; None where it is none of a benchmark's."""
        name, _, place = test.rpartition("::")[2].partition("[")
        return self._units.get((name, place.removesuffix("]")))


def _scope(test: str) -> str:
    return test.rpartition("::")[0]
