"""Types without a declared pattern, read together as well.

What is too rare to be seen in one type may be seen in all of them. Types with a pattern are left out: what
their answers depend on stands in slots that the others do not have.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from tst_harness.analysis.diagnostic import FloatArray, IntArray
from tst_harness.diagnostics.forest.choice import ChoiceModel
from tst_harness.diagnostics.forest.forms import make_forms, ragged
from tst_harness.diagnostics.forest.permutation import TypePrediction
from tst_harness.diagnostics.forest.settings import POOLED_QUESTIONS


@dataclass(frozen=True, eq=False)
class Pooled:
    """The mc types of a benchmark that have no pattern as one.

    Attributes
    ----------
    types
        Their names.
    rows
        The row numbers of their questions, ascending.
    model
        Of all of them.
    source
        (n_rows,) the same option among those of the types, one type after the other.
    """

    types: tuple[str, ...]
    rows: IntArray
    model: ChoiceModel
    source: IntArray

    @classmethod
    def of(
        cls,
        frame: pd.DataFrame,
        rows: Mapping[str, IntArray],
        choices: Mapping[str, ChoiceModel],
        types: tuple[str, ...],
        boosters: int,
    ) -> "Pooled | None":
        """Read some types together; None where there are fewer than two."""
        if len(types) < 2:
            return None
        every = [choices[name].forms for name in types]
        offsets = np.cumsum([0, *(forms.n_rows for forms in every)])
        starts = np.concatenate(
            [offset + each.first[each.form_of] for offset, each in zip(offsets, every, strict=False)]
        )
        of_types = np.concatenate([rows[name] for name in types])
        order = np.argsort(of_types)
        given = frame.iloc[of_types[order]]
        forms = make_forms(given["text"].tolist(), given["options"].tolist(), [])
        _, question = np.unique(forms.form_of, return_index=True)
        source = ragged(starts[order][question], np.diff(forms.first))
        return cls(types, of_types[order], ChoiceModel(forms, boosters), source)

    def texts(self, scores: Mapping[str, Mapping[str, FloatArray]]) -> dict[str, FloatArray]:
        """What the texts say of the options of the model, from what they say of those of each type."""
        return {
            family: np.concatenate([own[name] for name in self.types])[self.source]
            for family, own in scores.items()
            if own.keys() >= set(self.types)
        }


def blended(own: TypePrediction, pooled: TypePrediction, questions: IntArray, n_train: int) -> TypePrediction:
    """The log-average of a type's own reading and the pooled one, which counts more the smaller the type.

    Parameters
    ----------
    own
        Of the held-out questions of the type.
    pooled
        Of those of all types, permuted on the same questions.
    questions
        The questions of `own` among those of `pooled`.
    n_train
        Training questions of the type.
    """
    # Half at most: of few questions with templates of their own, the pooled reading alone loses six points.
    weight = min(0.5, POOLED_QUESTIONS / (POOLED_QUESTIONS + n_train))
    starts = np.cumsum(pooled.counts) - pooled.counts
    others = pooled.values[ragged(starts[questions], own.counts)]
    sizes = np.zeros_like(pooled.counts)
    sizes[pooled.sampled] = pooled.counts[pooled.sampled]
    counts = own.counts[own.sampled]
    cells = ragged((np.cumsum(sizes) - sizes)[questions[own.sampled]], counts)
    unpermuted = own.values[ragged((np.cumsum(own.counts) - own.counts)[own.sampled], counts)]
    others_unpermuted = pooled.values[ragged(starts[questions[own.sampled]], counts)]
    permuted = {}
    for family in dict.fromkeys((*own.permuted, *pooled.permuted)):
        both = pooled.permuted.get(family)
        permuted[family] = _log_average(
            own.permuted.get(family, unpermuted),
            others_unpermuted if both is None else both[cells],
            counts,
            weight,
        )
    return replace(own, values=_log_average(own.values, others, own.counts, weight), permuted=permuted)


def _log_average(values: FloatArray, others: FloatArray, counts: IntArray, weight: float) -> FloatArray:
    product = np.maximum(values, 1e-12) ** (1.0 - weight) * np.maximum(others, 1e-12) ** weight
    average: FloatArray = product / np.repeat(np.add.reduceat(product, np.cumsum(counts) - counts), counts)
    return average
