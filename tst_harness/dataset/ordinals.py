"""Names that count in words: "first_option", "option_two"."""

import re

_WORDS = (
    ("first", "one", "1st"),
    ("second", "two", "2nd"),
    ("third", "three", "3rd"),
    ("fourth", "four", "4th"),
    ("fifth", "five", "5th"),
    ("sixth", "six", "6th"),
    ("seventh", "seven", "7th"),
    ("eighth", "eight", "8th"),
    ("ninth", "nine", "9th"),
    ("tenth", "ten", "10th"),
)
_NUMBERS = {word: number for number, words in enumerate(_WORDS, 1) for word in words}
_ORDINALS = "|".join(word for first, _, short in _WORDS for word in (first, short))
_CARDINALS = "|".join(word for _, word, _ in _WORDS)
_BEFORE = re.compile(rf"({_ORDINALS})[\W_]*([^\W\d_].*)", re.IGNORECASE)
_AFTER = re.compile(rf"(.*?[^\W_])[\W_]+({_CARDINALS}|{_ORDINALS})", re.IGNORECASE)


def with_digits(name: str) -> str:
    """A name with the number in it at its end, in digits; itself where it has none in words."""
    before = _BEFORE.fullmatch(name)
    if before is not None:
        return f"{before[2]}{_NUMBERS[before[1].lower()]}"
    after = _AFTER.fullmatch(name)
    return name if after is None else f"{after[1]}{_NUMBERS[after[2].lower()]}"
