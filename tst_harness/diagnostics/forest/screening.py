"""Which cues tell something: screened by their z in the training questions, added up by a ridge."""

import numpy as np
import scipy.sparse as sp

from tst_harness.analysis.diagnostic import FloatArray, IntArray
from tst_harness.diagnostics.forest.cues import GENERAL, Cues
from tst_harness.diagnostics.forest.evidence import PARTS, TrainingSums, within_form
from tst_harness.diagnostics.forest.features import CUES, with_behind
from tst_harness.diagnostics.forest.forms import Forms

LEAST_Z = 4.5
"""Of some 100,000 cues that tell nothing, less than one goes beyond it."""
_LEAST_GENERAL_Z = 3.0
"""Of general cues there are less than 100."""
_MOST_KEPT = 100
_PENALTY = 3.0


def z_scores(cues: Cues, residual: FloatArray, share: FloatArray) -> FloatArray:
    """How far the sum of residuals over the options that have a cue is from what chance gives.

    Parameters
    ----------
    residual
        (n_rows, m) sums of target minus chance, over m choices of questions.
    share
        (m,) the share of all questions that each choice has.

    Returns
    -------
    (n_cues, m) standard normal where a cue tells nothing.
    """
    # Where a cue tells nothing, the gold option is a draw, and so is the residual of those that have the cue.
    spread = cues.spread[:, None] * share
    scores: FloatArray = (cues.matrix.T @ residual) / np.sqrt(np.maximum(spread, 1e-9))
    return scores


def cue_scores(cues: Cues, sums: TrainingSums, row_form: IntArray, n_questions: int) -> FloatArray | None:
    """(n_rows, PARTS + 1) what the cues say for an option; None where none tells anything.

    Column j is screened and fitted without the answers of part j.
    """
    if not cues.matrix.shape[1]:
        return None
    starts = np.flatnonzero(np.diff(row_form, prepend=-1))
    share = sums.count[starts].sum(axis=0) / n_questions
    z = z_scores(cues, sums.residual, share)
    least = np.full(len(z), LEAST_Z)
    least[[cue for cue, key in enumerate(cues.keys.plain) if key[0] in GENERAL]] = _LEAST_GENERAL_Z
    scores = np.zeros((len(row_form), PARTS + 1))
    is_present = False
    for column in range(PARTS + 1):
        size = np.abs(z[:, column])
        kept = np.flatnonzero(size > least)
        if len(kept) > _MOST_KEPT:
            kept = np.sort(kept[np.argsort(-size[kept], kind="stable")[:_MOST_KEPT]])
        if not len(kept):
            continue
        is_present = True
        design = within_form(_dense(cues.matrix[:, kept]), row_form)
        seen = np.flatnonzero(sums.count[:, column])
        weighted = design[seen] * sums.count[seen, column][:, None]
        gram = weighted.T @ design[seen] + _PENALTY * np.eye(len(kept))
        weights = np.linalg.solve(gram, design.T @ sums.residual[:, column])
        scores[:, column] = design @ weights
    return scores if is_present else None


def cue_evidence(cues: Cues, sums: TrainingSums, forms: Forms) -> list[tuple[str, FloatArray]]:
    """What the cues say, as evidence; parameters as for `cue_scores`."""
    scores = cue_scores(cues, sums, forms.row_form, len(forms.form_of))
    return [] if scores is None else with_behind(CUES, scores, forms.row_form)


def _dense(matrix: sp.csr_matrix) -> FloatArray:
    return np.asarray(matrix.toarray(), dtype=np.float64)
