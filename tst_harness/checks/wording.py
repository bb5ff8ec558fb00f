"""Words that several checks have in common."""

from typing import TYPE_CHECKING

from tst_harness.analysis.figures import p_value, percent

if TYPE_CHECKING:
    from tst_harness.checks.copying import CopyTest


def copied(test: "CopyTest") -> str:
    """Say what copying answers scores."""
    return (
        f"scores {percent(test.score)}% (n = {test.n:,}, chance {percent(test.chance)}%, "
        f"{p_value(test.p_value)})"
    )
