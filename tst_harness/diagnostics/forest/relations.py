"""What an option has to do with its question and with the other options: words, places, letters, numbers."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from tst_harness.analysis.diagnostic import FloatArray, IntArray
from tst_harness.diagnostics.forest.arithmetic import numbers_in, numbers_told
from tst_harness.diagnostics.forest.forms import Forms
from tst_harness.diagnostics.forest.surface import tokens, words_of

SHARED, AMONG = "words shared with the question", "words shared with other options"
ALPHABET, NUMBER = "alphabetical order", "number"
ORDERED = (ALPHABET, NUMBER, "characters")
"""By what options may stand in order, all but one."""
_ENDING = 2
"""Letters at the end of a word that make a rhyme, or an inflection."""

Flags = npt.NDArray[np.bool_]


def by_form(forms: Forms) -> sp.csr_matrix:
    """(n_forms, n_rows) 1 for the options of each form."""
    shape = (len(forms.text), forms.n_rows)
    return sp.csr_matrix((np.ones(forms.n_rows), np.arange(forms.n_rows), forms.first), shape=shape)


def word_matrix(options: Sequence[str], option_of: IntArray) -> tuple[sp.csr_matrix, dict[str, int]]:
    """(n_rows, n_words) 1 where an option has a word, and the numbers of the words."""
    numbers: dict[str, int] = {}
    held = [[numbers.setdefault(word, len(numbers)) for word in tokens(option)] for option in options]
    return incidence(held, max(len(numbers), 1))[option_of], numbers


def incidence(held: Sequence[Sequence[int]], n: int) -> sp.csr_matrix:
    """(n_rows, n) 1 at the numbers that each row holds, none twice."""
    first = np.cumsum([0, *map(len, held)])
    flat = np.array([number for row in held for number in row], dtype=np.int64)
    return sp.csr_matrix((np.ones(len(flat)), flat, first), shape=(len(held), n))


def shared_words(forms: Forms, words: tuple[sp.csr_matrix, dict[str, int]]) -> dict[str, FloatArray]:
    """(n_rows,) words that an option has in common with the question, and with the other options.

    Parameters
    ----------
    words
        As from `word_matrix`.
    """
    matrix, numbers = words
    held = [[numbers[word] for word in tokens(text) if word in numbers] for text in forms.written_text]
    questions = incidence(held, matrix.shape[1])
    row_form = forms.row_form
    total = by_form(forms) @ matrix
    size = np.asarray(matrix.sum(axis=1)).ravel()
    among = np.asarray(matrix.multiply(total[row_form]).sum(axis=1)).ravel() - size
    return {
        SHARED: np.asarray(matrix.multiply(questions[row_form]).sum(axis=1)).ravel(),
        AMONG: among,
        "share of words in other options": np.round(among / np.maximum(size, 1.0), 9),
    }


def places(forms: Forms, numbers: FloatArray) -> dict[str, FloatArray]:
    """(n_rows,) where an option stands among the others: in the alphabet, in the question, in size.

    Parameters
    ----------
    numbers
        (n_rows,) the number that each option is, NaN where it is none.
    """
    options = [option for row in forms.options for option in row]
    rank = {option: float(i) for i, option in enumerate(sorted(set(options)))}
    mention = np.array(
        [text.find(option) for text, row in zip(forms.text, forms.options, strict=True) for option in row],
        dtype=np.float64,
    )
    from_question = np.full(forms.n_rows, np.nan)
    from_mean = np.full(forms.n_rows, np.nan)
    for form in np.unique(forms.row_form[~np.isnan(numbers)]).tolist():
        rows = slice(int(forms.first[form]), int(forms.first[form + 1]))
        own = numbers[rows]
        from_mean[rows] = np.round(np.abs(own - own.mean()), 9)
        mentioned = numbers_in(forms.written_text[form])
        if mentioned:
            from_question[rows] = np.abs(own[:, None] - np.array(mentioned)).min(axis=1)
    return {
        ALPHABET: np.array([rank[option] for option in options]),
        NUMBER: numbers,
        "place in the question": np.where(mention < 0, np.nan, mention),
        "distance from the numbers in the question": from_question,
        "distance from the mean": from_mean,
    }


def told(forms: Forms, numbers: FloatArray, shared: Mapping[str, FloatArray]) -> dict[str, Flags]:
    """(n_rows,) which options the question or the other options tell, by how.

    Parameters
    ----------
    numbers, shared
        As for `places`, and from `shared_words`.
    """
    flags = _told_numbers(forms, numbers)
    flags["shared word"] = shared[SHARED] > 0
    flags["word of another option"] = shared[AMONG] > 0
    letters, endings = (np.zeros(forms.n_rows, dtype=bool) for _ in range(2))
    row = 0
    for text, options in zip(forms.written_text, forms.written_options, strict=True):
        first, last = _ends(text)
        for option in options:
            own_first, own_last = _ends(option)
            letters[row] = own_first == first != ""
            endings[row] = own_last == last != ""
            row += 1
    return flags | {"first letter": letters, "ending": endings}


def _ends(text: str) -> tuple[str, str]:
    """The first letter of a text and the last ones of its last word."""
    words = words_of(text)
    if not words:
        return "", ""
    return words[0][0], words[-1][-_ENDING:] if len(words[-1]) > _ENDING else ""


def _told_numbers(forms: Forms, numbers: FloatArray) -> dict[str, Flags]:
    """Which options are a number of the question, or what is had by adding, and which are round."""
    known = ~np.isnan(numbers)
    columns: dict[str, Flags] = {}
    if known.any():
        for name, divisor in (("round", 10.0), ("multiple of 5", 5.0), ("even", 2.0)):
            columns[name] = known & (np.fmod(np.where(known, numbers, 1.0), divisor) == 0.0)
        columns["whole"] = known & (np.floor(np.where(known, numbers, 0.5)) == numbers)
        for form, text in enumerate(forms.written_text):
            rows = slice(int(forms.first[form]), int(forms.first[form + 1]))
            if not known[rows].any():
                continue
            for name, value in numbers_told(text).items():
                at = columns.setdefault(name, np.zeros(len(numbers), dtype=bool))
                at[rows] |= numbers[rows] == value
            others = [value for value in numbers[rows].tolist() if not math.isnan(value)]
            at = columns.setdefault("sum of two options", np.zeros(len(numbers), dtype=bool))
            pairs = {a + b for i, a in enumerate(others) for b in others[:i] if a and b}
            at[rows] |= np.isin(numbers[rows], list(pairs))
    return columns
