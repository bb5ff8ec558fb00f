"""The diagnostic `words`: another learner on other features, to judge what the forest selected.

It knows neither patterns nor templates nor what other questions are about: it sees a bag of words. It
judges what the forest selected by being another learner, not a weaker one: what counts is whether its score,
too, falls when questions go that the forest found exploitable.
"""

import re
from collections.abc import Sequence
from importlib.metadata import version
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp

from tst_harness.analysis.diagnostic import FloatArray, FoldTask, IntArray, Prediction, Questions
from tst_harness.analysis.metrics import relative_accuracy
from tst_harness.analysis.texts import best_texts, score_matrix
from tst_harness.benchmark.declarations import Choice, Multi, Number, Open
from tst_harness.dataset.several_options import option_set

_INVERSE_PENALTY = 3.0
_SHARPNESS = 8.0
_SMOOTHING = 0.02
_CANDIDATES = 50
_HASHED = 2**18
_CHUNK = 256
_WORD = re.compile(r"\w+")


class WordsDiagnostic:
    """Bags of words: logistic regression for options, the answers of similar questions for numbers and texts.

    An option is described by its place, its words and pairs of neighbouring words, and each of its words
    beside each pair of the question's; the regression gives its odds of being right. For a number or a text,
    the training questions of its type vote with the cosine similarity of their words, to a power, and of at
    most 50 candidates the one with the highest expected score is the answer.
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
        texts: list[str] = []
        for name in dict.fromkeys(types[task.held_out]):
            of_type = np.flatnonzero(types[task.held_out] == name)
            known = np.flatnonzero(types[task.train] == name)
            bag, answers = self._bags[name], task.answers[known]
            train, held_out = bag.number[task.train[known]], bag.number[task.held_out[of_type]]
            declared = task.questions.benchmark.question_type(name)
            cells, _ = _cells(starts[of_type], counts[of_type])
            if isinstance(declared, Number):
                candidates = np.unique(
                    np.quantile(answers, np.linspace(0.0, 1.0, _CANDIDATES), method="nearest")
                )
                worth = relative_accuracy(candidates[None, :], answers[:, None], declared.inclusive)
                values[cells] = candidates[_best_answers(bag.words, train, worth, held_out)]
            elif isinstance(declared, Open):
                accepted = [task.accepted[code] for code in answers.astype(np.int64).tolist()]
                best = best_texts(declared.metric, accepted, _CANDIDATES)
                worth = score_matrix(declared.metric, accepted, best)
                values[cells] = len(texts) + _best_answers(bag.words, train, worth, held_out)
                texts += best
            else:
                gold = [[int(answer)] for answer in answers]
                if isinstance(declared, Multi):
                    gold = [option_set(answer) for answer in answers]
                odds, owner = _odds(bag, train, gold, held_out)
                total = np.bincount(owner, weights=odds)[owner]
                values[cells] = odds / (total if isinstance(declared, Choice) else 1.0 + odds)
        return Prediction(values, counts, texts=tuple(texts))


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
    bags = {}
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
        bags[str(name)] = _Bag(words, number, np.cumsum(counts) - counts, counts)
    return bags


def _said(document: tuple[str, str | None, int]) -> list[str]:
    """The features of a question, or of one of its options."""
    text, option, place = document
    words = _WORD.findall(text.casefold())
    if option is None:
        return words
    offered = _WORD.findall(option.casefold())
    both = (f"{pair}|{word}" for pair in set(_pairs(words)) for word in offered)
    return [f"place {place}", *offered, *_pairs(["", *offered]), *both]


def _pairs(words: list[str]) -> list[str]:
    return [f"{word} {other}" for word, other in pairwise(words)]


def _option_counts(options: Any) -> IntArray:
    return np.array([len(option) if option else 1 for option in options], dtype=np.int64)


def _cells(starts: IntArray, counts: IntArray) -> tuple[IntArray, IntArray]:
    """The rows of each question's options, and for each of them the question's place."""
    owner = np.repeat(np.arange(len(counts)), counts)
    within = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    return starts[owner] + within, owner


def _odds(
    bag: _Bag, train: IntArray, gold: Sequence[Sequence[int]], held_out: IntArray
) -> tuple[FloatArray, IntArray]:
    """The odds of each option of the held-out questions to be right, and the place of its question."""
    from sklearn.linear_model import LogisticRegression

    known, _ = _cells(bag.starts[train], bag.counts[train])
    right = np.zeros(int(bag.counts.sum()), dtype=bool)
    for start, places in zip(bag.starts[train].tolist(), gold, strict=True):
        right[[start + place for place in places]] = True
    cells, owner = _cells(bag.starts[held_out], bag.counts[held_out])
    if right[known].all():  # as where all options of all questions are right
        return np.full(len(cells), float(len(known))), owner
    model = LogisticRegression(C=_INVERSE_PENALTY, solver="liblinear", random_state=0)
    words = bag.words[known]
    # A word that no training question has weighs nothing, and most of the hashed columns are such.
    seen = np.unique(words.indices)
    model.fit(words[:, seen], right[known])
    odds: FloatArray = np.exp(model.decision_function(bag.words[cells][:, seen]))
    return odds, owner


def _best_answers(words: sp.csr_matrix, train: IntArray, worth: FloatArray, held_out: IntArray) -> IntArray:
    """The candidate with the highest expected score, for each held-out question.

    `worth` is what each candidate scores on each training question.
    """
    known = words[train].T.tocsr()
    best = np.empty(len(held_out), dtype=np.int64)
    for start in range(0, len(held_out), _CHUNK):
        part = slice(start, start + _CHUNK)
        votes = (words[held_out[part]] @ known).toarray() ** _SHARPNESS + _SMOOTHING
        best[part] = np.argmax(votes @ worth, axis=1)
    return best
