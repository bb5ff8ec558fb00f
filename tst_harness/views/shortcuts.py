"""What a shortcut is worth, and how shortcuts are told."""

from collections.abc import Iterator

from tst_harness.checks.shortcuts_check import SHORTCUTS, guesses, worth_in_words
from tst_harness.report.schema import DiagnosticReport, Shortcut
from tst_harness.views.formats import rule_baseline_word


def worth(shortcut: Shortcut, diagnostic: DiagnosticReport) -> float | None:
    """Return how much following a rule raises the whole score, in [-1, 1]; None where there is no score.

    What the rule does not apply to is left at the blind baseline of its type. Worths of several rules do
    not add up, since these may apply to the same questions.
    """
    if diagnostic.overall is None or diagnostic.overall.n == 0:
        return None
    return shortcut.support * shortcut.gain / diagnostic.overall.n


def rule_word(shortcut: Shortcut, diagnostic: DiagnosticReport) -> str:
    """Return what a rule is tested against: "chance" or "constant"."""
    scores = diagnostic.types.get(shortcut.type)
    return "chance" if scores is None else rule_baseline_word(scores.format)


def guesses_sentence(shortcut: Shortcut, diagnostic: DiagnosticReport) -> str:
    """Return what is had without a rule on its questions."""
    return guesses(shortcut, rule_word(shortcut, diagnostic))


def worth_sentence(shortcut: Shortcut, diagnostic: DiagnosticReport) -> str | None:
    """Return what a rule is worth and over which blind baseline; None where there is no score."""
    points = worth(shortcut, diagnostic)
    return None if points is None else worth_in_words(points, shortcut, rule_word(shortcut, diagnostic))


def shortcut_sentences(diagnostic: DiagnosticReport, verbose: bool = False) -> Iterator[str]:
    """Yield a sentence on the rules that were tried, and one on each of the strongest, from "- " on."""
    section = {
        "shortcuts": diagnostic.shortcuts,
        "rules_tried": diagnostic.rules_tried,
        "worth": [worth(rule, diagnostic) for rule in diagnostic.shortcuts],
        "baselines": {name: rule_baseline_word(scores.format) for name, scores in diagnostic.types.items()},
    }
    yield from SHORTCUTS.sentences(section, verbose)


def most_worth(diagnostic: DiagnosticReport, most: int) -> list[str]:
    """Return sentences on the shortcuts that raise the whole score most, at most so many."""
    rules = sorted(diagnostic.shortcuts, key=lambda rule: worth(rule, diagnostic) or 0.0, reverse=True)
    of_these = diagnostic.model_copy(update={"shortcuts": rules[:most]})
    return [sentence[2:] for sentence in shortcut_sentences(of_these, verbose=True) if sentence[:2] == "- "]
