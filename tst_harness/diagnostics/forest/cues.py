"""Cues: what a reader could notice about an option, as a sparse matrix of features with names.

Unlike facts they keep case, spaces and signs, compare the options of a question with each other, and cross
what the question says with what the option is. Most of them tell nothing; which do is decided by `screening`.
"""

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from tst_harness.analysis.diagnostic import FloatArray, IntArray
from tst_harness.diagnostics.forest import settings
from tst_harness.diagnostics.forest.families import Key
from tst_harness.diagnostics.forest.forms import Forms, parse_number, ragged
from tst_harness.diagnostics.forest.relations import (
    ORDERED,
    by_form,
    places,
    shared_words,
    told,
    word_matrix,
)
from tst_harness.diagnostics.forest.surface import MEASURES, facts_of_text, measures, tokens

LEAST_QUESTIONS = 10
"""Questions in which a feature must tell options apart."""
GENERAL = ("place", "trait", "compared", "told", "out of order")
"""What may hold of an option whatever its words are: few cues, of which each holds in many questions."""
_MOST_CELLS = 6_000_000
"""Pairs of a row and a crossed feature; beyond, the rarest words of the questions are left out."""
_MOST_RANKED = 8
"""Options of a question up to which their ranks are features."""
_CROSSED = ("place", "word", "pair", "trait", "compared", "told", "signs")
"""What the question's words are crossed with; of signs the first and the last alone."""


@dataclass(frozen=True, eq=False)
class Cues:
    """The features of the options of one mc type.

    Attributes
    ----------
    matrix
        (n_rows, n_cues) sparse, 1 where a feature holds of an option.
    keys
        n_cues keys: a kind and what it is about; of crosses ("question", word) and the option's key.
    spread
        (n_cues,) the sum over all questions of the feature's variance within a question.
    """

    matrix: sp.csr_matrix
    keys: "CueKeys"
    spread: FloatArray

    @classmethod
    def of(cls, forms: Forms) -> "Cues":
        """Read the options of a type; of more than 20,000 distinct questions, none."""
        if len(forms.text) > settings.MOST_READ_FORMS:
            empty = sp.csr_matrix((forms.n_rows, 0))
            return cls(empty, CueKeys([], [], np.empty((0, 2), dtype=np.int64)), np.empty(0))
        plain, keys = _plain(forms)
        crossed, phrases, pairs = _crossed(forms, plain, keys)
        matrix = sp.hstack([plain, crossed], format="csr")
        spread = _spread(matrix, forms)
        return cls(matrix, CueKeys(keys, phrases, pairs), spread)


@dataclass(frozen=True, eq=False)
class CueKeys:
    """The names of cues, those of crosses made when they are asked for."""

    plain: list[Key]
    said: list[Key]
    pairs: IntArray

    def __getitem__(self, cue: int) -> tuple[Key | None, Key]:
        """What the question says, if it matters, and what the option is."""
        if cue < len(self.plain):
            return None, self.plain[cue]
        phrase, option = self.pairs[cue - len(self.plain)]
        return self.said[phrase], self.plain[option]


def _plain(forms: Forms) -> tuple[sp.csr_matrix, list[Key]]:
    """Features of options, without the question's words."""
    written = [option for options in forms.written_options for option in options]
    number: dict[str, int] = {}
    option_of = np.array([number.setdefault(option, len(number)) for option in written], dtype=np.int64)
    interned = _Interned()
    first, fact_of = interned.table(facts_of_text(option) for option in number)
    rows = np.arange(forms.n_rows)
    counts = np.diff(first)[option_of]
    parts = [(np.repeat(rows, counts), fact_of[ragged(first[option_of], counts)])]
    sizes = np.diff(forms.first)
    place = rows - np.repeat(forms.first[:-1], sizes)
    parts.append((rows, interned.codes("place", place)))
    words = word_matrix(list(number), option_of)
    shared = shared_words(forms, words)
    numbers = np.array([parse_number(option) for option in number])[option_of]
    values = np.column_stack(
        [
            np.array([measures(option) for option in number]).reshape(-1, len(MEASURES))[option_of],
            *shared.values(),
            *(placed := places(forms, numbers)).values(),
        ]
    )
    names = [*MEASURES, *shared, *placed]
    for size in np.unique(sizes[sizes > 1]):
        form = np.flatnonzero(sizes == size)
        cells = (forms.first[form][:, None] + np.arange(size)).astype(np.int64)
        for name, column in zip(names, values.T, strict=True):
            parts += _compared(interned, name, cells, column[cells])
            if name in ORDERED:
                parts += _out_of_order(interned, name, cells, column[cells])
    for name, holding in told(forms, numbers, shared).items():
        parts.append((np.flatnonzero(holding), interned.code(("told", name), int(holding.sum()))))
    row, fact = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    matrix = sp.csr_matrix((np.ones(len(row)), (row, fact)), shape=(forms.n_rows, len(interned.keys)))
    matrix.data[:] = 1.0
    kept = _telling(matrix, forms)
    return matrix[:, kept], [interned.keys[i] for i in kept]


class _Interned:
    """Numbers of keys, in the order of their first use."""

    def __init__(self) -> None:
        self.numbers: dict[Key, int] = {}

    @property
    def keys(self) -> list[Key]:
        return list(self.numbers)

    def table(self, facts: Iterable[list[Key]]) -> tuple[IntArray, IntArray]:
        """Where the facts of each text start, and their numbers."""
        first, flat = [0], []
        for held in facts:
            flat += [self.numbers.setdefault(key, len(self.numbers)) for key in dict.fromkeys(held)]
            first.append(len(flat))
        return np.array(first, dtype=np.int64), np.array(flat, dtype=np.int64)

    def codes(self, name: Hashable, values: IntArray) -> IntArray:
        """The numbers of the keys (name, value)."""
        distinct, code = np.unique(values, return_inverse=True)
        number = [self.numbers.setdefault((name, int(value)), len(self.numbers)) for value in distinct]
        return np.array(number, dtype=np.int64)[code] if len(number) else np.empty(0, dtype=np.int64)

    def code(self, key: Key, n: int) -> IntArray:
        """(n,) the number of one key."""
        return np.full(n, self.numbers.setdefault(key, len(self.numbers)), dtype=np.int64)


def _compared(
    interned: _Interned, name: str, cells: IntArray, values: FloatArray
) -> list[tuple[IntArray, IntArray]]:
    """The only highest and lowest of each question, its odd one out, and ranks where none is shared."""
    known = ~np.isnan(values).any(axis=1)
    cells, values = cells[known], values[known]
    if not len(cells):
        return []
    ordered = np.sort(values, axis=1)
    size = values.shape[1]
    parts = []

    def add(label: Hashable, holds: npt.NDArray[np.bool_]) -> None:
        row = cells[holds]
        if len(row):
            parts.append((row, interned.code(("compared", name, label), len(row))))

    most = (values == ordered[:, -1:]) & (ordered[:, -1:] > ordered[:, -2:-1])
    least = (values == ordered[:, :1]) & (ordered[:, :1] < ordered[:, 1:2])
    add("most", most)
    add("least", least)
    if size > 2:
        alike_below = ordered[:, [0]] == ordered[:, [-2]]
        alike_above = ordered[:, [1]] == ordered[:, [-1]]
        add("odd", (most & alike_below) | (least & alike_above))
    if 3 <= size <= _MOST_RANKED:
        distinct = (np.diff(ordered, axis=1) > 0).all(axis=1, keepdims=True)
        rank = np.argsort(np.argsort(values, axis=1), axis=1)
        for i in range(1, size - 1):
            add((i, size), distinct & (rank == i))
    return parts


def _out_of_order(
    interned: _Interned, name: str, cells: IntArray, values: FloatArray
) -> list[tuple[IntArray, IntArray]]:
    """The option without which the others stand in order, where it is one alone."""
    size = values.shape[1]
    known = ~np.isnan(values).any(axis=1)
    if size < 4 or not known.any():
        return []
    cells, values = cells[known], values[known]
    parts = []
    for label, signed in (("rising", values), ("falling", -values)):
        ordered = (np.diff(signed, axis=1) > 0).all(axis=1, keepdims=True)
        fits = np.stack(
            [(np.diff(np.delete(signed, i, axis=1), axis=1) > 0).all(axis=1) for i in range(size)], axis=1
        )
        row = cells[fits & ~ordered]
        if len(row):
            parts.append((row, interned.code(("out of order", name, label), len(row))))
    return parts


def _times(forms: Forms) -> FloatArray:
    return np.bincount(forms.form_of, minlength=len(forms.text)).astype(np.float64)


def _telling(matrix: sp.csr_matrix, forms: Forms) -> IntArray:
    """The features that hold of some options of enough questions and not of all of them."""
    held = (by_form(forms) @ matrix).tocsr()
    sizes = np.diff(forms.first)
    form = np.repeat(np.arange(held.shape[0]), np.diff(held.indptr))
    telling = held.data < sizes[form]
    questions = np.bincount(
        held.indices[telling], weights=_times(forms)[form[telling]], minlength=matrix.shape[1]
    )
    return np.flatnonzero(questions >= LEAST_QUESTIONS)


def _spread(matrix: sp.csr_matrix, forms: Forms) -> FloatArray:
    times, sizes = _times(forms), np.diff(forms.first)
    held = (by_form(forms) @ matrix).tocsr()
    form = np.repeat(np.arange(held.shape[0]), np.diff(held.indptr))
    share = held.data / sizes[form]
    variance = times[form] * share * (1.0 - share)
    return np.bincount(held.indices, weights=variance, minlength=matrix.shape[1]).astype(np.float64)


def _crossed(
    forms: Forms, plain: sp.csr_matrix, keys: Sequence[Key]
) -> tuple[sp.csr_matrix, list[Key], IntArray]:
    """What the question says with what the option is, where both recur."""
    times = _times(forms)
    phrases = _said(forms)
    counts: Counter[Key] = Counter()
    for held, n in zip(phrases, times.tolist(), strict=True):
        counts.update(dict.fromkeys(held, n))
    total = times.sum()
    frequent = sorted(
        (key for key, n in counts.items() if LEAST_QUESTIONS <= n <= total - LEAST_QUESTIONS),
        key=lambda key: (-counts[key], str(key)),
    )
    crossing = np.array(
        [i for i, key in enumerate(keys) if key[0] in _CROSSED and (key[0] != "signs" or _at_an_end(key[1]))],
        dtype=np.int64,
    )
    if not frequent or not len(crossing):
        return sp.csr_matrix((forms.n_rows, 0)), [], np.empty((0, 2), dtype=np.int64)
    options = plain[:, crossing]
    a_form = np.add.reduceat(np.diff(options.indptr), forms.first[:-1])
    number: dict[Key, int] = {}
    cells = 0.0
    forms_with: Counter[Key] = Counter()
    for held, n in zip(phrases, a_form.tolist(), strict=True):
        forms_with.update(dict.fromkeys(held, n))
    for key in frequent:
        cells += forms_with[key]
        if cells > _MOST_CELLS:
            break
        number[key] = len(number)
    held_codes = [[number[key] for key in held if key in number] for held in phrases]
    first = np.cumsum([0, *map(len, held_codes)])
    flat = np.array([i for row in held_codes for i in row], dtype=np.int64)
    # Each cell of the options' matrix is repeated for each word that its question says.
    cell_row = np.repeat(np.arange(forms.n_rows), np.diff(options.indptr))
    cell_form = forms.row_form[cell_row]
    n_said = np.diff(first)[cell_form]
    words = flat[ragged(first[cell_form], n_said)]
    pair = words * len(crossing) + np.repeat(options.indices.astype(np.int64), n_said)
    distinct, fact = np.unique(pair, return_inverse=True)
    matrix = sp.csr_matrix(
        (np.ones(len(fact)), (np.repeat(cell_row, n_said), fact)), shape=(forms.n_rows, len(distinct))
    )
    kept = _telling(matrix, forms)
    pairs = np.column_stack([distinct[kept] // len(crossing), crossing[distinct[kept] % len(crossing)]])
    return matrix[:, kept], list(number), pairs


def _at_an_end(gram: Hashable) -> bool:
    text = str(gram)
    return len(text) == 2 and (text[0] == "\x02" or text[-1] == "\x03")


def _said(forms: Forms) -> list[list[Key]]:
    """What each question says: its words, its last sign, and its quarter by length.

    The key of a quarter has its place, and the least and the most different words in it; the first has no
    least, and the last no most.
    """
    words = [tokens(text) for text in forms.written_text]
    lengths = np.array([len(phrase) for phrase in words], dtype=np.float64)
    edges = np.unique(np.quantile(lengths, [0.25, 0.5, 0.75]))
    quarter = np.searchsorted(edges, lengths, side="right")
    least = [None, *(math.ceil(edge) for edge in edges)]
    most = [*(math.ceil(edge) - 1 for edge in edges), None]
    return [
        [
            *(("says", word) for word in phrase),
            *([("last word", phrase[-1])] if phrase else []),
            ("last sign", text.strip()[-1:]),
            ("length", place, least[place], most[place]),
        ]
        for phrase, text, place in zip(words, forms.written_text, quarter.tolist(), strict=True)
    ]
