"""The ranking of models with and without what the text gives away."""

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import pandas as pd

from tst_harness.analysis.diagnostic import FloatArray, IntArray
from tst_harness.results.evidence import Sums
from tst_harness.results.schema import Leaderboard, Place, Ranking, Swap
from tst_harness.stats.bounds import Resampled
from tst_harness.stats.resampling import ROUNDING, holm

_TAILS = (0.025, 0.975)


def leaderboard(
    scores: Mapping[str, FloatArray], group: IntArray, parts: Mapping[str, FloatArray], seed: int
) -> Leaderboard:
    """Return the rankings of m models.

    Parameters
    ----------
    scores
        (n,) of each model, on questions that all of them answered.
    group
        (n,) codes of groups.
    parts
        (n,) how much each question counts in each part of the ranking, from 0 to 1.
    seed
        Of the resamples, which all parts share.
    """
    names = list(scores)
    values = np.column_stack([*scores.values(), np.ones(len(group))])
    # One resample of all groups serves every part, so that rankings are paired.
    columns = [values, *(values * weights[:, None] for weights in parts.values())]
    total, drawn = Sums(group, seed).resampled(
        np.zeros(len(group), dtype=np.int64), np.concatenate(columns, axis=1)
    )
    width, groups = len(names) + 1, len(np.unique(group))
    everything = _means(total[0, :width]), _means(drawn[:, 0, :width])
    rankings = {}
    for number, name in enumerate(parts, 1):
        cells = slice(number * width, (number + 1) * width)
        part = _means(total[0, cells]), _means(drawn[:, 0, cells])
        rankings[name] = _ranking(names, everything, part, round(float(parts[name].sum())), groups)
    return Leaderboard(questions=len(group), places=_places(names, everything[0]), parts=rankings)


def _means(sums: FloatArray) -> FloatArray:
    with np.errstate(invalid="ignore"):
        means: FloatArray = sums[..., :-1] / sums[..., -1:]
    return means


def _places(names: list[str], score: FloatArray) -> list[Place]:
    ranks = pd.Series(np.round(score, 12)).rank(method="min", ascending=False).astype(int).tolist()
    order = sorted(range(len(names)), key=lambda model: (ranks[model], names[model]))
    return [Place(model=names[model], score=float(score[model]), rank=ranks[model]) for model in order]


def _ranking(
    names: list[str],
    everything: tuple[FloatArray, FloatArray],
    part: tuple[FloatArray, FloatArray],
    n: int,
    groups: int,
) -> Ranking:
    pairs = list(combinations(range(len(names)), 2))
    first, second = np.array(pairs).T
    differences = [
        (point[first] - point[second], drawn[:, first] - drawn[:, second])
        for point, drawn in (everything, part)
    ]
    (on_all, drawn_all), (on_part, drawn_part) = differences
    tau = float(_tau(on_all[None], on_part[None])[0])
    moved = np.flatnonzero(np.sign(_rounded(on_all)) * np.sign(_rounded(on_part)) < 0)
    p_values = np.ones(len(pairs))
    for pair in moved.tolist():
        # Both orders must be as they seem, so the weaker claim counts.
        sign = np.sign(on_all[pair])
        claims = (
            Resampled.of(float(side * point), side * resamples, groups, (-1.0, 1.0)).p_above(
                0.0, at_least=False
            )
            for side, point, resamples in (
                (sign, on_all[pair], drawn_all[:, pair]),
                (-sign, on_part[pair], drawn_part[:, pair]),
            )
        )
        p_values[pair] = max(claims)
    adjusted = holm(p_values)
    swaps = []
    for pair in moved.tolist():
        above, below = pairs[pair] if on_all[pair] > 0.0 else pairs[pair][::-1]
        sign = np.sign(on_all[pair])
        both = (sign * drawn_all[:, pair] > 0.0) & (sign * drawn_part[:, pair] < 0.0)
        swaps.append(
            Swap(
                above=names[above],
                below=names[below],
                share=float(both.mean()),
                p_value=float(adjusted[pair]),
            )
        )
    return Ranking(
        questions=n,
        places=_places(names, part[0]),
        tau=tau,
        tau_interval=_tau_interval(tau, _tau(drawn_all, drawn_part)),
        swaps=sorted(swaps, key=lambda swap: (swap.p_value, -swap.share, swap.above, swap.below)),
    )


def _tau_interval(tau: float, drawn: FloatArray) -> tuple[float, float]:
    """95% of what as many other questions would give on average, from resamples of tau, shape (m,).

    Noise turns pairs that are nearly tied, once in tau and twice in its resamples, which so lie nearer to 0.
    So the interval has their percentiles as they are and moved by as much as their mean is off.
    """
    kept = drawn[~np.isnan(drawn)]
    low, high = np.quantile(kept, _TAILS)
    off = float(kept.mean()) - tau
    ends = (min(low, low - off, tau), max(high, high - off, tau))
    return max(-1.0, float(ends[0])), min(1.0, float(ends[1]))


def _rounded(differences: FloatArray) -> FloatArray:
    return np.where(np.abs(differences) < ROUNDING, 0.0, differences)


def _tau(differences: FloatArray, others: FloatArray) -> FloatArray:
    """Kendall's tau-b of two rankings, shape (m,), from their differences of pairs, shape (m, pairs)."""
    signs, other_signs = np.sign(_rounded(differences)), np.sign(_rounded(others))
    untied, other_untied = (np.abs(each).sum(axis=1) for each in (signs, other_signs))
    with np.errstate(invalid="ignore"):
        tau: FloatArray = (signs * other_signs).sum(axis=1) / np.sqrt(untied * other_untied)
    # Where a ranking is all ties there is nothing to disagree about.
    return np.where(untied * other_untied > 0.0, tau, np.where(untied == other_untied, 1.0, 0.0))
