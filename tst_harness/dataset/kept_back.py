"""Which answers are kept back, as those of a leaderboard's own part are: no fault, and not scored."""

from collections.abc import Sequence

from tst_harness.benchmark.declarations import Choice, Number, Open, ScoredType
from tst_harness.dataset.answers import is_unanswered, is_withheld, text_of
from tst_harness.dataset.numbers import is_no_number
from tst_harness.dataset.reading import Value

_MOST_MISSING = 0.2


def kept_back(
    declared: ScoredType,
    rows: Sequence[int],
    answers: Sequence[Value],
    options: Sequence[tuple[str, ...] | None],
) -> set[int]:
    """The positions of a type's rows whose answers are not told.

    Parameters
    ----------
    declared
        The type.
    rows
        The positions of its rows.
    answers, options
        Of all rows, by position.
    """
    kept = {p for p in rows if is_unanswered(answers[p], options[p])}
    if isinstance(declared, Choice) and "-1" not in (declared.labels or ()):
        # Among labels or indices, which start at 0, -1 is none.
        kept |= {p for p in rows if str(answers[p]) == "-1" and "-1" not in (options[p] or ())}
    elif isinstance(declared, Open):
        # "None", "unknown" and the symbol of sodium are texts that an open question may have as its answer.
        texts = {p: (text_of(answers[p]) or "").strip() for p in kept}
        kept = {p for p, text in texts.items() if is_withheld(text) and text != "Na"}
    elif isinstance(declared, Number):
        written = {p for p in kept if (text_of(answers[p]) or "").strip()}
        if len(written) <= _MOST_MISSING * len(rows):  # a few are faults, and many are a hidden part
            kept -= {p for p in written if is_no_number(str(answers[p]))}
    return kept
