"""Units of numbers, each by the name that its spellings share."""

import re

_SPELLINGS = (
    "% percent per\\s?cent",
    "° degrees? deg",
    "°c",
    "°f",
    "px pixels?",
    "fps",
    "mm millimet(?:er|re)s?",
    "cm centimet(?:er|re)s?",
    "dm",
    "m met(?:er|re)s?",
    "km kilomet(?:er|re)s?",
    "in inch inches",
    "ft foot feet",
    "yd yards?",
    "mi miles?",
    "mm² mm2",
    "cm² cm2",
    "m² m2 sq\\.?\\s?m square\\smet(?:er|re)s?",
    "km² km2",
    "ft² sq\\.?\\s?ft square\\sfeet",
    "mm³",
    "cm³ cm3",
    "m³ m3",
    "ml",
    "cl",
    "l lit(?:er|re)s?",
    "mg",
    "g grams?",
    "kg kilograms?",
    "t tons? tonnes?",
    "lb lbs? pounds?",
    "oz ounces?",
    "ms",
    "s secs? seconds?",
    "min mins minutes?",
    "h hrs? hours?",
    "days?",
    "weeks?",
    "months?",
    "years? yrs?",
    "m/s",
    "km/h kmh",
    "mph",
    "hz",
    "khz",
    "mhz",
    "v",
    "a",
    "w",
    "kw",
    "j",
    "kj",
    "n",
    "pa",
    "kpa",
    "mol",
    "€ eur euros?",
    "\\$ usd dollars?",
    "£",
    "¥",
    "times x",
)
"""A line a unit, its name first; what follows are other spellings of it."""
_NAMES = {
    re.compile(line.replace(" ", "|"), re.IGNORECASE): line.split(" ")[0].strip("\\?") for line in _SPELLINGS
}
_AFTER = re.compile(rf"(?<=[\d.}}])\s*({'|'.join(_SPELLINGS).replace(' ', '|')})\.?$", re.IGNORECASE)
_MULTIPLES = {
    "k": 1e3,
    "thousand": 1e3,
    "m": 1e6,
    "mn": 1e6,
    "million": 1e6,
    "b": 1e9,
    "bn": 1e9,
    "billion": 1e9,
    "trillion": 1e12,
}
_MULTIPLE = re.compile(r"(?<=\d)\s*([kKMB]|mn|bn|(?i:thousand|million|billion|trillion))$")
"""A lower-case m is that of metres."""
_BEFORE = re.compile(r"[$€£¥](?=\s*[+-]?[\d.])")


def without_multiple(text: str) -> tuple[str, float]:
    """A number without the word for its multiple, as in "3 million" or "2.5k", and that multiple."""
    match = _MULTIPLE.search(text)
    return (text, 1.0) if match is None else (text[: match.start()], _MULTIPLES[match[1].casefold()])


def without_unit(text: str) -> tuple[str, str | None]:
    """A number without the unit after it or the currency before it, and the name of that, None without."""
    after = _AFTER.search(text)
    if after is not None:
        return text[: after.start()], _name(after[1])
    before = _BEFORE.search(text)
    if before is not None:
        return f"{text[: before.start()]}{text[before.end() :]}".strip(), before[0]
    return text, None


def _name(unit: str) -> str:
    return next(name for spellings, name in _NAMES.items() if spellings.fullmatch(unit))
