"""The verdict of a report in one or two sentences: found, none above so much, or cannot tell."""

from collections.abc import Iterator

from tst_harness.analysis.figures import counted, interval, p_value, percent, signed
from tst_harness.report.schema import DiagnosticReport, OverallScores, Report
from tst_harness.report.verdict_schema import Finding, VerdictReport
from tst_harness.views.formats import LARGE_LEAD, majority_lead, rule_baseline_word

_OTHERS = {"gain": "other type", "shortcut": "other shortcut"}
LEAST_QUESTIONS = 30
"""Of fewer questions a score in percent says more than is known."""


def verdict_sentence(report: Report) -> str | None:
    """Return the verdict in words; None where no diagnostic is complete."""
    parts = verdict_parts(report)
    return None if parts is None else f"{parts[0]}: {'; '.join(parts[1])}"


def verdict_parts(report: Report) -> tuple[str, list[str]] | None:
    """Return the verdict, as "found", and what it stands on, a claim each; None as for the sentence."""
    verdict = report.verdict
    if verdict is None:
        return None
    sample = "bundled SAMPLE: " if report.source.kind == "sample" else ""
    prefix = sample + ("NULL CONTROL, answers permuted: " if report.null_control else "")
    if verdict.verdict == "found":
        return f"{prefix}found", [
            *_findings(report, verdict),
            *_most_frequent(report),
            *_remaining(report, verdict),
        ]
    noun = counted(verdict.units, verdict.unit)
    if verdict.smallest_effect is None:
        are = "is" if verdict.units == 1 else "are"
        needed = counted(verdict.needed or 0, verdict.unit)
        reason = f"{noun} {are} too few for any claim, which takes at least {needed}"
        return f"{prefix}cannot tell", [reason]
    effect = percent(verdict.smallest_effect)
    if verdict.verdict == "none above":
        reason = (
            f"no gain, no shortcut and no leak was found in {noun}, where a gain of {effect} points is found "
            "with a power of 80%"
        )
        return f"{prefix}none above {effect} points", [reason]
    reason = (
        f"no gain, no shortcut and no leak was found, but {noun} are too few: a gain is found with a power "
        f"of 80% only from {effect} points on; to find one of 10 points takes about "
        f"{counted(verdict.needed or 0, verdict.unit)}"
    )
    return f"{prefix}cannot tell", [reason]


def headline(report: Report) -> str | None:
    """Return score, blind baseline and gain in one sentence, of the diagnostic with the largest gain.

    None for a null control, for fewer than 30 questions or units too few for any claim, and where no
    diagnostic scores more than its blind baseline.
    """
    scored = comparable(report)
    if not scored or report.null_control or report.verdict is None:
        return None
    overall = max((overall for _, _, overall in scored), key=lambda overall: overall.gain)
    if overall.n < LEAST_QUESTIONS or report.verdict.smallest_effect is None or overall.gain <= 0.0:
        return None
    return (
        f"A text-only model scores {percent(overall.score)}% on {overall.n:,} questions; guessing scores "
        f"{percent(overall.blind_baseline)}%; the text alone is worth {signed(overall.gain)} points "
        f"{interval(overall.gain_interval)}"
    )


def comparable(report: Report) -> list[tuple[str, DiagnosticReport, OverallScores]]:
    """Return the complete diagnostics, by name, without those that score fewer questions than another."""
    complete = [
        (name, diagnostic, diagnostic.overall)
        for name, diagnostic in report.diagnostics.items()
        if diagnostic.overall is not None
    ]
    most = max((overall.n for _, _, overall in complete), default=0)
    return [scored for scored in complete if scored[2].n == most]


def _findings(report: Report, verdict: VerdictReport) -> Iterator[str]:
    for finding in verdict.findings:
        if finding.kind == "gain" and finding.type is None:
            yield f"{_gain(report, finding)} ({p_value(finding.p_value)})"
            continue
        more = finding.count - 1
        other = _OTHERS.get(finding.kind)
        others = f"{more:,} more of this kind" if other is None else counted(more, other)
        others = f", and {others}" if more else ""
        yield f"{_claim(report, finding)} ({p_value(finding.p_value)}){others}"


def _gain(report: Report, finding: Finding) -> str:
    sentence = headline(report)
    if sentence is None:
        return f"a gain of {signed(finding.effect)} points"
    return sentence[0].lower() + sentence[1:]


def _claim(report: Report, finding: Finding) -> str:
    of_type = "" if finding.type is None else f" of {finding.type}"
    points = signed(finding.effect)
    if finding.kind == "gain":
        return f"the text alone is worth {points} points{of_type}"
    if finding.kind == "shortcut":
        baseline = _rule_baseline(report, finding)
        return f"shortcut{of_type}: {finding.text}, {points} points over {baseline}"
    apart = _from_chance(finding.effect or 0.0)
    if finding.kind == "order":
        return (
            f"the order of the questions leaks answers{of_type}: repeating an earlier answer scores {apart}"
        )
    if finding.kind == "positions":
        return f"gold options{of_type} are unevenly placed: always choosing one position scores {apart}"
    if finding.kind == "duplicates" and finding.effect is not None and finding.effect < 0.0:
        return f"duplicates have opposite answers: copying one scores {apart}"
    if finding.kind == "duplicates":
        return f"duplicates leak answers: copying one scores {apart}"
    opposite = None if report.checks is None else report.checks.opposite_answers
    units = "groups" if opposite is not None and opposite.by == "group" else "pairs"
    return f"questions come in {units} with opposite answers, so that one answer gives another away"


def _from_chance(effect: float) -> str:
    return f"{percent(abs(effect))} points {'less' if effect < 0.0 else 'more'} than chance"


def _rule_baseline(report: Report, finding: Finding) -> str:
    """What a rule is compared with: chance, or of numbers and texts the constant."""
    types = report.diagnostics[str(finding.diagnostic)].types
    word = rule_baseline_word(types[str(finding.type)].format)
    return word if word == "chance" else f"the {word}"


def _most_frequent(report: Report) -> Iterator[str]:
    """Yield what the most frequent answers score over chance, where that is much: a gain leaves it out."""
    scored = comparable(report)
    if not scored or report.null_control or scored[0][2].n < LEAST_QUESTIONS:
        return
    _, diagnostic, overall = scored[0]
    lead = sum(scores.n * majority_lead(scores) for scores in diagnostic.types.values()) / overall.n
    if lead >= LARGE_LEAD:
        yield (
            f"the most frequent answers alone score {percent(lead)} points more than chance, which the gain "
            "leaves out: read the score beside it"
        )


def _remaining(report: Report, verdict: VerdictReport) -> Iterator[str]:
    """Yield what is left of the score where opposite answers make it and duplicates share a fold."""
    opposite = any(
        finding.kind == "opposite answers" or (finding.kind == "duplicates" and (finding.effect or 0.0) < 0.0)
        for finding in verdict.findings
    )
    duplicates = None if report.checks is None else report.checks.duplicates
    kept = None if duplicates is None else duplicates.kept_together
    if opposite and kept is not None and kept.comparison is not None:
        yield f"with duplicates in the same fold the score is {percent(kept.comparison.overall.score)}%"
