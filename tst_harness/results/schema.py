"""The part of a report that says how models score beside the bias, as validated models."""

from pydantic import Field

from tst_harness.analysis.ranges import Difference, Fraction, Interval
from tst_harness.benchmark.model import Model

QUARTERS = 4


class ModelScore(Model):
    """A score in [0, 1] with its 95% interval."""

    score: Fraction
    interval: Interval


class Change(Model):
    """A difference of two scores with its 95% interval."""

    difference: Difference
    interval: Interval


class Lean(Model):
    """How much higher a model scores where the text gives more away, within questions of one kind.

    `difference` compares, among questions of the same type, format and number of options, those whose s(x)
    minus blind baseline is above the middle with the others; `n` counts the questions of such kinds.
    `p_value` is two-sided and corrected (Holm) for the number of models.
    """

    n: int
    difference: Difference
    interval: Interval
    p_value: Fraction


class Falls(Model):
    """How often a model's errors are the text's own errors.

    Of `n` questions with three or more options that both the model and the text-only answer get wrong,
    `share` is how many have the same wrong answer, and `others` what each other wrong option gets on average.
    `difference` is `share - others`; `p_value` is two-sided and corrected (Holm) for the number of models.
    """

    n: int
    share: Fraction
    others: Fraction
    difference: Difference
    interval: Interval
    p_value: Fraction


class Read(Model):
    """What a file of results was recognised as, and how many of its records were of use."""

    file: str
    form: str
    matched_by: str
    missing: int
    double: int
    unknown: int
    unread: int
    own_score: Fraction | None = Field(description="The file's own mean score; null where it has none.")
    differing: int = Field(description="Questions whose own score is not that by the benchmark's metric.")
    notes: list[str]


class ModelReport(Model):
    """One model.

    `quarters` are its scores in four quarters of s(x) minus blind baseline, from what the text gives away
    least to most, and `seeing` what the model gains over its blind run there; null where there is none.
    `lean` is null where no two questions of a kind differ in s(x), `falls` where there is no prediction to
    look at.
    """

    read: Read
    n: int
    score: Fraction
    interval: Interval
    quarters: list[ModelScore]
    lean: Lean | None
    falls: Falls | None
    blind: ModelScore | None = None
    seeing: Change | None = None
    seeing_quarters: list[Change] | None = None


class Place(Model):
    """A model's score and rank, from 1, on some questions."""

    model: str
    score: Fraction
    rank: int


class Swap(Model):
    """Two models whose order is not the same as on all questions.

    `above` scores higher on all questions and lower on the part. `share` is how many resamples of the
    questions have both orders, and `p_value` is of the claim that both are as they seem, corrected (Holm)
    for all pairs.
    """

    above: str
    below: str
    share: Fraction
    p_value: Fraction


class Ranking(Model):
    """The ranking on part of the questions, and its agreement with that on all: Kendall's tau-b.

    `tau_interval` is that of the tau which other test sets of this size would have on average.
    """

    questions: int
    places: list[Place]
    tau: Difference
    tau_interval: Interval
    swaps: list[Swap]


class Leaderboard(Model):
    """The ranking on all questions that every model answered, and on parts of them, by name."""

    questions: int
    places: list[Place]
    parts: dict[str, Ranking]


class ModelsReport(Model):
    """How models score beside the bias. `diagnostic` is whose s(x) and text-only answers are meant."""

    diagnostic: str
    questions: int
    models: dict[str, ModelReport]
    leaderboard: Leaderboard | None = Field(description="Null where there is one model.")
