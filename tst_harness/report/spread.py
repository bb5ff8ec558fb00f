"""How steady the scores of questions are over repeats."""

import pandas as pd
from pydantic import Field

from tst_harness.analysis.diagnostic import FloatArray
from tst_harness.analysis.ranges import Count, Fraction
from tst_harness.benchmark.model import Model
from tst_harness.stats.samples import Samples

_EASY = 0.5


class Spread(Model):
    """How steady scores are over repeats.

    A question is easy in a repeat where it earns more than half of its score: for mc the gold option is
    chosen, for num the relative accuracy is above 0.5. `always`, `sometimes` and `never` are shares of the
    `n` questions. `always_expected` and `never_expected` are what they would be if each type's questions were
    easy at the same rate, independently in each repeat. `mean_sd` is the mean over questions of the standard
    deviation of s(x) over repeats, and `score_sd` that of the score: how much other folds alone move it.
    """

    n: Count
    always: Fraction
    sometimes: Fraction
    never: Fraction
    always_expected: Fraction
    never_expected: Fraction
    mean_sd: float = Field(ge=0.0)
    score_sd: float | None = Field(default=None, ge=0.0)


class SpreadReport(Model):
    """How steady scores are over repeats, over all questions and for each type."""

    overall: Spread
    types: dict[str, Spread]


def spread_report(samples: Samples) -> SpreadReport | None:
    """Return how many questions are easy in every repeat, in some and in none; None for a single repeat.

    Parameters
    ----------
    samples
        Of a diagnostic.
    """
    if samples.repeats < 2:
        return None
    easy = samples.score > _EASY
    types, names = pd.factorize(samples.type, sort=True)
    each = pd.DataFrame(
        {
            "type": types,
            "always": easy.all(axis=0),
            "never": ~easy.any(axis=0),
            "rate": easy.mean(axis=0),
            "sd": samples.s.std(axis=0, ddof=1),
        }
    )
    rate = each.groupby("type")["rate"].transform("mean")
    each["always_expected"] = rate**samples.repeats
    each["never_expected"] = (1.0 - rate) ** samples.repeats
    return SpreadReport(
        overall=_spread(each, samples.score),
        types={
            name: _spread(each[each["type"] == code], samples.score[:, types == code])
            for code, name in enumerate(names)
        },
    )


def _spread(each: pd.DataFrame, score: FloatArray) -> Spread:
    n, always, never = len(each), int(each["always"].sum()), int(each["never"].sum())
    return Spread(
        n=n,
        always=always / n,
        sometimes=(n - always - never) / n,
        never=never / n,
        always_expected=min(1.0, float(each["always_expected"].mean())),
        never_expected=min(1.0, float(each["never_expected"].mean())),
        mean_sd=float(each["sd"].mean()),
        score_sd=float(score.mean(axis=1).std(ddof=1)),
    )
