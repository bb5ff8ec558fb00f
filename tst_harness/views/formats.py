"""What the blind baselines of formats are called, and what can be said of open answers and of small types."""

from collections.abc import Collection, Iterator

from tst_harness.report.schema import DiagnosticReport, TypeScores
from tst_harness.views.figures import percent

_NAMED = 5


def baseline_word(format_: str) -> str:
    """Return what the blind baseline of a format is called in a table: "chance" or "constant"."""
    return "chance" if format_ in ("mc", "multi") else "constant"


def baselines_of(formats: Collection[str]) -> str:
    """Return what the blind baselines of some formats are called in a sentence."""
    words = {baseline_word(format_) for format_ in formats}
    if words == {"chance"}:
        return "chance"
    return "the best constant answers" if words == {"constant"} else "chance and the best constant answers"


def format_lines(diagnostic: DiagnosticReport, folds: int) -> Iterator[str]:
    """Yield where one answer is frequent, what can be learnt of open answers, and what is too small."""
    frequent = [
        f"{name} {percent(scores.most_frequent)}%"
        for name, scores in sorted(diagnostic.types.items(), key=lambda item: -_frequent_gain(item[1]))
        if scores.most_frequent is not None and _frequent_gain(scores) > 0.0
    ]
    if frequent:
        yield f"the most frequent answer of the training folds beats chance: {_listed(frequent)}"
    seen = [
        f"{name} {percent(scores.seen_answers)}%"
        for name, scores in sorted(diagnostic.types.items())
        if scores.seen_answers is not None
    ]
    if seen:
        yield f"open answers that occur in the training folds, as one must to be learnt: {_listed(seen)}"
    small = [
        f"{name} ({scores.n:,})" for name, scores in sorted(diagnostic.types.items()) if scores.n < folds
    ]
    if small:
        yield f"too few questions for a conclusion: {_listed(small)}"


def _frequent_gain(scores: TypeScores) -> float:
    """By how much the most frequent answer beats chance, less two standard errors."""
    if scores.most_frequent is None:
        return 0.0
    p = scores.blind_baseline
    return scores.most_frequent - p - 2.0 * float((p * (1.0 - p) / scores.n) ** 0.5)


def _listed(items: list[str]) -> str:
    rest = f" and {len(items) - _NAMED:,} more" if len(items) > _NAMED else ""
    return ", ".join(items[:_NAMED]) + rest
