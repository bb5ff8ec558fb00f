"""The diagnostic `words`: another learner on other features, to judge what the forest selected.

It knows neither patterns nor templates nor what other questions are about: it sees a bag of words. It
judges what the forest selected by being another learner, not a weaker one: what counts is whether its score,
too, falls when questions go that the forest found exploitable.
"""

import re
from importlib.metadata import version
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp

from tst_harness.analysis.diagnostic import FloatArray, FoldTask, IntArray, Prediction, Questions
from tst_harness.analysis.metrics import relative_accuracy

_INVERSE_PENALTY = 3.0
_SHARPNESS = 8.0
_SMOOTHING = 0.02
_CANDIDATES = 50
_HASHED = 2**18
_CHUNK = 256
_WORD = re.compile(r"\w+")


class WordsDiagnostic:
    """Bags of words: logistic regression for choices, the answers of similar questions for numbers.

    An option is described by its place, its words and pairs of neighbouring words, and each of its words
    beside each pair of the question's; the regression gives its odds of being the gold one. For a number, the
    training questions of its type vote with the cosine similarity of their words, to a power, and of at most
    50 candidates the one with the highest expected relative accuracy is the answer.
    """

    name = "words"

    def __init__(self) -> None:
        self._questions: Questions | None = None
        self._bags: dict[str, _Bag] = {}

    @property
    def settings(self) -> dict[str, Any]:
        """What decides both learners."""
        return {
            "inverse_penalty": _INVERSE_PENALTY,
            "sharpness": _SHARPNESS,
            "smoothing": _SMOOTHING,
            "candidates": _CANDIDATES,
        }

    @property
    def versions(self) -> dict[str, str]:
        """scikit-learn weighs the words and fits the regression."""
        return {name: version(name) for name in ("numpy", "scikit-learn", "scipy")}

    def predict(self, task: FoldTask) -> Prediction:
        """Predict each held-out question from the training questions of its type."""
        frame = task.questions.frame
        if self._questions is not task.questions:
            self._questions, self._bags = task.questions, _bags(task.questions)
        types = frame["type"].to_numpy()
        counts = _option_counts(frame["options"].to_numpy()[task.held_out])
        starts = np.cumsum(counts) - counts
        values = np.empty(int(counts.sum()))
        for name in dict.fromkeys(types[task.held_out]):
            asked = np.flatnonzero(types[task.held_out] == name)
            known = np.flatnonzero(types[task.train] == name)
            bag, answers = self._bags[name], task.answers[known]
            train, held_out = bag.number[task.train[known]], bag.number[task.held_out[asked]]
            declared = task.questions.benchmark.question_type(name)
            if declared.format == "num":
                values[starts[asked]] = _numbers(bag.words, train, answers, held_out, declared.inclusive)
            else:
                cells, _ = _cells(starts[asked], counts[asked])
                values[cells] = _choices(bag, train, answers, held_out)
        return Prediction(values, counts)


class _Bag(NamedTuple):
    """The words of one type: a row of `words` for each option, or for each question about a number.

    `number` is the question's number within its type, by row of the benchmark; `starts` and `counts` say
    which rows of `words` are a question's.
    """

    words: sp.csr_matrix
    number: IntArray
    starts: IntArray
    counts: IntArray


def _bags(questions: Questions) -> dict[str, _Bag]:
    from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer

    hashing = HashingVectorizer(analyzer=_said, n_features=_HASHED, alternate_sign=False, norm=None)
    frame = questions.frame
    found = {}
    for name, own in frame.groupby("type", sort=True):
        number = np.full(len(frame), -1, dtype=np.int64)
        number[own.index] = np.arange(len(own))
        counts = _option_counts(own["options"].to_numpy())
        documents = [
            (text, option, place)
            for text, options in zip(own["text"], own["options"], strict=True)
            for place, option in enumerate(options or (None,))
        ]
        words = TfidfTransformer().fit_transform(hashing.transform(documents))
        found[str(name)] = _Bag(words, number, np.cumsum(counts) - counts, counts)
    return found


def _said(document: tuple[str, str | None, int]) -> list[str]:
    """The features of a question, or of one of its options."""
    text, option, place = document
    asked = _WORD.findall(text.casefold())
    if option is None:
        return asked
    offered = _WORD.findall(option.casefold())
    both = (f"{pair}|{word}" for pair in set(_pairs(asked)) for word in offered)
    return [f"place {place}", *offered, *_pairs(["", *offered]), *both]


def _pairs(words: list[str]) -> list[str]:
    return [f"{one} {other}" for one, other in pairwise(words)]


def _option_counts(options: Any) -> IntArray:
    return np.array([len(one) if one else 1 for one in options], dtype=np.int64)


def _cells(starts: IntArray, counts: IntArray) -> tuple[IntArray, IntArray]:
    """The rows of each question's options, and for each of them the question's place."""
    owner = np.repeat(np.arange(len(counts)), counts)
    within = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    return starts[owner] + within, owner


def _choices(bag: _Bag, train: IntArray, answers: FloatArray, held_out: IntArray) -> FloatArray:
    """The probabilities of the options of held-out questions, one question after the other."""
    from sklearn.linear_model import LogisticRegression

    known, _ = _cells(bag.starts[train], bag.counts[train])
    gold = np.zeros(int(bag.counts.sum()), dtype=bool)
    gold[bag.starts[train] + answers.astype(np.int64)] = True
    model = LogisticRegression(C=_INVERSE_PENALTY, solver="liblinear", random_state=0)
    model.fit(bag.words[known], gold[known])
    asked, owner = _cells(bag.starts[held_out], bag.counts[held_out])
    odds = np.exp(model.decision_function(bag.words[asked]))
    scaled: FloatArray = odds / np.bincount(owner, weights=odds)[owner]
    return scaled


def _numbers(
    words: sp.csr_matrix, train: IntArray, answers: FloatArray, held_out: IntArray, inclusive: bool
) -> FloatArray:
    """The number with the highest expected relative accuracy, for each held-out question."""
    candidates = np.unique(np.quantile(answers, np.linspace(0.0, 1.0, _CANDIDATES), method="nearest"))
    worth = relative_accuracy(candidates[None, :], answers[:, None], inclusive)
    known = words[train].T.tocsr()
    said = np.empty(len(held_out))
    for start in range(0, len(held_out), _CHUNK):
        part = slice(start, start + _CHUNK)
        votes = (words[held_out[part]] @ known).toarray() ** _SHARPNESS + _SMOOTHING
        said[part] = candidates[np.argmax(votes @ worth, axis=1)]
    return said
