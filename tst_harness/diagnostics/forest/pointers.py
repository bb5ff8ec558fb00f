"""What an open question says itself that may be its answer: its last word, a number, the word after "or"."""

from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import regex

from tst_harness.analysis.diagnostic import IntArray
from tst_harness.analysis.texts import normalise_answer
from tst_harness.diagnostics.forest import settings
from tst_harness.diagnostics.forest.arithmetic import NUMBER
from tst_harness.diagnostics.forest.families import Key
from tst_harness.diagnostics.forest.forms import Forms
from tst_harness.diagnostics.forest.surface import words_of

_CLAUSE_END = regex.compile(r"[,;:!?()\[\]]|\.(?!\d)")
_QUOTED = regex.compile('"([^"]+)"|\N{LEFT DOUBLE QUOTATION MARK}([^\N{RIGHT DOUBLE QUOTATION MARK}]+)')
_MOST_ANCHORS = 40
_LEAST_QUESTIONS = 10
"""Questions that a word must stand in for its neighbours to be pointed at."""
_LONGEST_CLAUSE = 6
_MOST_WORDS = 60
_LEAST_HITS = 5
_LEAST_SHARE = 0.01


@dataclass(frozen=True, eq=False)
class Pointers:
    """The texts that questions of a type point at.

    Attributes
    ----------
    keys
        Of each pointer what it points at: the first word ("word", 0) or the last ("word", -1), the first
        number ("number", 0) or the last, what is quoted ("quoted", 0), the word ("before", w) or ("after", w)
        a word, and the ("rest", w) of its clause after it.
    texts
        (n_forms, n_pointers) the text that each question has there, normalised as answers are; "" for none.
    """

    keys: list[Key]
    texts: npt.NDArray[np.object_]

    @classmethod
    def of(cls, forms: Forms) -> "Pointers":
        """Read the questions of a type; of more than 20,000 distinct ones, none."""
        written = forms.written_text if len(forms.text) <= settings.MOST_READ_FORMS else []
        clauses = [
            [words for clause in _CLAUSE_END.split(text) if (words := words_of(clause)[:_MOST_WORDS])]
            for text in written
        ]
        times = np.bincount(forms.form_of, minlength=len(forms.text)).tolist()
        counts: Counter[str] = Counter()
        for parts, n in zip(clauses, times, strict=False):
            for word in {word for words in parts for word in words}:
                counts[word] += n
        frequent = sorted(counts, key=lambda word: (-counts[word], word))[:_MOST_ANCHORS]
        anchors = {word for word in frequent if counts[word] >= _LEAST_QUESTIONS}
        pointed = [_pointed(text, parts, anchors) for text, parts in zip(written, clauses, strict=True)]
        keys = sorted({key for texts in pointed for key in texts}, key=repr)
        number = {key: place for place, key in enumerate(keys)}
        table = np.full((len(forms.text), len(keys)), "", dtype=object)
        for form, texts in enumerate(pointed):
            for key, text in texts.items():
                table[form, number[key]] = normalise_answer(text)
        return cls(keys, table)

    def hits(self, forms: IntArray, accepted: Sequence[Set[str]]) -> npt.NDArray[np.bool_]:
        """(n, n_pointers) whether a question's text is an accepted one.

        Parameters
        ----------
        forms
            (n,) of the questions.
        accepted
            n sets of accepted texts, normalised.
        """
        texts = self.texts[forms]
        right = np.zeros(texts.shape, dtype=bool)
        for row, golds in enumerate(accepted):
            right[row] = [text in golds for text in texts[row]]
        return right

    def telling(self, hits: npt.NDArray[np.bool_]) -> list[int]:
        """The numbers of the pointers worth following: each hits answers that those before it miss."""
        least = max(_LEAST_HITS, _LEAST_SHARE * len(hits))
        missed = np.ones(len(hits), dtype=bool)
        chosen: list[int] = []
        while hits.shape[1] and len(chosen) < settings.MOST_POINTERS:
            more = hits[missed].sum(axis=0)
            best = int(more.argmax())
            if more[best] < least:
                break
            chosen.append(best)
            missed &= ~hits[:, best]
        return chosen


def _pointed(text: str, clauses: Sequence[Sequence[str]], anchors: Set[str]) -> dict[Key, str]:
    """What a question points at, by the pointer."""
    pointed: dict[Key, str] = {}
    if clauses:
        pointed["word", 0] = clauses[0][0]
        pointed["word", -1] = clauses[-1][-1]
    for words in clauses:
        for word, following in pairwise(words):
            if word in anchors:
                pointed.setdefault(("after", word), following)
            if following in anchors:
                pointed.setdefault(("before", following), word)
        for place, word in enumerate(words[:-2]):
            if word in anchors and len(words) - place - 1 <= _LONGEST_CLAUSE:
                pointed.setdefault(("rest", word), " ".join(words[place + 1 :]))
    numbers = NUMBER.findall(text)
    if numbers:
        pointed["number", 0] = numbers[0]
        pointed["number", -1] = numbers[-1]
    quoted = _QUOTED.search(text)
    if quoted:
        pointed["quoted", 0] = next(filter(None, quoted.groups()))
    return pointed
