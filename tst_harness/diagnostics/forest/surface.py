"""The surface of a text as its writer left it: case, spaces, signs and words, in any script."""

import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from itertools import combinations, pairwise

import regex

from tst_harness.diagnostics.forest.families import Key

_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+(?:['\N{RIGHT SINGLE QUOTATION MARK}-][\p{L}\p{M}\p{N}]+)*")
_UNSPACED = regex.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}]"
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}\p{M}]*"
)
_QUOTES = regex.compile("[\"'`\N{LEFT SINGLE QUOTATION MARK}-\N{DOUBLE LOW-9 QUOTATION MARK}«»「」『』]")
_ACCENT = regex.compile(r"[\p{Latin}\p{Greek}]\p{M}")
"""Other scripts write letters with marks that are no accents."""
_SCRIPTS = regex.compile(r"\p{Latin}[\p{Cyrillic}\p{Greek}]|[\p{Cyrillic}\p{Greek}]\p{Latin}")
_MARKUP = regex.compile(r"\*\*|__|`|\$|</?[A-Za-z][^<>]*>|\\[A-Za-z]+|^#+ ")
_SEEN = " \N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}\N{IDEOGRAPHIC SPACE}"
"""The usual spaces, and what some scripts and emoji are written with."""
_LONGEST_RUN = 3
"""Signs in a run that is taken for a word where a script puts no spaces."""
_MOST_SIGNS = 80
"""Of an option's beginning, and as many of its end."""
_MOST_TOKENS = 60
_FEW_TOKENS = 6
"""Options of no more words are described by all pairs of them, longer ones by neighbours."""

TRAITS: dict[str, str] = {
    "capital": "begins with a capital letter",
    "vowel": "begins with a vowel",
    "capitals": "is all in capitals",
    "digit": "has a digit",
    "bracket": "has a bracket",
    "quote": "has a quotation mark or an apostrophe",
    "accent": "has an accent",
    "final sign": "ends with a punctuation mark",
    "inner sign": "has a punctuation mark inside",
    "spaces": "has two spaces in a row",
    "margin": "begins or ends with a space",
    "repeats": "has a word twice",
    "invisible": "has an invisible sign or an unusual space",
    "scripts": "has a word with letters of two scripts",
    "markup": "has markup",
}
"""What may hold of an option by itself, as the end of "an option that ..."."""

MEASURES: dict[str, tuple[str, str]] = {
    "characters": ("is the longest", "is the shortest"),
    "words": ("has the most words", "has the fewest words"),
    "digits": ("has the most digits", "has the fewest digits"),
    "capital letters": ("has the most capital letters", "has the fewest capital letters"),
    "signs": ("has the most punctuation", "has the least punctuation"),
    "distinct letters": ("has the most different letters", "has the fewest different letters"),
    "repeated words": ("repeats the most words", "repeats the fewest words"),
    "length of words": ("has the longest words", "has the shortest words"),
}
"""What options are compared by, with what the highest and the lowest are called."""


def is_invisible(sign: str) -> bool:
    """Whether a sign is a control or format character, or a space other than the usual one."""
    return sign not in _SEEN and unicodedata.category(sign) in ("Cc", "Cf", "Zs", "Zl", "Zp")


@lru_cache(maxsize=2**16)
def tokens(text: str) -> tuple[str, ...]:
    """The words of a text, folded in case; of a script without spaces its runs of up to three signs."""
    distinct: dict[str, None] = {}
    for word in _WORD.findall(text.casefold()):
        distinct.update(dict.fromkeys(in_runs(word, _LONGEST_RUN)))
    return tuple(distinct)


def in_runs(word: str, longest: int) -> list[str]:
    """A word, or of a script without spaces its runs of signs, those of one sign first."""
    runs = _UNSPACED.findall(word)
    return [
        run[i : i + size]
        for run in runs
        for size in range(1, longest + 1)
        for i in range(len(run) - size + 1)
    ] or [word]


def words_of(text: str) -> list[str]:
    """The words of a text one after the other, repeated ones too."""
    words: list[str] = _WORD.findall(text.casefold())
    return words


def facts_of_text(text: str) -> list[Key]:
    """What holds of an option by itself: its words, pairs of them, its signs, and its traits."""
    own = tokens(text)[:_MOST_TOKENS]
    pairs = combinations(own, 2) if len(own) <= _FEW_TOKENS else pairwise(own)
    facts: list[Key] = [("word", word) for word in own]
    facts += [("pair", *sorted(pair)) for pair in pairs]
    facts += [("trait", name) for name, holds in traits(text).items() if holds]
    marked = f"\x02{text}\x03"
    parts = [marked] if len(marked) <= 2 * _MOST_SIGNS else [marked[:_MOST_SIGNS], marked[-_MOST_SIGNS:]]
    grams = {
        part[i : i + size]
        for part in parts
        for size in range(1, _LONGEST_RUN + 1)
        for i in range(len(part) - size + 1)
    }
    facts += [("signs", gram) for gram in sorted(grams - {"\x02", "\x03"})]
    return facts


@lru_cache(maxsize=2**16)
def measures(text: str) -> tuple[float, ...]:
    """The measures of an option, in the order of `MEASURES`."""
    words = words_of(text)
    return (
        len(text),
        len(words),
        sum(sign.isdigit() for sign in text),
        sum(sign.isupper() for sign in text),
        sum(unicodedata.category(sign)[0] in "PS" for sign in text),
        len(set(text.casefold())),
        len(words) - len(set(words)),
        sum(map(len, words)) / max(len(words), 1),
    )


@lru_cache(maxsize=2**16)
def traits(text: str) -> Mapping[str, bool]:
    """Which of `TRAITS` hold of an option, in their order."""
    bare = text.strip()
    letters = [sign for sign in bare if sign.isalpha()]
    words = words_of(text)
    first = unicodedata.normalize("NFD", bare[:1]).casefold()[:1]
    return {
        "capital": bare[:1].isupper(),
        "vowel": first in tuple("aeiouаеиоуэюяыαεηιουω"),
        "capitals": len(letters) > 1 and all(sign.isupper() for sign in letters),
        "digit": any(sign.isdigit() for sign in text),
        "bracket": any(unicodedata.category(sign) in ("Ps", "Pe") for sign in text),
        "quote": _QUOTES.search(text) is not None,
        "accent": _ACCENT.search(unicodedata.normalize("NFD", text)) is not None,
        "final sign": bool(bare) and unicodedata.category(bare[-1])[0] == "P",
        "inner sign": any(unicodedata.category(sign)[0] in "PS" for sign in bare[1:-1]),
        "spaces": "  " in bare,
        "margin": text != bare,
        "repeats": len(words) > len(set(words)),
        "invisible": any(map(is_invisible, text)),
        "scripts": _SCRIPTS.search(text) is not None,
        "markup": _MARKUP.search(text) is not None,
    }
