"""Families of facts as sparse matrices, bounded in size: which fact holds of which row."""

from array import array
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from tst_harness.analysis.diagnostic import FloatArray, IntArray
from tst_harness.diagnostics.forest.forms import Forms, ragged

_MOST_HELD = 8_000_000
"""Pairs of a row and a fact in one family; beyond, the facts of the fewest questions are left out."""

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


class _Cells(NamedTuple):
    """What one family has been told, in arrays that stay small."""

    rows: "array[int]"
    facts: "array[int]"
    values: "array[float]"
    numbers: dict[Key, int]


class FactCollector:
    """Collects (row, fact) pairs, family by family, rows in ascending order."""

    def __init__(self, forms: Forms) -> None:
        self._forms = forms
        self._cells: dict[str, _Cells] = {}

    def add(self, family: str, row: int, key: Key, value: float = 1.0) -> None:
        """Say that a fact holds of a row, or its mirror image (-1)."""
        cells = self._cells.get(family)
        if cells is None:
            cells = self._cells[family] = _Cells(array("q"), array("q"), array("d"), {})
        cells.rows.append(row)
        cells.facts.append(cells.numbers.setdefault(key, len(cells.numbers)))
        cells.values.append(value)

    def families(self) -> list[Family]:
        """The families that have facts left."""
        families = []
        for name, cells in self._cells.items():
            keys = list(cells.numbers)
            row, fact = (np.frombuffer(cell, dtype=np.int64) for cell in (cells.rows, cells.facts))
            values = np.frombuffer(cells.values)
            families += _family(self._forms, name, row, fact, values, keys.__getitem__)
        return families


def crossed(
    forms: Forms,
    name: str,
    options: tuple[IntArray, Sequence[str]],
    words: tuple[IntArray, IntArray, Sequence[str]],
) -> list[Family]:
    """The family of each row's option with each word of its question; none where no pair recurs.

    Parameters
    ----------
    options
        (n_rows,) the number of each row's option, -1 to leave it out, and the options.
    words
        (n_forms + 1,) where a form's words start, the numbers of all words, and the words.
    """
    (option_of, option), (first, word_of, word) = options, words
    row = np.flatnonzero(option_of >= 0)
    form = forms.row_form[row]
    counts = np.diff(first)[form]
    pair = np.repeat(option_of[row], counts) * max(len(word), 1) + word_of[ragged(first[form], counts)]
    distinct, fact = np.unique(pair, return_inverse=True)

    def key(number: int) -> Key:
        return option[distinct[number] // len(word)], word[distinct[number] % len(word)]

    return _family(forms, name, np.repeat(row, counts), fact, np.ones(len(fact)), key)


def _family(
    forms: Forms, name: str, row: IntArray, fact: IntArray, values: FloatArray, key: Callable[[int], Key]
) -> list[Family]:
    """A family without facts that hold in a single question: they tell of no other."""
    questions = _questions_of(forms, row, fact)
    kept = np.flatnonzero(questions >= 2)
    held = np.bincount(fact, minlength=len(questions))
    if held[kept].sum() > _MOST_HELD:
        order = kept[np.argsort(-questions[kept], kind="stable")]
        kept = np.sort(order[np.cumsum(held[order]) <= _MOST_HELD])
    if not len(kept):
        return []
    number = np.full(len(questions), -1, dtype=np.int64)
    number[kept] = np.arange(len(kept))
    keep = np.flatnonzero(number[fact] >= 0)
    matrix = sp.csr_matrix((values[keep], (row[keep], number[fact[keep]])), shape=(forms.n_rows, len(kept)))
    # A fact that a row has twice, as an item repeated in a list, still holds or does not.
    matrix.data = np.sign(matrix.data)
    matrix.eliminate_zeros()
    return [Family(name, matrix, [key(int(i)) for i in kept])]


def _questions_of(forms: Forms, row: IntArray, fact: IntArray) -> IntArray:
    """In how many questions each fact occurs, whatever the number of rows; rows ascend."""
    order = np.argsort(fact, kind="stable")
    fact, form = fact[order], forms.row_form[row[order]]
    new = np.ones(len(fact), dtype=bool)
    new[1:] = (fact[1:] != fact[:-1]) | (form[1:] != form[:-1])
    times = np.bincount(forms.form_of, minlength=len(forms.text))
    return np.bincount(fact[new], weights=times[form[new]]).astype(np.int64)
