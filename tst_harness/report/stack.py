"""The stack: what the forest and the language model make of the same questions together."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from tst_harness.analysis.names import FOREST, GROUPED, LLM, STACK
from tst_harness.analysis.records import FoldRecord, HeldOut
from tst_harness.analysis.scoring import option_letter
from tst_harness.report.records import Record

_DIGITS = 6
_LEAST = 0.5 * 10.0**-_DIGITS
"""Records round probabilities: what is 0 there was less than this."""
_NOTE = (
    "the log-average of forest and llm: of each option, the square root of the product of both "
    "probabilities, scaled to add up to 1; nothing is fitted"
)


class _Choice(NamedTuple):
    """The columns of `HeldOut` that the stack decides for a question."""

    s: float
    score: float
    prediction: str
    probabilities: list[float] | None


def stacked(records: Iterable[Record]) -> list[FoldRecord]:
    """Return the folds of the stack, by repeat and fold, of random folds and of grouped ones.

    There are none where the forest or the language model did not run, where the two have other folds or other
    questions in them, and where no question is multiple choice: numbers and texts have no probabilities.

    Parameters
    ----------
    records
        Of one benchmark, in any order.
    """
    folds: dict[str, dict[tuple[int, int], FoldRecord]] = {}
    for record in records:
        if isinstance(record, FoldRecord):
            folds.setdefault(record.origin.diagnostic, {})[record.repeat, record.fold] = record
    made = []
    for suffix in ("", GROUPED):
        forest, llm = folds.get(FOREST + suffix, {}), folds.get(LLM + suffix, {})
        if forest.keys() == llm.keys():
            made += _stack(STACK + suffix, [(forest[place], llm[place]) for place in sorted(forest)])
    return made


def _stack(name: str, pairs: Sequence[tuple[FoldRecord, FoldRecord]]) -> list[FoldRecord]:
    if any(forest.held_out.id != llm.held_out.id for forest, llm in pairs):
        return []
    formats = {
        id: kind
        for forest, _ in pairs
        for id, kind in zip(forest.held_out.id, forest.held_out.format, strict=True)
    }
    choices = sum(kind == "mc" for kind in formats.values())
    if not choices:
        return []
    note = _NOTE
    if choices < len(formats):
        note += f". It has the {choices:,} multiple-choice questions alone, of {len(formats):,}"
    return [_fold(name, forest, llm, note) for forest, llm in pairs]


def _fold(name: str, forest: FoldRecord, llm: FoldRecord, note: str) -> FoldRecord:
    held_out = forest.held_out
    at = [place for place, kind in enumerate(held_out.format) if kind == "mc"]
    columns = {column: [values[place] for place in at] for column, values in held_out}
    choices = [_choice(held_out, llm.held_out, place) for place in at]
    for column, values in zip(_Choice._fields, zip(*choices, strict=True), strict=bool(choices)):
        columns[column] = list(values)
    origin = forest.origin.model_copy(
        update={
            "diagnostic": name,
            "diagnostic_settings": {
                FOREST: forest.origin.diagnostic_settings,
                LLM: llm.origin.diagnostic_settings,
            },
            "versions": {},
            "notes": [note],
        }
    )
    return FoldRecord(
        key=f"{forest.key} and {llm.key}",
        origin=origin,
        repeat=forest.repeat,
        fold=forest.fold,
        n_train=forest.n_train,
        seconds=0.0,
        held_out=HeldOut.model_validate(columns),
    )


def _choice(forest: HeldOut, llm: HeldOut, place: int) -> _Choice:
    """Return the log-average of a question; where one has no answer, its options count as equally likely.

    A record has no gold option but its probability, s(x). Of options that are equal by both, any will do.
    """
    answers = [
        (np.array(own.probabilities[place]), own.s[place])
        for own in (forest, llm)
        if own.probabilities[place] is not None
    ]
    if not answers:
        return _Choice(0.0, 0.0, "", None)
    gold = int(np.argmin(sum(np.abs(shares - s) for shares, s in answers)))
    product = np.prod([np.maximum(shares, _LEAST) for shares, _ in answers], axis=0)
    average = np.sqrt(product) / np.sqrt(product).sum()
    top = average == average.max()
    return _Choice(
        s=float(average[gold]),
        score=float(top[gold] / top.sum()),
        prediction=option_letter(int(np.argmax(top))),
        probabilities=average.round(_DIGITS).tolist(),
    )
