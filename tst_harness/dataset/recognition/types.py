"""The question types of a file: the column that tells them."""

from collections.abc import Collection

from tst_harness.benchmark.declarations import NotScored
from tst_harness.dataset.names import named_for, says_several
from tst_harness.dataset.recognition.asked import Asked, existing
from tst_harness.dataset.recognition.formats import TypeFormats, Types
from tst_harness.dataset.recognition.labels import is_place
from tst_harness.dataset.recognition.options import FoundOptions
from tst_harness.dataset.recognition.sheet import Column, Sheet, example, is_blank, is_object
from tst_harness.dataset.row_types import type_name
from tst_harness.errors import DataError

_LONGEST_NAME = 80
_MOST_TYPES = 200
_LEAST_QUESTIONS = 5
_FEW = 0.05
"""Questions without a type that may as well be mistakes, which are reported."""


def find_types(
    sheet: Sheet, given: Asked, answer: str, options: FoundOptions, taken: Collection[str], name: str
) -> tuple[str | None, Types, list[str]]:
    """The type column, the types, and the other columns that could have been it.

    Without a type column there is one type, called `name`.

    Raises
    ------
    DataError
        Nothing can be scored.
    """
    others: list[str] = []
    typing = TypeFormats(sheet, given, answer, options)
    if given.type is not None:
        column = existing(sheet, given.type, "type") if given.type else None
    else:
        named = [
            candidate
            for tier in named_for("type", sheet.columns)
            for candidate in tier
            if candidate not in taken
        ]
        if options.place is None:
            named = [*(name for name in sheet.columns if says_several(name) and name not in taken), *named]
        telling = [
            candidate for candidate in named if _tells_types(sheet.columns[candidate], sheet.columns[answer])
        ]
        # A column that tells formats apart comes before one whose types hold several.
        column = next(
            (candidate for candidate in telling if not typing.is_mixed(candidate)), next(iter(telling), None)
        )
        single = [
            candidate
            for candidate in named
            if (of_one := sheet.columns[candidate]).complete
            and of_one.is_scalar
            and len(of_one.distinct) == 1
        ]
        if column is None:
            column = next((candidate for candidate in single if candidate.casefold().endswith("type")), None)
        others = [candidate for candidate in (*telling, *single) if candidate != column]
    types = typing.types(column, name)
    _check_scored(sheet, answer, types)
    return column, types, others


def _check_scored(sheet: Sheet, answer: str, types: Types) -> None:
    if all(isinstance(declared, NotScored) for declared in types.types):
        column = sheet.columns[answer]
        shown = example(column.sample[0]) if column.sample else "none"
        if any(map(is_place, column.sample)):
            raise DataError(
                f"{sheet.name}: the answers in {answer!r} are lists of numbers, as of places or moments, "
                "which are not scored; an answer may be an option (its letter, index or text), a label, a "
                "number or a text: name the column of one with --answer"
            )
        raise DataError(
            f"{sheet.name}: nothing can be scored: there are no options, and the answers in {answer!r} are "
            f"{len(column.distinct):,} different texts, as {shown}, too long to be answers; name the column "
            "of the options with --options, or another one of the answers with --answer"
        )


def _tells_types(column: Column, answer: Column) -> bool:
    """Whether a column has few short values, several questions each, and is no other form of the answer."""
    # The sample first: all texts of a large column take memory.
    if len(set(column.sample)) > _MOST_TYPES or any(map(is_object, column.sample)):
        return False
    names = column.distinct
    if not 2 <= len(names) <= _MOST_TYPES:
        return False
    rows = zip(column.values, answer.values, strict=True)
    lacking = (
        sum(is_blank(name) and not is_blank(value) for name, value in rows) if not column.complete else 0
    )
    if lacking > _FEW * len(column.values):
        return False
    if len(names) * _LEAST_QUESTIONS > len(column.values):
        return False
    if any(len(type_name(name)) > _LONGEST_NAME for name in names):
        return False
    return not (
        len(names) == len(answer.distinct) == len(set(zip(column.values, answer.values, strict=True)))
    )
