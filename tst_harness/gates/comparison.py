"""Two runs of the same questions, compared: paired by question and repeat, with the repeat as the unit."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal, NamedTuple

import numpy as np

from tst_harness.errors import ReportError
from tst_harness.stats.bounds import Evidence, Resampled, Student, detectable, upper
from tst_harness.stats.metrics import Metric
from tst_harness.stats.resampling import ROUNDING, FloatArray
from tst_harness.stats.samples import Samples, figures, resampled

ALPHA = 0.05
LIKE_TRAINING = 1.25
"""Where folds of one run trained on more than so many times as many questions, scores differ by that, too."""
ONE_RUN = (
    "one run each: the interval covers the sampling of questions and not the luck of training; more repeats "
    "(--tst-repeats) cover that"
)


class Paired(NamedTuple):
    """A difference between two runs of n questions.

    `new` and `old` are the figures, `evidence` is on `new - old`, and `runs` the number of repeats whose
    differences were taken; None where there is one, and the questions' differences were resampled.
    """

    n: int
    new: float
    old: float
    evidence: Evidence
    runs: int | None

    def bounds(self, alpha: float) -> tuple[float, float]:
        """Return the lower and the upper one-sided bound of the difference, each at a level of `alpha`."""
        return self.evidence.lower(alpha), upper(self.evidence, alpha)


class Trained(NamedTuple):
    """How many questions a fold of each run trained on, of the types that are compared."""

    before: float
    after: float

    @property
    def more(self) -> bool:
        """Whether the second run had so many more that it learned more."""
        return self.after > LIKE_TRAINING * self.before

    @property
    def fewer(self) -> bool:
        """Whether the second run had so many fewer that it learned less."""
        return self.before > LIKE_TRAINING * self.after


Outcome = Literal["higher", "lower", "not higher", "cannot tell"]


class ComparedDiagnostic(NamedTuple):
    """The differences by type, and of all questions (None), of one diagnostic.

    `remarks` say what only one of the runs has; `p_more` is the one-sided p-value of the hypothesis that the
    score did not rise.
    """

    name: str
    pairs: Mapping[str | None, Paired]
    remarks: Sequence[str]
    p_more: float
    trained: Trained

    @property
    def in_one_group(self) -> bool:
        """Whether all that differs is of one group, so that nothing is known of how far it is luck."""
        return detectable(self.pairs[None].evidence, ALPHA) is None

    @property
    def outcome(self) -> Outcome:
        """How the second run scores, beside the first, over all questions.

        A learner with more questions learns more. So a rise with more of them, and a fall or no rise with
        fewer, tell nothing of the benchmark.
        """
        if self.in_one_group:
            return "cannot tell"
        higher = self.p_more < ALPHA
        if higher if self.trained.more else self.trained.fewer and not higher:
            return "cannot tell"
        if self.pairs[None].bounds(ALPHA)[1] < 0.0:
            return "lower"
        return "higher" if higher else "not higher"


def compare_runs(
    new: Samples, old: Samples, metric: Metric, *, folds: int, seed: int
) -> dict[str | None, Paired]:
    """Return the difference of a metric for each type, and for all questions (None).

    With R repeats, R differences of whole runs are taken, with Student's t on R - 1 degrees of freedom and
    the variance of Nadeau and Bengio ("Inference for the Generalization Error", 2003): times
    1/R + 1/(folds - 1) instead of 1/R, since the runs share most of the questions they are trained on.
    With one repeat the questions' differences are resampled, whole groups at a time. So they are where all
    R differences are equal, as those on few questions may be by chance, since they have no spread to go by.
    Where no question differs, the difference is known to be 0.

    Parameters
    ----------
    new, old
        The same questions, in as many repeats.
    metric
        What is compared.
    folds
        Of both.
    seed
        Of the resamples.

    Raises
    ------
    ReportError
        The questions are not the same.
    """
    if new.repeats != old.repeats or len(new.id) != len(old.id) or (new.id != old.id).any():
        alone = len({*old.id} ^ {*new.id})
        raise ReportError(
            f"the two runs do not have the same questions in as many repeats, but {len(old.id):,} questions "
            f"in {old.repeats} and {len(new.id):,} in {new.repeats}, {alone:,} of them in one run alone: run "
            "both on the same questions, or make a new reference with --tst-reference-update"
        )
    # A question is compared with itself, under the type that it has now.
    old = replace(old, type=new.type)
    low, high = metric.limits
    limits = (low - high, high - low)
    runs = new.repeats if new.repeats > 1 else None
    resamples: dict[str | None, Resampled] = {}
    same = (new.values(metric) == old.values(metric)).all(axis=0)
    pairs = {}
    for name in [*sorted(set(new.type)), None]:
        own = np.ones(len(new.id), dtype=bool) if name is None else new.type == name
        ours, theirs = figures(new, metric, name), figures(old, metric, name)
        evidence: Evidence
        if same[own].all():
            evidence = Student(0.0, 0.0, 1, limits)
        elif np.ptp(ours - theirs) > ROUNDING:
            evidence = student(ours - theirs, folds, limits)
        else:
            resamples = resamples or resampled(new, metric, seed=seed, minus=old)
            evidence = resamples[name]
        pairs[name] = Paired(int(own.sum()), float(ours.mean()), float(theirs.mean()), evidence, runs)
    return pairs


def student(differences: FloatArray, folds: int, limits: tuple[float, float]) -> Student:
    """Return what R differences of runs, shape (R,), tell of their mean."""
    repeats = len(differences)
    variance = float(differences.var(ddof=1)) * (1.0 / repeats + 1.0 / (folds - 1))
    return Student(float(differences.mean()), float(np.sqrt(variance)), repeats - 1, limits)
