"""Which tests a benchmark has: one for each unit of work, known without loading data."""

from typing import TYPE_CHECKING

from tst_harness.analysis.units import GROUPED, Plan, Unit
from tst_harness.registry import analyses, units_of

if TYPE_CHECKING:
    from tst_harness.engine.settings import Settings
    from tst_harness.integrations.pytest.stress_test import StressTest

TESTS = ("test_zero_shot", "test_fold", "test_check")
PRUNED = "test_pruned"


def unit_id(unit: Unit, plan: Plan) -> str:
    """Return what the test of a unit has in its brackets: "forest-grouped-repeat1-fold0"."""
    parts = [unit.analysis]
    if unit.fold is not None:
        if unit.split == GROUPED and len(plan.splits) > 1:
            parts.append(GROUPED)
        if plan.repeats > 1:
            parts.append(f"repeat{unit.repeat}")
        parts.append(f"fold{unit.fold}")
    return "-".join(parts)


def test_of(unit: Unit) -> str:
    """Return the name of the test that does a unit."""
    if unit.fold is not None:
        return "test_fold"
    return "test_check" if analyses()[unit.analysis].kind == "check" else "test_zero_shot"


def units_by_id(plan: Plan) -> dict[tuple[str, str], Unit]:
    """Return the units of a plan by the name of their test and what it has in its brackets."""
    return {(test_of(unit), unit_id(unit, plan)): unit for unit in units_of(plan)}


def plan_of(cls: "type[StressTest]", settings: "Settings") -> Plan:
    """Return what the units of a benchmark's class follow from."""
    return settings.plan(cls.benchmark, bool(cls.models))


def is_pruned(cls: "type[StressTest]", settings: "Settings") -> bool:
    """Whether a class declares a pruning by a diagnostic that was asked for."""
    return cls.pruning is not None and cls.pruning.diagnostic in settings.diagnostics
