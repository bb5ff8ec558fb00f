"""Numbers in words and digits: what a generated answer says, and how a gold answer is taught."""

import math
import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal

_BELOW_20 = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
    *("twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SMALL = {word: value for value, word in enumerate(_BELOW_20)} | {
    word: 10 * tens for tens, word in enumerate(_TENS, 2)
}
_SCALES = {"dozen": 12.0, "hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9}
_PARTS = {"half": 2, "halves": 2, "third": 3, "thirds": 3, "quarter": 4, "quarters": 4}


def _either(words: Iterable[str]) -> str:
    return f"(?:{'|'.join(words)})"


_DIGIT = _either(_BELOW_20[1:10])
_BELOW_100 = rf"(?:{_either(_TENS)}(?:[ -]{_DIGIT})?\b|{_either(_BELOW_20)}\b)"
_BELOW_1000 = rf"(?:(?:{_BELOW_100}|an?) hundred\b(?:(?: and)? {_BELOW_100})?|{_BELOW_100})"
_JOINT = "(?:,? and |, | )"
_WITH_SCALE = rf"(?:{_BELOW_1000}|an?) {{}}\b"
_SPOKEN = (
    rf"(?P<spoken>\b(?:(?:{_WITH_SCALE.format('(?:million|billion)')}{_JOINT})?"
    rf"{_WITH_SCALE.format('thousand')}(?:(?: and)? {_BELOW_1000})?"
    rf"|{_WITH_SCALE.format('(?:million|billion|dozen)')}|half a dozen\b|{_BELOW_1000}))"
)
# A digit after a letter is part of a name or unit ("m2", "v1"), and a minus after one is a hyphen.
_NUMERAL = (
    r"(?P<numeral>(?:(?<![\w).%])[-+](?:[$€£])?|(?<![a-z\d^])(?<!\d[.,]))"
    r"(?:[1-9]\d{0,2}(?P<parted>[,_' ’])\d{3}(?:(?P=parted)\d{3})*(?!\d)(?:\.\d+)?|\d++(?:\.\d*)?|\.\d+)"
    r"(?:e[-+]?\d+)?)"
)
_NUMBER = re.compile(rf"(?P<minus>\b(?:minus|negative) )?(?:{_SPOKEN}|{_NUMERAL})")
_BARE_PART = re.compile(r"\b(?:a )?(?P<part>half|quarter)\b")
_SLASH = re.compile(r" ?/ ?(\d++)(?!/|\.\d)")
_MIXED = re.compile(r" (\d++) ?/ ?(\d++)(?!/|\.\d)")
_POWER = re.compile(r" ?(?:x|×|\*|\\times) ?10 ?(?:\^|\*\*) ?\{?([-+]?\d{1,4})")
_SCALE = re.compile(rf"[ -]({_either(_SCALES)})\b")
_POINT = re.compile(rf" point((?: {_either(_BELOW_20[:10])}\b)+)")
_AND_PART = re.compile(rf" and (?:(an?|{_DIGIT}) )?({_either(_PARTS)})\b")
_OF_PARTS = re.compile(rf"[ -]({_either(_PARTS)})\b")

_SUPERSCRIPT = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻]+")
_VULGAR = re.compile("[¼½¾⅐-⅞]")
_MINUS = re.compile("[−–‐‑]")
_NO_EXPONENT = (1e-6, 1e21)


def parse_number(text: str) -> str | None:
    """Return the first number that a generated answer says.

    Digits with a sign, thousands separators, decimals, exponents and fractions; English words up to
    billions; a word such as "thousand" after either. Of a range it is the first number. "One", "half" and
    "quarter" alone may be no numbers ("the one on the left"), so they count where there is no other.

    Returns
    -------
    As `format_number` writes it, so finite and read by `float`; None where there is none.
    """
    plain = _plain(text)
    unsure = None
    for match in _NUMBER.finditer(plain):
        value = _value(match, plain)
        if math.isfinite(value):
            if match[0] != "one" or value != 1.0:
                return format_number(value)
            unsure = unsure or format_number(value)
    part = _BARE_PART.search(plain)
    return unsure or (format_number(1 / _PARTS[part["part"]]) if part else None)


def format_number(value: float) -> str:
    """Write a finite number as a model is taught to: "3", "2.5", "215".

    The shortest text that reads back as the same number, with an exponent only below a millionth and from
    1e21 on.

    Raises
    ------
    ValueError
        The number is not finite.
    """
    if not math.isfinite(value):
        raise ValueError(f"{value} is not a finite number")
    shortest = repr(float(value) + 0.0)  # no "-0.0"
    smallest, beyond = _NO_EXPONENT
    if "e" in shortest and smallest <= abs(value) < beyond:
        shortest = format(Decimal(shortest), "f")
    return shortest.removesuffix(".0")


def _plain(text: str) -> str:
    """Return the text in lower case with one way of writing for each sign, digit and blank."""
    text = _SUPERSCRIPT.sub(lambda match: "^" + match[0], text)
    text = _VULGAR.sub(lambda match: " " + match[0], text)
    text = unicodedata.normalize("NFKC", text).lower()
    return _MINUS.sub("-", text.replace("⁄", "/"))


def _value(match: re.Match[str], text: str) -> float:
    numeral: str | None = match["numeral"]
    if numeral is None:
        value = _spoken(match["spoken"])
        end = match.end()
        if point := _POINT.match(text, end):
            digits = "".join(str(_SMALL[word]) for word in point[1].split())
            value, end = float(f"{value:.0f}.{digits}"), point.end()
        elif (parts := _OF_PARTS.match(text, end)) and value:
            value, end = value / _PARTS[parts[1]], parts.end()
        sign = 1.0
    else:
        value = abs(float(re.sub(r"[^\d.e+-]|^[^\d.]+", "", numeral)))
        value, end = _with_tail(value, numeral, text, match.end())
        sign = -1.0 if numeral.startswith("-") else 1.0
    if scale := _SCALE.match(text, end):
        value, end = value * _SCALES[scale[1]], scale.end()
    if part := _AND_PART.match(text, end):
        value += _SMALL.get(part[1] or "", 1) / _PARTS[part[2]]
    return -sign * value if match["minus"] else sign * value


def _with_tail(value: float, numeral: str, text: str, end: int) -> tuple[float, int]:
    """Return a numeral's value with the fraction or power of ten after it, and where that ends."""
    if power := _POWER.match(text, end):
        return value * float(f"1e{power[1]}"), power.end()
    if numeral.lstrip("-+").isdecimal():
        mixed = _MIXED.match(text, end)
        if mixed and float(mixed[2]):
            return value + float(mixed[1]) / float(mixed[2]), mixed.end()
        slash = _SLASH.match(text, end)
        if slash and float(slash[1]):
            return value / float(slash[1]), slash.end()
    return value, end


def _spoken(words: str) -> float:
    total = current = 0.0
    for word in re.split(r"[^a-z]+", words):
        if word in _SMALL:
            current += _SMALL[word]
        elif word == "half":
            current = 0.5
        elif word == "hundred":
            current = (current or 1.0) * 100.0
        elif word in _SCALES:
            total, current = total + (current or 1.0) * _SCALES[word], 0.0
    return total + current
