"""Answers that name options which their rows do not have."""

import re
from collections.abc import Collection

from tst_harness.dataset.answers import Answer, option_named, text_of
from tst_harness.dataset.choices import AmbiguousAnswers, read_choices
from tst_harness.dataset.reading import Value

_LETTER = re.compile(r"\(?[A-Za-z]\)?")
_NEARLY_ALL = 0.95
_HALF = 0.5


def are_letters(answers: Collection[Value]) -> bool:
    """Whether nearly all answers are letters."""
    letters = sum(_LETTER.fullmatch(text_of(value) or "") is not None for value in answers)
    return letters > _NEARLY_ALL * len(answers)


def have_lost_options(choices: dict[int, Answer], bare: Collection[Value]) -> bool:
    """Whether answers without options name one as the answers of rows with options do, by letter or index.

    Parameters
    ----------
    choices
        By position, the answers of a type and their options.
    bare
        The answers of its rows that have no options.
    """
    if not choices or not bare:
        return False
    if are_letters([*bare, *(answer for answer, _ in choices.values())]):
        return True
    if sum(option_named(*answer, "text") >= 0 for answer in choices.values()) > _HALF * len(choices):
        return False
    try:
        form = read_choices(choices, None)[0]
    except AmbiguousAnswers as error:
        form = error.forms[0]
    if form not in ("index", "index1"):
        return False
    longest = max((options for _, options in choices.values()), key=len)
    return all(option_named(value, longest, form) >= 0 for value in bare)
