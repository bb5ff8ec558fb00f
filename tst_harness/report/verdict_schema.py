"""What a report amounts to, as validated models."""

from typing import Literal

from pydantic import Field

from tst_harness.analysis.ranges import Count, Difference, Fraction
from tst_harness.benchmark.model import Model

FindingKind = Literal["gain", "shortcut", "order", "positions", "opposite answers", "duplicates"]


class Finding(Model):
    """What was found of one kind: `count` claims, and the strongest of them.

    `effect` is its size: of a gain the gain, of a shortcut its score minus the blind baseline on the
    questions that it applies to, of the others their score minus chance; null for opposite answers. `type`
    is null where it is over all questions, and `diagnostic` and `text` where there is none. `p_value` is
    corrected for all tests of the report together.
    """

    kind: FindingKind
    count: Count
    p_value: Fraction
    effect: Difference | None = None
    type: str | None = None
    diagnostic: str | None = None
    text: str | None = None


class VerdictReport(Model):
    """What a report amounts to.

    "found": at least one finding, with a chance of at most 2.5% where there is nothing. "none above": nothing
    was found, and an overall gain of `smallest_effect`, at most 10 points, would have been with a power of
    80%. "cannot tell": there are too few independent `units` for any claim, or the smallest effect is above
    10 points; it would take `needed` units. `unit` is "question", "group", or "unit" where copies are joined.
    """

    verdict: Literal["found", "none above", "cannot tell"]
    units: Count
    unit: Literal["question", "group", "unit"]
    smallest_effect: Fraction | None
    needed: Count | None = None
    findings: list[Finding] = Field(default_factory=list)
