"""One verdict from everything that a report found: the gain, shortcuts and checks, corrected together."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from tst_harness.analysis.records import IndependentUnits
from tst_harness.checks.copying import CopyTest
from tst_harness.checks.positions import PositionBalance
from tst_harness.report.schema import ChecksReport, DiagnosticReport
from tst_harness.report.verdict_schema import Finding, FindingKind, VerdictReport
from tst_harness.stats.bounds import detectable
from tst_harness.stats.metrics import Metric
from tst_harness.stats.resampling import SURE_OF_SIGN
from tst_harness.stats.samples import Samples, resampled
from tst_harness.stats.together import LEVEL, corrected_together

LEAST_UNITS = 6
"""Of fewer, even if all agree, signs alone would have a chance above `LEVEL` (1/32)."""
LARGE = 0.10
"""A run that could not have seen a gain of so much cannot tell."""
_WEIGHTS: dict[FindingKind, float] = {
    "gain": 0.3,
    "shortcut": 0.4,
    "order": 0.2,
    "positions": 0.04,
    "opposite answers": 0.03,
    "duplicates": 0.03,
}


class _Claim(NamedTuple):
    """What a test claims: with its p-value, how large it is, of which type and diagnostic, in words."""

    p_value: float
    effect: float | None
    type: str | None = None
    diagnostic: str | None = None
    text: str | None = None


class _Tests(NamedTuple):
    """Tests of one kind whose p-values are corrected for their own number, with their share of the kind."""

    claims: list[_Claim]
    share: float = 1.0


def verdict_of(
    diagnostics: Mapping[str, DiagnosticReport],
    samples: Mapping[str, Samples],
    checks: ChecksReport | None,
    independent: IndependentUnits | None,
    seed: int,
) -> VerdictReport | None:
    """Return the verdict of a report; None where no diagnostic is complete.

    Parameters
    ----------
    diagnostics
        Those of the report.
    samples
        Of those that are complete. Where one does not score all questions, as the stack where some are
        numbers, nothing is claimed of its gain over all questions.
    checks
        Of the report.
    independent
        What intervals and tests count; by default as many as the strongest diagnostic has.
    seed
        Of the resamples.
    """
    if not samples:
        return None
    gains = {name: resampled(own, Metric("gain"), seed=seed) for name, own in samples.items()}
    most = max(len(own.id) for own in samples.values())
    whole = [name for name, own in samples.items() if len(own.id) == most]
    strongest = max(whole, key=lambda name: (gains[name][None].point, name))
    units = gains[strongest][None].groups
    level = LEVEL * _WEIGHTS["gain"] / 2 / len(samples)
    detected = detectable(gains[strongest][None], level)
    smallest = None if detected is None else min(1.0, SURE_OF_SIGN * detected)
    noun = _noun(independent)
    if units < LEAST_UNITS or smallest is None:
        return VerdictReport(
            verdict="cannot tell", units=units, unit=noun, needed=LEAST_UNITS, smallest_effect=None
        )
    tests: dict[FindingKind, list[_Tests]] = {"gain": [], "shortcut": []}
    for name, figures in gains.items():
        p_values = {kind: figure.p_above(0.0, at_least=False) for kind, figure in figures.items()}
        types = [
            _Claim(p * (len(figures) - 1), figures[kind].point, kind, name)
            for kind, p in p_values.items()
            if kind is not None
        ]
        tests["gain"].append(_Tests(types, 0.5))
        if name in whole:
            tests["gain"].append(_Tests([_Claim(p_values[None], figures[None].point, None, name)], 0.5))
    for name, diagnostic in diagnostics.items():
        if diagnostic.rules_tried:
            tests["shortcut"].append(
                _Tests(
                    [
                        _Claim(rule.p_value, rule.score - rule.blind_baseline, rule.type, name, rule.text)
                        for rule in diagnostic.shortcuts
                    ]
                )
            )
    if checks is not None:
        tests |= _of_checks(checks)
    findings = _significant({kind: own for kind, own in tests.items() if own})
    if findings:
        return VerdictReport(
            verdict="found", units=units, unit=noun, smallest_effect=smallest, findings=findings
        )
    enough = smallest <= LARGE
    return VerdictReport(
        verdict="none above" if enough else "cannot tell",
        units=units,
        unit=noun,
        smallest_effect=smallest,
        needed=None if enough else math.ceil(units * (smallest / LARGE) ** 2),
    )


def _noun(independent: IndependentUnits | None) -> Literal["question", "group", "unit"]:
    if independent is None:
        return "question"
    return "unit" if independent.units < independent.before else independent.of


def _of_checks(checks: ChecksReport) -> dict[FindingKind, list[_Tests]]:
    tests: dict[FindingKind, list[_Tests]] = {}
    order: dict[tuple[str, bool, bool], list[_Claim]] = {}
    for test in checks.order or ():
        first = test.source == "one before"
        if first or test.type is None:
            order.setdefault((test.order, first, test.type is None), []).append(_copied(test, test.type))
    if order:
        tests["order"] = [_Tests(claims) for claims in order.values()]
    if checks.positions is not None:
        tests["positions"] = [
            _Tests([_uneven(checks.positions.overall)]),
            _Tests([_uneven(balance, name) for name, balance in checks.positions.types.items()]),
        ]
    if checks.opposite_answers is not None:
        tests["opposite answers"] = [_Tests([_Claim(checks.opposite_answers.p_value, None)])]
    if checks.duplicates is not None and checks.duplicates.copying is not None:
        tests["duplicates"] = [_Tests([_copied(checks.duplicates.copying)])]
    return tests


def _copied(test: CopyTest, type_: str | None = None) -> _Claim:
    return _Claim(test.p_value, test.score - test.chance, type_)


def _uneven(balance: PositionBalance, type_: str | None = None) -> _Claim:
    return _Claim(balance.p_value, balance.best_score - balance.chance, type_)


def _significant(tests: Mapping[FindingKind, Sequence[_Tests]]) -> list[Finding]:
    """Return what is significant, a finding a kind with its strongest claim, the kinds in a fixed order.

    Of shortcuts that is the one that comes first in the report, and all that the report has of its diagnostic
    are counted.
    """
    claims = {kind: list(_of_kind(own)) for kind, own in tests.items()}
    least = {kind: min((p for p, _ in own), default=1.0) for kind, own in claims.items()}
    adjusted = corrected_together(least, _WEIGHTS)
    findings = []
    for kind, own in claims.items():
        if adjusted[kind] > LEVEL:
            continue
        factor = adjusted[kind] / least[kind] if least[kind] > 0.0 else 1.0
        significant = [(p * factor, claim) for p, claim in own if p * factor <= LEVEL]
        count = len(significant)
        if kind == "shortcut":
            p, best = significant[0]
            count = sum(claim.diagnostic == best.diagnostic for _, claim in own)
        else:
            # Of a kind that has a figure over all questions, that comes before those of types.
            p, best = min(
                significant, key=lambda item: (item[1].type is not None, item[0], -abs(item[1].effect or 0.0))
            )
        findings.append(
            Finding(
                kind=kind,
                count=count,
                p_value=p,
                effect=best.effect,
                type=best.type,
                diagnostic=best.diagnostic,
                text=best.text,
            )
        )
    return findings


def _of_kind(tests: Sequence[_Tests]) -> Iterable[tuple[float, _Claim]]:
    """Yield each claim of a kind with its p-value corrected for the others of the kind."""
    total = sum(test.share for test in tests)
    for test in tests:
        for claim in test.claims:
            yield min(1.0, claim.p_value * total / test.share), claim
