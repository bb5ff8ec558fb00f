"""Scores predictions against the held-out answers: the only place where the two meet."""

from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_uppercase

import numpy as np
import numpy.typing as npt

from tst_harness.analysis.diagnostic import FloatArray, IntArray, Prediction
from tst_harness.analysis.metrics import best_constant, relative_accuracy
from tst_harness.benchmark.declarations import Benchmark
from tst_harness.dataset.loading import Dataset
from tst_harness.dataset.provenance import FailurePolicy
from tst_harness.errors import HarnessError

LETTERS = ascii_uppercase
_PROBABILITY_DIGITS = 6


@dataclass(frozen=True)
class Scored:
    """Scores of the held-out questions of a fold, n entries each, in the order of the prediction.

    Attributes
    ----------
    s
        s(x): the probability given to the gold option (mc), or the relative accuracy (num).
    correct
        mc: 1 where the gold option has the highest probability, shared equally among ties; num: as s.
    chance
        mc: 1 / options; num: what the training folds' best constant answer scores.
    prediction
        The letter of the chosen option (mc), or the number (num); "" where there is no answer.
    probabilities
        Of the options (mc), rounded to 6 digits; None for num, where there is no answer, and of models that
        give none.
    importances
        Type to family to the drop of the mean s(x) when that family is permuted.
    """

    s: FloatArray
    correct: FloatArray
    chance: FloatArray
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
        What a question without an answer counts: nothing, or `chance`.

    Raises
    ------
    HarnessError
        The prediction is not one for these questions: wrong lengths, or probabilities that are none.
    """
    frame = dataset.frame
    options = np.array([len(row) if row else 1 for row in frame["options"].to_numpy()[held_out]])
    is_choice = frame["format"].to_numpy()[held_out] == "mc"
    types = frame["type"].to_numpy()
    answers = frame["answer"].to_numpy(dtype=np.float64)
    starts = _check(prediction, options, is_choice)

    gold = np.where(is_choice, answers[held_out], 0).astype(np.int64)
    s = prediction.values[starts + gold]
    best = np.maximum.reduceat(prediction.values, starts)
    top = prediction.values == np.repeat(best, options)
    tied = np.add.reduceat(top.astype(np.float64), starts)
    first = np.minimum.reduceat(np.where(top, np.arange(len(top)), len(top)), starts) - starts
    correct = np.where(s == best, 1.0 / tied, 0.0)
    rules = inclusive_rules(dataset.benchmark)
    for name in np.unique(types[held_out][~is_choice].astype(str)):
        rows = np.flatnonzero(types[held_out] == name)
        correct[rows] = relative_accuracy(
            prediction.values[starts[rows]], answers[held_out[rows]], rules[name]
        )
    chance = baseline(dataset, train, held_out)
    s = np.where(is_choice, s, correct)
    failed = prediction.failed
    s[failed] = correct[failed] = chance[failed] if on_failure == "chance" else 0.0
    said: list[str | float] = [
        option_letter(option) if mc else value
        for mc, option, value in zip(
            is_choice.tolist(), first.tolist(), prediction.values[starts].tolist(), strict=True
        )
    ]
    rounded = np.round(prediction.values, _PROBABILITY_DIGITS).tolist()
    probabilities = [
        rounded[start:end] if mc else None
        for mc, start, end in zip(
            is_choice.tolist(), starts.tolist(), (starts + options).tolist(), strict=True
        )
    ]
    for position in failed.tolist():
        said[position], probabilities[position] = "", None
    importances = _importances(prediction, s, is_choice, gold, answers[held_out], types[held_out], rules)
    return Scored(s, correct, chance, said, probabilities, importances)


def baseline(dataset: Dataset, train: IntArray, rows: IntArray) -> FloatArray:
    """(n,) what is had without a model on some rows of a dataset.

    1 / options (mc), or what the best constant answer of the training rows scores (num).

    Raises
    ------
    HarnessError
        A num type has no training row.
    """
    frame = dataset.frame
    types, answers = frame["type"].to_numpy(), frame["answer"].to_numpy(dtype=np.float64)
    chance = np.array(
        [1.0 / len(options) if options else np.nan for options in frame["options"].to_numpy()[rows]]
    )
    for name, inclusive in inclusive_rules(dataset.benchmark).items():
        asked = np.flatnonzero(types[rows] == name)
        if not len(asked):
            continue
        learnt = answers[train[types[train] == name]]
        if not len(learnt):
            raise HarnessError(
                f"{len(asked)} question(s) of the type {name!r} are held out and none is left to train on, "
                "so there is no constant answer to compare with; use more folds (--tst-folds) or leave "
                "out --tst-group"
            )
        chance[asked] = relative_accuracy(best_constant(learnt, inclusive), answers[rows[asked]], inclusive)
    return chance


def inclusive_rules(benchmark: Benchmark) -> dict[str, bool]:
    """For each num type, whether an error equal to a threshold counts as within it."""
    return {one.name: one.inclusive for one in benchmark.question_types if one.format == "num"}


def option_letter(option: int) -> str:
    """What an option is called by its place, from 0: a letter, or from the 27th on the place."""
    return LETTERS[option] if option < len(LETTERS) else str(option)


def _check(prediction: Prediction, options: IntArray, is_choice: npt.NDArray[np.bool_]) -> IntArray:
    """Where each question's values start."""
    if not np.array_equal(prediction.counts, options) or len(prediction.values) != options.sum():
        raise HarnessError("the diagnostic did not give one value for each option of each held-out question")
    starts = np.cumsum(options) - options
    sums = np.add.reduceat(prediction.values, starts)
    low = np.minimum.reduceat(prediction.values, starts)
    wrong = is_choice & ~((np.abs(sums - 1.0) < 1e-6) & (low >= 0.0))
    if wrong.any():
        raise HarnessError(
            f"the diagnostic's probabilities of {int(wrong.sum())} question(s) are negative or do not add up "
            "to 1"
        )
    if not np.isfinite(prediction.values).all():
        raise HarnessError("the diagnostic predicted a number that is not finite")
    return starts


def _importances(
    prediction: Prediction,
    s: FloatArray,
    is_choice: npt.NDArray[np.bool_],
    gold: IntArray,
    answers: FloatArray,
    types: npt.NDArray[np.object_],
    rules: dict[str, bool],
) -> dict[str, dict[str, float]]:
    sampled = prediction.sampled
    counts = prediction.counts[sampled]
    starts = np.cumsum(counts) - counts
    found: dict[str, dict[str, float]] = {}
    groups: Sequence[tuple[str, IntArray]] = [
        (str(name), np.flatnonzero(types[sampled] == name)) for name in np.unique(types[sampled].astype(str))
    ]
    for family, values in prediction.permuted.items():
        for name, rows in groups:
            at = sampled[rows]
            if is_choice[at[0]]:
                changed = values[starts[rows] + gold[at]]
            else:
                changed = relative_accuracy(values[starts[rows]], answers[at], rules[name])
            drop = float((s[at] - changed).mean())
            if drop != 0.0:
                found.setdefault(name, {})[family] = round(drop, 6)
    return found
