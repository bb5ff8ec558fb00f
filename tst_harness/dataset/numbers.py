"""Numbers as people write them: decimal commas, thousands, units, per cent, fractions, "about".

A unit is dropped and nothing is converted: "2 cm" is 2 and "3%" is 3. Whether a comma or a dot parts decimals
is a matter of the column: beside "1.234,5" its "1.234" is 1234.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, NamedTuple

from tst_harness.dataset.invalid import Invalid, quoted
from tst_harness.dataset.reading import Value
from tst_harness.dataset.units import without_multiple, without_unit

DecimalSign = Literal[".", ",", "list"]

MISSING = Invalid("the answer is missing", "missing answer")

_NO_NUMBER = frozenset(["na", "n/a", "nan", "none", "null", "-", "--", "?", "unknown"])
_PLAIN_SIGNS = str.maketrans(
    {"\u2212": "-", "\u00a0": " ", "\u202f": " ", "\u2009": " "}
    | {chr(0xFF10 + n): str(n) for n in range(10)}
)
"""A minus sign, the spaces that part thousands, and full-width digits."""
_PLAIN = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d*)?|\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
_PLAIN_NUMBER = re.compile(rf"[+-]?{_PLAIN}", re.ASCII)
_DECIMAL_COMMA = re.compile(r"([+-]?)(\d{1,3}(?:\.\d{3})+|\d+),(\d+)", re.ASCII)
_DOTTED = re.compile(r"[+-]?\d{1,3}(?:\.\d{3}){2,}", re.ASCII)
_SHOWS_COMMA = re.compile(
    r"[+-]?(?:\d+,(?!\d{3}$)\d+|0\d*,\d+|\d{4,},\d+|\d{1,3}(?:\.\d{3})+,\d+|\d{1,3}(?:\.\d{3}){2,})"
)
_SHOWS_POINT = re.compile(
    r"[+-]?(?:\d*\.(?!\d{3}$)\d+(?:[eE][+-]?\d+)?|0*\.\d+|\d{4,}\.\d+|\d{1,3}(?:,\d{3})+\.\d*|\d{1,3}(?:,\d{3}){2,})"
)
_SHOWS_LIST = re.compile(
    r"(?!\d{1,3}(?:,\d{3})+$)[+-]?[\d.]+(?:,[+-]?[\d.]+){2,}|[+-]?[\d.]+,(?:\s+[+-]?|[+-])[\d.]+"
)
_DOUBTFUL = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}", re.ASCII)
_LEAST_DOUBTFUL = 3
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[.,](?=\d)")
_FRACTION = re.compile(r"([+-]?)(?:(\d+)\s+)?(\d+)\s*/\s*(\d+)", re.ASCII)
_SPACED = re.compile(r"[+-]?\d{1,3}(?:[\s'\u2019]\d{3})+(?:[.,]\d+)?", re.ASCII)
_RANGE = re.compile(rf"({_PLAIN})\D{{0,8}}(?:-|\bto\b|\band\b|\.\.)\s*({_PLAIN})\D*", re.ASCII)
_ABOUT = re.compile(
    r"(?:about|approximately|approx\.?|around|roughly|circa|ca\.?|nearly|~|≈)\s*", re.IGNORECASE
)
_POWER = re.compile(r"(?<=[\d.])\s*[x×·*]\s*10\s*\^?\s*\{?([+-]?\d+)\}?", re.ASCII)
"""As "3 x 10^4"; its digits may be raised."""
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")


def parse_number(value: Value, sign: DecimalSign = ".") -> float | Invalid:
    """A finite number, written as one or as text in which the other sign may part thousands."""
    return _parsed(value, sign)[0]


def number_form(value: Value, sign: DecimalSign = ".") -> str | None:
    """How a number is written, where that is no plain one: "a unit", "per cent", "a decimal comma", ..."""
    return _parsed(value, sign)[1]


def unit_of(value: Value) -> str | None:
    """The name of the unit of a number, which its spellings share; None where it has none."""
    text, _ = without_multiple(text_of_number(value))
    bare, unit = without_unit(text)
    return unit if unit is not None and bare != text else None


def other_units(answers: Mapping[int, Value]) -> Iterator[tuple[int, Invalid]]:
    """By key, what is wrong with numbers of a type that have another unit than most of them."""
    units = {key: unit for key, value in answers.items() if (unit := unit_of(value)) is not None}
    (usual, _), *others = Counter(units.values()).most_common() or [("", 0)]
    for key, unit in units.items() if others else ():
        if unit != usual:
            problem = f"the answer {quoted(answers[key])} is in {unit} where most are in {usual}"
            yield key, Invalid(f"{problem}; nothing is converted", "another unit")


class Notation(NamedTuple):
    """How the numbers of a column are written.

    `sign` parts decimals; it is "list" where commas part several numbers. `doubtful` is a number that the
    other sign would make another one, where those beside it do not show which is meant, else None.
    """

    sign: DecimalSign
    doubtful: str | None = None


def notation_of(values: Iterable[Value]) -> Notation:
    """Tell how numbers are written from those of them that can be read in one way alone."""
    texts = {text for value in set(values) if (text := _digits_of(value))}
    comma, point = (any(map(shows.fullmatch, texts)) for shows in (_SHOWS_COMMA, _SHOWS_POINT))
    if any(map(_SHOWS_LIST.fullmatch, texts)):
        return Notation("list")
    doubtful = sorted(text for text in texts if _DOUBTFUL.fullmatch(text))
    if comma and not point:
        return Notation(",", next((text for text in doubtful if "," in text), None))
    if comma and doubtful:
        return Notation(".", doubtful[0])
    dotted = [text for text in texts if "." in text or "," in text]
    dots_alone = all(_DOUBTFUL.fullmatch(text) and "." in text for text in dotted)
    return Notation(".", doubtful[0] if dots_alone and len(doubtful) >= _LEAST_DOUBTFUL else None)


def _digits_of(value: Value) -> str | None:
    """A text's number, without what stands around it, where it has a comma or dots."""
    text = text_of_number(value)
    if "," not in text and "." not in text:
        return None
    return without_unit(_ABOUT.sub("", text, count=1))[0].strip()


def text_of_number(value: Value) -> str:
    """A number that is written as text, with plain signs; "" for any other value."""
    if isinstance(value, tuple) and len(value) == 1:
        value = value[0]
    return value.translate(_PLAIN_SIGNS).strip() if isinstance(value, str) else ""


def is_no_number(text: str) -> bool:
    """Whether a text says that there is no number."""
    return text.strip().casefold() in _NO_NUMBER


def _parsed(value: Value, sign: DecimalSign) -> tuple[float | Invalid, str | None]:
    if value is None or value == "":
        return MISSING, None
    if isinstance(value, tuple):
        if len(value) == 1:
            return _parsed(value[0], sign)
        return Invalid("the answer is a list, not a number", "not a number"), None
    if not isinstance(value, str):
        try:
            return _finite(float(value), value), None
        except OverflowError:
            return _finite(math.inf, value), None
    text = text_of_number(value)
    if not text or is_no_number(text):
        return MISSING, None
    thousands, decimals = "commas between thousands", "a decimal comma"
    if sign == ",":
        swapped = _BETWEEN_DIGITS.sub(lambda match: ".,"[match[0] == "."], text)
        thousands, decimals = "dots between thousands", "a decimal point"
        text, plain_form = swapped, "a decimal comma" if "," in text else None
    else:
        plain_form = None
    number = _plain(text)
    if number is not None:
        return _finite(number, value), thousands if "," in text else plain_form
    if _FRACTION.fullmatch(text):
        return _fraction(value, text), "a fraction"
    if _RANGE.fullmatch(text.lstrip("~≈ ")):
        return Invalid(f"the answer {quoted(value)} is a range, not a number", "range"), None
    bare = _ABOUT.sub("", text, count=1) if _ABOUT.match(text) else text
    form = "about" if bare != text else None
    bare, multiple = without_multiple(bare)
    form = form if multiple == 1 else form or "a multiple"
    bare, unit = without_unit(bare)
    if unit is not None:
        form = form or ("per cent" if unit == "%" else "a unit")
    power = _POWER.search(bare.translate(_RAISED)) if "10" in bare else None
    if power is not None and power.end() == len(bare):
        form, bare = form or "a power of ten", f"{bare[: power.start()]}e{power[1]}"
    number = _plain(bare.strip())
    if number is None and sign != "list" and _DECIMAL_COMMA.fullmatch(bare):
        number, form = float(bare.replace(".", "").replace(",", ".")), form or decimals
    if number is None and _DOTTED.fullmatch(bare):
        number, form = float(bare.replace(".", "")), form or "dots between thousands"
    if number is None and _SPACED.fullmatch(bare):
        number = float(re.sub(r"[\s'\u2019]", "", bare).replace(",", "."))
        form = form or "spaces between thousands"
    if number is None and _FRACTION.fullmatch(bare):
        return _fraction(value, bare), form
    if number is None:
        return Invalid(f"the answer {quoted(value)} is not a number", "not a number"), None
    return _finite(number * multiple, value), form


def _plain(text: str) -> float | None:
    return float(text.replace(",", "")) if _PLAIN_NUMBER.fullmatch(text) else None


def _fraction(value: Value, text: str) -> float | Invalid:
    match = _FRACTION.fullmatch(text)
    assert match is not None
    if int(match[4]) == 0:
        return Invalid(f"the answer {quoted(value)} is not a finite number", "not a number")
    size = int(match[2] or 0) + int(match[3]) / int(match[4])
    return -size if match[1] == "-" else size


def _finite(number: float, value: Value) -> float | Invalid:
    if math.isfinite(number):
        return number
    return Invalid(f"the answer {quoted(value)} is not a finite number", "not a number")
