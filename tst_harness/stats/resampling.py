"""Uncertainty: a bootstrap over groups, and tests of rules against the blind baseline.

Questions that share a scene, an image or a video are not independent of each other, so the group is
what is resampled and what is counted here.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, csr_array
from scipy.special import ndtr

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.integer]

RESAMPLES = 2_000
_CHUNK_CELLS = 1 << 17
"""Of a matrix of weights; so many stay in the cache of a processor."""
_NEWTON_STEPS = 100
ROUNDING = 1e-12
"""What differs by less is equal."""


SURE_OF_SIGN = float(np.sqrt(2.0))
"""How many times as wide an interval of what was learnt must be, and still leave zero out, to leave it out.

Where there is nothing to learn, a gain is made of pairs of questions in different folds, each of which was
answered with what the other taught. Every pair counts twice, so the gain varies with up to twice the variance
that single questions tell of. Where there is much to learn, pairs do not matter and the interval holds
(Bayle et al., "Cross-validation Confidence Intervals for Test Error", 2020).
"""


@dataclass(frozen=True)
class Resamples:
    """Means in resamples of the groups; rows are the types, then all questions, then the mean over types.

    Attributes
    ----------
    means
        Shape (resamples, types + 2, columns); NaN where a resample has no question of a type.
    point
        Shape (types + 2, columns), the means themselves.
    groups
        The number of groups that each row's questions are from.
    """

    means: FloatArray
    point: FloatArray
    groups: list[int]


def resample(values: FloatArray, groups: IntArray, types: IntArray, *, seed: int) -> Resamples:
    """Return means in 2,000 resamples of the groups, with replacement.

    Every mean is a ratio of sums over the resampled groups, and all columns share the resamples, so the
    column of a gain is paired. A resample without any question of a type says nothing about that type and
    leaves it out of its macro mean.

    Parameters
    ----------
    values
        Shape (n, columns), one row a question, averaged over repeats.
    groups
        Shape (n,), codes from 0.
    types
        Shape (n,), codes from 0, each of which occurs.
    seed
        Of the resamples.
    """
    sums = _group_sums(values, groups, types)
    n_types, n_groups = sums.shape[0] // (values.shape[1] + 1), sums.shape[1]
    shape = (-1, n_types, values.shape[1] + 1)
    means = np.concatenate(
        [_means((sums @ weights).T.reshape(shape)) for weights in resample_weights(n_groups, seed)]
    )
    point = _means(sums.sum(axis=1).reshape(shape))[0]
    present = np.unique(types.astype(np.int64) * n_groups + groups) // n_groups
    return Resamples(means, point, [*np.bincount(present, minlength=n_types).tolist(), n_groups, n_groups])


def _group_sums(values: FloatArray, groups: IntArray, types: IntArray) -> csr_array:
    """Return the columns' sums and the count in each group, shape (types * (columns + 1), groups)."""
    n, columns = values.shape
    data = np.column_stack([values, np.ones(n)])
    rows = types.astype(np.int64)[:, None] * (columns + 1) + np.arange(columns + 1)
    # Sparse, because most groups hold a few questions and there may be hundreds of types.
    entries = (data.ravel(), (rows.ravel(), np.repeat(groups, columns + 1)))
    sums: csr_array = coo_array(entries).tocsr()
    return sums


def resample_weights(n_groups: int, seed: int) -> Iterator[FloatArray]:
    """Yield how often each resample holds each group, shape (groups, some of the resamples)."""
    rng = np.random.default_rng(seed)
    size = max(1, _CHUNK_CELLS // n_groups)
    for start in range(0, RESAMPLES, size):
        rows = min(size, RESAMPLES - start)
        drawn = rng.integers(n_groups, size=(rows, n_groups))
        drawn += np.arange(rows)[:, None] * n_groups
        counts = np.bincount(drawn.ravel(), minlength=rows * n_groups)
        yield np.ascontiguousarray(counts.reshape(rows, n_groups).T, dtype=np.float64)


def _means(sums: FloatArray) -> FloatArray:
    """Return the means of each type, of all questions and over types, shape (n, types + 2, columns)."""
    overall = sums.sum(axis=1, keepdims=True)
    with np.errstate(invalid="ignore"):
        types = sums[..., :-1] / sums[..., -1:]
    absent = np.isnan(types)
    macro = np.where(absent, 0.0, types).sum(axis=1, keepdims=True) / (~absent).sum(axis=1, keepdims=True)
    return np.concatenate([types, overall[..., :-1] / overall[..., -1:], macro], axis=1)


def left_out(n_groups: int, level: float) -> float:
    """Return the largest share of other groups among which n that all agree have a chance of `level`.

    It is Clopper and Pearson's bound of a share of which none was seen ("The Use of Confidence or Fiducial
    Limits Illustrated in the Case of the Binomial", 1934).
    """
    return 1.0 - float(level ** (1.0 / n_groups))


def holm(p_values: FloatArray, weights: FloatArray | None = None) -> FloatArray:
    """Return Holm's adjusted p-values, shape (n,), in the order of `p_values`.

    With `weights`, shape (n,), positive, a test has a share of the level in proportion to its own. Rejecting
    what is at most alpha keeps the chance of any false rejection at most alpha, whatever the dependence
    between the tests (Holm, "A Simple Sequentially Rejective Multiple Test Procedure", 1979).
    """
    weight = np.ones(len(p_values)) if weights is None else weights
    order = np.argsort(p_values / weight, kind="stable")
    remaining = np.cumsum(weight[order][::-1])[::-1]
    adjusted = np.empty(len(p_values))
    raised = p_values[order] * remaining / weight[order]
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(raised))
    return adjusted


def rule_p_values(
    rule: IntArray, group: IntArray, score: FloatArray, chance: FloatArray, n_rules: int
) -> FloatArray:
    """Return each rule's one-sided p-value against "its questions score no more than chance".

    Groups are independent and questions within one need not be, so a rule's evidence is one number a
    group, z = the sum of score - chance. The p-value is P(E_0 * floor + sum of E_g * z_g <= 0) with E
    independent standard exponentials and `floor` the least z that could have been (Gaffke, "Three Test
    Statistics for a Nonparametric One-Sided Hypothesis on the Mean of a Nonnegative Variable", 2005). It
    needs no normality, also with few groups or skewed scores; where each question is its own group, is
    right or wrong, and has the same chance, it is the exact binomial tail. The probability comes from a
    saddlepoint (Barndorff-Nielsen's r*), within about 8% of its value and hardly ever below it.

    A question counts as right-or-wrong with a known chance where all of its rule's scores are 0 or 1 and
    all chances lie strictly between; otherwise the chance is taken for a score of its own, which could
    have been 1.

    Parameters
    ----------
    rule
        Shape (m,), codes in [0, n_rules); one entry for each question a rule applies to.
    group
        Shape (m,), codes from 0.
    score
        Shape (m,), in [0, 1].
    chance
        Shape (m,), in [0, 1], what the baseline scores on the same question.
    n_rules
        How many rules there are.

    Returns
    -------
    Shape (n_rules,), in (0, 1], not corrected for the number of rules; 1 for a rule that applies in fewer
    than two groups or scores no more than chance.
    """
    p_values = np.ones(n_rules)
    if len(rule) == 0:
        return p_values
    uncertain = ((score > 0.0) & (score < 1.0)) | (chance <= 0.0) | (chance >= 1.0)
    known = np.bincount(rule, weights=uncertain, minlength=n_rules) == 0
    n_groups = int(group.max()) + 1
    cells, cell = np.unique(rule.astype(np.int64) * n_groups + group, return_inverse=True)
    owner = cells // n_groups
    excess = np.bincount(cell, weights=score - chance)
    loss = np.bincount(cell, weights=np.where(known[rule], chance, 1.0))
    floor = np.zeros(n_rules)
    np.maximum.at(floor, owner, loss)
    z = excess / floor[owner]
    tested = (np.bincount(owner, minlength=n_rules) >= 2) & (np.bincount(owner, z, minlength=n_rules) > 1.0)
    kept = tested[owner]
    codes = np.cumsum(tested) - 1
    if kept.any():
        p_values[tested] = _exponential_sum_tail(codes[owner[kept]], z[kept])
    return p_values


def _exponential_sum_tail(owner: IntArray, z: FloatArray) -> FloatArray:
    """Return P(sum of E * z <= E_0) for each owner, where the sum of its z is above 1 and each is >= -1."""

    def total(terms: FloatArray) -> FloatArray:
        return np.bincount(owner, weights=terms).astype(np.float64, copy=False)

    low, high = np.zeros(owner.max() + 1), np.ones(owner.max() + 1)
    t = np.full(owner.max() + 1, 0.5)
    for _ in range(_NEWTON_STEPS):
        ratio = z / (1.0 + t[owner] * z)
        slope = total(ratio) - 1.0 / (1.0 - t)
        curvature = total(ratio**2) + 1.0 / (1.0 - t) ** 2
        low, high = np.where(slope > 0.0, t, low), np.where(slope > 0.0, high, t)
        newton = t + slope / curvature
        following = np.where((newton > low) & (newton < high), newton, (low + high) / 2.0)
        moved = np.abs(following - t).max()
        t = following
        if moved < 1e-14:
            break
    exponent = total(np.log1p(t[owner] * z)) + np.log1p(-t)
    ratio = z / (1.0 + t[owner] * z)
    r = np.sqrt(2.0 * np.maximum(exponent, 0.0))
    u = t * np.sqrt(total(ratio**2) + 1.0 / (1.0 - t) ** 2)
    # The formula is 0 / 0 at the middle of the distribution, where no p-value matters.
    central = r < 0.05
    safe = np.where(central, 1.0, r)
    tail = ndtr(-(safe + np.log(np.where(central, 1.0, u) / safe) / safe))
    return np.where(central, 1.0, np.clip(tail, np.finfo(float).tiny, 1.0))
