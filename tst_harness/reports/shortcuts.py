"""Which rules beat chance, after correction for how many were tried."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tst_harness.data.loading import Dataset
from tst_harness.reports.schema import Shortcut
from tst_harness.reports.statistics import holm, rule_p_values

if TYPE_CHECKING:
    from tst_harness.forest.shortcuts import Rules

SIGNIFICANCE = 0.05
MOST_SHORTCUTS = 200


def significant_shortcuts(dataset: Dataset, found: "Sequence[Rules]") -> tuple[list[Shortcut], int]:
    """Test every rule against chance.

    Parameters
    ----------
    found
        The rules of each type.

    Returns
    -------
    The rules whose corrected p-value is below 0.05, by questions gained, at most 200 of them; and how
    many rules were tried.
    """
    sizes = [len(rules.texts) for rules in found]
    tried = sum(sizes)
    if tried == 0:
        return [], 0
    offsets = np.cumsum([0, *sizes[:-1]])
    rule = np.concatenate([rules.rule + offset for rules, offset in zip(found, offsets, strict=True)])
    question = np.concatenate([rules.question for rules in found])
    score = np.concatenate([rules.score for rules in found])
    chance = np.concatenate([rules.chance for rules in found])
    _, group = np.unique(dataset.frame["group"].to_numpy().astype(str), return_inverse=True)
    p_values = holm(rule_p_values(rule, group[question], score, chance, tried))

    support = np.bincount(rule, minlength=tried)
    mean_score = np.bincount(rule, weights=score, minlength=tried) / support
    mean_chance = np.bincount(rule, weights=chance, minlength=tried) / support
    gained = support * (mean_score - mean_chance)
    names = [(rules.type, text) for rules in found for text in rules.texts]
    strongest = sorted(np.flatnonzero(p_values < SIGNIFICANCE), key=lambda i: (-gained[i], names[i]))
    shortcuts = [
        Shortcut(
            type=names[i][0],
            text=names[i][1].format(f"{100 * mean_score[i]:.0f}%"),
            support=int(support[i]),
            accuracy=float(mean_score[i]),
            chance=float(mean_chance[i]),
            p_value=float(p_values[i]),
        )
        for i in strongest[:MOST_SHORTCUTS]
    ]
    return shortcuts, tried
