"""How steady the scores of questions are over repeats."""

import numpy as np
import pandas as pd

from tst_harness.checks.schema import Spread, SpreadReport

_EASY = 0.5


def spread_report(frame: pd.DataFrame) -> SpreadReport | None:
    """Return how many questions are easy in every repeat, in some and in none; None for a single repeat.

    Parameters
    ----------
    frame
        From `held_out_frame`, with the same questions in each repeat.
    """
    repeats = [rows for _, rows in frame.groupby("repeat", sort=True)]
    if len(repeats) < 2:
        return None
    easy = np.stack([rows["score"].to_numpy() > _EASY for rows in repeats])
    s = np.stack([rows["s"].to_numpy(dtype=np.float64) for rows in repeats])
    types, names = pd.factorize(repeats[0]["type"].to_numpy(), sort=True)
    each = pd.DataFrame(
        {
            "type": types,
            "always": easy.all(axis=0),
            "never": ~easy.any(axis=0),
            "rate": easy.mean(axis=0),
            "sd": s.std(axis=0, ddof=1),
        }
    )
    rate = each.groupby("type")["rate"].transform("mean")
    each["always_expected"] = rate ** len(repeats)
    each["never_expected"] = (1.0 - rate) ** len(repeats)
    return SpreadReport(
        overall=_spread(each),
        types={name: _spread(each[each["type"] == code]) for code, name in enumerate(names)},
    )


def _spread(each: pd.DataFrame) -> Spread:
    n, always, never = len(each), int(each["always"].sum()), int(each["never"].sum())
    return Spread(
        n=n,
        always=always / n,
        sometimes=(n - always - never) / n,
        never=never / n,
        always_expected=min(1.0, float(each["always_expected"].mean())),
        never_expected=min(1.0, float(each["never_expected"].mean())),
        mean_sd=float(each["sd"].mean()),
    )
