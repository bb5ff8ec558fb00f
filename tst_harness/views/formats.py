"""What the blind baselines of formats are called, and what can be said of open answers and of small types."""

from collections.abc import Collection, Iterator

from tst_harness.report.schema import DiagnosticReport
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


def format_lines(found: DiagnosticReport, folds: int) -> Iterator[str]:
    """Yield how many open answers can be learnt at all, and which types are too small to tell."""
    seen = [
        f"{name} {percent(scores.seen_answers)}%"
        for name, scores in sorted(found.types.items())
        if scores.seen_answers is not None
    ]
    if seen:
        yield f"open answers that training questions have, too, as only such can be learnt: {_listed(seen)}"
    small = [f"{name} ({scores.n:,})" for name, scores in sorted(found.types.items()) if scores.n < folds]
    if small:
        yield f"too few questions for a conclusion: {_listed(small)}"


def _listed(items: list[str]) -> str:
    rest = f" and {len(items) - _NAMED:,} more" if len(items) > _NAMED else ""
    return ", ".join(items[:_NAMED]) + rest
