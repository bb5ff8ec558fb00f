"""Cues in words: how the sentence of a rule says what it looks at."""

import unicodedata
from typing import Any

from tst_harness.diagnostics.forest.families import Key
from tst_harness.diagnostics.forest.surface import MEASURES, TRAITS, is_invisible

_COMPARED = {
    "words shared with the question": (
        "has the most words in common with the question",
        "has the fewest words in common with the question",
    ),
    "words shared with other options": (
        "has the most words in common with the other options",
        "has the fewest words in common with the other options",
    ),
    "share of words in other options": (
        "is the most like the other options",
        "is the least like the other options",
    ),
    "number": ("is the largest number", "is the smallest number"),
    "alphabetical order": ("is the last in the alphabet", "is the first in the alphabet"),
    "place in the question": ("is mentioned last in the question", "is mentioned first in the question"),
    "distance from the numbers in the question": (
        "is farthest from the numbers in the question",
        "is closest to a number in the question",
    ),
    "distance from the mean": (
        "is the number farthest from the mean of all",
        "is the number closest to the mean of all",
    ),
}
_TOLD = {
    "round": "is a multiple of 10",
    "multiple of 5": "is a multiple of 5",
    "even": "is an even number",
    "whole": "is a whole number",
    "shared word": "has a word in common with the question",
    "word of another option": "has a word in common with another option",
    "first letter": "begins with the same letter as the question",
    "ending": "ends as the last word of the question does",
    "sum of two options": "is the sum of two other options",
    "number of words": "is the number of words in the question",
    "first number": "is the first number in the question",
    "double of the first number": "is twice the first number in the question",
    "half of the first number": "is half of the first number in the question",
    "last number": "is the last number in the question",
    "largest number": "is the largest number in the question",
    "smallest number": "is the smallest number in the question",
    "sum of the numbers": "is the sum of the numbers in the question",
    "difference of the numbers": "is the difference of the numbers in the question",
    "product of the numbers": "is the product of the numbers in the question",
}
_INFINITIVES = {
    "has": "have",
    "begins": "begin",
    "ends": "end",
    "repeats": "repeat",
    "consists": "consist",
    "stands": "stand",
    "differs": "differ",
}
_ORDERS = {"number": "order of size", "characters": "order of length"}
_SIGN_NAMES = {"\t": "tab", "\n": "line break", "\r": "line break"}


def quoted(value: Any) -> str:
    """A text of the test set, between backticks and nowhere else: reports that are published leave it out."""
    return "`" + str(value).replace("`", "'").replace("{", "{{").replace("}", "}}") + "`"


def visible(text: str) -> str:
    """A text in which signs that nobody sees have names, and the others stay."""
    return "".join(
        f"<{_SIGN_NAMES.get(sign) or unicodedata.name(sign, f'U+{ord(sign):04X}').lower()}>"
        if is_invisible(sign)
        else sign
        for sign in text
    )


def ordinal(n: int) -> str:
    """1st, 2nd, 3rd, ..."""
    suffix = "th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{suffix}"


def option_sentence(phrase: Key | None, option: Key, for_it: bool) -> str:
    """The sentence of a cue about options, with `{}` where its score stands.

    Parameters
    ----------
    phrase
        What the question says, if that matters.
    option
        The option's key.
    for_it
        Whether options that have the cue are right, or the others.
    """
    if phrase is None and for_it:
        if option == ("compared", "characters", "most"):
            return "the longest option is right {} of the time"
        if option == ("compared", "characters", "least"):
            return "the shortest option is right {} of the time"
        if option[0] == "word":
            return f"an option with the word {quoted(option[1])} is right {{}} of the time"
    when = "" if phrase is None else f"when {question_phrase(phrase)}, "
    predicate = _predicate(option)
    which = f"that {predicate}" if for_it else _without(predicate)
    return f"{when}an option {which} is right {{}} of the time"


def _without(predicate: str) -> str:
    """What an option is that a predicate, as "has the word `x`", does not hold of."""
    if predicate.startswith("has the word"):
        return f"without {predicate.removeprefix('has ')}"
    # "alone differs from the others" is the only one that does not begin with its verb.
    alone = "alone " * predicate.startswith("alone ")
    verb, _, rest = predicate.removeprefix("alone ").partition(" ")
    if verb == "is":
        return f"that is not {rest}"
    return f"that does not {alone}{_INFINITIVES[verb]} {rest.replace('or ends with', 'or end with')}"


def question_phrase(phrase: Key) -> str:
    """What a question says, as the end of "when ..."."""
    kind, value = phrase[:2]
    if kind == "length":
        return f"the question has {_words(*phrase[2:])}"
    if kind == "says":
        return f"the question says {quoted(value)}"
    return f"the question's {kind} is {quoted(value)}"


def _words(least: Any, most: Any) -> str:
    """How many different words there are, where one of the bounds may be missing."""
    if least is None:
        return f"at most {most} different word{'s' * (most != 1)}"
    if most is None:
        return f"{least} different words or more"
    return f"{least} to {most} different words" if least < most else f"{least} different words"


def _predicate(key: Key) -> str:
    kind, value = key[0], key[1]
    if kind == "place":
        return f"is the {ordinal(int(str(value)) + 1)}"
    if kind == "word":
        return f"has the word {quoted(value)}"
    if kind == "pair":
        return f"has the words {quoted(value)} and {quoted(key[2])}"
    if kind == "trait":
        return TRAITS[str(value)]
    if kind == "told":
        return _TOLD[str(value)]
    if kind == "out of order":
        order = _ORDERS.get(str(value), value)
        return f"stands out of the {'' if key[2] == 'rising' else 'reverse '}{order} of the others"
    if kind == "compared":
        return _comparison(str(value), key[2])
    text = str(value)
    bare = visible(text.strip("\x02\x03"))
    if text.startswith("\x02"):
        return f"{'consists of' if text.endswith(chr(3)) else 'begins with'} {quoted(bare)}"
    return f"ends with {quoted(bare)}" if text.endswith("\x03") else f"has {quoted(bare)} in it"


def _comparison(measure: str, place: Any) -> str:
    if measure in MEASURES:
        names = MEASURES[measure]
    elif measure in _COMPARED:
        names = _COMPARED[measure]
    if place == "most":
        return names[0]
    if place == "least":
        return names[1]
    if place == "odd":
        return f"alone differs from the others in its {measure}"
    rank, size = place
    return f"is the {ordinal(rank + 1)} of {size} by its {measure}"
