"""Questions that differ in a few words, as "left of" and "right of", and have opposite answers."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
from scipy.special import bdtrc

from tst_harness.analysis.diagnostic import IntArray
from tst_harness.analysis.near_duplicates import normalised, words
from tst_harness.analysis.opposite_answers import LEAST_BALANCED, LEAST_UNITS, SIGNIFICANCE, OppositeAnswers
from tst_harness.dataset.loading import Dataset

MOST_COMPARED = 20_000
"""Of more questions of two answers none are compared."""
_LONGEST_TEXT = 40
_LONGEST_DIFFERENCE = 4
_MOST_FILLINGS = 20

Phrase = tuple[str, ...]
Contrast = tuple[Phrase, Phrase]
Pair = tuple[int, int]


class _Questions(NamedTuple):
    """Questions of two answers: their rows, where texts are compared, their words, and their answers."""

    row: list[int]
    within: list[tuple[str, ...]]
    phrase: list[Phrase]
    answer: list[str]


def contrasting_pairs(dataset: Dataset, unit: IntArray) -> tuple[OppositeAnswers | None, IntArray]:
    """Find pairs of questions that differ in the same few words and have opposite answers.

    Questions of two possible answers are compared within their type and, where any share a group, within
    their group. Two are a pair of a contrast, as of "left" and "right" or of "is" and "is not", where the one
    has these words and the other those, at most four each, and all else is the same. Which pairs there are
    depends on the texts alone. A contrast counts where 95% or more of its independent units have opposite
    answers in all of their pairs, and that is no coincidence for all contrasts together, nor because each of
    the wordings goes with an answer of its own.

    Parameters
    ----------
    dataset
        n questions.
    unit
        Shape (n,), the independent unit of each question, from 0.

    Returns
    -------
    What was found, None where nothing was, and, shape (n,), the pair that each question is in, from 0; -1 for
    none.
    """
    pair_of = np.full(len(dataset.frame), -1, dtype=np.int64)
    questions = _of_two_answers(dataset)
    if not 2 * LEAST_UNITS <= len(questions.row) <= MOST_COMPARED:
        return None, pair_of
    contrasts = [own for own in _contrasts(questions) if len(own) >= LEAST_UNITS]
    pairs = units = balanced = 0
    least = 1.0
    for own in contrasts:
        opposite: dict[int, bool] = {}
        taken: set[int] = set()
        kept: list[Pair] = []
        for left, right in own:
            rows = questions.row[left], questions.row[right]
            # Each question counts once, so that no answer speaks for two pairs.
            if taken.isdisjoint((left, right)) and (pair_of[list(rows)] < 0).all():
                taken |= {left, right}
                kept.append(rows)
                at = int(unit[rows[0]])
                opposite[at] = opposite.get(at, True) and questions.answer[left] != questions.answer[right]
        n, half = len(opposite), sum(opposite.values())
        likeliest = max(
            0.5, _by_chance([(questions.answer[left], questions.answer[right]) for left, right in own])
        )
        p_value = float(bdtrc(half - 1, n, likeliest)) * len(contrasts) if half else 1.0
        if n >= LEAST_UNITS and half >= LEAST_BALANCED * n and p_value < SIGNIFICANCE:
            for rows in kept:
                pair_of[list(rows)] = pairs
                pairs += 1
            units, balanced, least = units + n, balanced + half, min(least, p_value)
    if not pairs:
        return None, pair_of
    result = OppositeAnswers(by="wording", questions=2 * pairs, units=units, balanced=balanced, p_value=least)
    return result, pair_of


def _by_chance(answers: Sequence[tuple[str, str]]) -> float:
    """How often answers differ that have nothing to do with each other, as often given as here."""
    shares = [Counter(each) for each in zip(*answers, strict=True)]
    same = sum(shares[0][answer] * shares[1][answer] for answer in shares[0])
    return 1.0 - same / len(answers) ** 2


def _of_two_answers(dataset: Dataset) -> _Questions:
    """The questions of types with the same two options throughout.

    A text that comes again, in what is compared, counts once, and not at all where its answers differ.
    """
    frame = dataset.frame
    grouped = frame["group"].nunique() < len(frame)
    options: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for kind, offered in zip(frame["type"], frame["options"], strict=True):
        options[kind].add(tuple(sorted(map(normalised, offered or ()))))
    two = {kind for kind, sets in options.items() if len(sets) == 1 and len({*next(iter(sets))}) == 2}
    questions = _Questions([], [], [], [])
    first: dict[tuple[tuple[str, ...], Phrase], tuple[int, set[str]]] = {}
    columns = (frame[name] for name in ("type", "format", "group", "text", "options", "answer"))
    for row, (kind, format_, group, text, offered, answer) in enumerate(zip(*columns, strict=True)):
        if kind not in two or format_ != "mc":
            continue
        within: tuple[str, ...] = (kind, str(group)) if grouped else (kind,)
        phrase = tuple(words(text).split())
        if len(phrase) <= _LONGEST_TEXT:
            first.setdefault((within, phrase), (row, set()))[1].add(normalised(offered[int(answer)]))
    for (where, phrase), (row, answers) in first.items():
        if len(answers) == 1:
            questions.row.append(row)
            questions.within.append(where)
            questions.phrase.append(phrase)
            questions.answer.append(answers.pop())
    return questions


def _contrasts(questions: _Questions) -> list[list[Pair]]:
    """The pairs of each contrast, by places in `questions`; the contrasts with the most pairs first."""
    texts: dict[tuple[object, ...], list[tuple[Phrase, int]]] = defaultdict(list)
    for place, (within, phrase) in enumerate(zip(questions.within, questions.phrase, strict=True)):
        for start in range(len(phrase) + 1):
            for end in range(start, min(start + _LONGEST_DIFFERENCE, len(phrase)) + 1):
                texts[within, phrase[:start], phrase[end:]].append((phrase[start:end], place))
    contrasts: dict[Contrast, list[Pair]] = defaultdict(list)
    for fillings in texts.values():
        # A slot that many things fill, as of a template, tells many questions apart and no two.
        if not 2 <= len(fillings) <= _MOST_FILLINGS:
            continue
        for (filling, place), (other, other_place) in combinations(sorted(fillings), 2):
            if _is_least(filling, other):
                contrasts[filling, other].append((place, other_place))
    return [own for _, own in sorted(contrasts.items(), key=lambda item: (-len(item[1]), item[0]))]


def _is_least(filling: Phrase, other: Phrase) -> bool:
    """Whether two fillings share neither their first nor their last word, which both texts would have."""
    return not filling or not other or (filling[0] != other[0] and filling[-1] != other[-1])
