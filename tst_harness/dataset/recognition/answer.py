"""Which column holds the gold answers: one named for them whose values name options, or can be answers."""

import re
from collections.abc import Collection, Iterator
from collections.abc import Set as AbstractSet

from tst_harness.benchmark.declarations import AnswerForm
from tst_harness.dataset.answers import (
    FORMS,
    Answer,
    is_kept_back,
    is_unanswered,
    marked_options,
    option_named,
    text_of,
)
from tst_harness.dataset.bare_answers import bare_answer, best_scored
from tst_harness.dataset.choices import AmbiguousAnswers, read_choices
from tst_harness.dataset.names import Role, is_answer_of_series, named_for, named_like, numbered
from tst_harness.dataset.reading import Value
from tst_harness.dataset.recognition.asked import Asked, ambiguous, existing, unrecognised
from tst_harness.dataset.recognition.labels import share_of_numbers
from tst_harness.dataset.recognition.options import FoundOptions
from tst_harness.dataset.recognition.sheet import Column, Sheet, is_blank, is_object
from tst_harness.dataset.several_options import read_sets
from tst_harness.errors import DataError, NoAnswers

_LEAST_FITTING = 0.5
_NEARLY_ALL = 0.95
_CLEARLY_LESS = 0.8
_LONGEST = 80
_MOST_ACCEPTED = 3
"""Columns of answers that may each be right; more are the options of a test split without answers."""
_OTHER_ROLES: tuple[Role, ...] = ("id", "group", "type")
_LEAST_ANNOTATORS = 3
_NUMBER = r"\s*-?\d+(?:\.\d+)?\s*"
_ACCEPTED = re.compile(r"alias|answers|accept|variants", re.IGNORECASE)
_MOMENTS = re.compile(rf"\[(?:\s*\[{_NUMBER},{_NUMBER}\],?)+\s*\]")


def find_answer(
    sheet: Sheet, given: Asked, question: str | None, options: FoundOptions, guesses: list[str]
) -> str:
    """The column of the answers.

    Columns that say the same, as a letter and the text of its option, are one; the likelier name wins. Of
    those that differ, one that fits clearly more rows is taken, and said so in `guesses`.

    Raises
    ------
    DataError
        Two columns can be it and differ, or none can; the sentence names the flag that says which.
    NoAnswers
        None can, or that which is named for them tells none.
    """
    if given.answer is not None:
        return existing(sheet, given.answer, "answer")
    if options.with_answer is not None:
        return options.with_answer
    taken = {question, *options.columns, *_inside_scored(sheet, options)}
    by_several = _answers_of_several(sheet) if options.place is None else None
    if by_several is not None:
        return by_several
    own = _own_answer(sheet, question, options)
    if own is not None:
        return own
    named: list[Column] = []
    for tier in named_for("answer", sheet.columns):
        named += (sheet.columns[name] for name in tier if name not in taken)
        fitting = [column for column in sheet.filled(tier) if column.name not in taken]
        fitting = [column for column in fitting if _fits(column, options) >= _LEAST_FITTING]
        if fitting:
            best = _best(sheet, fitting, options, guesses)
            return _spellings(sheet, best) or best.name if options.place is None else best.name
    _check_kept_back(sheet, named)
    like = _fitting_like(sheet, taken, options) or _score_of_two_texts(sheet, taken)
    if like:
        best = _best(sheet, like, options, guesses)
        guesses.append(f"the answer is {best.name!r}, by its name; --answer for another column")
        return best.name
    left = [column for name, column in sheet.columns.items() if name not in taken and column not in named]
    left = [column for column in left if "rank" not in column.name.casefold()]
    others = {name for role in _OTHER_ROLES for tier in named_for(role, sheet.columns) for name in tier}
    by_content = [
        column
        for column in left
        if column.name not in others and _names_options(column, options) >= _NEARLY_ALL
    ]
    if len(by_content) == 1:
        guesses.append(
            f"the answer is {by_content[0].name!r}, which holds the letter, text or mark of an option in "
            "each row, though no column is named for answers; name another with --answer"
        )
        return by_content[0].name
    if by_content:
        raise ambiguous(sheet, by_content, "answer")
    # A column named for answers that fits badly: what is wrong with its rows can be said row by row.
    filled = [column for column in named if column.filled and column.is_scalar]
    if len(filled) == 1:
        return filled[0].name
    scale = next((column.name for column in left if _is_scale_of_two(column)), None)
    if scale is not None:
        raise DataError(
            f"{sheet.name}: {scale!r} says by how much one of two responses is better, which is no answer; "
            'write which one is in a column of its own, "1", "2" or "tie", and name it with --answer'
        )
    moments = next((column.name for column in left if _are_moments(column)), None)
    if moments is not None:
        raise DataError(
            f"{sheet.name}: the column {moments!r} holds ranges of two numbers, as of moments in a video, "
            "which are not scored; an answer may be an option (its letter, index or text), a label, a number "
            "or a text: name the column of one with --answer"
        )
    raise NoAnswers(str(unrecognised(sheet, "answer")))


def _inside_scored(sheet: Sheet, options: FoundOptions) -> Iterator[str]:
    """The columns of what stands in lists of texts with a score each, which are read together."""
    outer = {name.rpartition(".")[0] for name in sheet.columns} - {"", *options.columns}
    scored = {name for name in outer if name in sheet.columns and _holds_scored(sheet.columns[name])}
    return (name for name in sheet.columns if name.rpartition(".")[0] in scored)


def _holds_scored(column: Column) -> bool:
    scored = sum(isinstance(value, str) and best_scored(value) is not None for value in column.sample)
    return scored > _LEAST_FITTING * len(column.sample)


def _own_answer(sheet: Sheet, question: str | None, options: FoundOptions) -> str | None:
    """The column that is named as the question is, as `mc_answer` beside `mc_question`; None without."""
    if question is None or question.casefold() == "question" or "question" not in question.casefold():
        return None
    by_name = {name.casefold(): name for name in sheet.columns if name not in options.columns}
    own = by_name.get(question.casefold().replace("question", "answer"))
    return own if own is not None and _fits(sheet.columns[own], options) >= _LEAST_FITTING else None


def accepted_columns(
    sheet: Sheet, given: Asked, question: str | None, options: FoundOptions
) -> tuple[str, ...]:
    """The numbered columns of answers that look like options, where no other column says which is right.

    They then are the texts that are accepted, one a column; none where they are options.
    """
    if given.options is not None or given.answer is not None or not isinstance(options.place, tuple):
        return ()
    series = options.place
    if options.with_answer is not None or not all(is_answer_of_series(name) for name in series):
        return ()
    if len(series) > _MOST_ACCEPTED:
        return ()
    others = [
        column
        for name, column in sheet.columns.items()
        if name != question and not name.startswith(series) and column.filled
    ]
    named = {name for tier in named_for("answer", sheet.columns) for name in tier}
    named |= set(named_like("answer", sheet.columns))
    telling = (
        _names_options(column, options) >= _NEARLY_ALL
        or (column.name in named and _fits(column, options) >= _LEAST_FITTING)
        for column in others
    )
    return () if any(telling) else series


def _fitting_like(sheet: Sheet, taken: Collection[str | None], options: FoundOptions) -> list[Column]:
    """The columns with a word for an answer in their names, whose values can be answers."""
    like = [
        column for column in sheet.filled(named_like("answer", sheet.columns)) if column.name not in taken
    ]
    return [column for column in like if _fits(column, options) >= _LEAST_FITTING]


def _score_of_two_texts(sheet: Sheet, taken: AbstractSet[str | None]) -> list[Column]:
    """The column that says how much two texts have in common, beside which nothing else can be asked for."""
    pairs = [run for run in numbered(sheet.columns) if len(run) == 2 and not taken.isdisjoint(run)]
    if not any(all(sheet.columns[name].is_prose for name in run) for run in pairs):
        return []
    scores = [column for name, column in sheet.columns.items() if name.casefold() in ("score", "rating")]
    return [column for column in scores if share_of_numbers(column.sample) >= _NEARLY_ALL]


def _spellings(sheet: Sheet, answer: Column) -> str | None:
    """The column of lists of all accepted spellings of an answer, which stands beside it."""
    outer = answer.name.rpartition(".")[0]
    for name, column in sheet.columns.items():
        if name.rpartition(".")[0] != outer or not _ACCEPTED.search(name.rpartition(".")[2]):
            continue
        both = zip(column.values, answer.values, strict=True)
        if not column.is_scalar and all(
            isinstance(texts, tuple) and text_of(text) in texts for texts, text in both if not is_blank(text)
        ):
            return name
    return None


def _best(sheet: Sheet, fitting: list[Column], options: FoundOptions, guesses: list[str]) -> Column:
    """Of columns that say the same the first, or one that says it of clearly more rows; else the best."""
    first, *others = fitting
    differing = [column for column in others if not _say_the_same(first, column, options)]
    if not differing:
        fullest = max(fitting, key=lambda column: column.filled)
        return fullest if first.filled < _CLEARLY_LESS * fullest.filled else first
    fits = {column.name: _fits(column, options) for column in (first, *differing)}
    best, second, *_ = sorted((first, *differing), key=lambda column: -fits[column.name])
    if fits[second.name] > _CLEARLY_LESS * fits[best.name]:
        raise ambiguous(sheet, [first, *differing], "answer", ", and they differ")
    guesses.append(
        f"the answer is {best.name!r}, which fits {fits[best.name]:.0%} of the rows where {second.name!r} "
        f"fits {fits[second.name]:.0%}; --answer {second.name} for the other"
    )
    return best


def _check_kept_back(sheet: Sheet, named: list[Column]) -> None:
    """Raise where the columns that are named for answers tell none."""
    if named and all(is_kept_back(value) or str(value) == "-1" for name in named for value in name.values):
        shown = next((value for column in named for value in column.values if not is_blank(value)), "")
        kept = f"{shown!r}" if shown else "nothing"
        raise NoAnswers(
            f"{sheet.name}: every answer in {named[0].name!r} is kept back ({kept} in every row): a test "
            "split without answers; name another one, or the file of the answers with --answers FILE"
        )


def _answers_of_several(sheet: Sheet) -> str | None:
    """The column of several people's answers to each question, as VQA has them."""
    for name in (name for tier in named_for("answer", sheet.columns) for name in tier):
        sample = sheet.columns[name].sample
        lists = [value for value in sample if isinstance(value, tuple)]
        several = sum(len(value) >= _LEAST_ANNOTATORS for value in lists)
        agree = any(len(set(value)) < len(value) for value in lists)
        if sample and agree and several > _LEAST_FITTING * len(sample):
            return name
    return None


def _is_scale_of_two(column: Column) -> bool:
    """Whether a column has numbers below and above 0 for which of two responses is preferred."""
    signs = {str(value).startswith("-") for value in column.sample}
    return (
        "prefer" in column.name.casefold()
        and len(signs) > 1
        and share_of_numbers(column.sample) >= _NEARLY_ALL
    )


def _are_moments(column: Column) -> bool:
    return bool(column.sample) and all(
        isinstance(value, str) and _MOMENTS.fullmatch(value) for value in column.sample
    )


def _split(column: Column, options: FoundOptions) -> tuple[dict[int, Answer], list[Value]]:
    """The answers of sampled rows with options, by position, and of those without."""
    choices: dict[int, Answer] = {}
    bare = []
    for p in column.at:
        value, of_row = options.answer(column, p), options.of_row[p]
        if is_unanswered(value, of_row):
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


def _named_by_several(choices: dict[int, Answer]) -> int:
    """How many answers name options, be it several."""
    try:
        return len(read_sets(choices, None)[0])
    except AmbiguousAnswers as error:
        return len(read_sets(choices, error.forms[0])[0])


def _fits(column: Column, options: FoundOptions) -> float:
    """The share of the sampled values that can be answers; the least of those with and without options."""
    choices, bare = _split(column, options)
    shares = []
    if choices and len(choices) * 20 > len(bare):
        one_each = sum(index >= 0 for index in _named(choices).values())
        shares.append(max(one_each, _named_by_several(choices)) / len(choices))
    if bare and len(bare) * 20 > len(choices):
        shares.append(sum(_can_be_answer(value) for value in bare) / len(bare))
    return min(shares, default=0.0)


def _names_options(column: Column, options: FoundOptions) -> float:
    """The share of the sampled values that are letters, texts or marks of options; digits may be anything."""
    choices, bare = _split(column, options)
    forms: tuple[AnswerForm, ...] = ("letter", "text")
    named = [sum(option_named(*answer, form) >= 0 for answer in choices.values()) for form in forms]
    named.append(sum(bool(marked_options(*answer)) for answer in choices.values()))
    digits = sum((text_of(value) or "").strip().isdigit() for value, _ in choices.values())
    return (max(named) - digits) / max(len(choices) + len(bare), 1)


def _can_be_answer(value: Value) -> bool:
    value = bare_answer(value)
    if is_object(value):
        return False
    texts = value if isinstance(value, tuple) else (text_of(value),)
    return bool(texts) and all(text is not None and len(text) <= _LONGEST for text in texts)


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
