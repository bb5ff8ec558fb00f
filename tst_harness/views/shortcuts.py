"""What a shortcut is worth."""

from tst_harness.report.schema import DiagnosticReport, Shortcut


def worth(shortcut: Shortcut, diagnostic: DiagnosticReport) -> float | None:
    """Return how much following a rule raises the whole score, in [-1, 1]; None where there is no score.

    What the rule does not apply to is left at the blind baseline. Worths of several rules do not add up,
    since these may apply to the same questions.
    """
    if diagnostic.overall is None or diagnostic.overall.n == 0:
        return None
    return shortcut.support * (shortcut.score - shortcut.blind_baseline) / diagnostic.overall.n
