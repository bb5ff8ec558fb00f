"""Which column holds the gold answers: one named for them whose values name options, or can be answers."""

from tst_harness.dataset.answers import (
    FORMS,
    AmbiguousAnswers,
    Answer,
    option_named,
    read_choices,
    text_of,
)
from tst_harness.dataset.reading import Value
from tst_harness.dataset.recognition.asked import Asked, ambiguous, existing, unrecognised
from tst_harness.dataset.recognition.names import named_for
from tst_harness.dataset.recognition.options import FoundOptions
from tst_harness.dataset.recognition.sheet import Column, Sheet, is_blank

_LEAST_FITTING = 0.5
_NEARLY_ALL = 0.95
_LONGEST = 80


def find_answer(sheet: Sheet, asked: Asked, question: str, options: FoundOptions) -> str:
    """The column of the answers.

    Columns that say the same, as a letter and the text of its option, are one; the likelier name wins.

    Raises
    ------
    DataError
        Two columns can be it and differ, or none can; the sentence names the flag that says which.
    """
    if asked.answer is not None:
        return existing(sheet, asked.answer, "answer")
    if options.with_answer is not None:
        return options.with_answer
    taken = {question, *options.columns}
    named: list[Column] = []
    for tier in named_for("answer", sheet.columns):
        named += (sheet.columns[name] for name in tier if name not in taken)
        fitting = [column for column in sheet.filled(tier) if column.name not in taken]
        fitting = [column for column in fitting if _fits(column, options) >= _LEAST_FITTING]
        if fitting:
            first, *others = fitting
            differing = [column for column in others if not _say_the_same(first, column, options)]
            if differing:
                raise ambiguous(sheet, [first, *differing], "answer", ", and they differ")
            return first.name
    left = [column for name, column in sheet.columns.items() if name not in taken and column not in named]
    by_content = [column for column in left if _names_options(column, options) >= _NEARLY_ALL]
    if len(by_content) == 1:
        return by_content[0].name
    if by_content:
        raise ambiguous(sheet, by_content, "answer")
    # A column named for answers that fits badly: what is wrong with its rows can be said row by row.
    filled = [column for column in named if column.filled and column.is_scalar]
    if len(filled) == 1:
        return filled[0].name
    empty = next((column.name for column in named if not column.filled), None)
    raise unrecognised(sheet, "answer", f" ({empty!r} is empty in every row)" if empty else "")


def _split(column: Column, options: FoundOptions) -> tuple[dict[int, Answer], list[Value]]:
    """The answers of sampled rows with options, by position, and of those without."""
    choices: dict[int, Answer] = {}
    bare = []
    for p in column.at:
        value, of_row = options.answer(column, p), options.of_row[p]
        if is_blank(value):
            continue
        if of_row is None:
            bare.append(value)
        else:
            choices[p] = (value, of_row)
    return choices, bare


def _named(choices: dict[int, Answer]) -> dict[int, int]:
    """By position, the index of the option that the answer names, -1 for none."""
    try:
        return read_choices(choices, None)[1]
    except AmbiguousAnswers as error:
        return read_choices(choices, error.forms[0])[1]


def _fits(column: Column, options: FoundOptions) -> float:
    """The share of the sampled values that can be answers; the least of those with and without options."""
    choices, bare = _split(column, options)
    shares = []
    if choices and len(choices) * 20 > len(bare):
        shares.append(sum(index >= 0 for index in _named(choices).values()) / len(choices))
    if bare and len(bare) * 20 > len(choices):
        shares.append(sum(_can_be_answer(value) for value in bare) / len(bare))
    return min(shares, default=0.0)


def _names_options(column: Column, options: FoundOptions) -> float:
    choices, bare = _split(column, options)
    return sum(index >= 0 for index in _named(choices).values()) / max(len(choices) + len(bare), 1)


def _can_be_answer(value: Value) -> bool:
    text = text_of(value)
    return text is not None and len(text) <= _LONGEST


def _say_the_same(first: Column, second: Column, options: FoundOptions) -> bool:
    """Whether two columns name the same options, and elsewhere tell the same answers apart."""
    choices, _ = _split(first, options)
    named = {p: index for p, index in _named(choices).items() if index >= 0}
    again = {p: (options.answer(second, p), choices[p][1]) for p in named if not is_blank(second.values[p])}
    alike = not again or any(
        all(option_named(*answer, form) == named[p] for p, answer in again.items()) for form in FORMS
    )
    bare = [p for p in first.at if p not in choices and not is_blank(first.values[p])]
    pairs = {(text_of(first.values[p]), text_of(second.values[p])) for p in bare}
    one_to_one = len({a for a, _ in pairs}) == len({b for _, b in pairs}) == len(pairs)
    return alike and one_to_one and bool(again or pairs)
