"""What a place that may hold options holds, and whether answers name it."""

from collections.abc import Callable, Iterable

from tst_harness.benchmark.declarations import AnswerForm, InText
from tst_harness.dataset.answers import (
    FORMS,
    is_kept_back,
    option_named,
    parse_option_cells,
    parse_options,
    text_of,
)
from tst_harness.dataset.in_text import split_options
from tst_harness.dataset.invalid import Invalid
from tst_harness.dataset.names import named_for, named_like
from tst_harness.dataset.reading import Value
from tst_harness.dataset.recognition.sheet import Sheet

Options = tuple[str, ...] | None
Place = str | tuple[str, ...] | InText | None
"""As in `Columns.options`."""
_NEARLY_ALL = 0.95


def names_them(
    sheet: Sheet,
    readings: dict[int, Options],
    offering: tuple[str, ...] = (),
    forms: tuple[AnswerForm, ...] = FORMS,
) -> bool:
    """Whether some column of answers, other than those of options, names an option of the rows with any."""
    named = [name for tier in named_for("answer", sheet.columns) for name in tier]
    for name in (*named, *named_like("answer", sheet.columns)):
        if name in offering:
            continue
        answers = [(sheet.columns[name].values[p], options) for p, options in readings.items() if options]
        known = [(answer, options) for answer, options in answers if not is_kept_back(answer)]
        naming = sum(any(option_named(*answer, form) >= 0 for form in forms) for answer in known)
        if known and naming >= _NEARLY_ALL * len(known):
            return True
    return False


def options_at(sheet: Sheet, place: Place, question: str | None, at: Iterable[int]) -> list[Options]:
    """The options of some rows, None where a row has none."""
    if place is None:
        return [None for _ in at]
    if isinstance(place, tuple):
        cells = [sheet.columns[name].values for name in place]
        return [_valid(parse_option_cells([column[p] for column in cells], place)) for p in at]
    in_text = isinstance(place, InText)
    name = question if isinstance(place, InText) else place
    assert name is not None
    column = sheet.columns[name].values
    parse: Callable[[Value], Options] = _in_text if in_text else lambda value: _valid(parse_options(value))
    values = [column[p] for p in at]
    memo = {value: parse(value) for value in set(values)}
    return [memo[value] for value in values]


def _in_text(value: Value) -> Options:
    text = text_of(value)
    read = None if text is None else split_options(text)
    return read[1] if isinstance(read, tuple) else None


def _valid(read: tuple[str, ...] | Invalid) -> Options:
    return read if isinstance(read, tuple) else None


def columns_of_place(place: Place) -> tuple[str, ...]:
    """The columns that hold the options."""
    if isinstance(place, tuple):
        return place
    return (place,) if isinstance(place, str) else ()
