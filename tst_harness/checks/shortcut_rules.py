"""Rules that anybody could follow without the image: what the facts say, one at a time.

A rule of an mc type says which options hold a fact; it is followed by choosing among them. A rule of a
num or an open type gives one answer to all questions that hold a fact, and one of a multi type takes for
right the options that hold it. Which of them beat the blind baseline is decided above, with the number of
rules tried taken into account.
"""

from dataclasses import replace

import numpy as np
import scipy.sparse as sp

from tst_harness.analysis.blind_baseline import blind_baseline, most_frequent_scores
from tst_harness.analysis.diagnostic import FloatArray, IntArray
from tst_harness.analysis.metrics import best_constant, relative_accuracy
from tst_harness.analysis.protocol import Experiment
from tst_harness.analysis.units import Split
from tst_harness.checks.cue_rules import SCREENING_PARTS, cue_rules, general_rules
from tst_harness.checks.multi_rules import multi_rules
from tst_harness.checks.open_rules import open_rules
from tst_harness.checks.rules import (
    ANSWER_SENTENCES,
    LEAST_SUPPORT,
    SENTENCES,
    Application,
    Asked,
    Rules,
    choice_sentence,
    joined,
    supported,
)
from tst_harness.checks.shortcuts import Found, significant_shortcuts
from tst_harness.dataset.loading import Dataset
from tst_harness.diagnostics.forest.analysis import FOREST
from tst_harness.diagnostics.forest.choice import ChoiceModel
from tst_harness.diagnostics.forest.evidence import PARTS, inner_parts
from tst_harness.diagnostics.forest.facts import whole_words
from tst_harness.diagnostics.forest.forms import Forms
from tst_harness.diagnostics.forest.multi import MultiModel
from tst_harness.diagnostics.forest.number import NumberModel
from tst_harness.diagnostics.forest.permutation import subset
from tst_harness.diagnostics.forest.reading import Reading
from tst_harness.diagnostics.forest.settings import MOST_TRAINING_QUESTIONS

_ROUNDING = 1e-9


def shortcuts_of(experiment: Experiment, split: Split) -> Found:
    """Find the rules of a benchmark and test each."""
    reading = FOREST.kept_diagnostic(experiment).reading(experiment.questions)
    together = experiment.kept_together(split)
    rules = rules_of(experiment.dataset, reading, together, experiment.settings.seed)
    return significant_shortcuts(experiment.dataset, rules, _most_frequent(experiment, split))


def _most_frequent(experiment: Experiment, split: Split) -> FloatArray:
    """(n,) what the most frequent answer scores in the first repeat; nan where chance scores more."""
    dataset = experiment.dataset
    scores, chance = np.zeros(len(dataset.frame)), np.zeros(len(dataset.frame))
    for fold in experiment.folds(split)[: experiment.settings.folds]:
        scores[fold.held_out] = most_frequent_scores(dataset, fold.train, fold.held_out)
        chance[fold.held_out] = blind_baseline(dataset, fold.train, fold.held_out)
    types = dataset.frame["type"].to_numpy()
    for declared in dataset.benchmark.scored_types:
        at = types == declared.name
        if declared.format != "mc" or scores[at].sum() <= chance[at].sum() + _ROUNDING * at.sum():
            scores[at] = np.nan
    return scores


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
    questions_of = {
        name: Asked.of(rows, subset(len(rows), MOST_TRAINING_QUESTIONS, seed), answers, parts)
        for name, rows in reading.rows.items()
    }
    rules_by_type = [
        _choice_rules(model, questions_of[name], name) for name, model in reading.choices.items()
    ]
    rules_by_type += [
        _number_rules(model, questions_of[name], name) for name, model in reading.numbers.items()
    ]
    rules_by_type += [multi_rules(model, questions_of[name], name) for name, model in reading.multis.items()]
    rules_by_type += [
        open_rules(model, questions_of[name], name, dataset.accepted) for name, model in reading.opens.items()
    ]
    rules_by_type = [_distinct(rules, seed) for rules in rules_by_type]
    of_options: dict[str, ChoiceModel | MultiModel] = {**reading.choices, **reading.multis}
    rules_by_type += [
        _new(of_options[rules.type], questions_of[rules.type], rules)
        for rules in rules_by_type
        if rules.type in of_options
    ]
    sums = {
        name: model.sums(questions_of[name].number, questions_of[name].answer, questions_of[name].part)
        for name, model in reading.choices.items()
    }
    for name, evidence in reading.related.evidence(sums).items():
        rules_by_type.append(_related_rule(reading.choices[name].forms, questions_of[name], evidence, name))
    return [replace(rules, question=questions_of[rules.type].row[rules.question]) for rules in rules_by_type]


def _new(model: ChoiceModel | MultiModel, questions: Asked, known: Rules) -> Rules:
    """Rules of cues, without those that a fact says in the same words."""
    texts, parts = cue_rules(model, questions.number, questions.answer, questions.part)
    new = [(text, part) for text, part in zip(texts, parts, strict=True) if text not in known.texts]
    numbered = [
        (np.full_like(question, place), question, right, chance)
        for place, (_, (_, question, right, chance)) in enumerate(new)
    ]
    rules = joined(known.type, [text for text, _ in new], numbered)
    return replace(rules, tested=questions.part[rules.question] >= SCREENING_PARTS)


def _related_rule(forms: Forms, of_type: Asked, evidence: list[FloatArray], name: str) -> Rules:
    """Choose what related questions of other parts speak for most."""
    questions, gold = np.arange(len(of_type.row)), of_type.answer.astype(np.int64)
    rows, sizes = forms.rows(forms.form_of[of_type.number])
    column = np.repeat(of_type.part, sizes)
    starts = np.cumsum(sizes) - sizes
    answers, known = (values[rows, column] for values in evidence)
    best = answers == np.repeat(np.maximum.reduceat(answers, starts), sizes)
    applies = np.maximum.reduceat(known, starts) > 0.0
    share = best[starts + gold] / np.add.reduceat(best.astype(np.float64), starts)
    at = questions[applies] if applies.sum() >= LEAST_SUPPORT else questions[:0]
    text = (
        "when other questions mention the same things in other roles, their answers give this one away {} "
        "of the time"
    )
    applications = (np.zeros(len(at), dtype=np.int64), at, share[at], 1.0 / sizes[at])
    return joined(name, [text] if len(at) else [], [applications])


def _choice_rules(model: ChoiceModel, questions: Asked, name: str) -> Rules:
    forms, form_of = model.forms, model.forms.form_of[questions.number]
    sizes = np.diff(forms.first)
    row_form = forms.row_form
    members = sp.csr_matrix(
        (np.ones(forms.n_rows), (row_form, np.arange(forms.n_rows))), shape=(len(sizes), forms.n_rows)
    )
    gold_row = forms.first[form_of] + questions.answer.astype(np.int64)
    parts: list[Application] = []
    texts: list[str] = []
    always = set.intersection(*map(set, forms.options)) if forms.options else set()
    whole = whole_words(option for options in forms.options for option in options)
    for family in model.facts:
        if family.name not in SENTENCES:
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
        texts += [choice_sentence(family.name, family.keys[i], always, whole) for i in kept]
    general, applications = general_rules(model, questions.number, questions.answer)
    parts += [(rule + len(texts), question, right, chance) for rule, question, right, chance in applications]
    return joined(name, texts + general, parts)


def _number_rules(model: NumberModel, of_type: Asked, name: str) -> Rules:
    answers, parts, inclusive = of_type.answer, of_type.part, model.inclusive
    blind_baseline = np.empty(len(answers))
    for part in range(PARTS):
        here = parts == part
        if here.any() and not here.all():
            constant = best_constant(answers[~here], inclusive)
            blind_baseline[here] = relative_accuracy(constant, answers[here], inclusive)
    applications: list[Application] = []
    texts: list[str] = []
    for family, fact, questions in supported(model.facts, model.forms.form_of[of_type.number]):
        own_answers, at = answers[questions], parts[questions]
        score = np.full(len(questions), np.nan)
        for part in np.unique(at):
            here = at == part
            if not here.all():
                constant = best_constant(own_answers[~here], inclusive)
                score[here] = relative_accuracy(constant, own_answers[here], inclusive)
        known = ~np.isnan(score)
        rule = np.full(int(known.sum()), len(texts), dtype=np.int64)
        applications.append((rule, questions[known], score[known], blind_baseline[questions][known]))
        answer = best_constant(own_answers, inclusive)
        texts.append(ANSWER_SENTENCES[family.name](family.keys[fact], f"{answer:g}"))
    for number, values in model.cues.told.items():
        value = values[model.forms.form_of[of_type.number]]
        questions = np.flatnonzero(~np.isnan(value))
        score = relative_accuracy(value[questions], answers[questions], inclusive)
        applications.append(
            (np.full(len(questions), len(texts)), questions, score, blind_baseline[questions])
        )
        texts.append(f"the {number} in the question, said as the answer, scores {{}}")
    return joined(name, texts, applications)


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
        rules.tested[at],
    )
