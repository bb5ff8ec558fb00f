"""What tells a number: words of the question after which some answers are frequent, and numbers in it."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from tst_harness.analysis.diagnostic import FloatArray, IntArray
from tst_harness.analysis.metrics import relative_accuracy
from tst_harness.diagnostics.forest import settings
from tst_harness.diagnostics.forest.arithmetic import numbers_told
from tst_harness.diagnostics.forest.evidence import PARTS
from tst_harness.diagnostics.forest.forms import Forms
from tst_harness.diagnostics.forest.relations import incidence
from tst_harness.diagnostics.forest.surface import tokens

LEAST_QUESTIONS = 10
_LEAST_Z = 5.0
"""Of some 300 words and 300 answers that tell nothing, hardly one goes beyond it."""
_MOST_WORDS = 500
_PRIOR = 5.0


@dataclass(frozen=True, eq=False)
class NumberCues:
    """What the questions of a num type say.

    Attributes
    ----------
    says
        (n_forms, n_words) sparse, 1 where a question says a word.
    words
        The words.
    told
        What a number is called to (n_forms,) that number, NaN where a question tells none.
    """

    says: sp.csr_matrix
    words: list[str]
    told: dict[str, FloatArray]

    @classmethod
    def of(cls, forms: Forms) -> "NumberCues":
        """Read the questions of a type; of more than 20,000 distinct ones, none."""
        read = len(forms.text) <= settings.MOST_READ_FORMS
        texts = forms.written_text if read else [""] * len(forms.text)
        numbers: dict[str, int] = {}
        held = [[numbers.setdefault(word, len(numbers)) for word in tokens(text)] for text in texts]
        says = incidence(held, len(numbers))
        times = np.bincount(forms.form_of, minlength=len(forms.text))
        questions = says.T @ times
        kept = np.flatnonzero((questions >= LEAST_QUESTIONS) & (questions <= times.sum() - LEAST_QUESTIONS))
        kept = np.sort(kept[np.argsort(-questions[kept], kind="stable")[:_MOST_WORDS]])
        names = list(numbers)
        columns: dict[str, FloatArray] = {}
        for form, text in enumerate(texts):
            for name, value in numbers_told(text).items():
                columns.setdefault(name, np.full(len(texts), np.nan))[form] = value
        return cls(says[:, kept], [names[i] for i in kept], columns)

    def expected(
        self,
        rows: IntArray,
        parts: IntArray,
        answers: FloatArray,
        scores: FloatArray,
        candidates: FloatArray,
        wanted: IntArray,
        inclusive: bool,
    ) -> tuple[FloatArray, FloatArray] | None:
        """How much more, or less, each candidate answer scores for what a question says.

        Parameters
        ----------
        rows, parts, answers
            (n,) the forms of the training questions, their inner parts and answers.
        scores
            (n, n_candidates) what each candidate scores on them.
        candidates
            (n_candidates,) answers.
        wanted
            The forms to predict.
        inclusive
            Whether an error equal to a threshold counts as within it.

        Returns
        -------
        (n, n_candidates) for the training questions, each without the answers of its part, and
        (len(wanted), n_candidates); None where nothing tells.
        """
        known = np.zeros_like(scores)
        totals = np.zeros((len(wanted), scores.shape[1]))
        telling = False
        for part in range(PARTS + 1):
            seen = np.flatnonzero(parts != part)
            here, target = (np.flatnonzero(parts == part), known) if part < PARTS else (wanted, totals)
            if not len(seen) or not len(here):
                continue
            at = rows[here] if part < PARTS else wanted
            more = self._more(rows[seen], answers[seen], scores[seen], candidates, at, inclusive)
            if more is not None:
                telling = True
                target[here if part < PARTS else slice(None)] = more
        return (known, totals) if telling else None

    def _more(
        self,
        rows: IntArray,
        answers: FloatArray,
        scores: FloatArray,
        candidates: FloatArray,
        at: IntArray,
        inclusive: bool,
    ) -> FloatArray | None:
        prior = scores.mean(axis=0)
        spread = np.maximum(scores.std(axis=0), 1e-3)
        says = self.says[rows]
        times = np.asarray(says.sum(axis=0)).ravel()
        excess = says.T @ scores - times[:, None] * prior
        z = excess.max(axis=1, initial=0.0)
        if len(times):
            z = (excess / (np.sqrt(np.maximum(times, 1.0))[:, None] * spread)).max(axis=1)
        kept = np.flatnonzero((z > _LEAST_Z) & (times >= LEAST_QUESTIONS // 2))
        more = None
        if len(kept):
            more = self.says[at][:, kept] @ (excess[kept] / (times[kept] + _PRIOR)[:, None])
        trusted = self._trusted(rows, answers, candidates, prior, inclusive)
        if trusted is not None:
            name, trust = trusted
            value = self.told[name][at]
            has = np.flatnonzero(~np.isnan(value))
            gain = np.zeros((len(at), len(candidates)))
            gain[has] = trust * (
                relative_accuracy(candidates[None, :], value[has][:, None], inclusive) - prior
            )
            more = gain if more is None else more + gain
        return more

    def _trusted(
        self,
        rows: IntArray,
        answers: FloatArray,
        candidates: FloatArray,
        prior: FloatArray,
        inclusive: bool,
    ) -> tuple[str, float] | None:
        """The number of the question that is the answer most surely, and how often it is."""
        order = np.argsort(candidates, kind="stable")
        best, strongest = _LEAST_Z, None
        for name, values in self.told.items():
            value = values[rows]
            has = ~np.isnan(value)
            if has.sum() < LEAST_QUESTIONS:
                continue
            score = relative_accuracy(value[has], answers[has], inclusive)
            usual = np.interp(value[has], candidates[order], prior[order])
            z = float((score - usual).sum() / np.sqrt(np.maximum(usual * (1.0 - usual), 1e-3).sum()))
            if z > best:
                best, strongest = z, (name, float((score - usual).sum() / ((1.0 - usual).sum() + _PRIOR)))
        return strongest
