"""Categorical facts about an option, or about a question that asks for a number.

A fact is something that can be said of a row in words and that may recur in other questions: "the
option is `chair`", "the option is `chair` and the anchor is `table`", "`chair` is mentioned before
`table` in this option". Facts come in families, derived from the options and the declared slots
alone; there is no code for any one question type.
"""

import math
import re
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import scipy.sparse as sp

from tst_harness.data.diagnostic import IntArray
from tst_harness.forest.forms import Forms, parse_number

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_LONGEST_VALUE = 40
_MOST_WORDS = 60
_MOST_ITEMS = 30

Key = tuple[Hashable, ...]


@dataclass(frozen=True, eq=False)
class Family:
    """Facts of one kind.

    Attributes
    ----------
    name
        What the family is called in feature importances.
    matrix
        (n_rows, n_facts) sparse: 1 where a fact holds of a row; -1 where its mirror image does.
    keys
        n_facts keys, for putting a fact into words.
    """

    name: str
    matrix: sp.csr_matrix
    keys: list[Key]


class _Builder:
    """Collects (row, fact) pairs, family by family."""

    def __init__(self) -> None:
        self.families: dict[str, tuple[list[int], list[int], list[float], dict[Key, int]]] = {}

    def add(self, family: str, row: int, key: Key, value: float = 1.0) -> None:
        rows, codes, values, keys = self.families.setdefault(family, ([], [], [], {}))
        rows.append(row)
        codes.append(keys.setdefault(key, len(keys)))
        values.append(value)

    def build(self, forms: Forms) -> list[Family]:
        """The families, without facts that hold in a single question: they tell of no other."""
        row_questions = np.bincount(forms.form_of, minlength=len(forms.text))[forms.row_form]
        row_form = forms.row_form
        families = []
        for name, (rows, codes, values, keys) in self.families.items():
            row, code = np.asarray(rows, dtype=np.int64), np.asarray(codes, dtype=np.int64)
            kept = np.flatnonzero(_questions_of(row, code, row_form, row_questions, len(keys)) >= 2)
            if not len(kept):
                continue
            new_code = np.full(len(keys), -1, dtype=np.int64)
            new_code[kept] = np.arange(len(kept))
            keep = new_code[code] >= 0
            matrix = sp.csr_matrix(
                (np.asarray(values)[keep], (row[keep], new_code[code[keep]])), shape=(forms.n_rows, len(kept))
            )
            # A fact that a row has twice, as an item repeated in a list, still holds or does not.
            matrix.data = np.sign(matrix.data)
            matrix.eliminate_zeros()
            names = list(keys)
            families.append(Family(name, matrix, [names[i] for i in kept]))
        return families


def _questions_of(
    row: IntArray, code: IntArray, row_form: IntArray, row_questions: IntArray, n: int
) -> IntArray:
    """In how many questions each fact occurs, whatever the number of rows."""
    form = row_form[row]
    order = np.lexsort((form, code))
    code, form, weight = code[order], form[order], row_questions[row][order]
    new = np.ones(len(code), dtype=bool)
    new[1:] = (code[1:] != code[:-1]) | (form[1:] != form[:-1])
    return np.bincount(code[new], weights=weight[new], minlength=n).astype(np.int64)


def choice_facts(forms: Forms) -> list[Family]:
    """The families of facts about the options of an mc type."""
    builder = _Builder()
    vocabulary = _telling_words(forms)
    wordings = _telling_wordings(forms)
    row = 0
    for text, options, slots, wording in zip(forms.text, forms.options, forms.slots, wordings, strict=True):
        values = [(name, value) for name, value in sorted(slots.items()) if len(value) <= _LONGEST_VALUE]
        words = [word for word in _open_words(text, slots) if word in vocabulary]
        numbers = [parse_number(option) for option in options]
        for place, option in enumerate(options):
            _option_facts(builder, row, options, place)
            if wording:
                builder.add("option and wording", row, (option, wording))
            _context_facts(builder, row, option, values, words)
            if not np.isnan(numbers).any():
                _number_facts(builder, row, numbers, place)
            row += 1
    return builder.build(forms)


def _option_facts(builder: _Builder, row: int, options: tuple[str, ...], place: int) -> None:
    option = options[place]
    builder.add("option", row, (option,))
    builder.add("position", row, (place, len(options)))
    lengths = sorted(len(one) for one in options)
    if len(option) == lengths[-1] > lengths[-2]:
        builder.add("length", row, ("longest",))
    if len(option) == lengths[0] < lengths[1]:
        builder.add("length", row, ("shortest",))
    for rival in options:
        if rival != option:
            builder.add("rivals", row, (option, rival))
    items = list_items(option)[:_MOST_ITEMS]
    if len(items) > 1:
        for i, item in enumerate(items):
            builder.add("place in list", row, (item, i))
            for later in items[i + 1 :]:
                builder.add("order in list", row, (item, later))
    else:
        for word in stems(option):
            builder.add("words", row, (word,))


def _context_facts(
    builder: _Builder, row: int, option: str, values: list[tuple[str, str]], words: list[str]
) -> None:
    for name, value in values:
        builder.add("option and slot", row, (option, name, value))
        builder.add("option and mention", row, (option, value))
    for i, (name, value) in enumerate(values):
        for other_name, other in values[i + 1 :]:
            builder.add("option and slots", row, (option, name, value, other_name, other))
            builder.add("option and slot order", row, (option, name, other_name, value), 1.0)
            builder.add("option and slot order", row, (option, name, other_name, other), -1.0)
    if len(option) <= _LONGEST_VALUE:
        for word in words:
            builder.add("option and word", row, (option, word))


def _number_facts(builder: _Builder, row: int, numbers: list[float], place: int) -> None:
    value, lowest, highest = numbers[place], min(numbers), max(numbers)
    rank = sum(number < value for number in numbers)
    builder.add("number in set", row, ("rank", rank, len(numbers)))
    builder.add("number in set", row, ("above lowest", round(value - lowest, 6), len(numbers)))
    builder.add(
        "number in set", row, ("span", round(value - lowest, 6), round(highest - value, 6), len(numbers))
    )


def number_facts(forms: Forms) -> list[Family]:
    """The families of facts about the questions of a num type."""
    builder = _Builder()
    vocabulary = _telling_words(forms)
    wordings = _telling_wordings(forms)
    for row, (text, slots, wording) in enumerate(zip(forms.text, forms.slots, wordings, strict=True)):
        if wording:
            builder.add("wording", row, (wording,))
        values = sorted(slots.items())
        for name, value in values:
            builder.add("slot", row, (name, value))
            if len(values) > 1:
                builder.add("mention", row, (value,))
        for i, (_, value) in enumerate(values):
            for _, other in values[i + 1 :]:
                builder.add("pair of slots", row, tuple(sorted((value, other))))
        for word in _open_words(text, slots):
            if word in vocabulary:
                builder.add("words", row, (word,))
    return builder.build(forms)


@lru_cache(maxsize=2**16)
def list_items(option: str) -> list[str]:
    """The items of an option that is an ordered list, or the option alone; `12,345` is no list."""
    if not math.isnan(parse_number(option)):
        return [option]
    return [item for part in option.split(",") if (item := part.strip())] or [option]


def _open_words(text: str, slots: dict[str, str]) -> list[str]:
    """The words of a text that are free: all of them, or those of slots that have several."""
    if not slots:
        return _words(text)
    return _words(" ".join(value for value in slots.values() if " " in value))


def _words(text: str) -> list[str]:
    return list(dict.fromkeys(_WORD.findall(text)))[:_MOST_WORDS]


@lru_cache(maxsize=2**16)
def stems(text: str) -> list[str]:
    """Words without a plural s, so that `table lamps` and `lamp` have one in common."""
    return list(dict.fromkeys(word.removesuffix("s") for word in _words(text)))


def _telling_wordings(forms: Forms) -> list[str]:
    """The wordings of a type that has several; of one that all questions have nothing can be told."""
    return forms.wording if len(set(forms.wording)) > 1 else [""] * len(forms.wording)


def _telling_words(forms: Forms) -> set[str]:
    """Words that some questions of the type have and others have not."""
    counts: dict[str, int] = {}
    for word in _all_words(forms):
        counts[word] = counts.get(word, 0) + 1
    most = 0.5 * len(forms.text)
    return {word for word, count in counts.items() if 2 <= count <= most}


def _all_words(forms: Forms) -> Iterator[str]:
    for text in forms.text:
        yield from _words(text)
