"""The checks as analyses: what is asked of the whole test set beside the score."""

from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Literal

from tst_harness.analysis.protocol import Experiment, Inputs
from tst_harness.analysis.units import Plan, Unit
from tst_harness.diagnostics.forest.analysis import FOREST

if TYPE_CHECKING:
    from tst_harness.analysis.records import BaseRecord

_ROOM = "tst_harness.checks"


class WholeSetCheck:
    """A check with one unit, for all questions, whose part of the report is its record as it is."""

    name: str
    kind: Literal["diagnostic", "check"] = "check"
    code: tuple[str, ...]
    needs_gpu = False

    def units(self, plan: Plan) -> list[Unit]:
        """One, with the first split."""
        return [Unit(self.name, plan.splits[0])]

    def summarise(self, records: "Sequence[BaseRecord]") -> Mapping[str, Any]:
        """Nothing: the report has a place of its own for it."""
        return {}

    def sentences(self, section: Mapping[str, Any]) -> Iterator[str]:
        """Nothing, as for `summarise`."""
        return iter(())


class ShortcutsCheck(WholeSetCheck):
    """The rules that beat chance on the whole benchmark."""

    name = "shortcuts"
    code = (
        *FOREST.code,
        f"{_ROOM}.analysis",
        f"{_ROOM}.multi_rules",
        f"{_ROOM}.open_rules",
        f"{_ROOM}.rules",
        f"{_ROOM}.shortcut_rules",
        f"{_ROOM}.shortcuts",
        "tst_harness.stats.resampling",
    )

    def units(self, plan: Plan) -> list[Unit]:
        """One, where the forest was asked for, which reads the texts."""
        return super().units(plan) if FOREST.name in plan.diagnostics else []

    def inputs(self, experiment: Experiment) -> Inputs:
        """Those of the forest."""
        return FOREST.inputs(experiment)

    def compute(self, experiment: Experiment, unit: Unit) -> "BaseRecord":
        """Find the rules and test each."""
        from tst_harness.checks.records import ShortcutRecord
        from tst_harness.checks.shortcut_rules import rules_of
        from tst_harness.checks.shortcuts import significant_shortcuts

        reading = FOREST.kept_diagnostic(experiment).reading(experiment.questions)
        together = experiment.kept_together(unit.split)
        rules = rules_of(experiment.dataset, reading, together, experiment.settings.seed)
        significant = significant_shortcuts(experiment.dataset, rules)
        return ShortcutRecord(
            key=experiment.key(unit),
            origin=experiment.origin(unit),
            seconds=0.0,
            shortcuts=significant.shortcuts,
            rules_tried=significant.tried,
            applies=significant.applies,
        )


class DuplicatesOrderPositions(WholeSetCheck):
    """What duplicates, the order and the answer positions give away.

    Where the forest is among the diagnostics it is scored again with duplicates kept together.
    """

    name = "checks"
    code = (
        *FOREST.code,
        *(
            f"{_ROOM}.{module}"
            for module in (
                "agreement",
                "analysis",
                "assembling",
                "kept_together",
                "order",
                "pairs",
                "positions",
                "running",
            )
        ),
        "tst_harness.stats.permutation",
        "tst_harness.stats.resampling",
    )

    def inputs(self, experiment: Experiment) -> Inputs:
        """The libraries, the order of the file, and the forest's settings where it is scored again."""
        forest = FOREST.inputs(experiment)
        again = FOREST.name in experiment.settings.diagnostics
        versions = {name: version(name) for name in ("datasketch", "scikit-learn")}
        return Inputs(
            {"kept_together": forest.settings if again else None},
            {**forest.versions, **versions},
            more={"row_order": experiment.dataset.source.fingerprint.row_order},
        )

    def compute(self, experiment: Experiment, unit: Unit) -> "BaseRecord":
        """Run all of them."""
        from tst_harness.checks.records import ChecksRecord
        from tst_harness.checks.running import check

        checks, again = check(experiment, unit.split)
        return ChecksRecord(
            key=experiment.key(unit),
            origin=experiment.origin(unit),
            seconds=0.0,
            checks=checks,
            kept_together=None if again is None else again.held_out,
            as_before=[] if again is None else again.as_before,
        )


SHORTCUTS = ShortcutsCheck()
CHECKS = DuplicatesOrderPositions()
