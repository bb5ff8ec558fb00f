"""What the blind baselines of formats are called, and what can be said of open answers and of small types."""

from collections.abc import Collection, Iterator

from tst_harness.analysis.figures import percent
from tst_harness.report.schema import DiagnosticReport, TypeScores

LARGE_LEAD = 0.10
"""What the most frequent answer scores over chance, from which on the gain alone hides most of the bias."""
_NAMED = 5
_ROUNDING = 1e-9
_IN_SENTENCES = {
    "chance": "chance",
    "majority": "the most frequent answers",
    "constant": "the best constant answers",
}


def rule_baseline_word(format_: str) -> str:
    """Return what a rule is compared with, which depends on the format alone: "chance" or "constant"."""
    return "chance" if format_ in ("mc", "multi") else "constant"


def majority_lead(scores: TypeScores) -> float:
    """Return by how much the blind baseline is above chance, where the most frequent answer scores more."""
    if scores.chance is None or scores.blind_baseline - scores.chance < _ROUNDING:
        return 0.0
    return scores.blind_baseline - scores.chance


def baseline_word(scores: TypeScores) -> str:
    """Return what the blind baseline of a type is called in a table: "chance", "majority" or "constant"."""
    return "majority" if majority_lead(scores) > 0.0 else rule_baseline_word(scores.format)


def baselines_of(types: Collection[TypeScores]) -> str:
    """Return what the blind baselines of some types are called in a sentence."""
    words = {baseline_word(scores) for scores in types}
    names = [_IN_SENTENCES[word] for word in _IN_SENTENCES if word in words]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def format_lines(diagnostic: DiagnosticReport, folds: int) -> Iterator[str]:
    """Yield where one answer is frequent, what can be learnt of open answers, and what is too small."""
    frequent = [
        f"{name} {percent(scores.most_frequent)}% (chance {percent(scores.chance)}%)"
        for name, scores in sorted(diagnostic.types.items(), key=lambda item: -majority_lead(item[1]))
        if majority_lead(scores) > 0.0
    ]
    if frequent:
        yield f"the most frequent answer of the training folds scores more than chance: {_listed(frequent)}"
    seen = [
        f"{name} {percent(scores.seen_answers)}%"
        for name, scores in sorted(diagnostic.types.items())
        if scores.seen_answers is not None
    ]
    if seen:
        yield f"open questions whose answer the training folds have, too, so can be learnt: {_listed(seen)}"
    small = [
        f"{name} ({scores.n:,})" for name, scores in sorted(diagnostic.types.items()) if scores.n < folds
    ]
    if small:
        yield f"too few questions for a conclusion: {_listed(small)}"


def _listed(items: list[str]) -> str:
    rest = f" and {len(items) - _NAMED:,} more" if len(items) > _NAMED else ""
    return ", ".join(items[:_NAMED]) + rest
