"""Rules from cues: looked for in three fifths of the questions, and tested on the others.

Of 100,000 features some go with the answers by chance, so a rule is never tested on the questions that it was
found in. Many features say the same; after each that is taken, the others are judged by what it leaves.
"""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from tst_harness.analysis.diagnostic import FloatArray, IntArray
from tst_harness.checks.cue_wording import option_sentence
from tst_harness.checks.rules import Application
from tst_harness.diagnostics.forest.choice import ChoiceModel
from tst_harness.diagnostics.forest.cues import GENERAL, LEAST_QUESTIONS
from tst_harness.diagnostics.forest.evidence import TrainingSums, within_form
from tst_harness.diagnostics.forest.families import Key
from tst_harness.diagnostics.forest.multi import MultiModel, right_options
from tst_harness.diagnostics.forest.screening import LEAST_Z, z_scores

SCREENING_PARTS = 3
"""Of the five inner parts, those in which rules are looked for."""
_MOST_CANDIDATES = 300
_MOST_TAKEN = 30
_PENALTY = 3.0
_PLAIN = {"signs": 0.95, "pair": 0.95, "last sign": 0.85, "length": 0.85, "says": 0.9, "last word": 0.91}
"""What a z is multiplied with, so that of two cues that say about the same the plainer is taken."""
_ODD = 0.93

Followed = Callable[[FloatArray], tuple[FloatArray, FloatArray]]
"""From (n_rows,) 1 for the options that a rule points at, else 0, to what following it scores on each
question and what the blind baseline does; where it points at all options or at none the score is NaN."""


def cue_rules(
    model: ChoiceModel | MultiModel, number: IntArray, answer: FloatArray, part: IntArray
) -> tuple[list[str], list[Application]]:
    """The sentences of a type's cues, and what following them gives; they are tested in the other parts.

    Parameters
    ----------
    number
        (n,) question numbers within the type.
    answer
        (n,) as in `FoldTask.answers`.
    part
        (n,) the inner part of each question.
    """
    screening = part < SCREENING_PARTS
    sums = model.cue_sums(number[screening], answer[screening], part[screening])
    keys = model.cues.keys
    taken = [(cue, sign) for cue, sign in _taken(model, sums) if not _is_general(keys[cue])]
    return _rules(model, taken, number, answer, ~screening)


def general_rules(
    model: ChoiceModel | MultiModel, number: IntArray, answer: FloatArray
) -> tuple[list[str], list[Application]]:
    """The sentences of the cues that are too few to be screened, and what following them gives.

    Parameters are those of `cue_rules`; all questions are tested.
    """
    signed: list[tuple[int, float]] = []
    for cue, key in enumerate(model.cues.keys.plain):
        if key[0] in GENERAL:
            signed.append((cue, 1.0))
            # That one place of many is avoided is seen where another is preferred.
            if key[0] != "place" and not isinstance(key[-1], tuple):
                signed.append((cue, -1.0))
    return _rules(model, signed, number, answer, np.ones(len(number), dtype=bool))


def _is_general(key: tuple[Key | None, Key]) -> bool:
    return key[0] is None and key[1][0] in GENERAL


def _rules(
    model: ChoiceModel | MultiModel,
    signed: Sequence[tuple[int, float]],
    number: IntArray,
    answer: FloatArray,
    tested: npt.NDArray[np.bool_],
) -> tuple[list[str], list[Application]]:
    """Follow each cue, or its reverse, on the questions in which it tells options apart."""
    forms, cues = model.forms, model.cues
    form = forms.form_of[number]
    if isinstance(model, MultiModel):
        followed = _multi_followed(*forms.rows(form), answer)
    else:
        followed = _choice_followed(forms.first, form, answer)
    columns = cues.matrix[:, [cue for cue, _ in signed]].tocsc()
    texts: list[str] = []
    parts: list[Application] = []
    for place, (cue, sign) in enumerate(signed):
        column = np.zeros(forms.n_rows)
        column[columns.indices[columns.indptr[place] : columns.indptr[place + 1]]] = 1.0
        score, blind_baseline = followed(column if sign > 0 else 1.0 - column)
        at = np.flatnonzero(~np.isnan(score))
        if tested[at].sum() >= LEAST_QUESTIONS:
            parts.append((np.full(len(at), len(texts)), at, score[at], blind_baseline[at]))
            texts.append(option_sentence(*cues.keys[cue], sign > 0))
    return texts, parts


def _choice_followed(first: IntArray, form: IntArray, answer: FloatArray) -> Followed:
    """Whether the gold option is among those pointed at, beside their share of all options."""
    sizes = np.diff(first)
    gold_row = first[form] + answer.astype(np.int64)

    def followed(points_at: FloatArray) -> tuple[FloatArray, FloatArray]:
        share = (np.add.reduceat(points_at, first[:-1]) / sizes)[form]
        return np.where((share > 0.0) & (share < 1.0), points_at[gold_row], np.nan), share

    return followed


def _multi_followed(rows: IntArray, sizes: IntArray, answer: FloatArray) -> Followed:
    """The share of right ones among the options pointed at, beside that among all."""
    starts = np.cumsum(sizes) - sizes
    right = right_options(sizes, answer)
    blind_baseline = np.add.reduceat(right, starts) / sizes

    def followed(points_at: FloatArray) -> tuple[FloatArray, FloatArray]:
        pointed = points_at[rows]
        times = np.add.reduceat(pointed, starts)
        score = np.add.reduceat(pointed * right, starts) / np.maximum(times, 1.0)
        return np.where((times > 0.0) & (times < sizes), score, np.nan), blind_baseline

    return followed


def _taken(model: ChoiceModel | MultiModel, sums: TrainingSums) -> list[tuple[int, float]]:
    """The cues that tell something beyond those before them, each with the sign of what it tells."""
    cues, row_form = model.cues, model.forms.row_form
    if not cues.matrix.shape[1]:
        return []
    count, residual = sums.count[:, -1], sums.residual[:, -1]
    share = count[model.forms.first[:-1]].sum() / len(model.forms.form_of)
    z = z_scores(cues, residual[:, None], np.array([share]))[:, 0]
    candidates = np.flatnonzero(np.abs(z) > LEAST_Z)
    candidates = candidates[np.argsort(-np.abs(z[candidates]), kind="stable")[:_MOST_CANDIDATES]]
    if not len(candidates):
        return []
    seen = np.flatnonzero(count)
    design = within_form(cues.matrix[:, candidates].toarray(), row_form)[seen]
    weighted = design * count[seen][:, None]
    gram, target = weighted.T @ design, design.T @ residual[seen]
    scale = np.sqrt(np.maximum(cues.spread[candidates] * share, 1e-9))
    plain = np.array([_plainness(cues.keys[int(cue)]) for cue in candidates])
    taken: list[int] = []
    signs: list[float] = []
    left = target / scale
    while len(taken) < min(_MOST_TAKEN, len(candidates)):
        worth = np.where(np.abs(left) > LEAST_Z, np.abs(left) * plain, 0.0)
        worth[taken] = 0.0
        best = int(worth.argmax())
        if worth[best] == 0.0:
            break
        taken.append(best)
        signs.append(float(np.sign(left[best])))
        own = gram[np.ix_(taken, taken)] + _PENALTY * np.eye(len(taken))
        left = (target - gram[:, taken] @ np.linalg.solve(own, target[taken])) / scale
    return [(int(candidates[i]), sign) for i, sign in zip(taken, signs, strict=True)]


def _plainness(key: tuple[Key | None, Key]) -> float:
    phrase, option = key
    plain = _PLAIN.get(str(option[0]), 1.0) * (1.0 if phrase is None else _PLAIN[str(phrase[0])])
    if option[0] == "compared" and option[2] == "odd":
        return plain * _ODD
    # Of runs of signs that come together the longest is the word.
    return plain * (1.0 + 1e-3 * len(str(option[1]))) if option[0] == "word" else plain
