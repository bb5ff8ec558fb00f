"""Predictions for held-out questions, and again with one family of features permuted at a time.

The drop in score that a permutation causes is the family's importance (Breiman 2001, section 10); the
score needs the held-out answers, so it is taken by the framework and not here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tst_harness.analysis.diagnostic import FloatArray, IntArray
from tst_harness.diagnostics.forest.features import Features, Table
from tst_harness.diagnostics.forest.forms import ragged


@dataclass(frozen=True, eq=False)
class TypePrediction:
    """What the forest says of the held-out questions of one type.

    Attributes
    ----------
    values, counts
        As in `Prediction`, for the type's held-out questions.
    permuted
        Family to values of the `sampled` questions.
    sampled
        Positions among the type's held-out questions.
    texts
        As in `Prediction`.
    """

    values: FloatArray
    counts: IntArray
    permuted: Mapping[str, FloatArray]
    sampled: IntArray
    texts: tuple[str, ...] = ()


def subset(n: int, most: int, seed: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """(n,) which of n things to take so that at most `most` are."""
    taken = np.ones(n, dtype=bool)
    if n > most:
        taken[np.random.default_rng(seed).permutation(n)[most:]] = False
    return taken


def predict_with_permutations(
    features: Features,
    form_counts: IntArray,
    form_of: IntArray,
    predict: Callable[[Table, IntArray], FloatArray],
    seed: int,
    most: int,
    taken: npt.NDArray[np.bool_] | None = None,
) -> TypePrediction:
    """Predict every held-out form once, then permute on a sample of the questions.

    Parameters
    ----------
    features
        `held_out` holds the rows of the held-out forms.
    form_counts
        How many rows each form has.
    form_of
        Which form each held-out question has.
    predict
        From a table and the number of rows of each of its questions to one value a row.
    most
        How many questions to permute on; none where it is 0.
    taken
        (n,) the questions to permute on, where they are not to be drawn.
    """
    counts = form_counts[form_of]
    rows = ragged((np.cumsum(form_counts) - form_counts)[form_of], counts)
    values = predict(features.held_out, form_counts)[rows]
    if not most:
        return TypePrediction(values, counts, {}, np.empty(0, dtype=np.int64))

    taken = subset(len(form_of), most, seed) if taken is None else taken
    sampled, sampled_counts = np.flatnonzero(taken), counts[taken]
    table = features.held_out[rows[np.repeat(taken, counts)]]
    names = list(dict.fromkeys(features.families))
    order = np.random.default_rng(seed).permutation(len(table))
    stacked = np.tile(table, (len(names), 1))
    family = np.array(features.families)
    for i, name in enumerate(names):
        columns = np.flatnonzero(family == name)
        stacked[i * len(table) : (i + 1) * len(table), columns] = table[order][:, columns]
    permuted_values = predict(stacked, np.tile(sampled_counts, len(names))) if names else np.empty(0)
    permuted = {name: permuted_values[i * len(table) : (i + 1) * len(table)] for i, name in enumerate(names)}
    return TypePrediction(values, counts, permuted, sampled)
