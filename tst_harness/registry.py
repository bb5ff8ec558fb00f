"""Which analyses there are: those of this package, a line each, and those of others."""

from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import cast

from tst_harness.analysis.names import STACK
from tst_harness.analysis.protocol import Analysis
from tst_harness.analysis.units import Plan, Unit
from tst_harness.errors import HarnessError

GROUP = "tst_harness.analyses"
"""The entry points by which another package adds an analysis; each names an object."""
BUILT_IN = (
    "tst_harness.diagnostics.forest.analysis:FOREST",
    "tst_harness.diagnostics.features.analysis:FEATURES",
    "tst_harness.diagnostics.llm.analysis:LLM",
    "tst_harness.diagnostics.words.analysis:WORDS",
    "tst_harness.checks.shortcuts_check:SHORTCUTS",
    "tst_harness.checks.duplicates_check:DUPLICATES",
    "tst_harness.checks.order_check:ORDER",
    "tst_harness.checks.opposite_answers_check:OPPOSITE_ANSWERS",
    "tst_harness.checks.positions_check:POSITIONS",
    "tst_harness.checks.population_check:POPULATION_INTERVALS",
    "tst_harness.checks.faults:FAULTS",
    "tst_harness.results.analysis:MODELS",
)


@cache
def analyses() -> dict[str, Analysis]:
    """Return every analysis by its name: those of this package first, others by name.

    Raises
    ------
    HarnessError
        One of another package cannot be loaded, or has a name that is taken.
    """
    registered = {analysis.name: analysis for analysis in map(_load, BUILT_IN)}
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: (entry.name, entry.value)):
        try:
            analysis = cast(Analysis, entry.load())
        except Exception as error:
            problem = f"{type(error).__name__}: {error}"
            raise HarnessError(
                f"the analysis {entry.name!r} ({entry.value}) cannot be loaded: {problem}"
            ) from error
        if analysis.name in (*registered, STACK):
            raise HarnessError(
                f"the analysis {entry.name!r} ({entry.value}) has a name that is taken: {analysis.name!r}; "
                "rename it, or uninstall one of the two"
            )
        registered[analysis.name] = analysis
    return registered


def units_of(plan: Plan) -> list[Unit]:
    """Return every piece of work that a plan amounts to, in the order of the registry."""
    return [unit for analysis in analyses().values() for unit in analysis.units(plan)]


def _load(place: str) -> Analysis:
    module, _, name = place.partition(":")
    return cast(Analysis, getattr(import_module(module), name))
