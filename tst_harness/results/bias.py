"""What the text gives away of each question, and which questions are of one kind."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from tst_harness.analysis.diagnostic import FloatArray, IntArray
from tst_harness.analysis.scoring import option_letter
from tst_harness.results.schema import QUARTERS
from tst_harness.stats.samples import Samples

BLURRED = 1.0 / 3.0
"""Of each kind's ranks are in both halves in part."""


@dataclass(frozen=True)
class Bias:
    """n questions beside a diagnostic, in canonical order of ids.

    Attributes
    ----------
    diagnostic
        Its name.
    samples
        A row a question: `id`, `type`, `format`, `group`.
    excess
        (n,) s(x) minus the blind baseline, a mean over repeats; of mc the baseline is the mean of the kind,
        since a question with the most frequent answer is no less given away.
    kind
        (n,) codes of type, format and number of options.
    group
        (n,) codes of groups.
    answer
        (n,) what the diagnostic answers by the text alone: a letter, or letters; "" where it gives none.
    options
        (n,) how many there are; 0 where there are none.
    right
        (n,) whether that answer is right, in every repeat.
    """

    diagnostic: str
    samples: pd.DataFrame
    excess: FloatArray
    kind: IntArray
    group: IntArray
    answer: npt.NDArray[np.object_]
    options: IntArray
    right: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, samples: pd.DataFrame, diagnostic: str) -> "Bias":
        """Return what a diagnostic's samples say.

        Where there are repeats, the text-only answer is the option with the highest mean probability.

        Raises
        ------
        ReportError
            There are none of it, or a question does not come once in every repeat.
        """
        held_out = Samples.of(samples, diagnostic)
        ids = held_out.id.tolist()
        own = samples[samples["diagnostic"] == diagnostic]
        first = own[own["repeat"] == own["repeat"].min()].set_index("id").loc[ids].reset_index()
        probabilities = _mean_probabilities(own, ids)
        answers = [
            text if shares is None or format_ != "mc" else option_letter(int(np.argmax(np.round(shares, 9))))
            for text, shares, format_ in zip(first["prediction"], probabilities, first["format"], strict=True)
        ]
        # A predicted number is no option that a model could fall for.
        options = np.array([0 if shares is None else len(shares) for shares in probabilities], dtype=np.int64)
        kinds = list(zip(first["type"], first["format"], options.tolist(), strict=True))
        kind = pd.factorize(pd.Series(kinds, dtype=object), sort=True)[0]
        baseline = pd.Series(held_out.mean("blind_baseline"))
        of_kind = baseline.groupby(kind).transform("mean")
        return cls(
            diagnostic=diagnostic,
            samples=first[["id", "type", "format", "group"]],
            excess=held_out.mean("s") - baseline.mask(first["format"] == "mc", of_kind).to_numpy(),
            kind=kind,
            group=held_out.group.astype(np.int64),
            answer=np.array(answers, dtype=object),
            options=options,
            right=held_out.mean("score") == 1.0,
        )

    def quarters(self, rows: IntArray, seed: int) -> IntArray:
        """Return which quarter of the excess each of some questions is in, from 0; ties are drawn."""
        order = np.lexsort((np.random.default_rng(seed).permutation(len(rows)), self.excess[rows]))
        quarter = np.empty(len(rows), dtype=np.int64)
        quarter[order] = np.arange(len(rows)) * QUARTERS // len(rows)
        return quarter

    def given_away(self, rows: IntArray) -> FloatArray:
        """Return whether the text gives a question away: 1 in the upper half of its kind, 0 in the lower.

        Questions with equal s(x) minus baseline at the middle are in the upper half in part, alike, so that
        it is a half.
        """
        first, last, size = self._ranks(rows)
        return ((last - size / 2) / (last - first + 1)).clip(0.0, 1.0)

    def upper_part(self, rows: IntArray) -> FloatArray:
        """Return how much of a question is in the upper half of its kind, with a middle that is blurred.

        From 0 at a third of the ranks to 1 at two thirds: a sample tells only roughly where the middle is,
        and a difference that is largest at the true one comes out too small at any other.
        """
        first, last, size = self._ranks(rows)
        rank = ((first + last) / 2.0 - 0.5) / size
        return ((rank - 0.5) / BLURRED + 0.5).clip(0.0, 1.0)

    def _ranks(self, rows: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """The first and the last rank of what is equal, from 1, and the size of the kind."""
        table = pd.DataFrame({"kind": self.kind[rows], "excess": np.round(self.excess[rows], 9)})
        excess = table.groupby("kind", sort=False)["excess"]
        first, last = (excess.rank(method=method).to_numpy() for method in ("min", "max"))
        return first, last, excess.transform("size").to_numpy(dtype=np.float64)


def _mean_probabilities(own: pd.DataFrame, ids: list[str]) -> "list[list[float] | None]":
    known = own[own["probabilities"].notna()]
    if own["repeat"].nunique() == 1:
        single = dict(zip(known["id"], known["probabilities"], strict=True))
        return [single.get(id_) for id_ in ids]
    means = {
        id_: np.mean(np.array(rows.tolist(), dtype=np.float64), axis=0).tolist()
        for id_, rows in known.groupby("id", sort=False)["probabilities"]
    }
    return [means.get(id_) for id_ in ids]
