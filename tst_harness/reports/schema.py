"""The report of one benchmark, as validated models: the contract that other tools build on.

`tst_harness/reports/report.schema.json` is generated from these models (`report_json_schema`).
All scores are fractions in [0, 1]; a gain is a difference of two scores, in [-1, 1].
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from tst_harness._model import Model
from tst_harness.data.provenance import Fingerprint as Fingerprint
from tst_harness.data.provenance import Format as Format
from tst_harness.data.provenance import InvalidRow as InvalidRow
from tst_harness.data.provenance import SourceReport as SourceReport

SCHEMA_VERSION: Literal[1] = 1


def _ordered(interval: tuple[float, float]) -> tuple[float, float]:
    if interval[0] > interval[1]:
        raise ValueError(f"the interval's low end {interval[0]} is above its high end {interval[1]}")
    return interval


Fraction = Annotated[float, Field(ge=0.0, le=1.0)]
Difference = Annotated[float, Field(ge=-1.0, le=1.0)]
Interval = Annotated[tuple[float, float], AfterValidator(_ordered)]


class Settings(Model):
    """What decides the scores, apart from the data."""

    folds: int
    seed: int
    repeats: int
    grouped: bool
    allow_leak: bool = False


class Scores(Model):
    """Scores of a set of questions, averaged over questions and repeats.

    `score` is accuracy for mc and mean relative accuracy for num; `soft_score` the mean of s(x);
    `baseline` the mean of 1/options for mc and the score of the training folds' best constant
    answer for num; `gain` is `score - baseline`. Intervals are 95% and from a bootstrap over groups.
    """

    n: int
    score: Fraction
    soft_score: Fraction
    interval: Interval
    soft_interval: Interval
    baseline: Fraction
    gain: Difference
    gain_interval: Interval


class TypeScores(Scores):
    """Scores of one question type."""

    format: Format
    metric: Literal["acc", "mra"]
    importances: dict[str, float] = Field(
        default_factory=dict,
        description="Drop of the mean s(x) when a family of features is permuted over held-out questions.",
    )


class OverallScores(Scores):
    """Scores over all questions; what begins with `macro_` is the unweighted mean over types."""

    macro_score: Fraction
    macro_interval: Interval
    macro_baseline: Fraction
    macro_gain: Difference
    macro_gain_interval: Interval


class FoldScores(Model):
    """One fold of one repeat. `seconds` and `cached` tell of this run and may differ between runs."""

    repeat: int
    fold: int
    n_train: int
    n: int
    score: Fraction
    soft_score: Fraction
    seconds: float
    cached: bool


class Shortcut(Model):
    """A rule that beats chance on the whole benchmark.

    `support` counts the questions it applies to, `accuracy` is its score there and `chance` what the
    baseline scores on the same questions. `p_value` is one-sided, robust to questions that share a
    group, and corrected (Holm) for the number of rules tried.
    """

    type: str
    text: str
    support: int
    accuracy: Fraction
    chance: Fraction
    p_value: Fraction


class DiagnosticReport(Model):
    """What one diagnostic found. Without every fold there is no score: `overall` is null.

    `missing` names the folds that left no record ("repeat 0 fold 3"); `shortcuts` are in order of the
    questions gained, `support * (accuracy - chance)`, the largest first.
    """

    complete: bool
    missing: list[str] = Field(default_factory=list)
    overall: OverallScores | None
    types: dict[str, TypeScores]
    folds: list[FoldScores]
    shortcuts: list[Shortcut] = Field(default_factory=list)
    rules_tried: int = 0
    settings: dict[str, Any] = Field(default_factory=dict)
    notes: list[str] = Field(default_factory=list)


class RunReport(Model):
    """Facts about this run alone; two runs with equal results differ only here and in fold timings."""

    started: str
    seconds: float
    command: list[str]


class Report(Model):
    """Everything known about one benchmark after a session: `reports/<benchmark>.json`."""

    schema_version: Literal[1] = SCHEMA_VERSION
    benchmark: str
    title: str
    source: SourceReport
    null_control: bool
    settings: Settings
    versions: dict[str, str]
    diagnostics: dict[str, DiagnosticReport]
    run: RunReport


class Sample(Model):
    """One line of `reports/<benchmark>.samples.jsonl`: one question in one repeat.

    `s` is s(x); `correct` is what `score` averages (0 or 1 for mc, the relative accuracy for num);
    `chance` is what the baseline scores on this question.
    """

    diagnostic: str
    id: str
    type: str
    format: Format
    fold: int
    repeat: int
    s: Fraction
    correct: Fraction
    chance: Fraction
    prediction: str | float


def report_json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a report as it is written, every key present."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Report.model_json_schema(mode="serialization"),
    }
