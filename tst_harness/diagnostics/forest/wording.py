"""What the wording of options says, learnt over all choices of a benchmark together.

Types that ask in free text are often too small to learn words from alone. So one conditional ridge over all
of them gives each option a score, out of fold; a type takes it as evidence where it is worth something there.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from tst_harness.analysis.diagnostic import FloatArray, IntArray
from tst_harness.diagnostics.forest import settings
from tst_harness.diagnostics.forest.evidence import TrainingSums, solve_ridge
from tst_harness.diagnostics.forest.features import with_behind
from tst_harness.diagnostics.forest.forms import Forms, ragged
from tst_harness.diagnostics.forest.logit import softmax
from tst_harness.diagnostics.forest.surface import words_of

LEAST_NATS = 2.0
"""What evidence must add to the likelihood out of fold, to be taken."""
_HASHED = 2**18
_MIXER = np.uint64(0x9E3779B97F4A7C15)
_GRAMS = (3, 4, 5)
_MOST_WORDS = 60
_MOST_SIGNS = 200
_MOST_CELLS = 6_000_000
"""Of options crossed with runs of letters in questions; beyond, fewer letters of each question are read."""
_RECURS = 10
"""Questions that an option must be of, to be crossed with pairs of their words."""
_PENALTY = (3.0,)
_STEPS = 12
_NEWTON_STEPS = 8


@dataclass(frozen=True, eq=False)
class Wording:
    """The words of all options, those of a type after those of another.

    Attributes
    ----------
    design
        (n_rows, n_features) sparse; each kind of feature has length 1 in a row.
    row_form
        (n_rows,) the question of each row, counted over all types.
    first
        Type to the number of its first row; empty where there is nothing to learn from.
    """

    design: sp.csr_matrix
    row_form: IntArray
    first: Mapping[str, int]

    @classmethod
    def of(cls, types: Mapping[str, Forms]) -> "Wording":
        """Read the choices of a benchmark; of more than 20,000 distinct questions, none."""
        every = list(types.values())
        n_forms = [len(forms.text) for forms in every]
        if not every or sum(n_forms) > settings.MOST_READ_FORMS:
            return cls(sp.csr_matrix((0, 0)), np.empty(0, dtype=np.int64), {})
        row_form, times = rows_of(every)
        place = np.concatenate([ragged(np.zeros_like(each.first[1:]), np.diff(each.first)) for each in every])
        options = [option for each in every for row in each.options for option in row]
        texts = [text for each in every for text in each.text]
        free = np.array([not slots for each in every for slots in each.slots])
        design = _design(options, texts, free, row_form, times, place)
        return cls(design, row_form, first_rows(types))

    def scores(self, sums: Mapping[str, TrainingSums]) -> dict[str, FloatArray]:
        """For each type (n_rows, PARTS + 1) scores of its options; column j knows no answer of part j."""
        if not self.first:
            return {}
        return scores_of_types(self.design, sums, self.row_form, self.first, _PENALTY)


def rows_of(types: Sequence[Forms]) -> tuple[IntArray, IntArray]:
    """Return the question of each option, counted over all types, and how often each question is asked."""
    offsets = np.cumsum([0, *(len(forms.text) for forms in types[:-1])])
    row_form = np.concatenate([forms.row_form + start for forms, start in zip(types, offsets, strict=True)])
    times = np.concatenate([np.bincount(forms.form_of, minlength=len(forms.text)) for forms in types])
    return row_form, times


def first_rows(types: Mapping[str, Forms]) -> dict[str, int]:
    """Return type to the number of its first row, where those of a type stand after those of another."""
    firsts = np.cumsum([0, *(forms.n_rows for forms in types.values())]).tolist()
    return dict(zip(types, firsts, strict=False))


def scores_of_types(
    design: sp.csr_matrix,
    sums: Mapping[str, TrainingSums],
    row_form: IntArray,
    first: Mapping[str, int],
    penalty: tuple[float, ...],
) -> dict[str, FloatArray]:
    """Return what one conditional ridge over all types says, as `Wording.scores` does."""
    both = TrainingSums(
        np.concatenate([sums[name].count for name in first]),
        np.concatenate([sums[name].residual for name in first]),
    )
    [scores] = solve_ridge(design, both, row_form, penalty, _STEPS, conditional=True)
    return {name: scores[start : start + len(sums[name].count)] for name, start in first.items()}


def nats(scores: FloatArray, counts: IntArray, target: FloatArray) -> float:
    """What scores add to the log-likelihood of the gold options, times the number that fits best.

    That number may be negative: where opposites are asked in pairs, the wording tells by its reverse.

    Parameters
    ----------
    scores
        (n_rows,) of the options.
    counts
        How many options each question has.
    target
        (n_rows,) how much of the answer each option is; over a question, 1, or 0 where none is right.
    """
    starts = np.cumsum(counts) - counts
    answered = np.add.reduceat(target, starts)
    scale = 0.0
    for _ in range(_NEWTON_STEPS):
        probability = softmax(scale * scores, counts)
        mean = np.add.reduceat(probability * scores, starts)
        slope = float((target * scores).sum() - (answered * mean).sum())
        curvature = float((answered * (np.add.reduceat(probability * scores**2, starts) - mean**2)).sum())
        scale += slope / (curvature + 1e-9)
    likelihood = np.log(np.maximum(softmax(scale * scores, counts), 1e-12)) + np.log(
        np.repeat(counts, counts)
    )
    return float((target * likelihood).sum())


def text_evidence(
    texts: Mapping[str, FloatArray],
    known: tuple[IntArray, IntArray],
    counts: IntArray,
    target: FloatArray,
    row_form: IntArray,
) -> list[tuple[str, FloatArray]]:
    """Return what the texts say, as far as it tells the answers of the training questions, out of fold.

    Parameters
    ----------
    texts
        Family to scores, as from `Wording.scores`.
    known
        The rows of the training questions, and their inner parts.
    counts, target
        Of these rows, as for `nats`.
    row_form
        The form of each row of the scores.
    """
    return [
        column
        for family, scores in texts.items()
        if nats(scores[known], counts, target) >= LEAST_NATS
        for column in with_behind(family, scores, row_form)
    ]


def question_design(forms: Forms) -> sp.csr_matrix | None:
    """(n_forms, n_features) words, pairs of them and runs of signs; of more than 20,000 questions, none."""
    if len(forms.text) > settings.MOST_READ_FORMS:
        return None
    held = (_Held.of(forms.text, facts) for facts in (_words, _pairs, _grams))
    return sp.hstack([each.block() for each in held], format="csr")


def candidate_scores(
    design: sp.csr_matrix, rows: IntArray, parts: IntArray, worth: FloatArray, row_form: IntArray
) -> FloatArray:
    """(k, n_rows, PARTS + 1) what the wording of a question says for each of k answers.

    Parameters
    ----------
    design
        From `question_design`.
    rows, parts
        The form and the inner part of each training question.
    worth
        (n_train, k) what each answer would score there.
    """
    sums = [TrainingSums.of(rows, parts, own, len(row_form)).centred() for own in worth.T]
    together = TrainingSums(
        np.concatenate([own.count for own in sums], axis=1),
        np.concatenate([own.residual for own in sums], axis=1),
    )
    [scores] = solve_ridge(design, together, row_form, _PENALTY, _STEPS, conditional=False)
    return scores.reshape(len(row_form), len(sums), -1).transpose(1, 0, 2)


class _Held(NamedTuple):
    """What each text holds, as numbers: those of text i are flat[first[i] : first[i + 1]], of n in all."""

    first: IntArray
    flat: IntArray
    n: int

    @classmethod
    def of(cls, texts: Iterable[str], held: Callable[[str], Iterable[Hashable]]) -> "_Held":
        numbers: dict[Hashable, int] = {}
        rows = [[numbers.setdefault(key, len(numbers)) for key in held(text)] for text in texts]
        first = np.cumsum([0, *map(len, rows)])
        flat = np.fromiter((i for row in rows for i in row), dtype=np.int64, count=int(first[-1]))
        return cls(first, flat, len(numbers))

    def at(self, texts: IntArray) -> "_Held":
        """Of some texts."""
        counts = np.diff(self.first)[texts]
        first = np.concatenate([[0], np.cumsum(counts)])
        return _Held(first, self.flat[ragged(self.first[texts], counts)], self.n)

    def crossed(self, others: "_Held") -> "_Held":
        """Each with each of the others', hashed."""
        sizes, other_sizes = np.diff(self.first), np.diff(others.first)
        owner = np.repeat(np.arange(len(sizes)), sizes)
        counts = other_sizes[owner]
        partner = others.flat[ragged(others.first[owner], counts)]
        pair = (np.repeat(self.flat, counts) * others.n + partner).astype(np.uint64)
        flat = ((pair * _MIXER) >> np.uint64(64 - 18)).astype(np.int64)
        first = np.concatenate([[0], np.cumsum(sizes * other_sizes)])
        return _Held(first, flat, _HASHED)

    def block(self) -> sp.csr_matrix:
        """(n_texts, n) the rarer the larger, each row of length 1."""
        shape = (len(self.first) - 1, max(self.n, 1))
        matrix = sp.csr_matrix((np.ones(len(self.flat)), self.flat, self.first), shape=shape)
        matrix.sum_duplicates()
        times = np.bincount(matrix.indices, minlength=shape[1])
        rarity = np.log((1.0 + shape[0]) / np.maximum(times, 1)) + 1.0
        # What a single row has tells of no other.
        matrix.data *= np.where(times > 1, rarity, 0.0)[matrix.indices]
        matrix.eliminate_zeros()
        length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
        matrix.data /= np.repeat(length, np.diff(matrix.indptr))
        used = np.flatnonzero(np.bincount(matrix.indices, minlength=shape[1]))
        return matrix[:, used]


def _design(
    options: Sequence[str],
    texts: Sequence[str],
    free: npt.NDArray[np.bool_],
    row_form: IntArray,
    times: IntArray,
    place: IntArray,
) -> sp.csr_matrix:
    numbers: dict[str, int] = {}
    option_of = np.array([numbers.setdefault(option, len(numbers)) for option in options], dtype=np.int64)
    words = _Held.of(numbers, _words).at(option_of)
    word_rows, said_pairs = (_Held.of(texts, held).at(row_form) for held in (_words, _pairs))
    often = np.bincount(option_of, weights=times[row_form])[option_of] >= _RECURS
    label = _Held(np.concatenate([[0], np.cumsum(often)]), option_of[often], len(numbers))
    # Questions of a template differ in its slots alone, which facts tell of.
    signs = min(_MOST_SIGNS, _MOST_CELLS // (len(_GRAMS) * max(int((often & free[row_form]).sum()), 1)))
    said_grams = _Held.of(
        (text[:signs] if own else "" for text, own in zip(texts, free.tolist(), strict=True)), _grams
    )
    held = [
        words,
        *(_Held.of(numbers, facts).at(option_of) for facts in (_pairs, _grams)),
        words.crossed(word_rows),
        label.crossed(word_rows),
        label.crossed(said_pairs),
        label.crossed(said_grams.at(row_form)),
    ]
    rows = np.arange(len(options))
    at_place = sp.csr_matrix((np.ones(len(options)), (rows, place)))
    return sp.hstack([*(matrix.block() for matrix in held), at_place], format="csr")


def _words(text: str) -> list[str]:
    return words_of(text)[:_MOST_WORDS]


def _pairs(text: str) -> list[tuple[str, str]]:
    return list(pairwise(["", *_words(text), ""]))


def _grams(text: str) -> list[str]:
    padded = f" {text[:_MOST_SIGNS]} "
    return [padded[i : i + size] for size in _GRAMS for i in range(len(padded) - size + 1)]
