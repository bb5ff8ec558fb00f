"""The letters that options are called by, in several scripts."""

import re
import unicodedata

_ALPHABETS = (
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "АБВГДЕЖЗИК",
    "ΑΒΓΔΕΖΗΘ",
    "أبجدهوزحطي",
    "אבגדהוזחטי",
    "กขคงจฉ",
    "कखगघङच",
    "কখগঘঙচ",
    "アイウエオカ",
    "가나다라마바",
    "甲乙丙丁戊己",
    "ᄀᄂᄃᄅᄆᄇ",
)
"""Each in the order in which it counts options, which for Arabic is that of the numerals."""
_SPELT = str.maketrans({"ا": "أ", "إ": "أ", "آ": "أ", "ھ": "ه", "ہ": "ه", "ـ": None})
_PLACES = {
    letter: (place, alphabet)
    for alphabet, letters in enumerate(_ALPHABETS)
    for place, letter in enumerate(letters)
}
_OTHERS = "".join({form for letters in _ALPHABETS[1:] for form in (letters + letters.lower())})
OTHER_LETTERS = "".join(sorted(_OTHERS)) + "اإآھہ" + "ㄱㄴㄷㄹㅁㅂ"
"""Those of other scripts than the Latin, for a class of a regular expression."""
LETTER = f"A-Za-zＡ-ＺⒶ-ⓩ{OTHER_LETTERS}"
"""What may be a letter of an option, for a class of a regular expression."""
_LETTERED = re.compile(rf"(?:[(\[（]([{LETTER}])[)\]）]|([{LETTER}])[.:)．：）、]|([Ⓐ-ⓩ]))\s*(.*)", re.DOTALL)


def letter_place(letter: str) -> int:
    """The place of a letter among those that count options, from 0; -1 where it is none."""
    return _PLACES.get(_usual(letter), (-1, 0))[0]


def alphabet_of(letter: str) -> int:
    """Which script a letter is of; 0 for the Latin and for what is no letter of options."""
    return _PLACES.get(_usual(letter), (-1, 0))[1]


def _usual(letter: str) -> str:
    return unicodedata.normalize("NFKC", letter).translate(_SPELT).upper()


def lettered(text: str) -> tuple[str, str] | None:
    """The letter and the text of an option that carries one, as "(B) a lamp"; None without."""
    match = _LETTERED.fullmatch(text)
    return None if match is None else (match[1] or match[2] or match[3], match[4])
