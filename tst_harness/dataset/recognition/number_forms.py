"""How the numbers of a file are written, in words, and what is doubtful about them."""

from collections import Counter
from collections.abc import Collection, Iterator

from tst_harness.dataset.invalid import Invalid
from tst_harness.dataset.numbers import Notation, number_form, parse_number, unit_of
from tst_harness.dataset.reading import Value

_FEW = 0.05


def forms_of_numbers(answers: Collection[Value], notation: Notation) -> Iterator[str]:
    """The ways in which numbers are written that are not plain ones, each with an example."""
    written = Counter(form for value in answers if (form := number_form(value, notation.sign)))
    for form, times in written.items():
        example = next(value for value in answers if number_form(value, notation.sign) == form)
        yield f"{form} in {times:,}, {example!r} read as {parse_number(example, notation.sign):.10g}"


def doubts_of_numbers(answers: Collection[Value], notation: Notation) -> Iterator[str]:
    """What might be meant otherwise: per cent beside plain numbers, several units, dots and commas."""
    units = Counter(unit for value in answers if (unit := unit_of(value)))
    numbers = sum(not isinstance(parse_number(value, notation.sign), Invalid) for value in answers)
    bare = numbers - units.total()
    if set(units) == {"%"} and bare > _FEW * numbers:
        yield f"{units.total():,} numbers are per cent, {bare:,} have no unit; all are taken as they stand"
    if len(units) > 1:
        counted = ", ".join(f"{unit} in {times:,}" for unit, times in units.most_common())
        yield f"units differ ({counted}) and the numbers are taken as they stand"
    if notation.doubtful is not None:
        yield (
            f"{notation.doubtful!r} is read as {parse_number(notation.doubtful, notation.sign):.10g}; where "
            "dots and commas mean otherwise, write all numbers alike, without signs between thousands"
        )
