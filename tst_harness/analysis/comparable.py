"""Answers as numbers that are equal where the answers are."""

import numpy as np

from tst_harness.analysis.blind_baseline import accepted_of
from tst_harness.analysis.diagnostic import FloatArray
from tst_harness.analysis.near_duplicates import normalised
from tst_harness.analysis.texts import normalise_answer
from tst_harness.dataset.loading import Dataset
from tst_harness.dataset.several_options import option_set


def comparable_answers(dataset: Dataset) -> FloatArray:
    """(n,) the index of the gold option (mc), the number (num), or a code of what is right (open, multi).

    Open answers are equal where the accepted texts given most often are, multi ones where the texts of the
    right options are, wherever these stand.
    """
    frame = dataset.frame
    answers = frame["answer"].to_numpy(dtype=np.float64).copy()
    formats, options = frame["format"].to_numpy(), frame["options"].to_numpy()
    opens = np.flatnonzero(formats == "open")
    keys: dict[object, int] = {}
    for row, texts in zip(opens.tolist(), accepted_of(dataset, opens), strict=True):
        answers[row] = keys.setdefault(normalise_answer(texts[0]), len(keys))
    for row in np.flatnonzero(formats == "multi").tolist():
        right = frozenset(normalised(options[row][place]) for place in option_set(answers[row]))
        answers[row] = keys.setdefault(right, len(keys))
    return answers
