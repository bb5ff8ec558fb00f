"""Which column holds the questions.

The wrong one would silently measure something else, so where two can be it, the user is asked.
"""

from tst_harness.dataset.names import named_for
from tst_harness.dataset.recognition.asked import Asked, ambiguous, existing, unrecognised
from tst_harness.dataset.recognition.pairs import text_pair
from tst_harness.dataset.recognition.sheet import Sheet

_LEAST_FILLED = 0.5


def find_question(sheet: Sheet, asked: Asked) -> str | None:
    """The column of the questions: named for them, and prose; None where a pair of texts is all there is.

    Raises
    ------
    DataError
        Two columns can be it, or none; the sentence names the flag that says which.
    """
    if asked.question is not None:
        return existing(sheet, asked.question, "question") if asked.question else None
    named = []
    for tier in named_for("question", sheet.columns):
        candidates = [column for column in sheet.filled(tier, _LEAST_FILLED) if column.is_scalar]
        prose = [column for column in candidates if column.is_prose]
        if len(prose) == 2 and {column.name.casefold() for column in prose} == {"hypothesis", "premise"}:
            return next(column.name for column in prose if column.name.casefold() == "hypothesis")
        if len(prose) == 1:
            return prose[0].name
        if prose:
            raise ambiguous(sheet, prose, "question")
        named += candidates
    if len(named) == 1:
        return named[0].name
    if not named and text_pair(sheet) is not None:
        return None
    objects = next((name for tier in named_for("question", sheet.columns) for name in tier), None)
    nested = f" ({objects!r} holds lists or objects, not text)" * bool(objects and not named)
    raise unrecognised(sheet, "question", nested)
