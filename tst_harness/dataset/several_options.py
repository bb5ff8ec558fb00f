"""The right options of a question that may have several."""

import re
import unicodedata
from collections.abc import Mapping

from tst_harness.benchmark.declarations import AnswerForm
from tst_harness.dataset.answers import (
    Answer,
    letters_out_of_order,
    marked_options,
    parse_options,
    problem_of,
    text_of,
)
from tst_harness.dataset.choices import AmbiguousAnswers, read_choices
from tst_harness.dataset.invalid import Invalid, quoted
from tst_harness.dataset.reading import Value

MOST_OPTIONS = 26
"""There is a letter for each; a set of them is a sum of powers of two, which a float64 holds exactly."""

_LETTERS = re.compile(r"\(?[A-Z]\)?(?:\s*(?:[,;/&|+、]|and)?\s*\(?[A-Z]\)?)*")
_BETWEEN = re.compile(r"\s*(?:[,;|&+/\n、，；]|\band\b)\s*")


def read_sets(
    rows: Mapping[int, Answer], declared: AnswerForm | None
) -> tuple[dict[int, float], dict[int, Invalid]]:
    """Read the answers of one type in the form in which most of their parts name an option.

    Parameters
    ----------
    rows
        By position: the answer and the options of every row of the type.
    declared
        The form, where the declaration says it.

    Returns
    -------
    By position the right options, as the sum of 2 ** index; and by position the problem of each other row.

    Raises
    ------
    AmbiguousAnswers
        With the first position where two equally good readings differ.
    """
    parts, owner = _all_parts(rows)
    form = form_of_sets(rows, declared)
    read = read_choices(parts, form)[1]
    sets: dict[int, float] = {}
    problems = {
        position: Invalid(
            f"has {len(options)} options where at most {MOST_OPTIONS} can be told apart by letters"
        )
        for position, (_, options) in rows.items()
        if len(options) > MOST_OPTIONS
    }
    for number, index in read.items():
        position = owner[number]
        misplaced = letters_out_of_order(parts[number][1]) if form == "letter" else None
        if misplaced is not None:
            problems.setdefault(position, misplaced)
        elif index < 0:
            problems.setdefault(position, problem_of(*parts[number], form))
        elif position not in problems:
            sets[position] = float(int(sets.get(position, 0.0)) | 1 << index)
    return {position: chosen for position, chosen in sets.items() if position not in problems}, problems


def form_of_sets(rows: Mapping[int, Answer], declared: AnswerForm | None) -> AnswerForm:
    """The form in which most of the parts of some answers name an option.

    Raises
    ------
    AmbiguousAnswers
        With the first position where two equally good readings differ.
    """
    parts, owner = _all_parts(rows)
    try:
        return read_choices(parts, declared)[0]
    except AmbiguousAnswers as error:
        raise AmbiguousAnswers(owner[error.position], error.forms) from None


def _all_parts(rows: Mapping[int, Answer]) -> tuple[dict[int, Answer], list[int]]:
    """The parts of some answers, numbered, and the position of the answer that each is of."""
    parts: dict[int, Answer] = {}
    owner: list[int] = []
    for position, (answer, options) in rows.items():
        for part in _parts(answer, options):
            parts[len(owner)] = (part, options)
            owner.append(position)
    return parts, owner


def problem_of_one(answer: Value, options: tuple[str, ...], form: AnswerForm) -> Invalid:
    """Why an answer does not name the one right option: it names none, or several."""
    chosen = read_sets({0: (answer, options)}, form)[0].get(0, 0.0)
    several = len(option_set(chosen))
    if several < 2:
        return problem_of(answer, options, form)
    return Invalid(
        f"the answer {quoted(answer)} names {several} of the {len(options)} options where one is right",
        "answer names several options",
    )


def option_set(answer: float) -> list[int]:
    """Return the indices of the right options, ascending."""
    bits = int(answer)
    return [index for index in range(bits.bit_length()) if bits >> index & 1]


def _parts(answer: Value, options: tuple[str, ...]) -> list[Value]:
    """Return what an answer names, an option each; at least one part."""
    marked = marked_options(answer, options)
    if marked is not None:
        return list(map(str, marked)) or [None]
    if isinstance(answer, tuple):
        return list(dict.fromkeys(part for part in answer if part not in (None, ""))) or [None]
    text = (text_of(answer) or "").strip()
    if not text or text in options or not isinstance(answer, str):
        return [answer]
    if text.startswith("["):
        read = parse_options(text)
        single = None if isinstance(read, Invalid) else list(dict.fromkeys(read))
        return list(single) if single else [text.strip("[]\"' ")]
    plain = unicodedata.normalize("NFKC", text)
    if _LETTERS.fullmatch(plain):
        return list(dict.fromkeys(re.findall("[A-Z]", plain.replace("and", ""))))
    return list(dict.fromkeys(part for part in _BETWEEN.split(text) if part)) or [answer]
