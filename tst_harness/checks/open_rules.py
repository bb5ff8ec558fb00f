"""Rules of open questions: one answer to all questions that hold a fact, or what each says itself."""

from collections.abc import Iterator, Sequence

import numpy as np

from tst_harness.analysis.diagnostic import FloatArray, IntArray
from tst_harness.analysis.texts import best_texts, normalise_answer, score_matrix
from tst_harness.checks.cue_wording import quoted
from tst_harness.checks.rules import (
    ANSWER_SENTENCES,
    LEAST_SUPPORT,
    Application,
    Asked,
    Rules,
    joined,
    pointer_sentence,
    supported,
)
from tst_harness.diagnostics.forest.evidence import PARTS
from tst_harness.diagnostics.forest.open import OpenModel
from tst_harness.diagnostics.forest.settings import MOST_ANSWERS


def open_rules(model: OpenModel, given: Asked, name: str, accepted: Sequence[tuple[str, ...]]) -> Rules:
    """The rules of an open type.

    The answer that a rule gives in a part of the questions is the common one that scores best on the other
    parts; the blind baseline is what the best one of all other questions scores.

    Parameters
    ----------
    model, asked, name
        As for the rules of other types.
    accepted
        Accepted texts by answer.
    """
    codes, code = np.unique(given.answer.astype(np.int64), return_inverse=True)
    golds = [accepted[each] for each in codes.tolist()]
    texts = best_texts(model.metric, [golds[each] for each in code], MOST_ANSWERS)
    worth = score_matrix(model.metric, golds, texts)[code]
    blind_baseline = _followed(worth, given.part)
    applications: list[Application] = []
    sentences: list[str] = []
    for family, fact, questions in supported(model.facts, model.forms.form_of[given.number]):
        score = _followed(worth[questions], given.part[questions])
        known = ~np.isnan(score)
        rule = np.full(int(known.sum()), len(sentences), dtype=np.int64)
        applications.append((rule, questions[known], score[known], blind_baseline[questions][known]))
        answer = texts[int(worth[questions].sum(axis=0).argmax())]
        sentences.append(ANSWER_SENTENCES[family.name](family.keys[fact], quoted(answer)))
    for pointer, questions, score in _followed_pointers(model, given, [golds[each] for each in code]):
        rule = np.full(len(questions), len(sentences), dtype=np.int64)
        applications.append((rule, questions, score, blind_baseline[questions]))
        sentences.append(pointer_sentence(model.pointers.keys[pointer]))
    return joined(name, sentences, applications)


def _followed_pointers(
    model: OpenModel, given: Asked, golds: Sequence[tuple[str, ...]]
) -> Iterator[tuple[int, IntArray, FloatArray]]:
    """Yield pointers, the questions that have a text there, and what it scores on them.

    Parameters
    ----------
    model, given
        As for `open_rules`.
    golds
        The accepted texts of each question.
    """
    forms = model.forms.form_of[given.number]
    answers = {normalise_answer(text) for texts in set(golds) for text in texts}
    for pointer in range(len(model.pointers.keys)):
        texts = model.pointers.texts[forms, pointer]
        # Enough of its texts must be answers of the type, to whichever question: so what is tried does not
        # depend on whose answers they are.
        if sum(text in answers for text in texts) >= LEAST_SUPPORT:
            questions = np.flatnonzero(texts != "")
            accepted = [golds[question] for question in questions.tolist()]
            yield pointer, questions, model.worth_of([pointer], forms[questions], accepted)[:, 0]


def _followed(worth: FloatArray, part: IntArray) -> FloatArray:
    """(n,) what the candidate that is best on the other parts scores; NaN where there are no others.

    Parameters
    ----------
    worth
        (n, m) what each candidate scores on each question.
    part
        (n,) the part of each question.
    """
    total = worth.sum(axis=0)
    score = np.full(len(worth), np.nan)
    for number in range(PARTS):
        here = part == number
        if here.any() and not here.all():
            best = int((total - worth[here].sum(axis=0)).argmax())
            score[here] = worth[here, best]
    return score
