"""Which option a text is: in the same words, of the same truth, or the same number, as "69" is "69 m"."""

import html
import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from tst_harness.dataset.invalid import Invalid
from tst_harness.dataset.letters import letter_place, lettered
from tst_harness.dataset.numbers import parse_number
from tst_harness.dataset.units import without_unit

_SPACED = re.compile(r"([A-Z])\s+(.+)", re.DOTALL)
_TRUTH = {
    "yes": True,
    "y": True,
    "true": True,
    "t": True,
    "no": False,
    "n": False,
    "false": False,
    "f": False,
}
_OPENING = re.compile(r"(yes|no|true|false)[,.;:!]\s", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![\d.,])[-\u2212]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?![\d.,]*\d)", re.ASCII)
_WORDS = re.compile(r"[^\W_]+")
_ARTICLE = re.compile(r"^(?:the|an?)[\s_]")
_LEAST_NUMBERS = 2
_LONGEST_SIGN = 3
_LEAST_LETTERS = 3


class _Quantity(NamedTuple):
    """The only number of a text, the letters around it, and the name of the unit that these are."""

    number: float
    around: str
    unit: str | None


def folded(text: str) -> str:
    """A text without what is no part of it: case, the width of its spaces, a stop."""
    return " ".join(text.casefold().split()).rstrip(".")


def compared(text: str) -> str:
    """An option as it is compared with others of its question: folded, but for the case of short ones.

    It tells units and symbols apart, as mW and MW.
    """
    plain = folded(text)
    return " ".join(text.split()).rstrip(".") if len(plain) <= _LONGEST_SIGN else plain


def truth_of(text: str) -> bool | None:
    """Whether a text is yes or no, true or false, or the letter of one; None of any other."""
    return _TRUTH.get(folded(text))


def option_of_text(text: str, options: tuple[str, ...]) -> int:
    """The index of the only option that a text is; -1 where it is none, or several.

    Case and spaces aside it may be the option's text, or its letter, its text and maybe an explanation; else
    its words, an article and what is between them aside; else a word for the same truth, as "T" is "True" and
    "Yes" is "Yes, it is."; else the same number, where one of both has a unit.
    """
    text = text.strip()
    if options.count(text) == 1:
        return options.index(text)
    spaced = _SPACED.fullmatch(text)
    for letter, rest in filter(None, (lettered(text), spaced and spaced.groups())):
        place = letter_place(letter)
        if 0 <= place < len(options) and _opens_with(rest, options[place]):
            return place
    alike = [place for place, option in enumerate(options) if folded(option) == folded(text)]
    for others in (_of_same_words, _of_same_truth, _of_same_number):
        alike = alike or others(text, options)
    return alike[0] if text and len(alike) == 1 else -1


def _opens_with(text: str, option: str) -> bool:
    """Whether a text is an option, maybe with an explanation after it."""
    rest = text.removeprefix(option)
    return not rest or (rest != text and bool(option) and not (rest[0].isalnum() or rest[0] in "-_'"))


def _of_same_words(text: str, options: tuple[str, ...]) -> list[int]:
    own = _words(text)
    return [place for place, option in enumerate(options) if _words(option) == own] if own else []


@lru_cache(maxsize=2**12)
def _words(text: str) -> str | None:
    """The words of a text without digits, whose signs may mean something; None of any other."""
    if any(sign.isdigit() for sign in text):
        return None
    plain = unicodedata.normalize("NFKC", html.unescape(text)).casefold()
    words = _WORDS.findall(_ARTICLE.sub("", plain))
    return " ".join(words) if sum(map(len, words)) >= _LEAST_LETTERS else None


def _of_same_truth(text: str, options: tuple[str, ...]) -> list[int]:
    truth = truth_of(text)
    if truth is None:
        return []
    return [place for place, option in enumerate(options) if _stated_truth(option) == truth]


def _stated_truth(option: str) -> bool | None:
    opening = _OPENING.match(option)
    return truth_of(opening[1] if opening else option)


def _of_same_number(text: str, options: tuple[str, ...]) -> list[int]:
    own = _quantity(text)
    if own is None or isinstance(parse_number(text), Invalid):
        return []
    offered = {place: _quantity(option) for place, option in enumerate(options)}
    known = {place: other for place, other in offered.items() if other is not None}
    if len(known) < _LEAST_NUMBERS:
        return []
    return [place for place, other in known.items() if _is_same(own, other)]


def _is_same(own: _Quantity, other: _Quantity) -> bool:
    same = own.around == other.around or "" in (own.around, other.around)
    return own.number == other.number and (same or own.unit == other.unit is not None)


@lru_cache(maxsize=2**12)
def _quantity(text: str) -> _Quantity | None:
    numbers = _NUMBER.findall(text)
    if len(numbers) != 1:
        return None
    number = parse_number(numbers[0])
    around = "".join(sign for sign in text.replace(numbers[0], "", 1).casefold() if sign.isalpha())
    return None if isinstance(number, Invalid) else _Quantity(number, around, without_unit(text.strip())[1])
