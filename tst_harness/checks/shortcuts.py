"""Which rules beat the blind baseline, after correction for how many were tried."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple, Self

import numpy as np
from pydantic import Field

from tst_harness.analysis.diagnostic import FloatArray, IntArray
from tst_harness.analysis.independent import independent
from tst_harness.analysis.ranges import Count, Fraction
from tst_harness.analysis.records import BaseRecord
from tst_harness.benchmark.model import Model
from tst_harness.dataset.loading import Dataset
from tst_harness.stats.resampling import holm, rule_p_values

if TYPE_CHECKING:
    from tst_harness.checks.rules import Rules

SIGNIFICANCE = 0.05
MOST_SHORTCUTS = 200
MOST_INDEXED = 50
_ROUNDING = 1e-9
_ERRORS = 2.0
"""Standard errors by which a condition has to matter."""
_FEW = 10
"""Questions that may tell two rules apart that are one rule in other words."""


class Shortcut(Model):
    """A rule that beats the blind baseline on the whole benchmark.

    `support` counts the questions it applies to, `score` is what it scores there and `blind_baseline` what
    chance, or the best constant answer, scores on the same questions, which is what it is tested against.
    `most_frequent` is what the most frequent answer of the training folds scores there, where that is more
    and also the blind baseline of the type, and null elsewhere. `p_value` is one-sided, of those questions
    that the rule was not looked for in, robust to questions that share a group, and corrected (Holm) for
    the number of rules tried, each with a share of the level in proportion to the questions that it was
    tested on.
    """

    type: str
    text: str
    support: Count
    score: Fraction
    blind_baseline: Fraction
    most_frequent: Fraction | None = None
    p_value: Fraction

    @property
    def gain(self) -> float:
        """Score minus the better of both on the same questions, in [-1, 1]."""
        return self.score - (self.blind_baseline if self.most_frequent is None else self.most_frequent)


class ShortcutRecord(BaseRecord):
    """The rules that beat chance on the whole benchmark, and how many were tried.

    `applies` has, by id, the places in `shortcuts` of the strongest that apply to a question.
    """

    kind: Literal["shortcuts"] = "shortcuts"
    shortcuts: list[Shortcut]
    rules_tried: int
    applies: dict[str, list[int]] = Field(default_factory=dict)


class Found(NamedTuple):
    """The rules that beat the blind baseline, and how many were tried.

    `applies` has, by the id of a question, the places in `shortcuts` of those that apply to it; of the first
    50 alone, so that it stays small.
    """

    shortcuts: list[Shortcut]
    tried: int
    applies: dict[str, list[int]]


def significant_shortcuts(
    dataset: Dataset, candidates: "Sequence[Rules]", most_frequent: FloatArray | None = None
) -> Found:
    """Test every rule against the blind baseline.

    Parameters
    ----------
    dataset
        n questions.
    candidates
        The rules of each type.
    most_frequent
        (n,) what the most frequent answer of the training folds scores, where that is the blind baseline of a
        question's type, else nan; by default nowhere.

    Returns
    -------
    The rules whose corrected p-value is below 0.05 and that score no less than the most frequent answer does
    on the same questions, by questions gained over the blind baseline of their type, at most 200 of them. One
    that says on some of another's questions what that says of all is there only where it is right more often
    on them.
    """
    sizes = [len(rules.texts) for rules in candidates]
    tried = sum(sizes)
    if tried == 0:
        return Found([], 0, {})
    offsets = np.cumsum([0, *sizes[:-1]])
    rule = np.concatenate([rules.rule + offset for rules, offset in zip(candidates, offsets, strict=True)])
    question = np.concatenate([rules.question for rules in candidates])
    score = np.concatenate([rules.score for rules in candidates])
    blind_baseline = np.concatenate([rules.blind_baseline for rules in candidates])
    tested = np.concatenate([rules.tested for rules in candidates])
    group = independent(dataset).codes()
    support = np.bincount(rule, minlength=tried)
    # A cue that lifts the score of a benchmark applies to many of its questions. How many those are is known
    # before any answer is.
    n_tested = np.bincount(rule[tested], minlength=tried)
    p_values = holm(
        rule_p_values(rule[tested], group[question[tested]], score[tested], blind_baseline[tested], tried),
        n_tested.astype(np.float64),
    )

    left = _left(dataset, question, blind_baseline)
    score, blind_baseline = score / left, blind_baseline / left
    mean_score = np.bincount(rule, weights=score, minlength=tried) / support
    mean_baseline = np.bincount(rule, weights=blind_baseline, minlength=tried) / support
    gained = np.round(support * (mean_score - mean_baseline), 9)
    names = [(rules.type, text) for rules in candidates for text in rules.texts]
    beating = np.flatnonzero(p_values < SIGNIFICANCE).tolist()
    strongest = sorted(beating, key=lambda i: (-gained[i], -n_tested[i], names[i]))
    strongest = _adding(
        strongest, [name for name, _ in names], dataset, _Applied.of(rule, question, score, blind_baseline)
    )
    guessed = np.full(len(dataset.frame), np.nan) if most_frequent is None else most_frequent
    most = np.bincount(rule, weights=guessed[question], minlength=tried) / support
    shortcuts = {
        i: Shortcut(
            type=names[i][0],
            text=names[i][1].format(f"{100 * mean_score[i]:.0f}%"),
            support=int(support[i]),
            score=float(mean_score[i]),
            blind_baseline=float(mean_baseline[i]),
            most_frequent=float(most[i]) if most[i] > mean_baseline[i] + _ROUNDING else None,
            p_value=float(p_values[i]),
        )
        for i in strongest
    }
    strongest = sorted(
        (i for i in strongest if shortcuts[i].gain >= -_ROUNDING),
        key=lambda i: -round(shortcuts[i].support * shortcuts[i].gain, 9),
    )[:MOST_SHORTCUTS]
    ids = dataset.frame["id"].to_numpy()
    applies: dict[str, list[int]] = {}
    for place, i in enumerate(strongest[:MOST_INDEXED]):
        for id in ids[question[rule == i]]:
            applies.setdefault(id, []).append(place)
    return Found([shortcuts[i] for i in strongest], tried, applies)


def _left(dataset: Dataset, question: IntArray, blind_baseline: FloatArray) -> FloatArray:
    """Of how many options a rule leaves it to chance which one is taken; 1 where it gives an answer.

    Whether the gold option is among them has the probability of their share, which is what is tested.
    """
    frame = dataset.frame
    offered = [
        len(options) if format_ == "mc" else 0
        for format_, options in zip(frame["format"], frame["options"], strict=True)
    ]
    left: FloatArray = np.maximum(np.round(blind_baseline * np.array(offered)[question]), 1.0)
    return left


class _Applied(NamedTuple):
    """The applications of rules in the order of rules: of rule i those from `first[i]` to `first[i + 1]`."""

    first: IntArray
    question: IntArray
    score: FloatArray
    gain: FloatArray

    @classmethod
    def of(cls, rule: IntArray, question: IntArray, score: FloatArray, blind_baseline: FloatArray) -> Self:
        """Put applications in order."""
        order = np.lexsort((question, rule))
        first = np.concatenate([[0], np.cumsum(np.bincount(rule))])
        return cls(first, question[order], score[order], (score - blind_baseline)[order])

    def at(self, rule: int) -> slice:
        """The applications of a rule, by question."""
        return slice(int(self.first[rule]), int(self.first[rule + 1]))


def _adding(rules: Sequence[int], types: Sequence[str], dataset: Dataset, applied: _Applied) -> list[int]:
    """The rules, without those that are others in other words or with a condition that does not matter.

    What a condition is worth is looked at where the rule without it was found, too, so no finding is lost.

    Parameters
    ----------
    rules
        Numbers of rules, the strongest first.
    types
        Of each rule.
    """
    kept: list[int] = []
    for rule in rules:
        wider = [other for other in kept if types[other] == types[rule]]
        constant = dataset.benchmark.question_type(types[rule]).format in ("num", "open")
        if all(_adds(applied, rule, other, constant) for other in wider):
            kept.append(rule)
    return kept


def _adds(applied: _Applied, rule: int, other: int, constant: bool) -> bool:
    """Whether a rule adds to another; `constant` is whether both give one answer to all their questions."""
    at, other_at = applied.at(rule), applied.at(other)
    question, other_question = applied.question[at], applied.question[other_at]
    inside = np.isin(other_question, question, assume_unique=True)
    shared = np.isin(question, other_question, assume_unique=True)
    more = applied.score[at][shared] - applied.score[other_at][inside]
    n, n_other, common = len(question), len(other_question), len(more)
    if n + n_other - 2 * common < _FEW and not more.any():
        return False
    if common < n or n == n_other:
        return True
    if constant:
        return _is_above(more, None)
    if more.any():
        return True
    gain = applied.gain[other_at]
    return _is_above(gain[inside], gain[~inside])


def _is_above(values: FloatArray, others: FloatArray | None) -> bool:
    """Whether a mean is above that of others, or zero, by two standard errors."""
    difference, variance = values.mean(), values.var() / len(values)
    if others is not None:
        difference, variance = difference - others.mean(), variance + others.var() / len(others)
    return bool(difference > _ERRORS * np.sqrt(variance))
