"""How a text answer is scored against the accepted ones, and the texts that score best on many questions."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from tst_harness.benchmark.question_type import TextMetric

FloatArray = npt.NDArray[np.float64]

ANNOTATORS = 10
"""VQA has as many answers to a question; with that many each set of nine of them is scored."""

_ENOUGH = 3
_LEAST_SIMILARITY = 0.5
_MOST_TRIED = 200
"""Of more distinct texts than this, the most frequent are tried as the best constant."""

_NUMERALS = {
    word: str(number)
    for number, word in enumerate(
        ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    )
}
_ARTICLES = frozenset({"a", "an", "the"})
_CLOSED_UP = re.compile("['\N{RIGHT SINGLE QUOTATION MARK}`\N{ACUTE ACCENT}]|[.](?!\\d)")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_MARKS = re.compile(r"(?<=[^\d\s])-|-(?!\d)|[^\w\s.-]|_")


@lru_cache(maxsize=2**16)
def normalise_answer(text: str) -> str:
    """Return what an answer says: lower case, without punctuation and articles, small numerals as digits.

    After the rules of VQA and SQuAD. A decimal point and the sign of a number stay; where nothing else is
    left, as of "?", the text stays as it is.
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    bare = _MARKS.sub(" ", _THOUSANDS.sub("", _CLOSED_UP.sub("", plain)))
    words = [_NUMERALS.get(word, word) for word in bare.split()]
    return " ".join(word for word in words if word not in _ARTICLES) or " ".join(plain.split())


def score_matrix(metric: TextMetric, accepted: Sequence[Sequence[str]], texts: Sequence[str]) -> FloatArray:
    """(n, m) what each of m texts scores on each of n questions.

    Parameters
    ----------
    metric
        As in `Open`.
    accepted
        The accepted texts of each question, at least one.
    texts
        What is answered.
    """
    answers = [normalise_answer(text) for text in texts]
    scores = np.zeros((len(accepted), len(answers)))
    place: dict[str, list[int]] = {}
    for column, text in enumerate(answers):
        place.setdefault(text, []).append(column)
    for row, golds in enumerate(accepted):
        counts = Counter(map(normalise_answer, golds))
        for gold, times in counts.items():
            if metric == "anls":
                for text, columns in place.items():
                    scores[row, columns] = np.maximum(scores[row, columns], similarity(text, gold))
            else:
                worth = 1.0 if metric == "exact" else agreement(times, len(golds))
                scores[row, place.get(gold, [])] = worth
    return scores


def text_scores(
    metric: TextMetric, answers: Sequence[str], accepted: Sequence[tuple[str, ...]]
) -> FloatArray:
    """(n,) what each text scores on its question; parameters as for `score_matrix`, n of both."""
    pairs = dict.fromkeys(zip(answers, accepted, strict=True), 0.0)
    for text, golds in pairs:
        pairs[text, golds] = float(score_matrix(metric, [golds], [text])[0, 0])
    return np.array([pairs[pair] for pair in zip(answers, accepted, strict=True)], dtype=np.float64)


def agreement(times: int, annotators: int) -> float:
    """Return VQA's score of an answer that so many of the annotators gave.

    min(times / 3, 1); with ten annotators its mean over the ten sets of nine.
    """
    if annotators != ANNOTATORS:
        return min(times / _ENOUGH, 1.0)
    without = times * min((times - 1) / _ENOUGH, 1.0)
    return (without + (annotators - times) * min(times / _ENOUGH, 1.0)) / annotators


@lru_cache(maxsize=2**18)
def similarity(text: str, other: str) -> float:
    """Return 1 - the Levenshtein distance over the longer length, and 0 where that is below 0.5."""
    longest = max(len(text), len(other))
    if not longest:
        return 1.0
    if abs(len(text) - len(other)) > (1.0 - _LEAST_SIMILARITY) * longest:
        return 0.0
    score = 1.0 - _distance(text, other) / longest
    return score if score >= _LEAST_SIMILARITY else 0.0


def _distance(text: str, other: str) -> int:
    """Return the number of characters to insert, delete or replace."""
    if text == other:
        return 0
    letters = np.frombuffer(other.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    places = np.arange(len(letters) + 1)
    row = places.copy()
    for number, letter in enumerate(text, 1):
        changed = np.minimum(row[1:] + 1, row[:-1] + (letters != ord(letter)))
        # Insertions run along the row: each cell is at most one more than the one before it.
        row = np.minimum.accumulate(np.append(number, changed) - places) + places
    return int(row[-1])


def best_texts(metric: TextMetric, accepted: Sequence[Sequence[str]], most: int) -> list[str]:
    """Return the texts that, as the answer to every question, score best: the best constant first.

    Parameters
    ----------
    metric
        As in `Open`.
    accepted
        The accepted texts of each question, at least one question.
    most
        How many texts to return at most. They differ when normalised, and of equally good ones those first
        in the alphabet are taken.
    """
    given: Counter[str] = Counter()
    written: dict[str, Counter[str]] = {}
    for texts in accepted:
        for text in texts:
            key = normalise_answer(text)
            given[key] += 1
            written.setdefault(key, Counter())[text] += 1
    tried = sorted(given, key=lambda key: (-given[key], key))[: max(_MOST_TRIED, most)]
    distinct = Counter(tuple(texts) for texts in accepted)
    scores = score_matrix(metric, list(distinct), tried)
    total = np.array(list(distinct.values()), dtype=np.float64) @ scores
    order = sorted(range(len(tried)), key=lambda place: (-round(float(total[place]), 9), tried[place]))
    shown = (written[tried[place]] for place in order[:most])
    return [min(forms, key=lambda form: (-forms[form], form)) for forms in shown]
