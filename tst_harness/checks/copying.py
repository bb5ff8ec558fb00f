"""What copying another question's answer scores, as the report has it."""

from collections.abc import Mapping

import numpy as np

from tst_harness.analysis.ranges import Count, Fraction
from tst_harness.benchmark.model import Model
from tst_harness.stats.permutation import Copying
from tst_harness.stats.resampling import holm


class CopyTest(Model):
    """What copying the answer of another question scores.

    `chance` is the mean score under permutations of the answers, and `p_value` the share of the permutations
    that lie as far from chance: answers that rarely agree tell each other as those do that often agree.
    """

    n: Count
    score: Fraction
    chance: Fraction
    p_value: Fraction


def copy_test(test: Copying) -> CopyTest:
    """Return the test, for the report."""
    return CopyTest(n=test.n, score=test.score, chance=test.chance, p_value=test.p_value())


def corrected(tests: Mapping[str, Copying]) -> dict[str, CopyTest]:
    """Return the tests of the types with p-values corrected for how many there are."""
    adjusted = holm(np.array([test.p_value() for test in tests.values()]))
    return {
        name: copy_test(test).model_copy(update={"p_value": p})
        for (name, test), p in zip(tests.items(), adjusted.tolist(), strict=True)
    }
