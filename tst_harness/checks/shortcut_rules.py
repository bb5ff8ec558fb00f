"""Rules that anybody could follow without the image: what the facts say, one at a time.

A rule of an mc type says which options hold a fact; it is followed by choosing among them. A rule of a
num type gives one answer to all questions that hold a fact. Which of them beat the blind baseline is decided
above, with the number of rules tried taken into account.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from textwrap import shorten
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from tst_harness.analysis.diagnostic import FloatArray, IntArray
from tst_harness.analysis.metrics import best_constant, relative_accuracy
from tst_harness.checks.cue_rules import SCREENING_PARTS, cue_rules
from tst_harness.checks.cue_wording import ordinal, quoted
from tst_harness.dataset.loading import Dataset
from tst_harness.diagnostics.forest.choice import ChoiceModel
from tst_harness.diagnostics.forest.evidence import PARTS, inner_parts
from tst_harness.diagnostics.forest.families import Family, Key
from tst_harness.diagnostics.forest.forms import Forms
from tst_harness.diagnostics.forest.number import NumberModel
from tst_harness.diagnostics.forest.permutation import subset
from tst_harness.diagnostics.forest.reading import Reading
from tst_harness.diagnostics.forest.settings import MOST_TRAINING_QUESTIONS

LEAST_SUPPORT = 10
"""Questions that a rule must apply to, to be tried."""
_MOST_NUMBER_RULES = 500
_LONGEST_WORDING = 60


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
        (n_applications,) what the rule scores there, and what the blind baseline scores.
    """

    type: str
    texts: list[str]
    rule: IntArray
    question: IntArray
    score: FloatArray
    blind_baseline: FloatArray


def rules_of(dataset: Dataset, reading: Reading, units: IntArray, seed: int) -> list[Rules]:
    """All rules with enough support, type by type.

    Of a type with more than 20,000 questions, a seeded subset of that many is looked at.

    Parameters
    ----------
    reading
        Of the dataset's questions.
    units
        (n,) an integer for each question of the dataset; questions of a unit are kept together where
        what a rule says is estimated on other questions than it is scored on.
    """
    answers = dataset.frame["answer"].to_numpy(dtype=np.float64)
    parts = inner_parts(units, seed)
    asked = {
        name: _Asked.of(rows, subset(len(rows), MOST_TRAINING_QUESTIONS, seed), answers, parts)
        for name, rows in reading.rows.items()
    }
    found = [_choice_rules(model, asked[name], name) for name, model in reading.choices.items()]
    found += [_number_rules(model, asked[name], name) for name, model in reading.numbers.items()]
    found = [_distinct(rules, seed) for rules in found]
    found += [
        _new(reading.choices[one.type], asked[one.type], one, seed) for one in found[: len(reading.choices)]
    ]
    sums = {
        name: model.sums(asked[name].number, asked[name].answer, asked[name].part)
        for name, model in reading.choices.items()
    }
    for name, evidence in reading.related.evidence(sums).items():
        found.append(_related_rule(reading.choices[name].forms, asked[name], evidence, name))
    return [replace(rules, question=asked[rules.type].row[rules.question]) for rules in found]


class _Asked(NamedTuple):
    """The questions of one type that are looked at: their number within the type, row, answer and part."""

    number: IntArray
    row: IntArray
    answer: FloatArray
    part: IntArray

    @classmethod
    def of(
        cls, rows: IntArray, taken: npt.NDArray[np.bool_], answers: FloatArray, parts: IntArray
    ) -> "_Asked":
        row = rows[taken]
        return cls(np.flatnonzero(taken), row, answers[row], parts[row])


def _new(model: ChoiceModel, asked: _Asked, known: Rules, seed: int) -> Rules:
    """Rules of cues, without those that a fact says in the same words, or as a place or a rank."""
    texts, ranked, (rule, question, score, blind_baseline) = cue_rules(
        model, asked.number, asked.answer, asked.part
    )
    tested = asked.part >= SCREENING_PARTS
    weight = np.where(tested, np.random.default_rng(seed).random(len(tested)), 0.0)

    def marks(rule: IntArray, question: IntArray, score: FloatArray, n: int) -> FloatArray:
        mark = np.bincount(rule, weights=weight[question] * (1.0 + score), minlength=n)
        return np.asarray(np.round(mark, 6))

    own = marks(rule, question, score, len(texts))
    again = np.isin(own, marks(known.rule, known.question, known.score, len(known.texts)))
    kept = ~(again & ranked | np.isin(texts, known.texts))
    at = kept[rule]
    texts = [text for text, keep in zip(texts, kept, strict=True) if keep]
    return Rules(
        known.type, texts, (np.cumsum(kept) - 1)[rule[at]], question[at], score[at], blind_baseline[at]
    )


def _related_rule(forms: Forms, asked: _Asked, evidence: list[FloatArray], name: str) -> Rules:
    """Choose what related questions of other parts speak for most."""
    questions, gold = np.arange(len(asked.row)), asked.answer.astype(np.int64)
    rows, sizes = forms.rows(forms.form_of[asked.number])
    column = np.repeat(asked.part, sizes)
    starts = np.cumsum(sizes) - sizes
    told, known = (values[rows, column] for values in evidence)
    best = told == np.repeat(np.maximum.reduceat(told, starts), sizes)
    applies = np.maximum.reduceat(known, starts) > 0.0
    share = best[starts + gold] / np.add.reduceat(best.astype(np.float64), starts)
    at = questions[applies] if applies.sum() >= LEAST_SUPPORT else questions[:0]
    text = (
        "when other questions mention the same things in other roles, their answers give this one away {} "
        "of the time"
    )
    texts = [text] if len(at) else []
    return Rules(name, texts, np.zeros(len(at), dtype=np.int64), at, share[at], 1.0 / sizes[at])


def _choice_rules(model: ChoiceModel, asked: _Asked, name: str) -> Rules:
    forms, form_of = model.forms, model.forms.form_of[asked.number]
    sizes = np.diff(forms.first)
    row_form = forms.row_form
    members = sp.csr_matrix(
        (np.ones(forms.n_rows), (row_form, np.arange(forms.n_rows))), shape=(len(sizes), forms.n_rows)
    )
    gold_row = forms.first[form_of] + asked.answer.astype(np.int64)
    parts: list[tuple[IntArray, IntArray, FloatArray, FloatArray]] = []
    texts: list[str] = []
    for family in model.facts:
        sentence = _SENTENCES.get(family.name)
        if sentence is None:
            continue
        holding = (members @ abs(family.matrix)).tocsr()[form_of]
        kept = np.flatnonzero(np.bincount(holding.indices, minlength=len(family.keys)) >= LEAST_SUPPORT)
        if not len(kept):
            continue
        holding = holding[:, kept].tocoo()
        right = np.asarray(family.matrix[:, kept][gold_row].tocsr()[holding.row, holding.col]).ravel()
        blind_baseline = holding.data / sizes[form_of][holding.row]
        telling = blind_baseline < 1.0
        parts.append(
            (
                holding.col[telling].astype(np.int64) + len(texts),
                holding.row[telling].astype(np.int64),
                right[telling],
                blind_baseline[telling],
            )
        )
        texts += [sentence(family.keys[i]) for i in kept]
    return _rules(name, texts, parts)


def _number_rules(model: NumberModel, asked: _Asked, name: str) -> Rules:
    answers, parts, inclusive = asked.answer, asked.part, model.inclusive
    blind_baseline = np.empty(len(answers))
    for part in range(PARTS):
        here = parts == part
        if here.any() and not here.all():
            constant = best_constant(answers[~here], inclusive)
            blind_baseline[here] = relative_accuracy(constant, answers[here], inclusive)
    applications: list[tuple[IntArray, IntArray, FloatArray, FloatArray]] = []
    texts: list[str] = []
    for family, fact, questions in _supported(model.facts, model.forms.form_of[asked.number]):
        told, at = answers[questions], parts[questions]
        score = np.full(len(questions), np.nan)
        for part in np.unique(at):
            here = at == part
            if not here.all():
                constant = best_constant(told[~here], inclusive)
                score[here] = relative_accuracy(constant, told[here], inclusive)
        known = ~np.isnan(score)
        rule = np.full(int(known.sum()), len(texts), dtype=np.int64)
        applications.append((rule, questions[known], score[known], blind_baseline[questions][known]))
        answer = best_constant(told, inclusive)
        texts.append(_NUMBER_SENTENCES[family.name](family.keys[fact], f"{answer:g}"))
    for number, values in model.cues.told.items():
        value = values[model.forms.form_of[asked.number]]
        questions = np.flatnonzero(~np.isnan(value))
        score = relative_accuracy(value[questions], answers[questions], inclusive)
        applications.append(
            (np.full(len(questions), len(texts)), questions, score, blind_baseline[questions])
        )
        texts.append(f"the {number} in the question, said as the answer, scores {{}}")
    return _rules(name, texts, applications)


def _supported(families: list[Family], form_of: IntArray) -> list[tuple[Family, int, IntArray]]:
    """Family, fact and the questions that hold it, for the facts with the most questions."""
    found = []
    for family in families:
        held = family.matrix[form_of].tocsc()
        support = np.diff(held.indptr)
        for fact in np.flatnonzero((support >= LEAST_SUPPORT) & (support < len(form_of))):
            questions = np.sort(held.indices[held.indptr[fact] : held.indptr[fact + 1]]).astype(np.int64)
            found.append((family, int(fact), questions))
    found.sort(key=lambda one: -len(one[2]))
    return found[:_MOST_NUMBER_RULES]


def _rules(
    name: str, texts: list[str], parts: list[tuple[IntArray, IntArray, FloatArray, FloatArray]]
) -> Rules:
    empty = (np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0), np.empty(0))
    rule, question, score, blind_baseline = (
        np.concatenate(arrays) for arrays in zip(empty, *parts, strict=True)
    )
    return Rules(name, texts, rule, question, score, blind_baseline)


def _distinct(rules: Rules, seed: int) -> Rules:
    """Rules that differ on some question, and have the support: of the same in other words, the first."""
    weight = np.random.default_rng(seed).random(int(rules.question.max(initial=-1)) + 1)
    count = len(rules.texts)
    support = np.bincount(rules.rule, minlength=count)
    marks = np.bincount(rules.rule, weights=weight[rules.question] * (1.0 + rules.score), minlength=count)
    _, first = np.unique(np.round(marks, 6), return_index=True)
    kept = np.zeros(count, dtype=bool)
    kept[first] = True
    kept &= support >= LEAST_SUPPORT
    number = np.cumsum(kept) - 1
    at = kept[rules.rule]
    texts = [text for text, keep in zip(rules.texts, kept, strict=True) if keep]
    return Rules(
        rules.type,
        texts,
        number[rules.rule[at]],
        rules.question[at],
        rules.score[at],
        rules.blind_baseline[at],
    )


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


_SENTENCES: dict[str, Callable[[Key], str]] = {
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
        f"the right option has {quoted(key[0])} in the {ordinal(int(str(key[1])) + 1)} place {{}} of the time"
    ),
    "order in list": lambda key: (
        f"the right option has {quoted(key[0])} before {quoted(key[1])} {{}} of the time"
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

_NUMBER_SENTENCES: dict[str, Callable[[Key, str], str]] = {
    "slot": lambda key, answer: f"when {_slot(key[0])} is {quoted(key[1])}, the answer {answer} scores {{}}",
    "wording": lambda key, answer: f"when {_worded(key[0])}, the answer {answer} scores {{}}",
    "mention": lambda key, answer: f"when {quoted(key[0])} is mentioned, the answer {answer} scores {{}}",
    "pair of slots": lambda key, answer: (
        f"when {quoted(key[0])} and {quoted(key[1])} are mentioned, the answer {answer} scores {{}}"
    ),
    "words": lambda key, answer: f"when the question says {quoted(key[0])}, the answer {answer} scores {{}}",
}
