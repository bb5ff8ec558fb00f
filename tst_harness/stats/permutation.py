"""Permutation tests of how well one question's answer does as the answer of another."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tst_harness.stats.resampling import FloatArray

_MOST, _LEAST = 999, 199
_CELLS = 50_000_000
_CHUNK_CELLS = 2_000_000


@dataclass(frozen=True, eq=False)
class Copying:
    """What copying answers scores, and what it scores under permutations that leave no reason for it.

    Attributes
    ----------
    n
        Number of questions answered by a copy.
    score
        Their mean score, in [0, 1].
    permuted
        Shape (permutations,), the mean score in each.
    """

    n: int
    score: float
    permuted: FloatArray

    @property
    def chance(self) -> float:
        """The mean over permutations."""
        return float(self.permuted.mean())

    def p_value(self) -> float:
        """The share of the permutations, with the data for one more, that lie as far from chance."""
        # Sums of the same terms in another order differ in their last digits.
        rounding = 1e-12
        extreme = np.abs(self.permuted - self.chance) >= abs(self.score - self.chance) - rounding
        return float((1 + extreme.sum()) / (1 + len(extreme)))

    @classmethod
    def pooled(cls, tests: Sequence["Copying"]) -> "Copying":
        """All questions of several tests with equally many permutations, each independent of the others."""
        weight = np.array([test.n for test in tests]) / sum(test.n for test in tests)
        return cls(
            sum(test.n for test in tests),
            float(weight @ [test.score for test in tests]),
            weight @ np.array([test.permuted for test in tests]),
        )


def permutations(n: int) -> int:
    """How many permutations of n questions are affordable: 999, and from 50,000 questions fewer."""
    return min(_MOST, max(_LEAST, _CELLS // max(n, 1)))


def chunks(total: int, n: int) -> list[int]:
    """Split `total` permutations of n entries into parts that fit in memory."""
    size = max(1, _CHUNK_CELLS // max(n, 1))
    return [min(size, total - start) for start in range(0, total, size)]
