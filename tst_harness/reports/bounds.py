"""What is known of one figure: one-sided bounds, and p-values of claims about it that agree with them."""

from dataclasses import dataclass, replace
from typing import Protocol, Self

import numpy as np
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from tst_harness.reports.statistics import SURE_OF_SIGN, FloatArray

POWER = 0.8


class Evidence(Protocol):
    """A figure and what is known of it."""

    @property
    def point(self) -> float:
        """The figure itself."""
        ...

    @property
    def standard_error(self) -> float | None:
        """None where nothing is known of how the figure varies."""
        ...

    @property
    def freedom(self) -> int:
        """Degrees of freedom of the standard error."""
        ...

    def lower(self, level: float) -> float:
        """Return a bound that lies above what is estimated with at most the chance `level`."""
        ...

    def p_above(self, limit: float, *, at_least: bool) -> float:
        """Return the p-value of the claim that the figure is above the limit, or `at_least` the limit.

        It is the least level whose lower bound does not yet contradict the claim's opposite.
        """
        ...

    def negated(self) -> Self:
        """Return the same of the figure with its sign changed."""
        ...


@dataclass(frozen=True)
class Resampled:
    """A figure with its resamples: bounds are percentiles, expanded as in `group_bootstrap`.

    Where no percentile of so many resamples is far enough out, for few groups or many gates, a bound is also
    no tighter than Student's t makes it. Where all groups agree, the figure is known exactly.

    Attributes
    ----------
    point
        The figure.
    resamples
        Shape (n,), ascending.
    groups
        How many groups were resampled.
    limits
        The range of the figure.
    learnt
        The figure is what was learnt on the other folds, whose sign takes more to be sure of: `reach_zero`.
    """

    point: float
    resamples: FloatArray
    groups: int
    limits: tuple[float, float]
    learnt: bool = False

    @classmethod
    def of(
        cls,
        point: float,
        resamples: FloatArray,
        groups: int,
        limits: tuple[float, float],
        learnt: bool = False,
    ) -> Self:
        """Return the evidence in resamples of any order; those that are NaN are left out."""
        return cls(point, np.sort(resamples[~np.isnan(resamples)]), groups, limits, learnt)

    @property
    def standard_error(self) -> float | None:
        """Of the resamples, for as few groups as there are."""
        if self.groups < 2:
            return None
        return float(self.resamples.std() * np.sqrt(self.groups / (self.groups - 1)))

    @property
    def freedom(self) -> int:
        """One less than there are groups."""
        return self.groups - 1

    def lower(self, level: float) -> float:
        """Return the bound at a level in (0, 1)."""
        bound = self._bound(level)
        if self.learnt and bound > 0.0 >= self.point - SURE_OF_SIGN * (self.point - bound):
            return 0.0
        return bound

    def _bound(self, level: float) -> float:
        if self._exact:
            return self.point
        if self.groups < 2:
            return self.limits[0]
        quantile = float(stdtrit(self.freedom, level))
        tail = float(ndtr(self._expansion * quantile))
        bound = min(self.point, float(np.quantile(self.resamples, max(tail, self._least))))
        if tail < self._least:
            bound = min(bound, self.point + quantile * (self.standard_error or 0.0))
        return max(self.limits[0], bound)

    def p_above(self, limit: float, *, at_least: bool) -> float:
        """Return the p-value of the claim; 1 where the figure itself contradicts it."""
        met = self.point >= limit if at_least else self.point > limit
        if not met:
            return 1.0
        if self._exact:
            return 0.0
        if self.learnt and limit >= 0.0 and not (limit == 0.0 and at_least):
            # The bound that has to be above the limit for the widened one to be above zero.
            limit = max(limit, self.point * (1.0 - 1.0 / SURE_OF_SIGN))
        error = self.standard_error
        if error is None:
            return 1.0
        below = int(np.searchsorted(self.resamples, limit, side="left" if at_least else "right"))
        if below == len(self.resamples):
            return 1.0
        tail = 0.0
        if below > 0:
            low, high = self.resamples[below - 1], self.resamples[below]
            tail = (below - 1 + (limit - low) / (high - low)) / (len(self.resamples) - 1)
        p = float(stdtr(self.freedom, ndtri(max(tail, self._least)) / self._expansion))
        return p if tail > self._least else min(p, float(stdtr(self.freedom, (limit - self.point) / error)))

    def negated(self) -> Self:
        """Return the same of the figure with its sign changed."""
        low, high = self.limits
        return replace(self, point=-self.point, resamples=-self.resamples[::-1], limits=(-high, -low))

    @property
    def _exact(self) -> bool:
        known: bool = self.groups > 1 and bool(self.resamples[0] == self.resamples[-1])
        return known

    @property
    def _expansion(self) -> float:
        return float(np.sqrt(self.groups / (self.groups - 1)))

    @property
    def _least(self) -> float:
        return 1.0 / (len(self.resamples) + 1)


@dataclass(frozen=True)
class Student:
    """A mean of few independent figures, with Student's t.

    Attributes
    ----------
    point
        The mean.
    standard_error
        Of the mean; 0 where it is known exactly.
    freedom
        Degrees of freedom of the standard error, at least 1.
    limits
        The range of the mean.
    """

    point: float
    standard_error: float
    freedom: int
    limits: tuple[float, float]

    def lower(self, level: float) -> float:
        """Return the bound at a level in (0, 1)."""
        return max(self.limits[0], self.point + float(stdtrit(self.freedom, level)) * self.standard_error)

    def p_above(self, limit: float, *, at_least: bool) -> float:
        """Return the p-value of the claim; where the mean is known exactly it is 0 or 1."""
        if self.standard_error > 0.0:
            return float(stdtr(self.freedom, (limit - self.point) / self.standard_error))
        met = self.point >= limit if at_least else self.point > limit
        return 0.0 if met else 1.0

    def negated(self) -> Self:
        """Return the same of the mean with its sign changed."""
        low, high = self.limits
        return replace(self, point=-self.point, limits=(-high, -low))


def upper(evidence: Evidence, level: float) -> float:
    """Return a bound that lies below what is estimated with at most the chance `level`."""
    return -evidence.negated().lower(level)


def detectable(evidence: Evidence, level: float) -> float | None:
    """Return the least distance from a limit that is found at this level with a power of 80%.

    That is (t_level + t_80%) standard errors; None where there is no standard error.
    """
    error = evidence.standard_error
    if error is None:
        return None
    return float(-stdtrit(evidence.freedom, level) + stdtrit(evidence.freedom, POWER)) * error
