"""Several right options: which set a diagnostic chooses, and what is had without a model.

A diagnostic judges each option by itself. The set that follows is the most probable one given these
judgements and how many options are right in the training questions. Where every option is judged at the rate
of right options, no set of a size is more probable than another, and the blind baseline is to draw one at
random, of the size for which that scores best.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import comb

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

_LEAST_PROBABILITY = 1e-6
_PRIOR = 0.5


@dataclass(frozen=True)
class Chosen:
    """The set chosen for one question: its indices, and its probability as well as that of the gold set."""

    options: tuple[int, ...]
    gold_probability: float


class Sizes:
    """How many options are right, by how many there are, in the training questions.

    Parameters
    ----------
    right, offered
        Of each training question: how many options are right, and how many it has.
    """

    def __init__(self, right: FloatArray, offered: FloatArray) -> None:
        self._counts: Mapping[int, FloatArray] = {
            int(k): np.bincount(right[offered == k].astype(np.int64), minlength=int(k) + 1).astype(np.float64)
            for k in np.unique(offered)
        }
        total = float(offered.sum())
        rate = float(right.sum()) / total if total else 0.5
        self._rate = min(max(rate, _LEAST_PROBABILITY), 1.0 - _LEAST_PROBABILITY)

    def shares(self, offered: int) -> FloatArray:
        """(offered + 1,) the share of each number of right options; none has no share.

        Of a number of options that no training question has, what judging each option at the rate of all
        right options would give.
        """
        sizes = np.arange(offered + 1)
        expected = np.array([comb(offered, size) for size in sizes], dtype=np.float64)
        expected *= self._rate**sizes * (1.0 - self._rate) ** (offered - sizes)
        expected[0] = 0.0
        counts = self._counts.get(offered, np.zeros(offered + 1)) + _PRIOR * expected / expected.sum()
        shares: FloatArray = counts / counts.sum()
        return shares

    def blind_baseline(self, offered: int, right: int) -> float:
        """What a random set of the best size scores on a question, on average over sets.

        The best size has the largest share over the number of its sets: 1 / options where one is right.
        """
        shares = self.shares(offered)
        odds = [shares[size] / comb(offered, size) for size in range(1, offered + 1)]
        best = 1 + int(np.argmax(np.round(odds, 12)))
        return 1.0 / comb(offered, best) if right == best else 0.0

    def choose(self, probabilities: FloatArray, gold: tuple[int, ...]) -> Chosen:
        """Return the most probable set of right options, and the probability of the gold set.

        Parameters
        ----------
        probabilities
            Of each option to be right, each judged by itself.
        gold
            Indices of the right options.
        """
        bounded = np.clip(probabilities, _LEAST_PROBABILITY, 1.0 - _LEAST_PROBABILITY)
        odds = bounded / (1.0 - bounded) * (1.0 - self._rate) / self._rate
        k = len(odds)
        # Sizes in logarithms and odds relative to the largest, or many options would overflow.
        scale = float(odds.max())
        odds = odds / scale
        shares = self.shares(k)[1:]
        sets = np.array([comb(k, size) for size in range(1, k + 1)], dtype=np.float64)
        with np.errstate(divide="ignore"):
            log_weight = np.log(shares) - np.log(sets) + np.arange(1, k + 1) * np.log(scale)
            log_sums = np.log(_sums_of_products(odds)[1:])
            order = np.argsort(-odds, kind="stable")
            log_best = np.cumsum(np.log(odds[order])) + log_weight
            total = np.logaddexp.reduce(log_sums + log_weight)
            log_gold = float(np.log(odds[list(gold)]).sum() + log_weight[len(gold) - 1])
        size = 1 + int(np.argmax(np.round(log_best, 9)))
        chosen = tuple(sorted(order[:size].tolist()))
        return Chosen(chosen, float(min(np.exp(log_gold - total), 1.0)))


def _sums_of_products(odds: FloatArray) -> FloatArray:
    """(k + 1,) for each size the sum over all sets of that size of the product of their odds."""
    sums = np.zeros(len(odds) + 1)
    sums[0] = 1.0
    for value in odds:
        sums[1:] = sums[1:] + value * sums[:-1]
    return sums
