"""Numbers as people write them: decimal commas, thousands, units, per cent, fractions, "about".

A unit is dropped and nothing is converted: "2 cm" is 2 and "3%" is 3.
"""

import math
import re

from tst_harness.dataset.invalid import Invalid, quoted
from tst_harness.dataset.reading import Value

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
_FRACTION = re.compile(r"([+-]?)(?:(\d+)\s+)?(\d+)\s*/\s*(\d+)", re.ASCII)
_SPACED = re.compile(r"[+-]?\d{1,3}(?:[\s'\u2019]\d{3})+(?:[.,]\d+)?", re.ASCII)
_RANGE = re.compile(rf"({_PLAIN})\D{{0,8}}(?:-|\bto\b|\band\b|\.\.)\s*({_PLAIN})\D*", re.ASCII)
_ABOUT = re.compile(
    r"(?:about|approximately|approx\.?|around|roughly|circa|ca\.?|nearly|~|≈)\s*", re.IGNORECASE
)
_CURRENCY = re.compile(r"[$€£¥]\s*")
_UNITS = (
    "% percent per\\s?cent ° degrees? deg °c °f px pixels? fps "
    "mm cm dm m km in inch inches ft foot feet yd yards? mi miles? "
    "millimet(?:er|re)s? centimet(?:er|re)s? met(?:er|re)s? kilomet(?:er|re)s? "
    "mm² cm² m² km² mm2 cm2 m2 km2 "
    "sq\\.?\\s?m sq\\.?\\s?ft square\\s(?:met(?:er|re)s?|feet) "
    "mm³ cm³ m³ m3 cm3 ml cl l lit(?:er|re)s? mg g kg t "
    "grams? kilograms? tons? tonnes? lbs? pounds? oz ounces? "
    "ms s secs? seconds? min mins minutes? h hrs? hours? days? weeks? months? years? yrs? "
    "m/s km/h kmh mph hz khz mhz v a w kw j kj n pa kpa mol € \\$ £ usd eur dollars? euros? times x"
)
_UNIT = re.compile(rf"(?<=[\d.}}])\s*(?:{'|'.join(_UNITS.split(' '))})\.?$", re.IGNORECASE)
_POWER = re.compile(r"(?<=[\d.])\s*[x×·*]\s*10\s*\^?\s*\{?([+-]?\d+)\}?", re.ASCII)
"""As "3 x 10^4"; its digits may be raised."""
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")


def parse_number(value: Value) -> float | Invalid:
    """A finite number, written as one or as text in which commas may part thousands."""
    return _parsed(value)[0]


def number_form(value: Value) -> str | None:
    """How a number is written, where that is no plain one: "a unit", "per cent", "a decimal comma", ..."""
    return _parsed(value)[1]


def is_no_number(text: str) -> bool:
    """Whether a text says that there is no number."""
    return text.strip().casefold() in _NO_NUMBER


def _parsed(value: Value) -> tuple[float | Invalid, str | None]:
    if value is None or value == "":
        return MISSING, None
    if isinstance(value, tuple):
        if len(value) == 1:
            return _parsed(value[0])
        return Invalid("the answer is a list, not a number", "not a number"), None
    if not isinstance(value, str):
        try:
            return _finite(float(value), value), None
        except OverflowError:
            return _finite(math.inf, value), None
    text = value.translate(_PLAIN_SIGNS).strip()
    if not text or is_no_number(text):
        return MISSING, None
    number = _plain(text)
    if number is not None:
        return _finite(number, value), "commas between thousands" if "," in text else None
    if _FRACTION.fullmatch(text):
        return _fraction(value, text), "a fraction"
    if _RANGE.fullmatch(text.lstrip("~≈ ")):
        return Invalid(f"the answer {quoted(value)} is a range, not a number", "range"), None
    bare = _ABOUT.sub("", text, count=1) if _ABOUT.match(text) else text
    form = "about" if bare != text else None
    unit = _UNIT.search(bare)
    if unit is not None:
        form = form or ("per cent" if unit[0].strip().startswith(("%", "per")) else "a unit")
        bare = bare[: unit.start()]
    power = _POWER.search(bare.translate(_RAISED)) if "10" in bare else None
    if power is not None and power.end() == len(bare):
        form, bare = form or "a power of ten", f"{bare[: power.start()]}e{power[1]}"
    priced = _CURRENCY.sub("", bare, count=1)
    form, bare = form if priced == bare else form or "a unit", priced.strip()
    number = _plain(bare)
    if number is None and _DECIMAL_COMMA.fullmatch(bare):
        number, form = float(bare.replace(".", "").replace(",", ".")), form or "a decimal comma"
    if number is None and _SPACED.fullmatch(bare):
        number = float(re.sub(r"[\s'\u2019]", "", bare).replace(",", "."))
        form = form or "spaces between thousands"
    if number is None and _FRACTION.fullmatch(bare):
        return _fraction(value, bare), form
    if number is None:
        return Invalid(f"the answer {quoted(value)} is not a number", "not a number"), None
    return _finite(number, value), form


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
