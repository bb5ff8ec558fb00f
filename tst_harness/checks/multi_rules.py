"""Rules of questions with several right options: that an option is right which holds a fact."""

import numpy as np
import scipy.sparse as sp

from tst_harness.checks.cue_rules import general_rules
from tst_harness.checks.rules import LEAST_SUPPORT, SENTENCES, Application, Asked, Rules, joined
from tst_harness.diagnostics.forest.multi import MultiModel, right_options


def multi_rules(model: MultiModel, given: Asked, name: str) -> Rules:
    """The rules of a multi type.

    A rule scores the share of right ones among the options that hold its fact; the blind baseline is that
    share among all options of the question.
    """
    forms = model.forms
    rows, sizes = forms.rows(forms.form_of[given.number])
    starts = np.cumsum(sizes) - sizes
    right = right_options(sizes, given.answer)
    question = np.repeat(np.arange(len(sizes)), sizes)
    ones = np.ones(len(rows))
    every = sp.csr_matrix((ones, (question, np.arange(len(rows)))), shape=(len(sizes), len(rows)))
    share = np.add.reduceat(right, starts) / sizes
    parts: list[Application] = []
    texts: list[str] = []
    for family in model.facts:
        sentence = SENTENCES.get(family.name)
        if sentence is None:
            continue
        holds = family.matrix[rows].maximum(0)
        holding = (every @ holds).tocsc()
        truths = (every @ holds.multiply(right[:, None]).tocsr()).tocsc()
        for fact in np.flatnonzero(np.diff(holding.indptr) >= LEAST_SUPPORT):
            at = holding.indices[holding.indptr[fact] : holding.indptr[fact + 1]].astype(np.int64)
            held = holding.data[holding.indptr[fact] : holding.indptr[fact + 1]]
            score = np.asarray(truths[:, [fact]].todense()).ravel()[at] / held
            telling = held < sizes[at]
            number = np.full(int(telling.sum()), len(texts), dtype=np.int64)
            parts.append((number, at[telling], score[telling], share[at[telling]]))
            texts.append(sentence(family.keys[fact]))
    general, applications = general_rules(model, given.number, given.answer)
    parts += [(rule + len(texts), at, score, baseline) for rule, at, score, baseline in applications]
    return joined(name, texts + general, parts)
