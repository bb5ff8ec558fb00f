"""Blind baselines by their definitions alone, in loops, for comparison with those of a report."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from math import comb
from statistics import fmean
from typing import Any

import pandas as pd

from tst_harness.dataset.loading import Dataset
from tst_harness.dataset.several_options import option_set

Question = dict[str, Any]
_LEAST_DIFFERENCE = 1e-9


def plain_baselines(dataset: Dataset, samples: pd.DataFrame) -> dict[str, float]:
    """By type, the better of what chance and the most frequent answer score (mc), else the best constant's.

    Parameters
    ----------
    dataset
        The questions.
    samples
        Of a run without repeats: `id` and `fold`.
    """
    questions = questions_of(dataset)
    fold = dict(zip(samples["id"], samples["fold"], strict=True))
    baselines = {}
    for name in {question["type"]: None for question in questions}:
        own = [question for question in questions if question["type"] == name]
        scores: list[float] = []
        frequent: list[float] = []
        for number in sorted(set(fold.values())):
            train = [question for question in own if fold[question["id"]] != number]
            held_out = [question for question in own if fold[question["id"]] == number]
            if not train and own[0]["format"] != "mc":
                others = [question for question in questions if fold[question["id"]] != number]
                train = [question for question in others if question["format"] == own[0]["format"]]
            scores += [score(question, train) for question in held_out]
            frequent += [most_frequent(question, train) for question in held_out]
        baselines[name] = max(fmean(scores), fmean(frequent))
    return baselines


def questions_of(dataset: Dataset) -> list[Question]:
    """The questions, `right` being the index, the number, the accepted texts or the set of indices."""
    questions: list[Question] = []
    names = list(dataset.frame.columns)
    for row in (dict(zip(names, cells, strict=True)) for cells in dataset.frame.to_numpy()):
        answer, declared = row["answer"], dataset.benchmark.question_type(row["type"])
        right: object = answer
        if row["format"] == "mc":
            right = int(answer)
        elif row["format"] == "multi":
            right = frozenset(option_set(answer))
        elif row["format"] == "open":
            right = tuple(plain(text) for text in dataset.accepted[int(answer)])
        questions.append(row | {"right": right, "metric": declared.metric})
    return questions


def score(question: Question, train: Sequence[Question]) -> float:
    """What the best answer without a model scores."""
    if question["format"] == "mc":
        return 1 / len(question["options"])
    golds = [other["right"] for other in train]
    if question["format"] == "multi":
        n = len(question["options"])
        sizes = Counter(len(other["right"]) for other in train if len(other["options"]) == n)
        best = max(range(1, n + 1), key=lambda size: sizes[size] / comb(n, size))
        return 1 / comb(n, best) if len(question["right"]) == best else 0.0
    metric = question["metric"]
    if question["format"] == "num":
        tried = [*sorted(set(golds)), *_between(golds)]
        constant = max(tried, key=lambda number: round(sum(accuracy(number, gold) for gold in golds), 9))
        return accuracy(constant, question["right"])
    words = sorted({text for gold in golds for text in gold})
    text = max(words, key=lambda word: round(sum(text_score(word, gold, metric) for gold in golds), 9))
    return text_score(text, question["right"], metric)


def most_frequent(question: Question, train: Sequence[Question]) -> float:
    """What the offered text that is right most often scores; ties share."""
    if question["format"] != "mc":
        return 0.0
    times = Counter(fold_case(other["options"][other["right"]]) for other in train)
    own = [times[fold_case(option)] for option in question["options"]]
    best = [place for place, n in enumerate(own) if n == max(own)]
    return (question["right"] in best) / len(best)


def accuracy(number: float, truth: float) -> float:
    """The share of ten tolerances, 0.05 to 0.5, that the relative error is below."""
    if number == truth:
        return 1.0
    error = abs(number - truth) / abs(truth) if truth else float("inf")
    return sum(error < 0.05 * step - _LEAST_DIFFERENCE for step in range(1, 11)) / 10


def _between(golds: Sequence[float]) -> list[float]:
    """A number between each two neighbouring ends of what answers tolerate."""
    shares = [sign * 0.05 * step for step in range(1, 11) for sign in (-1, 1)]
    ends = sorted({gold + share * abs(gold) for gold in golds for share in shares})
    return [(low + high) / 2 for low, high in pairwise(ends)]


def text_score(text: str, gold: Sequence[str], metric: str) -> float:
    """1 for an accepted text; of ten people's answers a third for each of any nine who gave it, at most 1."""
    if metric != "vqa":
        return float(text in gold)
    others = [[*gold[:place], *gold[place + 1 :]] for place in range(len(gold))]
    return fmean(min(nine.count(text) / 3, 1.0) for nine in others)


def plain(text: str) -> str:
    """A text without case, articles and marks."""
    bare = "".join(sign if sign.isalnum() or sign == " " else " " * (sign == "-") for sign in text.lower())
    return " ".join(word for word in bare.split() if word not in ("a", "an", "the"))


def fold_case(text: str) -> str:
    return " ".join(text.casefold().split())
