"""What rules are made of: the questions looked at, what following a rule gives, and its sentence."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from textwrap import shorten
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tst_harness.analysis.diagnostic import FloatArray, IntArray
from tst_harness.checks.cue_wording import ordinal, quoted
from tst_harness.diagnostics.forest.families import Family, Key

LEAST_SUPPORT = 10
"""Questions that a rule must apply to, to be tried."""
MOST_ANSWER_RULES = 500
"""Rules of a type that give one answer to all questions of a kind."""
_LONGEST_WORDING = 60

Application = tuple[IntArray, IntArray, FloatArray, FloatArray]
"""Rule, question, score and blind baseline, as in `Rules`."""


@dataclass(frozen=True, eq=False)
class Rules:
    """Rules of one type, and what following them gives on each question that they apply to.

    Attributes
    ----------
    type
        The question type.
    texts
        One sentence a rule, with `{}` where its score stands.
    rule, question
        (n_applications,) numbers of a rule and of a row of the dataset's frame.
    score, blind_baseline
        (n_applications,) what the rule scores there, and what the blind baseline scores. Of a rule that
        leaves several options: whether the gold option is among them, and their share of all options.
    tested
        (n_applications,) whether the rule was made without the question, which can speak for it then.
    """

    type: str
    texts: list[str]
    rule: IntArray
    question: IntArray
    score: FloatArray
    blind_baseline: FloatArray
    tested: npt.NDArray[np.bool_]


class Asked(NamedTuple):
    """The questions of one type that are looked at: their number within the type, row, answer and part."""

    number: IntArray
    row: IntArray
    answer: FloatArray
    part: IntArray

    @classmethod
    def of(
        cls, rows: IntArray, taken: npt.NDArray[np.bool_], answers: FloatArray, parts: IntArray
    ) -> "Asked":
        """The rows that are `taken`, with the answers and parts of the whole dataset."""
        row = rows[taken]
        return cls(np.flatnonzero(taken), row, answers[row], parts[row])


def supported(families: list[Family], form_of: IntArray) -> list[tuple[Family, int, IntArray]]:
    """Family, fact and the questions that hold it, for the facts with the most questions."""
    result = []
    for family in families:
        held = family.matrix[form_of].tocsc()
        support = np.diff(held.indptr)
        for fact in np.flatnonzero((support >= LEAST_SUPPORT) & (support < len(form_of))):
            questions = np.sort(held.indices[held.indptr[fact] : held.indptr[fact + 1]]).astype(np.int64)
            result.append((family, int(fact), questions))
    result.sort(key=lambda each: -len(each[2]))
    return result[:MOST_ANSWER_RULES]


def joined(name: str, texts: list[str], parts: list[Application]) -> Rules:
    """The rules of a type, from their applications."""
    empty = (np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0), np.empty(0))
    rule, question, score, blind_baseline = (
        np.concatenate(arrays) for arrays in zip(empty, *parts, strict=True)
    )
    return Rules(name, texts, rule, question, score, blind_baseline, np.ones(len(rule), dtype=bool))


def _slot(name: Any) -> str:
    """A slot by its declared name, or by the words around it."""
    return str(name) if str(name).isidentifier() else f"the blank in {quoted(name)}"


def _worded(wording: Any) -> str:
    return f"the question reads {quoted(shorten(str(wording), _LONGEST_WORDING, placeholder=' [...]'))}"


def _number_in_set(key: Key) -> str:
    if key[0] == "rank":
        return f"of {key[2]} numbers, the {ordinal(int(str(key[1])) + 1)} smallest is right {{}} of the time"
    if key[0] == "above lowest":
        return f"of {key[2]} numbers, the lowest plus {key[1]:g} is right {{}} of the time"
    return (
        f"of {key[3]} numbers, that {key[1]:g} above the lowest and {key[2]:g} below the highest is right "
        "{} of the time"
    )


SENTENCES: dict[str, Callable[[Key], str]] = {
    "option": lambda key: f"when {quoted(key[0])} is an option, it is right {{}} of the time",
    "position": lambda key: (
        f"of {key[1]} options, the {ordinal(int(str(key[0])) + 1)} is right {{}} of the time"
    ),
    "length": lambda key: f"the {key[0]} option is right {{}} of the time",
    "words": lambda key: f"an option with the word {quoted(key[0])} is right {{}} of the time",
    "rivals": lambda key: (
        f"when {quoted(key[0])} and {quoted(key[1])} are options, the former is right {{}} of the time"
    ),
    "place in list": lambda key: (
        f"an option that has {quoted(key[0])} in the {ordinal(int(str(key[1])) + 1)} place is right {{}} "
        "of the time"
    ),
    "order in list": lambda key: (
        f"an option that has {quoted(key[0])} before {quoted(key[1])} is right {{}} of the time"
    ),
    "number in set": _number_in_set,
    "option and slot": lambda key: (
        f"when {quoted(key[0])} is an option and {_slot(key[1])} is {quoted(key[2])}, it is right {{}} "
        "of the time"
    ),
    "option and wording": lambda key: (
        f"when {quoted(key[0])} is an option and {_worded(key[1])}, it is right {{}} of the time"
    ),
    "option and word": lambda key: (
        f"when {quoted(key[0])} is an option and the question says {quoted(key[1])}, it is right {{}} "
        "of the time"
    ),
}


def choice_sentence(family: str, key: Key, always: Collection[str], whole: Mapping[str, str]) -> str:
    """Return the sentence of a fact about options, with `{}` where its score stands.

    Parameters
    ----------
    family, key
        The fact, of a family that has a sentence.
    always
        Options that every question of the type has, of which it is not said that they are options.
    whole
        For stems, the words that they stand for.
    """
    if family == "words":
        return SENTENCES[family]((whole.get(str(key[0]), key[0]),))
    text = SENTENCES[family](key)
    given = f"when {quoted(key[0])} is an option"
    if key[0] not in always or not text.startswith(given):
        return text
    condition, right = text.removeprefix(given).rsplit(", it is right", 1)
    when = f"when {condition.removeprefix(' and ')}, " if condition else ""
    return f"{when}{'' if when else 'the option '}{quoted(key[0])} is right{right}"


ANSWER_SENTENCES: dict[str, Callable[[Key, str], str]] = {
    "slot": lambda key, answer: f"when {_slot(key[0])} is {quoted(key[1])}, the answer {answer} scores {{}}",
    "wording": lambda key, answer: f"when {_worded(key[0])}, the answer {answer} scores {{}}",
    "mention": lambda key, answer: f"when {quoted(key[0])} is mentioned, the answer {answer} scores {{}}",
    "pair of slots": lambda key, answer: (
        f"when {quoted(key[0])} and {quoted(key[1])} are mentioned, the answer {answer} scores {{}}"
    ),
    "words": lambda key, answer: f"when the question says {quoted(key[0])}, the answer {answer} scores {{}}",
    "number of words": lambda key, answer: (
        f"when the question has {key[0]} word{'' if key[0] == 1 else 's'}, the answer {answer} scores {{}}"
    ),
}


def pointer_sentence(key: Key) -> str:
    """Return the sentence of a rule that answers with what a question says itself; keys as in `Pointers`."""
    kind, which = key
    if kind in ("word", "number"):
        text = f"the {'first' if which == 0 else 'last'} {kind} in the question"
    elif kind == "quoted":
        text = "what the question has in quotation marks"
    elif kind == "rest":
        text = f"what follows {quoted(which)} in the question"
    else:
        text = f"the word {kind} {quoted(which)} in the question"
    return f"{text}, said as the answer, scores {{}}"
