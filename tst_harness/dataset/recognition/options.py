"""Where the options of the questions stand: in a list, in a column each, or in the question's text."""

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from tst_harness.benchmark.declarations import AnswerForm, InText
from tst_harness.dataset.answers import (
    FORMS,
    is_kept_back,
    is_loosely_parted,
    option_named,
    parse_options,
    text_of,
    written_list,
)
from tst_harness.dataset.bare_answers import bare_answer
from tst_harness.dataset.invalid import Invalid
from tst_harness.dataset.letters import letter_place, lettered
from tst_harness.dataset.names import holds_response, named_for, named_like, option_series, wrong_options
from tst_harness.dataset.nested import nested_options, stated_answer
from tst_harness.dataset.reading import Value
from tst_harness.dataset.recognition.asked import Asked, existing
from tst_harness.dataset.recognition.keyed_columns import is_file_name, keyed_columns
from tst_harness.dataset.recognition.labels import share_of_numbers
from tst_harness.dataset.recognition.option_places import (
    Options,
    Place,
    columns_of_place,
    names_them,
    options_at,
)
from tst_harness.dataset.recognition.pairs import text_pair
from tst_harness.dataset.recognition.sheet import Column, Sheet, is_blank
from tst_harness.dataset.recognition.text_options import are_options, check_order, form_of_numbers
from tst_harness.dataset.recognition.unread_options import OFFERING, unread_options

_LEAST_READ = 0.5
_LEAST_IN_TEXT = 0.2
_NEARLY_ALL = 0.95
_SHORTEST_TEXT = 2
_WORDS = re.compile(r"[^\W_]+")


class FoundOptions(NamedTuple):
    """Where the options stand, and those of each row, None where it has none."""

    place: Place
    of_row: list[Options]
    offered: list[bool]
    """Whether there is anything in the row where options stand, be they faulty."""
    cells: list[Value] | None
    """What the column holds, where it is one."""
    with_answer: str | None
    """The column that tells the answer too."""
    form: AnswerForm | None = None
    """How the answers name an option, where the options tell."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that hold them."""
        return columns_of_place(self.place)

    def answer(self, column: Column, p: int) -> Value:
        """What a column of answers says of row p, bare, read beside its options."""
        value, cell = column.values[p], None if self.cells is None else self.cells[p]
        if value != cell:
            value = bare_answer(value)
        return value if cell is None else stated_answer(cell, value)


def find_options(sheet: Sheet, given: Asked, question: str | None, guesses: list[str]) -> FoundOptions:
    """The first place that is named for options and holds some.

    Where another column holds other options, `guesses` says so.

    Raises
    ------
    DataError
        A flag names a column that is not there.
    """
    form: AnswerForm | None = None
    if given.options is not None:
        names = tuple(existing(sheet, name, "options") for name in given.options if name)
        place: Place = names if len(names) > 1 else names[0] if names else None
        place = InText() if place == question else place
    else:
        keyed = keyed_columns(sheet, question)
        possible: Iterable[Place] = chain(_possible(sheet, question), keyed)
        place = next((candidate for candidate in possible if _reads(sheet, candidate, question)), None)
        if isinstance(place, tuple) and place in keyed and place not in option_series(sheet.columns):
            guesses.append(
                f"the options are {', '.join(map(repr, place))}, since the answers name them; "
                "--options for others"
            )
            form = keyed[place]
        offering = question if isinstance(place, InText) else place
        if isinstance(offering, str):
            form = form_of_numbers(sheet.columns[offering]) or form
        place = place or _misread(sheet)
        if place is None and question is not None:
            check_order(sheet, sheet.columns[question])
        if place is None:
            guesses += unread_options(sheet, question)
        if isinstance(place, str):
            _tell_others(sheet, place, guesses)
            if not _tells_right_ones(sheet.columns[place]):
                place = _with_right_one(sheet, place, guesses)
    of_row = options_at(sheet, place, question, range(sheet.rows))
    texts = [option for options in of_row for option in options or ()]
    if 2 * sum(map(is_file_name, texts)) > len(texts) > 0:
        guesses.append(f"the options are names of files, as {texts[0]!r}; what is in these is not read")
    offered = [options is not None for options in of_row]
    for name in columns_of_place(place):
        offered = [
            has or not (is_blank(value) or _holds_none(value))
            for has, value in zip(offered, sheet.columns[name].values, strict=True)
        ]
    if isinstance(place, str):
        column = sheet.columns[place]
        tells = all(stated_answer(value, value) != value for value in column.sample)
        return FoundOptions(place, of_row, offered, column.values, place if tells else None)
    right = place[-1] if isinstance(place, tuple) and _is_right(sheet, place) else None
    pair = text_pair(sheet)
    right = pair[0] if pair is not None and place == pair else right
    return FoundOptions(place, of_row, offered, None, right, form)


def _possible(sheet: Sheet, question: str | None) -> Iterator[Place]:
    yield from _named(sheet)
    yield from option_series(name for name in sheet.columns if name != question)
    for name in named_like("options", sheet.columns):
        column = sheet.columns[name]
        if not column.is_scalar or names_them(
            sheet, dict(zip(column.at, options_at(sheet, name, None, column.at), strict=True))
        ):
            yield name
    wrong = wrong_options(sheet.columns)
    if wrong:
        for tier in named_for("answer", sheet.columns):
            yield from ((*wrong, right) for right in tier)
    pair = text_pair(sheet)
    if pair is not None:
        yield pair
    if question is not None:
        yield InText()
    if not any(named_for("answer", sheet.columns)) and not named_like("answer", sheet.columns):
        yield from (name for name, column in sheet.columns.items() if _tells_right_ones(column))


def _named(sheet: Sheet) -> Iterator[str]:
    """The columns named for options; `answers` is none where nothing else can tell the answer."""
    answers = [name for tier in named_for("answer", sheet.columns) for name in tier]
    lone = next((name for name in sheet.columns if name.rpartition(".")[2].casefold() == "answers"), "")
    inside = [name for name in sheet.columns if f"{name}.".startswith(f"{lone}.")]
    if set(answers) - set(inside):
        inside = []
    elif lone and _tells_right_ones(sheet.columns[lone]):
        inside.remove(lone)
    for tier in named_for("options", sheet.columns):
        yield from (name for name in tier if name not in inside)


def _misread(sheet: Sheet) -> Place:
    """Columns that are named for options and hold some in most rows, faulty as they may be.

    Their faults are to be told, and they are not to be left out because there are many.
    """
    for tier in named_for("options", sheet.columns):
        for column in map(sheet.columns.__getitem__, tier):
            if OFFERING.search(column.name.rpartition(".")[2]):
                listed = sum(_lists_some(column.values[p]) for p in column.at)
                if listed > _LEAST_READ * len(column.at):
                    return column.name
    for series in option_series(sheet.columns):
        columns = [sheet.columns[name] for name in series]
        at = [p for p in range(sheet.rows) if any(not is_blank(column.values[p]) for column in columns)]
        readings = dict(zip(at, options_at(sheet, series, None, at), strict=True))
        held = sum(options is not None for options in readings.values())
        if held > _LEAST_READ * len(at) and (
            OFFERING.search(series[0]) or names_them(sheet, readings, series)
        ):
            return series
    return None


def _lists_some(value: Value) -> bool:
    read = parse_options(value)
    return not isinstance(read, Invalid) or read.kind in ("one option", "empty option")


def _tells_right_ones(column: Column) -> bool:
    """Whether each option of a column has beside it whether it is right."""
    objects = [nested_options(value) if isinstance(value, str) else None for value in column.sample]
    return bool(objects) and all(nested is not None and nested.right for nested in objects)


def _tell_others(sheet: Sheet, place: str, guesses: list[str]) -> None:
    column = sheet.columns[place]
    for name in _named(sheet):
        if name != place and _reads(sheet, name, None):
            both = zip(
                *(options_at(sheet, name_or_place, None, column.at) for name_or_place in (place, name)),
                strict=True,
            )
            if any(own and other and set(own) != set(other) for own, other in both):
                guesses.append(f"the options are those of {place!r}; --options {name} for others")
                return


def _with_right_one(sheet: Sheet, place: str, guesses: list[str]) -> Place:
    """The column of the options, with that of the right one where it holds none but the wrong ones."""
    column = sheet.columns[place]
    for name in (name for tier in named_for("answer", sheet.columns) for name in tier if name != place):
        answers = sheet.columns[name]
        if not answers.is_scalar or not answers.complete:
            continue
        if share_of_numbers(answers.sample) > _LEAST_READ:
            return place
        offered = dict(zip(column.at, options_at(sheet, place, None, column.at), strict=True))
        read = [
            (bare_answer(answers.values[p]), options) for p, options in offered.items() if options is not None
        ]
        apart = sum(_is_beside(answer, options) for answer, options in read)
        if _names_otherwise(read) or names_them(sheet, offered, (name,)):
            return place
        if read and apart >= _NEARLY_ALL * len(read):
            guesses.append(f"{name!r} is none of the options in {place!r}, which are read as the wrong ones")
            return (place, name)
        return place
    return place


def _is_beside(answer: Value, options: tuple[str, ...]) -> bool:
    """Whether an answer is a text that is none of the options and names none."""
    if not isinstance(answer, str) or len(answer.strip()) < _SHORTEST_TEXT or is_kept_back(answer):
        return False
    carried = lettered(answer)
    if isinstance(written_list(answer), tuple) or (carried and 0 <= letter_place(carried[0]) < len(options)):
        return False
    return all(option_named(answer, options, form) < 0 for form in FORMS)


def _names_otherwise(read: Sequence[tuple[Value, tuple[str, ...]]]) -> bool:
    """Whether answers seem to name one of their options: most by its words, or all by a few keys."""
    alike = sum(_is_alike(answer, options) for answer, options in read)
    keys, most = {answer for answer, _ in read}, max((len(options) for _, options in read), default=0)
    return 2 * alike > len(read) or (len(keys) <= most and len(read) > 2 * most)


def _is_alike(answer: Value, options: tuple[str, ...]) -> bool:
    """Whether an answer is one of the options in other words: it has their words, or they have its own."""
    own = _spaced_words(text_of(answer) or "")
    offered = map(_spaced_words, options)
    return bool(own.strip()) and any(own in other or (other.strip() and other in own) for other in offered)


def _spaced_words(text: str) -> str:
    plain = unicodedata.normalize("NFKC", html.unescape(text)).casefold()
    return f" {' '.join(_WORDS.findall(plain))} "


def _is_right(sheet: Sheet, place: tuple[str, ...]) -> bool:
    """Whether the last column of the options is that of the right one, beside those of wrong ones."""
    wrong = wrong_options(sheet.columns) or not sheet.columns[place[0]].is_scalar
    return bool(wrong) and any(place[-1] in tier for tier in named_for("answer", sheet.columns))


def _reads(sheet: Sheet, place: Place, question: str | None) -> bool:
    """Whether enough of the rows that have something there have different options."""
    columns = [sheet.columns[name] for name in columns_of_place(place) or (question,) if name is not None]
    at = [p for p in columns[0].at if any(not is_blank(column.values[p]) for column in columns)]
    at = [p for p in at if not all(_holds_none(column.values[p]) for column in columns)]
    readings = options_at(sheet, place, question, at)
    told_apart = sum(options is not None and len(set(options)) == len(options) for options in readings)
    least = _LEAST_IN_TEXT if isinstance(place, InText) else _LEAST_READ
    if not at or told_apart < least * len(at):
        return False
    rows = dict(zip(at, readings, strict=True))
    if isinstance(place, InText):
        return are_options(sheet, columns[0], rows)
    if isinstance(place, tuple) and all(map(holds_response, place)):
        # They may be those of models, beside the right answer.
        named = [name for tier in named_for("answer", sheet.columns) for name in tier if name not in place]
        return not sheet.filled(named) or names_them(sheet, rows, place)
    loose = isinstance(place, str) and any(is_loosely_parted(columns[0].values[p]) for p in at)
    return not loose or names_them(sheet, rows)


def _holds_none(value: Value) -> bool:
    read = parse_options(value)
    return isinstance(read, Invalid) and read.kind == "no options"
