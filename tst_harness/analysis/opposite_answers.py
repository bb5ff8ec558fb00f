"""Whether questions of two answers come in pairs, or groups, that have as many of one as of the other."""

import math
from typing import Literal

import numpy as np
from scipy.special import bdtrc

from tst_harness.analysis.diagnostic import IntArray
from tst_harness.benchmark.model import Model
from tst_harness.dataset.loading import Dataset

LEAST_BALANCED = 0.95
SIGNIFICANCE = 0.001
LEAST_UNITS = 5


class OppositeAnswers(Model):
    """Questions of two possible answers in units that have as many of one as of the other.

    A unit is a pair of questions that follow each other in the file ("position"), a group ("group"), or pairs
    of questions that are the same but for a few words ("wording"), those of a group or near-copies as one.
    `balanced` of `units` are such; independent answers have so many with the probability `p_value` at most.
    """

    by: Literal["position", "group", "wording"]
    questions: int
    units: int
    balanced: int
    p_value: float


def opposite_in_order(dataset: Dataset) -> tuple[OppositeAnswers | None, IntArray]:
    """Find pairs that follow each other, or else groups, whose answers tell each other.

    They do where 95% of them or more have each of the two answers equally often, and that is no coincidence:
    who knows the other answers of a unit knows the last.

    Returns
    -------
    What was found, None where nothing was, and, shape (n,), the pair that each of the n questions is in, from
    0; -1 where there are no pairs.
    """
    opposite, order = _found(dataset)
    pair = np.full(len(dataset.frame), -1, dtype=np.int64)
    if opposite is not None and opposite.by == "position":
        pair[order] = np.arange(len(order)) // 2
    return opposite, pair


def _found(dataset: Dataset) -> tuple[OppositeAnswers | None, IntArray]:
    """The pairs or groups, and the rows of the questions of two answers in the order of the file."""
    order = np.argsort(dataset.frame["position"].to_numpy(), kind="stable")
    frame = dataset.frame.iloc[order]
    fixed = {
        name
        for name, options in frame.groupby("type", sort=False)["options"]
        if len(options.iloc[0] or ()) == 2 and options.nunique() == 1
    }
    two = (frame["type"].isin(fixed) & (frame["format"] == "mc")).to_numpy()
    frame, order = frame[two], order[two]
    answers = frame["answer"].to_numpy(dtype=np.int64)
    group = np.unique(frame["group"].to_numpy().astype(str), return_inverse=True)[1]
    alone = np.bincount(group)[group] == 1
    first, second = group[:-1:2], group[1::2]
    if len(frame) % 2 == 0 and (alone.all() or np.array_equal(first, second)):
        pairs = _balanced("position", np.arange(len(frame)) // 2, answers)
        if pairs is not None:
            return pairs, order
    return _balanced("group", group[~alone], answers[~alone]), order


def _balanced(by: Literal["position", "group"], unit: IntArray, answers: IntArray) -> OppositeAnswers | None:
    sizes = np.bincount(unit)
    halves = np.bincount(unit, weights=answers)[sizes > 0] * 2 == sizes[sizes > 0]
    sizes = sizes[sizes > 0]
    n, balanced = len(sizes), int(halves.sum())
    even = sizes[sizes % 2 == 0]
    if n < LEAST_UNITS or balanced < LEAST_BALANCED * n or not len(even):
        return None
    # Half of the smallest even unit is the likeliest: n over n / 2, divided by 2 ** n, falls with n.
    smallest = int(even.min())
    likeliest = math.comb(smallest, smallest // 2) / 2**smallest
    p_value = float(bdtrc(balanced - 1, n, likeliest))
    if p_value >= SIGNIFICANCE:
        return None
    return OppositeAnswers(by=by, questions=int(sizes.sum()), units=n, balanced=balanced, p_value=p_value)
