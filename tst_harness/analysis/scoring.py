"""Scores predictions against the held-out answers: the only place where the two meet."""

from collections.abc import Callable
from dataclasses import dataclass
from string import ascii_uppercase

import numpy as np
import numpy.typing as npt

from tst_harness.analysis.blind_baseline import (
    accepted_of,
    learnt_rows,
    most_frequent_scores,
    seen_answers,
    sizes_of,
)
from tst_harness.analysis.blind_baseline import blind_baseline as blind_baseline
from tst_harness.analysis.blind_baseline import inclusive_rules as inclusive_rules
from tst_harness.analysis.diagnostic import FloatArray, IntArray, Prediction
from tst_harness.analysis.independent import independent
from tst_harness.analysis.metrics import relative_accuracy
from tst_harness.analysis.option_sets import Chosen
from tst_harness.analysis.records import HeldOut, OpenAnswers
from tst_harness.analysis.texts import text_scores
from tst_harness.benchmark.declarations import Multi, Number, Open
from tst_harness.dataset.loading import Dataset
from tst_harness.dataset.provenance import FailurePolicy
from tst_harness.dataset.several_options import option_set
from tst_harness.errors import HarnessError

LETTERS = ascii_uppercase
_PROBABILITY_DIGITS = 6


@dataclass(frozen=True)
class Scored:
    """Scores of the held-out questions of a fold, n entries each, in the order of the prediction.

    Attributes
    ----------
    s
        s(x): the probability given to the gold option (mc) or set of options (multi), else the score.
    score
        mc: 1 where the gold option has the highest probability, shared equally among ties; multi: 1 where
        the most probable set is the gold one; num: relative accuracy; open: by the type's metric.
    blind_baseline
        As from `analysis.blind_baseline.blind_baseline`: chance, for mc.
    most_frequent
        What the most frequent answer of the training rows scores (mc), else 0.
    prediction
        The letter of the chosen option (mc), those of the chosen set (multi), the number (num) or the text
        (open); "" where there is no answer.
    probabilities
        Of the options (mc, multi), rounded to 6 digits; None for num and open, where there is no answer, and
        of models that give none.
    importances
        Type to family to the drop of the mean s(x) when that family is permuted.
    """

    s: FloatArray
    score: FloatArray
    blind_baseline: FloatArray
    most_frequent: FloatArray
    prediction: list[str | float]
    probabilities: list[list[float] | None]
    importances: dict[str, dict[str, float]]


def score(
    dataset: Dataset,
    prediction: Prediction,
    train: IntArray,
    held_out: IntArray,
    on_failure: FailurePolicy = "no_credit",
) -> Scored:
    """Score one fold.

    Parameters
    ----------
    dataset
        The questions with their answers.
    prediction
        Of the held-out questions.
    train, held_out
        Row numbers.
    on_failure
        What a question without an answer counts: nothing, or what the blind baseline scores.

    Raises
    ------
    HarnessError
        The prediction is not one for these questions: wrong lengths, or probabilities that are none.
    """
    frame = dataset.frame
    options = np.array([len(row) if row else 1 for row in frame["options"].to_numpy()[held_out]])
    formats = frame["format"].to_numpy()[held_out]
    types = frame["type"].to_numpy()[held_out]
    starts = _check(prediction, options, formats)

    s, scores = np.zeros(len(held_out)), np.zeros(len(held_out))
    predicted: list[str | float] = [""] * len(held_out)
    scorers: dict[str, Scorer] = {}
    for declared in dataset.benchmark.scored_types:
        at = np.flatnonzero(types == declared.name)
        if len(at):
            scorer = scorers[declared.name] = _scorer(dataset, declared.name, prediction, train, held_out)
            scored = scorer(at, prediction.values, starts[at])
            s[at], scores[at] = scored.s, scored.score
            for position, text in zip(at.tolist(), scored.said, strict=True):
                predicted[position] = text
    baseline = blind_baseline(dataset, train, held_out)
    failed = prediction.failed
    s[failed] = scores[failed] = baseline[failed] if on_failure == "chance" else 0.0
    rounded = np.round(prediction.values, _PROBABILITY_DIGITS).tolist()
    probabilities = [
        rounded[start:end] if has else None
        for has, start, end in zip(
            np.isin(formats, ("mc", "multi")).tolist(),
            starts.tolist(),
            (starts + options).tolist(),
            strict=True,
        )
    ]
    for position in failed.tolist():
        predicted[position], probabilities[position] = "", None
    importances = _importances(prediction, s, types, scorers)
    frequent = most_frequent_scores(dataset, train, held_out)
    return Scored(s, scores, baseline, frequent, predicted, probabilities, importances)


@dataclass(frozen=True)
class _Found:
    s: FloatArray
    score: FloatArray
    said: list[str | float]


Scorer = Callable[[IntArray, FloatArray, IntArray], _Found]
"""From positions in the held-out questions, values, and where the values of each position start."""


def _scorer(
    dataset: Dataset, name: str, prediction: Prediction, train: IntArray, held_out: IntArray
) -> Scorer:
    frame, declared = dataset.frame, dataset.benchmark.question_type(name)
    answers = frame["answer"].to_numpy(dtype=np.float64)
    offered = frame["options"].to_numpy()
    if isinstance(declared, Number):
        inclusive = declared.inclusive

        def numbers(at: IntArray, values: FloatArray, starts: IntArray) -> _Found:
            accuracy = relative_accuracy(values[starts], answers[held_out[at]], inclusive)
            return _Found(accuracy, accuracy, values[starts].tolist())

        return numbers
    if isinstance(declared, Open):
        metric = declared.metric

        def texts(at: IntArray, values: FloatArray, starts: IntArray) -> _Found:
            chosen = [prediction.texts[int(place)] for place in values[starts]]
            scores = text_scores(metric, chosen, accepted_of(dataset, held_out[at]))
            return _Found(scores, scores, list(chosen))

        return texts
    if isinstance(declared, Multi):
        sizes = sizes_of(dataset, learnt_rows(dataset, train, name, "multi"))

        def sets(at: IntArray, values: FloatArray, starts: IntArray) -> _Found:
            chosen: list[Chosen] = []
            golds = [tuple(option_set(answer)) for answer in answers[held_out[at]]]
            for row, start, gold in zip(held_out[at].tolist(), starts.tolist(), golds, strict=True):
                chosen.append(sizes.choose(values[start : start + len(offered[row])], gold))
            return _Found(
                np.array([chosen_set.gold_probability for chosen_set in chosen]),
                np.array(
                    [
                        float(chosen_set.options == gold)
                        for chosen_set, gold in zip(chosen, golds, strict=True)
                    ]
                ),
                [", ".join(map(option_letter, chosen_set.options)) for chosen_set in chosen],
            )

        return sets

    def choices(at: IntArray, values: FloatArray, starts: IntArray) -> _Found:
        counts = prediction.counts[at]
        cells = ragged(starts, counts)
        own = values[cells]
        first = np.cumsum(counts) - counts
        s = own[first + answers[held_out[at]].astype(np.int64)]
        best = np.maximum.reduceat(own, first)
        top = own == np.repeat(best, counts)
        tied = np.add.reduceat(top.astype(np.float64), first)
        place = np.minimum.reduceat(np.where(top, np.arange(len(top)), len(top)), first) - first
        scores = np.where(s == best, 1.0 / tied, 0.0)
        return _Found(s, scores, [option_letter(option) for option in place.tolist()])

    return choices


def ragged(starts: IntArray, counts: IntArray) -> IntArray:
    """The indices start .. start + count - 1 of each pair, one after the other."""
    ends = np.cumsum(counts)
    indices: IntArray = np.arange(int(ends[-1])) + np.repeat(starts - (ends - counts), counts)
    return indices


def option_letter(option: int) -> str:
    """What an option is called by its place, from 0: a letter, or from the 27th on the place."""
    return LETTERS[option] if option < len(LETTERS) else str(option)


def _check(prediction: Prediction, options: IntArray, formats: npt.NDArray[np.object_]) -> IntArray:
    """Where each question's values start."""
    if not np.array_equal(prediction.counts, options) or len(prediction.values) != options.sum():
        raise HarnessError("the diagnostic did not give one value for each option of each held-out question")
    starts = np.cumsum(options) - options
    sums = np.add.reduceat(prediction.values, starts)
    low = np.minimum.reduceat(prediction.values, starts)
    high = np.maximum.reduceat(prediction.values, starts)
    wrong = (formats == "mc") & ~((np.abs(sums - 1.0) < 1e-6) & (low >= 0.0))
    if wrong.any():
        raise HarnessError(
            f"the diagnostic's probabilities of {int(wrong.sum())} question(s) are negative or do not add up "
            "to 1"
        )
    wrong = (formats == "multi") & ~((low >= 0.0) & (high <= 1.0))
    if wrong.any():
        raise HarnessError(
            f"the diagnostic's probabilities of the options of {int(wrong.sum())} question(s) are not all "
            "between 0 and 1"
        )
    if not np.isfinite(prediction.values).all():
        raise HarnessError("the diagnostic predicted a number that is not finite")
    wrong = (formats == "open") & ~((low >= 0.0) & (low < len(prediction.texts)))
    if wrong.any():
        raise HarnessError(f"the diagnostic gave no text for {int(wrong.sum())} open question(s)")
    return starts


def _importances(
    prediction: Prediction, s: FloatArray, types: npt.NDArray[np.object_], scorers: dict[str, Scorer]
) -> dict[str, dict[str, float]]:
    sampled = prediction.sampled
    counts = prediction.counts[sampled]
    starts = np.cumsum(counts) - counts
    importances: dict[str, dict[str, float]] = {}
    groups = [
        (str(name), np.flatnonzero(types[sampled] == name)) for name in np.unique(types[sampled].astype(str))
    ]
    for family, values in prediction.permuted.items():
        for name, rows in groups:
            at = sampled[rows]
            drop = float((s[at] - scorers[name](at, values, starts[rows]).s).mean())
            if drop != 0.0:
                importances.setdefault(name, {})[family] = round(drop, 6)
    return importances


def held_out_of(dataset: Dataset, at: IntArray, scored: Scored) -> HeldOut:
    """Return the scored questions of a fold, which are in the rows `at` of the dataset."""
    rows = dataset.frame.iloc[at]
    return HeldOut(
        id=rows["id"].tolist(),
        type=rows["type"].tolist(),
        format=rows["format"].tolist(),
        group=independent(dataset).names()[at].tolist(),
        s=scored.s.tolist(),
        score=scored.score.tolist(),
        blind_baseline=scored.blind_baseline.tolist(),
        most_frequent=scored.most_frequent.tolist(),
        prediction=scored.prediction,
        probabilities=scored.probabilities,
    )


def open_answers(dataset: Dataset, train: IntArray, at: IntArray) -> dict[str, OpenAnswers]:
    """Return, for each open type in the rows `at` of the dataset, how many answers were seen in training."""
    types = dataset.frame["type"].to_numpy()[at]
    by_type = {}
    for name, seen in seen_answers(dataset, train, at).items():
        declared = dataset.benchmark.question_type(name)
        assert isinstance(declared, Open)
        by_type[name] = OpenAnswers(metric=declared.metric, questions=int((types == name).sum()), seen=seen)
    return by_type
