"""What the baselines of formats are called, and what can be said of open answers and of small types."""

from collections.abc import Collection, Iterator

from tst_harness.report.schema import DiagnosticReport
from tst_harness.views.figures import percent

_NAMED = 5


def baseline_word(format_: str) -> str:
    """Return what the baseline of a format is called in a table: "chance" or "constant"."""
    return "chance" if format_ in ("mc", "multi") else "constant"


def baselines_of(formats: Collection[str]) -> str:
    """Return what the baselines of some formats are called in a sentence."""
    words = {baseline_word(format_) for format_ in formats}
    if words == {"chance"}:
        return "chance"
    return "the best constant answers" if words == {"constant"} else "chance and the best constant answers"


def format_lines(found: DiagnosticReport, folds: int) -> Iterator[str]:
    """Yield how many open answers can be learnt at all, and which types are too small to tell."""
    for name, scores in found.types.items():
        if scores.seen_answers is not None:
            yield (
                f"{name}: {percent(scores.seen_answers)}% of the answers occur in the training folds; "
                "the others cannot be learnt from answers"
            )
    small = [f"{name} ({scores.n:,})" for name, scores in sorted(found.types.items()) if scores.n < folds]
    if small:
        rest = f" and {len(small) - _NAMED:,} more" if len(small) > _NAMED else ""
        yield f"too few questions to tell: {', '.join(small[:_NAMED])}{rest}"
