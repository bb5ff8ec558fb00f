"""Tests of several kinds in one report, corrected together."""

from collections.abc import Mapping
from typing import TypeVar

import numpy as np

from tst_harness.stats.resampling import holm

Name = TypeVar("Name", bound=str)

LEVEL = 0.025
"""The chance that a report says that something was found where there is nothing."""


def corrected_together(p_values: Mapping[Name, float], weights: Mapping[Name, float]) -> dict[Name, float]:
    """Return Holm's adjusted p-values, by the same names.

    Parameters
    ----------
    p_values
        One for each kind of test, already corrected for how many there are of the kind.
    weights
        A positive one for each of them, and maybe for others: its share of the level.
    """
    names = list(p_values)
    adjusted = holm(np.array([p_values[name] for name in names]), np.array([weights[name] for name in names]))
    return dict(zip(names, adjusted.tolist(), strict=True))
