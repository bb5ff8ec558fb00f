"""Categorical facts about an option, or about a question that asks for a number.

A fact is something that can be said of a row in words and that may recur in other questions: "the
option is `chair`", "the option is `chair` and the anchor is `table`", "`chair` is mentioned before
`table` in this option". Facts come in families, derived from the options and the declared slots
alone; there is no code for any one question type.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import chain

import numpy as np
import regex

from tst_harness.diagnostics.forest.families import FactCollector, Family, crossed
from tst_harness.diagnostics.forest.forms import Forms, parse_number
from tst_harness.diagnostics.forest.surface import in_runs, words_of

_WORD = regex.compile("[\\p{L}\\p{M}\\p{N}]+(?:['\N{RIGHT SINGLE QUOTATION MARK}][\\p{L}\\p{M}\\p{N}]+)?")
_LONGEST_VALUE = 40
_MOST_WORDS = 60
_LONGEST_RUN = 2
_MOST_ITEMS = 30


def choice_facts(forms: Forms) -> list[Family]:
    """The families of facts about the options of an mc type."""
    facts = FactCollector(forms)
    recurring = _recurring(forms)
    wordings = _telling_wordings(forms)
    row = 0
    for options, slots, wording in zip(forms.options, forms.slots, wordings, strict=True):
        values = [(name, value) for name, value in sorted(slots.items()) if len(value) <= _LONGEST_VALUE]
        numbers = [parse_number(option) for option in options]
        for place, option in enumerate(options):
            _option_facts(facts, row, options, place, recurring)
            if wording:
                facts.add("option and wording", row, (option, wording))
            _slot_facts(facts, row, option, values)
            if not np.isnan(numbers).any():
                _number_facts(facts, row, numbers, place)
            row += 1
    return facts.families() + _option_words(forms, recurring)


def _recurring(forms: Forms) -> dict[str, int]:
    """The options that more than one question has, numbered."""
    times = np.bincount(forms.form_of, minlength=len(forms.text)).tolist()
    counts: Counter[str] = Counter()
    for options, n in zip(forms.options, times, strict=True):
        for option in set(options):
            counts[option] += n
    return {option: i for i, option in enumerate(sorted(fact for fact, n in counts.items() if n > 1))}


def _option_facts(
    facts: FactCollector, row: int, options: tuple[str, ...], place: int, recurring: Mapping[str, int]
) -> None:
    option = options[place]
    facts.add("option", row, (option,))
    facts.add("position", row, (place, len(options)))
    lengths = sorted(len(option_words) for option_words in options)
    if len(option) == lengths[-1] > lengths[-2]:
        facts.add("length", row, ("longest",))
    if len(option) == lengths[0] < lengths[1]:
        facts.add("length", row, ("shortest",))
    if option in recurring:
        for rival in options:
            if rival != option and rival in recurring:
                facts.add("rivals", row, (option, rival))
    items = list_items(option)[:_MOST_ITEMS]
    if len(items) > 1:
        for i, item in enumerate(items):
            facts.add("place in list", row, (item, i))
            for later in items[i + 1 :]:
                facts.add("order in list", row, (item, later))
    else:
        for word in stems(option):
            facts.add("words", row, (word,))


def _slot_facts(facts: FactCollector, row: int, option: str, values: list[tuple[str, str]]) -> None:
    for name, value in values:
        facts.add("option and slot", row, (option, name, value))
        facts.add("option and mention", row, (option, value))
    for i, (name, value) in enumerate(values):
        for other_name, other in values[i + 1 :]:
            facts.add("option and slots", row, (option, name, value, other_name, other))
            facts.add("option and slot order", row, (option, name, other_name, value), 1.0)
            facts.add("option and slot order", row, (option, name, other_name, other), -1.0)


def _option_words(forms: Forms, recurring: Mapping[str, int]) -> list[Family]:
    """Options with the words of the question: what tells labels that all questions share apart."""
    options = [option for row in forms.options for option in row]
    option_of = [recurring.get(option, -1) if len(option) <= _LONGEST_VALUE else -1 for option in options]
    telling = {word: i for i, word in enumerate(_telling_words(forms))}
    words = [
        [telling[word] for word in _open_words(text, slots) if word in telling]
        for text, slots in zip(forms.text, forms.slots, strict=True)
    ]
    first = np.cumsum([0, *map(len, words)])
    numbers = np.fromiter(chain.from_iterable(words), dtype=np.int64, count=int(first[-1]))
    return crossed(
        forms,
        "option and word",
        (np.array(option_of, dtype=np.int64), list(recurring)),
        (first, numbers, list(telling)),
    )


def _number_facts(facts: FactCollector, row: int, numbers: list[float], place: int) -> None:
    value, lowest, highest = numbers[place], min(numbers), max(numbers)
    rank = sum(number < value for number in numbers)
    facts.add("number in set", row, ("rank", rank, len(numbers)))
    facts.add("number in set", row, ("above lowest", round(value - lowest, 6), len(numbers)))
    facts.add(
        "number in set", row, ("span", round(value - lowest, 6), round(highest - value, 6), len(numbers))
    )


def number_facts(forms: Forms) -> list[Family]:
    """The families of facts about the questions of a num type."""
    facts = FactCollector(forms)
    vocabulary = set(_telling_words(forms))
    wordings = _telling_wordings(forms)
    for row, (text, slots, wording) in enumerate(zip(forms.text, forms.slots, wordings, strict=True)):
        if wording:
            facts.add("wording", row, (wording,))
        values = sorted(slots.items())
        for name, value in values:
            facts.add("slot", row, (name, value))
            if len(values) > 1:
                facts.add("mention", row, (value,))
        for i, (_, value) in enumerate(values):
            for _, other in values[i + 1 :]:
                facts.add("pair of slots", row, tuple(sorted((value, other))))
        for word in _open_words(text, slots):
            if word in vocabulary:
                facts.add("words", row, (word,))
    return facts.families()


def question_facts(forms: Forms) -> list[Family]:
    """The family of the question's words, as facts about each option: how many are right."""
    facts = FactCollector(forms)
    vocabulary = set(_telling_words(forms))
    for form, (text, slots) in enumerate(zip(forms.text, forms.slots, strict=True)):
        words = [word for word in _open_words(text, slots) if word in vocabulary]
        for row in range(forms.first[form], forms.first[form + 1]):
            for word in words:
                facts.add("words of the question", row, (word,))
    return facts.families()


def length_facts(forms: Forms) -> list[Family]:
    """The family of how many words a question has."""
    facts = FactCollector(forms)
    for row, text in enumerate(forms.text):
        facts.add("number of words", row, (len(words_of(text)),))
    return facts.families()


@lru_cache(maxsize=2**16)
def list_items(option: str) -> list[str]:
    """The items of an option that is an ordered list, or the option alone; `12,345` is no list."""
    if not math.isnan(parse_number(option)):
        return [option]
    return [item for part in option.split(",") if (item := part.strip())] or [option]


def _open_words(text: str, slots: dict[str, str]) -> list[str]:
    """The words of a text that are free: all of them, or those of slots that have several."""
    if not slots:
        return _question_words(text)
    return _question_words(" ".join(value for value in slots.values() if " " in value))


def _question_words(text: str) -> list[str]:
    """The words of a question; of a script without spaces its signs and pairs of them."""
    runs = (run for word in _WORD.findall(text) for run in in_runs(word, _LONGEST_RUN))
    return list(dict.fromkeys(runs))[:_MOST_WORDS]


def _words(text: str) -> list[str]:
    return list(dict.fromkeys(_WORD.findall(text)))[:_MOST_WORDS]


@lru_cache(maxsize=2**16)
def stems(text: str) -> list[str]:
    """Words without a plural s, so that `table lamps` and `lamp` have one in common."""
    return list(dict.fromkeys(map(_stem, _words(text))))


def _stem(word: str) -> str:
    return word.removesuffix("s") or word


def whole_words(texts: Iterable[str]) -> dict[str, str]:
    """Return for each stem of some texts the word that it stands for most often, the first of equals."""
    counts = Counter(word for text in texts for word in _words(text))
    words: dict[str, str] = {}
    for word in sorted(counts, key=lambda word: (-counts[word], word)):
        words.setdefault(_stem(word), word)
    return words


def _telling_wordings(forms: Forms) -> list[str]:
    """The wordings of a type that has several; of one that all questions have nothing can be told."""
    return forms.wording if len(set(forms.wording)) > 1 else [""] * len(forms.wording)


def _telling_words(forms: Forms) -> list[str]:
    """Words that some questions of the type have and others have not, in alphabetical order."""
    counts = Counter(word for text in forms.text for word in _question_words(text))
    most = 0.5 * len(forms.text)
    return sorted(word for word, count in counts.items() if 2 <= count <= most)
