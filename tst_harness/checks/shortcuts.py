"""Which rules beat the blind baseline, after correction for how many were tried."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from pydantic import Field

from tst_harness.analysis.independent import independent
from tst_harness.analysis.ranges import Count, Fraction
from tst_harness.analysis.records import BaseRecord
from tst_harness.benchmark.model import Model
from tst_harness.dataset.loading import Dataset
from tst_harness.stats.resampling import holm, rule_p_values

if TYPE_CHECKING:
    from tst_harness.checks.rules import Rules

SIGNIFICANCE = 0.05
MOST_SHORTCUTS = 200
MOST_INDEXED = 50


class Shortcut(Model):
    """A rule that beats the blind baseline on the whole benchmark.

    `support` counts the questions it applies to, `score` is what it scores there and `blind_baseline` what
    the blind baseline scores on the same questions. `p_value` is one-sided, robust to questions that share a
    group, and corrected (Holm) for the number of rules tried, each with a share of the level in proportion
    to its support.
    """

    type: str
    text: str
    support: Count
    score: Fraction
    blind_baseline: Fraction
    p_value: Fraction


class ShortcutRecord(BaseRecord):
    """The rules that beat chance on the whole benchmark, and how many were tried.

    `applies` has, by id, the places in `shortcuts` of the strongest that apply to a question.
    """

    kind: Literal["shortcuts"] = "shortcuts"
    shortcuts: list[Shortcut]
    rules_tried: int
    applies: dict[str, list[int]] = Field(default_factory=dict)


class Found(NamedTuple):
    """The rules that beat the blind baseline, and how many were tried.

    `applies` has, by the id of a question, the places in `shortcuts` of those that apply to it; of the first
    50 alone, so that it stays small.
    """

    shortcuts: list[Shortcut]
    tried: int
    applies: dict[str, list[int]]


def significant_shortcuts(dataset: Dataset, candidates: "Sequence[Rules]") -> Found:
    """Test every rule against the blind baseline.

    Parameters
    ----------
    found
        The rules of each type.

    Returns
    -------
    The rules whose corrected p-value is below 0.05, by questions gained, at most 200 of them.
    """
    sizes = [len(rules.texts) for rules in candidates]
    tried = sum(sizes)
    if tried == 0:
        return Found([], 0, {})
    offsets = np.cumsum([0, *sizes[:-1]])
    rule = np.concatenate([rules.rule + offset for rules, offset in zip(candidates, offsets, strict=True)])
    question = np.concatenate([rules.question for rules in candidates])
    score = np.concatenate([rules.score for rules in candidates])
    blind_baseline = np.concatenate([rules.blind_baseline for rules in candidates])
    group = independent(dataset).codes()
    support = np.bincount(rule, minlength=tried)
    # A cue that lifts the score of a benchmark applies to many of its questions. How many those are is known
    # before any answer is.
    p_values = holm(
        rule_p_values(rule, group[question], score, blind_baseline, tried), support.astype(np.float64)
    )

    mean_score = np.bincount(rule, weights=score, minlength=tried) / support
    mean_baseline = np.bincount(rule, weights=blind_baseline, minlength=tried) / support
    gained = support * (mean_score - mean_baseline)
    names = [(rules.type, text) for rules in candidates for text in rules.texts]
    strongest = sorted(np.flatnonzero(p_values < SIGNIFICANCE), key=lambda i: (-gained[i], names[i]))
    shortcuts = [
        Shortcut(
            type=names[i][0],
            text=names[i][1].format(f"{100 * mean_score[i]:.0f}%"),
            support=int(support[i]),
            score=float(mean_score[i]),
            blind_baseline=float(mean_baseline[i]),
            p_value=float(p_values[i]),
        )
        for i in strongest[:MOST_SHORTCUTS]
    ]
    ids = dataset.frame["id"].to_numpy()
    applies: dict[str, list[int]] = {}
    for place, i in enumerate(strongest[:MOST_INDEXED]):
        for id in ids[question[rule == i]]:
            applies.setdefault(id, []).append(place)
    return Found(shortcuts, tried, applies)
