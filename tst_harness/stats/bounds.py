"""What is known of one figure: one-sided bounds, and p-values of claims about it that agree with them."""

from dataclasses import dataclass, replace
from typing import Protocol, Self

import numpy as np
from scipy.special import betainc, betaincinv, ndtr, ndtri, stdtr, stdtrit

from tst_harness.stats.resampling import ROUNDING, SURE_OF_SIGN, FloatArray, left_out

POWER = 0.8
_TAIL = 0.025


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
    """A figure with its resamples: the one estimator of intervals and bounds of what is resampled.

    Bounds are percentiles, expanded for few groups by Student's t and sqrt(n / (n - 1)) (Hesterberg, "What
    Teachers Should Know about the Bootstrap", 2015). Where no percentile of so many resamples is far enough
    out, for few groups or many gates, a bound is also no tighter than Student's t makes it. Where all groups
    agree, resamples do not vary: the bound of a mean then allows for the share of groups at the limit that
    chance may have left out, as Clopper and Pearson's bound of a share does; but a difference that is 0 in
    every group is known to be 0. One group alone says nothing of how groups differ: its bounds are the
    limits.

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
        The figure is what was learnt on the other folds, whose sign takes more to be sure of: a
        bound above 0 is 0 unless one `SURE_OF_SIGN` times as far from the figure would be above 0, too.
    share
        The figure is a share of the questions. Percentiles are too sure of a small one and of one near 1, so
        a bound is no tighter than that of a binomial share with the same standard error (Korn and Graubard,
        "Confidence Intervals for Proportions With Small Expected Number of Positive Counts Estimated From
        Survey Data", 1998).
    above
        Of a percentile: the resamples for upper bounds, while `resamples` are for lower ones; shape (n,),
        ascending. None for a mean, whose resamples are for both.
    """

    point: float
    resamples: FloatArray
    groups: int
    limits: tuple[float, float]
    learnt: bool = False
    share: bool = False
    above: FloatArray | None = None

    @classmethod
    def of(
        cls,
        point: float,
        resamples: FloatArray,
        groups: int,
        limits: tuple[float, float],
        *,
        learnt: bool = False,
        share: bool = False,
        above: FloatArray | None = None,
    ) -> Self:
        """Return the evidence in resamples of any order; those that are NaN are left out."""
        kept = np.sort(resamples[~np.isnan(resamples)])
        upper = None if above is None else np.sort(above[~np.isnan(above)])
        return cls(point, kept, groups, limits, learnt, share, upper)

    @property
    def standard_error(self) -> float | None:
        """Of the resamples, for as few groups as there are; where all agree, as by Laplace's succession."""
        if self.groups < 2:
            return None
        if self._agreed and self.above is None:
            return (self.limits[1] - self.limits[0]) / (self.groups + 2)
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
        low, high = self.limits
        if self.groups < 2:
            return low
        if self._agreed:
            others = 0.0 if self.above is not None or self._is_no_difference else left_out(self.groups, level)
            return self.point - (self.point - low) * others
        quantile = float(stdtrit(self.freedom, level))
        tail = float(ndtr(self._expansion * quantile))
        bound = min(self.point, float(np.quantile(self.resamples, max(tail, self._least_tail))))
        if tail < self._least_tail:
            bound = min(bound, self.point + quantile * (self.standard_error or 0.0))
        if self.share:
            bound = min(bound, low + (high - low) * float(betaincinv(*self._counts, level)))
        return max(low, bound)

    def p_above(self, limit: float, *, at_least: bool) -> float:
        """Return the p-value of the claim; 1 where the figure itself contradicts it."""
        met = self.point >= limit if at_least else self.point > limit
        if not met:
            return 1.0
        if self.learnt and limit >= 0.0 and not (limit == 0.0 and at_least):
            # The bound that has to be above the limit for the widened one to be above zero.
            limit = max(limit, self.point * (1.0 - 1.0 / SURE_OF_SIGN))
        error = self.standard_error
        if error is None:
            return 1.0
        low, high = self.limits
        if self._agreed:
            inside = self.above is None and not self._is_no_difference and limit > low
            return ((limit - low) / (self.point - low)) ** self.groups if inside else 0.0
        p = self._p_of_percentiles(limit, error, at_least=at_least)
        if self.share:
            p = max(p, float(betainc(*self._counts, (max(limit, low) - low) / (high - low))))
        return p

    def _p_of_percentiles(self, limit: float, error: float, *, at_least: bool) -> float:
        below = int(np.searchsorted(self.resamples, limit, side="left" if at_least else "right"))
        if below == len(self.resamples):
            return 1.0
        tail = 0.0
        if below > 0:
            low, high = self.resamples[below - 1], self.resamples[below]
            tail = (below - 1 + (limit - low) / (high - low)) / (len(self.resamples) - 1)
        p = float(stdtr(self.freedom, ndtri(max(tail, self._least_tail)) / self._expansion))
        if tail > self._least_tail:
            return p
        return min(p, float(stdtr(self.freedom, (limit - self.point) / error)))

    def negated(self) -> Self:
        """Return the same of the figure with its sign changed."""
        low, high = self.limits
        return replace(
            self,
            point=-self.point,
            resamples=-(self.resamples if self.above is None else self.above)[::-1],
            limits=(-high, -low),
            above=None if self.above is None else -self.resamples[::-1],
        )

    def interval(self) -> tuple[float, float]:
        """Return the two-sided 95% interval; it always contains the figure."""
        return self.lower(_TAIL), -self.negated().lower(_TAIL)

    @property
    def _is_no_difference(self) -> bool:
        return self.point == 0.0 and self.limits[0] < 0.0 < self.limits[1]

    @property
    def _agreed(self) -> bool:
        return bool(self.resamples[-1] - self.resamples[0] < ROUNDING)

    @property
    def _counts(self) -> tuple[float, float]:
        """The parameters of the beta distribution whose quantiles are Clopper and Pearson's lower bounds."""
        low, high = self.limits
        share, error = (self.point - low) / (high - low), (self.standard_error or 0.0) / (high - low)
        n = share * (1.0 - share) / error**2
        return n * share, n * (1.0 - share) + 1.0

    @property
    def _expansion(self) -> float:
        return float(np.sqrt(self.groups / (self.groups - 1)))

    @property
    def _least_tail(self) -> float:
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
