"""The letters and signs by which options are called, in several scripts, and the place of each."""

import re
import unicodedata
from collections.abc import Sequence
from string import ascii_uppercase

_ALPHABETS = (
    ascii_uppercase,
    "АБВГДЕЖЗИК",
    "ΑΒΓΔΕΖΗΘΙΚ",
    "أبجدهوزحطي",
    "ابتثجحخد",
    "אבגדהוזחטי",
    "कखगघङचछज",
    "কখগঘঙচছজ",
    "กขคงจฉชซ",
    "가나다라마바사아",
    "ㄱㄴㄷㄹㅁㅂㅅㅇ",
    "甲乙丙丁戊己庚辛",
    "アイウエオカキク",
)
"""Where two have a letter at different places, it counts in the first."""
_SIGNS = ("ⒶⒷⒸⒹⒺⒻⒼⒽ", "①②③④⑤⑥⑦⑧⑨⑩", "⑴⑵⑶⑷⑸⑹⑺⑻⑼⑽", "❶❷❸❹❺❻❼❽❾❿")
"""Each is a mark of an option without a stop or bracket."""
_PLACES: dict[str, int] = {}
for _alphabet in (*_ALPHABETS, *_SIGNS):
    for _place, _letter in enumerate(_alphabet):
        _PLACES.setdefault(_letter, _place)
        _PLACES.setdefault(_letter.lower(), _place)

LETTER = "A-Za-zＡ-Ｚ" + "".join(letter for letter in _PLACES if not letter.isascii())
SAID = r"(?:(?:the\s+)?(?:correct\s+)?(?:option|answer|choice)(?:\s+is)?[\s_:]*)?"
_LETTER = re.compile(rf"{SAID}[(\[（]?([{LETTER}])[)\]）]?[.:)、．：）]?", re.IGNORECASE)
_LETTERED = re.compile(
    rf"(?:[(\[（]([{LETTER}])[)\]）]|([{LETTER}])[.:)．：）、]|([{''.join(_SIGNS)}]))\s*(.*)", re.DOTALL
)


def place_of(letter: str) -> int | None:
    """The place of a letter or sign, from 0; None of what is none."""
    place = _PLACES.get(letter)
    return _PLACES.get(unicodedata.normalize("NFKC", letter)) if place is None else place


def place_called(text: str) -> int | None:
    """The place of the option that a text calls by its letter alone, as "(B)", "Б." and "②" do."""
    match = _LETTER.fullmatch(text) or _LETTER.fullmatch(unicodedata.normalize("NFKC", text).strip())
    return None if match is None else place_of(match[1])


def lettered(text: str) -> tuple[str, str] | None:
    """The letter and the text of an option that carries one, as "(B) a lamp"; None without."""
    match = _LETTERED.fullmatch(text)
    return None if match is None else (match[1] or match[2] or match[3], match[4])


def places_of(options: Sequence[str]) -> list[int] | None:
    """The places that the letters of options say; None where one has no letter."""
    carried = [lettered(option) for option in options]
    places = [place_of(both[0]) for both in carried if both is not None]
    known = [place for place in places if place is not None]
    return known if len(known) == len(options) else None
