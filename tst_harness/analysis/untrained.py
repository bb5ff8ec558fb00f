"""Predictions for held-out questions whose type no training question has: nothing is learnt of them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Literal, TypeVar

import numpy as np

from tst_harness.analysis.diagnostic import FloatArray, FoldTask, IntArray, Prediction
from tst_harness.analysis.metrics import best_constant
from tst_harness.analysis.texts import best_texts
from tst_harness.benchmark.declarations import Number, Open

P = TypeVar("P", bound=Prediction)


def predict_where_trained(
    predict: Callable[[FoldTask], P], task: FoldTask, column: Literal["type", "format"] = "type"
) -> P | Prediction:
    """Predict what there are training questions for, and answer the rest as the blind baseline does.

    Parameters
    ----------
    predict
        That of a diagnostic; not called where there is nothing to learn from.
    task
        The fold.
    column
        What a held-out question must have in common with a training question.
    """
    kinds = task.questions.frame[column].to_numpy().astype(str)
    trained = np.isin(kinds[task.held_out], np.unique(kinds[task.train]))
    if trained.all():
        return predict(task)
    rest = [_constant(task, int(row)) for row in task.held_out[~trained]]
    if not trained.any():
        return _joined(Prediction(np.empty(0), np.empty(0, dtype=np.int64)), rest, trained)
    return _joined(predict(replace(task, held_out=task.held_out[trained])), rest, trained)


def _constant(task: FoldTask, row: int) -> FloatArray | str | float:
    """What is said without a model: even probabilities, or the best constant of the format's answers."""
    frame = task.questions.frame
    declared = task.questions.benchmark.question_type(frame["type"].iloc[row])
    options = frame["options"].iloc[row]
    if options:
        return np.full(len(options), 1.0 / len(options))
    answers = task.answers[frame["format"].to_numpy()[task.train] == declared.format]
    if isinstance(declared, Open):
        accepted = [task.accepted[code] for code in answers.astype(np.int64).tolist()]
        return best_texts(declared.metric, accepted, 1)[0] if accepted else ""
    assert isinstance(declared, Number)
    return best_constant(answers, declared.inclusive) if len(answers) else 0.0


def _joined(
    part: P, rest: list[FloatArray | str | float], trained: "np.ndarray[tuple[int], np.dtype[np.bool_]]"
) -> P:
    """Return a prediction of all held-out questions from that of the trained ones and what the rest gets."""
    texts = list(part.texts)
    own = iter(np.split(part.values, np.cumsum(part.counts)[:-1]) if len(part.counts) else ())
    others = iter(rest)
    pieces: list[FloatArray] = []
    for has in trained.tolist():
        value = next(own) if has else next(others)
        if isinstance(value, str):
            texts.append(value)
            value = float(len(texts) - 1)
        pieces.append(np.atleast_1d(np.asarray(value, dtype=np.float64)))
    places: IntArray = np.flatnonzero(trained)
    return replace(
        part,
        values=np.concatenate(pieces),
        counts=np.array([len(piece) for piece in pieces], dtype=np.int64),
        sampled=places[part.sampled],
        failed=places[part.failed],
        texts=tuple(texts),
    )
