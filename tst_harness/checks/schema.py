"""What a report says beyond the scores: duplicates, order, answer positions, and two scores side by side.

All p-values come from tests of one hypothesis over all questions, or are corrected (Holm) for the number of
question types that were tested.
"""

from typing import Literal

from pydantic import Field

from tst_harness.analysis.ranges import Count, Difference, Fraction, Interval
from tst_harness.benchmark.model import Model


class Shortcut(Model):
    """A rule that beats the blind baseline on the whole benchmark.

    `support` counts the questions it applies to, `score` is what it scores there and `blind_baseline` what
    the blind baseline scores on the same questions. `p_value` is one-sided, robust to questions that share a
    group, and corrected (Holm) for the number of rules tried.
    """

    type: str
    text: str
    support: Count
    score: Fraction
    blind_baseline: Fraction
    p_value: Fraction


class PairedScores(Model):
    """Two scores of the same questions: of one diagnostic on different folds, or of two diagnostics.

    `difference` is `score - against`, paired by question. Intervals are 95% and from a bootstrap over groups.
    """

    n: Count
    score: Fraction
    interval: Interval
    against: Fraction
    difference: Difference
    difference_interval: Interval


class Comparison(Model):
    """Two scores of the same questions, over all of them and for each type."""

    overall: PairedScores
    types: dict[str, PairedScores]


class ContextReport(Comparison):
    """What questions give away of others about the same scene, image or video.

    `score` is that of `diagnostic` on random folds and `against` that on folds that keep groups whole.
    """

    diagnostic: str


class CopyTest(Model):
    """What copying the answer of another question scores.

    `chance` is the mean score under permutations of the answers, and `p_value` the share of the permutations
    that score as high, or, where the order is tested, lie as far from chance.
    """

    n: Count
    score: Fraction
    chance: Fraction
    p_value: Fraction


class TypeDuplicates(Model):
    """The duplicates of one question type.

    Of `n` questions, `questions` are in clusters, and `exact` have the text and options of another.
    `copying` answers each as a duplicate in another group is answered; null where there is none.
    """

    n: Count
    questions: Count
    exact: Count
    clusters: Count
    copying: CopyTest | None


class DuplicateCluster(Model):
    """Questions that are the same, or nearly so.

    `ids` are the first 20. `similarity` is the least of two questions that link the cluster, and
    `same_answer` the share of the questions that have its most frequent answer. `text` is null where texts
    are left out.
    """

    size: Count
    groups: Count
    types: list[str]
    similarity: Fraction
    same_answer: Fraction
    text: str | None
    ids: list[str]


class KeptTogether(Model):
    """The forest on folds that keep clusters of duplicates whole, and groups where the run does.

    Clusters that hold too much of a type, or with the groups that they link would, are left apart: there are
    `clusters_apart` of them with `questions_apart`. In `comparison` the score is that with duplicates kept
    together, and `against` that on the folds of the diagnostic; null where that is incomplete. Of a large set
    it is over the first folds that hold out 20,000 questions. `types` were scored again: those of which at
    least a fifth are duplicates in a cluster that is kept whole. The others count with the score they have.
    """

    clusters: Count
    questions: Count
    clusters_apart: Count
    questions_apart: Count
    types: list[str]
    comparison: Comparison | None = None


class DuplicatesReport(Model):
    """Questions whose text and options are the same as those of others, or nearly so.

    `questions` are in `clusters`, of which `across_groups` have questions of several groups and
    `across_folds` of several folds; `exact` questions have the same text and options as another.
    `largest` lists at most 50 clusters. Where `kept_together` is null, `not_kept` says why.
    """

    least_similarity: Fraction
    questions: Count
    exact: Count
    clusters: Count
    across_groups: Count
    across_folds: Count
    copying: CopyTest | None
    types: dict[str, TypeDuplicates]
    largest: list[DuplicateCluster]
    kept_together: KeptTogether | None = None
    not_kept: str | None = None


class OrderTest(CopyTest):
    """Each question answered as another of its type, in the order of the file or of the ids.

    `source` says which: the one before, the one two before, the one in the same place of the group before, or
    the one before in its own group. For multiple choice the place of the gold option is copied. `by_group`:
    what was copied is the last answer of the group before, since questions of a group may agree, or that of a
    place in a group. `type` is null for all types together, where `by_group` is null too; there the
    p-values of all sources but the first are corrected (Holm) for their number, else for that of types.
    """

    order: Literal["position", "id"]
    source: Literal["one before", "two before", "same place in a group", "one before in the group"] = (
        "one before"
    )
    type: str | None
    by_group: bool | None


class PositionCounts(Model):
    """How often each place holds the gold option, among the questions with as many options."""

    options: Count
    counts: list[Count]


class PositionBalance(Model):
    """Where the gold options stand.

    `best_score` is had by always choosing the option `best`, and `chance` is the mean of 1/options.
    `p_value` is of Pearson's chi-square against places that are equally likely. `same_options`: the options
    are the same in the same order, so that the counts are those of answers and not of places.
    """

    n: Count
    counts: list[PositionCounts]
    best: str
    best_score: Fraction
    chance: Fraction
    p_value: Fraction
    same_options: bool


class PositionsReport(Model):
    """Where the gold options of multiple-choice questions stand."""

    overall: PositionBalance
    types: dict[str, PositionBalance]


class OppositeAnswers(Model):
    """Questions of two possible answers in units that have as many of one as of the other.

    A unit is a pair of questions that follow each other in the file ("position"), or a group ("group").
    `balanced` of `units` are such; independent answers have so many with the probability `p_value` at most.
    """

    by: Literal["position", "group"]
    questions: int
    units: int
    balanced: int
    p_value: float


class ChecksReport(Model):
    """What the questions and their order give away apart from what a diagnostic learns.

    `positions` is null where there is no multiple choice, `opposite_answers` where nothing was found.
    """

    duplicates: DuplicatesReport
    order: list[OrderTest]
    positions: PositionsReport | None
    opposite_answers: OppositeAnswers | None = None


class Spread(Model):
    """How steady scores are over repeats.

    A question is easy in a repeat where it earns more than half of its score: for mc the gold option is
    chosen, for num the relative accuracy is above 0.5. `always`, `sometimes` and `never` are shares of the
    `n` questions. `always_expected` and `never_expected` are what they would be if each type's questions were
    easy at the same rate, independently in each repeat. `mean_sd` is the mean over questions of the standard
    deviation of s(x) over repeats.
    """

    n: Count
    always: Fraction
    sometimes: Fraction
    never: Fraction
    always_expected: Fraction
    never_expected: Fraction
    mean_sd: float = Field(ge=0.0)


class SpreadReport(Model):
    """How steady scores are over repeats, over all questions and for each type."""

    overall: Spread
    types: dict[str, Spread]
