"""Which column holds the questions.

The wrong one would silently measure something else, so where two can be it and neither is clearly better,
the user is asked.
"""

from tst_harness.dataset.names import named_for
from tst_harness.dataset.recognition.asked import Asked, ambiguous, existing, unrecognised
from tst_harness.dataset.recognition.pairs import text_pair
from tst_harness.dataset.recognition.sheet import Column, Sheet

_LEAST_FILLED = 0.5
_CLEARLY_MORE = 1.5
_RELATIONS = frozenset(["entailment", "neutral", "contradiction", "not_entailment"])


def find_question(sheet: Sheet, given: Asked, guesses: list[str]) -> str | None:
    """The column of the questions: named for them, and prose; None where a pair of texts is all there is.

    Of several the one with clearly more different texts is taken, and said so in `guesses`.

    Raises
    ------
    DataError
        Two columns can be it, or none; the sentence names the flag that says which.
    """
    if given.question is not None:
        return existing(sheet, given.question, "question") if given.question else None
    named = []
    for tier in named_for("question", sheet.columns):
        candidates = [column for column in sheet.filled(tier, _LEAST_FILLED) if column.is_scalar]
        prose = [column for column in candidates if column.is_prose]
        if len(prose) == 1:
            return prose[0].name
        if prose:
            return _hypothesis(sheet, prose) or _most_telling(sheet, prose, guesses)
        named += candidates
    if len(named) == 1:
        return named[0].name
    if not named and text_pair(sheet) is not None:
        return None
    objects = next((name for tier in named_for("question", sheet.columns) for name in tier), None)
    nested = f" ({objects!r} holds lists or objects, not text)" * bool(objects and not named)
    raise unrecognised(sheet, "question", nested)


def _hypothesis(sheet: Sheet, prose: list[Column]) -> str | None:
    """Of a premise and a hypothesis, the latter; of two sentences too, where labels say how they relate."""
    names = {column.name.casefold(): column.name for column in prose}
    if set(names) == {"premise", "hypothesis"}:
        return names["hypothesis"]
    related = any(
        column.is_scalar and not _RELATIONS.isdisjoint(str(value).casefold() for value in column.sample)
        for column in sheet.columns.values()
    )
    return names["sentence2"] if set(names) == {"sentence1", "sentence2"} and related else None


def _most_telling(sheet: Sheet, prose: list[Column], guesses: list[str]) -> str:
    first, second, *_ = sorted(prose, key=lambda column: -len(column.distinct))
    if len(first.distinct) < _CLEARLY_MORE * len(second.distinct):
        raise ambiguous(sheet, prose, "question")
    guesses.append(
        f"the question is {first.name!r}, {len(first.distinct):,} different texts where {second.name!r} has "
        f"{len(second.distinct):,}; --question {second.name} for the other"
    )
    return first.name
