"""The shape of an option: what it is by itself and among the others, as numbers.

Lengths, position, where it stands in the question, its place among numeric options, how like the
other options it is, and its surface. Column families share the names that feature importances use.
"""

import math
from collections import Counter
from itertools import pairwise

import numpy as np

from tst_harness.analysis.diagnostic import FloatArray
from tst_harness.diagnostics.forest.facts import list_items, stems
from tst_harness.diagnostics.forest.forms import Forms, parse_number
from tst_harness.diagnostics.forest.settings import MOST_READ_FORMS
from tst_harness.diagnostics.forest.surface import MEASURES, TRAITS, measures, traits

COLUMNS: tuple[tuple[str, str], ...] = (
    ("position", "place"),
    ("position", "options"),
    ("length", "characters"),
    ("length", "shorter options"),
    ("length", "equally long options"),
    ("mention in question", "where"),
    ("mention in question", "rank"),
    ("mention in question", "items in question order"),
    ("mention in question", "words, the rarer the more"),
    ("mention in question", "share of words, the rarer the more"),
    ("number in set", "value"),
    ("number in set", "rank"),
    ("number in set", "minus median"),
    ("number in set", "above lowest"),
    ("number in set", "below highest"),
    ("number in set", "mean distance"),
    ("likeness to other options", "mean"),
    ("likeness to other options", "most"),
    *(("surface", measure) for measure in list(MEASURES)[1:]),
    *(("surface", trait) for trait in TRAITS),
)
_SURFACE = next(column for column, (family, _) in enumerate(COLUMNS) if family == "surface")


def choice_shape(forms: Forms) -> FloatArray:
    """(n_rows, len(COLUMNS)) the shape of every option; NaN where a column does not apply."""
    shape = np.full((forms.n_rows, len(COLUMNS)), np.nan)
    rarity = _rarity(forms.text)
    for form, (text, options) in enumerate(zip(forms.text, forms.options, strict=True)):
        rows = shape[forms.first[form] : forms.first[form + 1]]
        rows[:, 0] = np.arange(len(options))
        rows[:, 1] = len(options)
        lengths = np.array([len(option) for option in options])
        rows[:, 2] = lengths
        rows[:, 3] = (lengths[:, None] > lengths).sum(axis=1)
        rows[:, 4] = (lengths[:, None] == lengths).sum(axis=1)
        rows[:, 5:8] = _mention(text, options)
        rows[:, 8:10] = _shared_words(text, options, rarity)
        numbers = np.array([parse_number(option) for option in options])
        if not np.isnan(numbers).any():
            rows[:, 10:16] = _number(numbers)
        rows[:, 16:18] = _likeness(options)
    if len(forms.text) <= MOST_READ_FORMS:
        shape[:, _SURFACE:] = _surface([option for options in forms.written_options for option in options])
    return shape


def _surface(written: list[str]) -> FloatArray:
    number: dict[str, int] = {}
    option_of = [number.setdefault(option, len(number)) for option in written]
    values = np.array([[*measures(option)[1:], *traits(option).values()] for option in number], dtype=float)
    return values.reshape(-1, len(COLUMNS) - _SURFACE)[option_of]


def _mention(text: str, options: tuple[str, ...]) -> FloatArray:
    places = np.array([text.find(option) for option in options], dtype=float)
    ranks = (places[:, None] > places).sum(axis=1)
    in_order = []
    for option in options:
        at = [text.find(item) for item in list_items(option)]
        in_order.append(sum(a < b for a, b in pairwise(at)) if len(at) > 1 else np.nan)
    return np.column_stack([places, ranks, np.array(in_order, dtype=float)])


def _rarity(texts: list[str]) -> dict[str, float]:
    """Inverse document frequency of each word of the questions."""
    counts = Counter(word for text in texts for word in stems(text))
    return {word: math.log((1 + len(texts)) / count) for word, count in counts.items()}


def _shared_words(text: str, options: tuple[str, ...], rarity: dict[str, float]) -> FloatArray:
    question_stems = set(stems(text))
    unknown = math.log(1 + len(rarity))
    shares = np.empty((len(options), 2))
    for row, option in zip(shares, options, strict=True):
        words = stems(option)
        shared = sum(rarity[word] for word in words if word in question_stems)
        row[:] = shared, shared / max(sum(rarity.get(word, unknown) for word in words), 1e-9)
    return shares


def _number(numbers: FloatArray) -> FloatArray:
    return np.column_stack(
        [
            numbers,
            (numbers[:, None] > numbers).sum(axis=1),
            numbers - np.median(numbers),
            numbers - numbers.min(),
            numbers.max() - numbers,
            np.abs(numbers[:, None] - numbers).mean(axis=1),
        ]
    )


def _likeness(options: tuple[str, ...]) -> FloatArray:
    """Share of items in the same place (lists), or of words in common (other options)."""
    lists = [list_items(option) for option in options]
    likeness = np.full((len(options), len(options)), np.nan)
    if all(len(items) > 1 for items in lists):
        for i, items in enumerate(lists):
            for j in range(i):
                same = sum(a == b for a, b in zip(items, lists[j], strict=False))
                likeness[i, j] = likeness[j, i] = same / max(len(items), len(lists[j]))
    else:
        words = [set(option.split()) for option in options]
        for i, own in enumerate(words):
            for j in range(i):
                union = own | words[j]
                likeness[i, j] = likeness[j, i] = len(own & words[j]) / len(union) if union else 0.0
    if len(options) < 2:
        return np.full((len(options), 2), np.nan)
    return np.column_stack([np.nanmean(likeness, axis=1), np.nanmax(likeness, axis=1)])
