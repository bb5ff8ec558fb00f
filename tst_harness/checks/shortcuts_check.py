"""The check of shortcuts: rules that anybody could follow without the image."""

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from tst_harness.analysis.figures import p_value, percent, signed
from tst_harness.analysis.protocol import Experiment, Inputs
from tst_harness.analysis.units import Plan, Unit
from tst_harness.checks.check import WholeSetCheck
from tst_harness.diagnostics.forest.analysis import FOREST

if TYPE_CHECKING:
    from tst_harness.analysis.records import BaseRecord
    from tst_harness.checks.shortcuts import Shortcut, ShortcutRecord

_STRONGEST = 8
_QUOTED = re.compile("`[^`]*`")


class ShortcutsCheck(WholeSetCheck):
    """The rules that beat chance on the whole benchmark; they stand with the forest in the report."""

    name = "shortcuts"
    code = (
        *FOREST.code,
        *(
            f"tst_harness.checks.{module}"
            for module in (
                "cue_rules",
                "cue_wording",
                "multi_rules",
                "open_rules",
                "rules",
                "shortcut_rules",
                "shortcuts",
            )
        ),
        "tst_harness.stats.resampling",
    )
    quotes = True

    def units(self, plan: Plan) -> list[Unit]:
        """One, where the forest was asked for, which reads the texts."""
        return super().units(plan) if FOREST.name in plan.diagnostics else []

    def inputs(self, experiment: Experiment) -> Inputs:
        """Those of the forest."""
        return FOREST.inputs(experiment)

    def compute(self, experiment: Experiment, unit: Unit) -> "BaseRecord":
        """Find the rules and test each."""
        from tst_harness.checks.shortcut_rules import shortcuts_of
        from tst_harness.checks.shortcuts import ShortcutRecord

        significant = shortcuts_of(experiment, unit.split)
        return ShortcutRecord(
            key=experiment.key(unit),
            origin=experiment.origin(unit),
            seconds=0.0,
            shortcuts=significant.shortcuts,
            rules_tried=significant.tried,
            applies=significant.applies,
        )

    def without_texts(self, record: "ShortcutRecord") -> "ShortcutRecord":
        """Return a record whose rules do not say what they are about."""
        rules = [
            rule.model_copy(update={"text": _QUOTED.sub("`...`", rule.text)}) for rule in record.shortcuts
        ]
        return record.model_copy(update={"shortcuts": rules})

    def sentences(self, section: Mapping[str, Any], verbose: bool = False) -> Iterator[str]:
        """Say which rules are the strongest.

        Parameters
        ----------
        section
            `shortcuts` and `rules_tried` as a diagnostic has them in the report, `baselines`: what the blind
            baseline of each type is called, and `worth`: for each rule what it adds to the whole score, or
            None.
        """
        rules: list[Shortcut] = section["shortcuts"]
        tried: int = section["rules_tried"]
        if tried == 0:
            return
        if not rules:
            yield f"none of {tried:,} rules tried beats the blind baseline"
            return
        shown = rules if verbose else rules[:_STRONGEST]
        yield (
            f"strongest shortcuts ({len(shown)} of {len(rules):,} that beat the blind baseline, "
            f"{tried:,} rules tried):"
        )
        for rule, points in zip(shown, section["worth"], strict=False):
            baseline = section["baselines"].get(rule.type, "chance")
            figures = [f"n = {rule.support}", guesses(rule, baseline)]
            if points is not None:
                figures.append(worth_in_words(points, rule, baseline))
            yield f"- {rule.type}: {rule.text} ({', '.join([*figures, p_value(rule.p_value)])})"


def guesses(rule: "Shortcut", baseline: str) -> str:
    """Say what is had without the rule on its questions, of which `baseline` is "chance" or "constant"."""
    first = f"{baseline} {percent(rule.blind_baseline)}%"
    return first if rule.most_frequent is None else f"{first}, majority {percent(rule.most_frequent)}%"


def worth_in_words(points: float, rule: "Shortcut", baseline: str) -> str:
    """Say how many points a rule adds to the whole score, and over which blind baseline."""
    over = baseline if rule.most_frequent is None else "majority"
    the = "" if over == "chance" else "the "
    return f"worth {signed(points)} points of the whole score over {the}{over}"


SHORTCUTS = ShortcutsCheck()
