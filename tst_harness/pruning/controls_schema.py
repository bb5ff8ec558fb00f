"""What a removal is measured against, as validated models.

`tst_harness/pruning/comparison.schema.json` is generated from these models (`comparison_json_schema`).
"""

from typing import Any, Literal

from pydantic import Field

from tst_harness.analysis.ranges import Difference, Fraction, Interval
from tst_harness.benchmark.model import Model
from tst_harness.report.schema import OverallScores, RunReport, Settings, SourceReport, TypeScores


class OverSeeds(Model):
    """A figure of matched random removals: its mean, its standard deviation, its least and its largest."""

    mean: Difference
    sd: float = Field(ge=0.0)
    low: Difference
    high: Difference


class AgainstRandom(Model):
    """One figure of a removal beside those of matched random removals.

    `difference` is the removal's figure less `random.mean`. Its 95% interval comes from a bootstrap over
    groups and over the random removals together, so that it covers the sampling of questions and the luck of
    the draws; not the luck of training.
    """

    value: Difference
    random: OverSeeds
    difference: Difference
    difference_interval: Interval


class RandomControl(Model):
    """What is left by a removal beside what `seeds` random removals of as many questions of each type leave.

    `score` and `gain` as in `reports.schema.Scores`, over all the questions that are left.
    """

    seeds: int
    score: AgainstRandom
    gain: AgainstRandom


class OtherDiagnostic(Model):
    """What another diagnostic than the one that selected makes of the benchmark before and after.

    `limit` is how many questions, a stratified, seeded subset, it was given of the whole benchmark and of the
    kept part; null where it was given all. `score_change` and `gain_change` are after less before, paired by
    group. `random_control` is null where the diagnostic is too slow for one.
    """

    diagnostic: str
    limit: int | None
    before: OverallScores
    after: OverallScores
    score_change: Difference
    score_change_interval: Interval
    gain_change: Difference
    gain_change_interval: Interval
    random_control: RandomControl | None


class Overlap(Model):
    """Two lists of removed ids: `common` of them are in both, `jaccard` is their share of the union.

    `random_jaccard` and its 95% range are those of two lists drawn at random with the same number of
    questions of each type.
    """

    first: str
    second: str
    common: int
    jaccard: Fraction
    random_jaccard: Fraction
    random_range: Interval


class ModelScore(Model):
    """A model's mean score on the benchmark before and after a removal, each with its 95% interval.

    `change` is after less before, paired by group; `against_random` puts `after` beside what matched random
    removals leave.
    """

    before: Difference
    before_interval: Interval
    after: Difference
    after_interval: Interval
    change: Difference
    change_interval: Interval
    against_random: AgainstRandom


class VisionReport(Model):
    """A model with the image (`vision`), without it (`blind`), and `gap`, the former less the latter.

    `blind` and `gap` are null where only results with the image were given; `seeds` counts the random
    removals.
    """

    results: str
    results_blind: str | None
    seeds: int
    vision: ModelScore
    blind: ModelScore | None
    gap: ModelScore | None


class Removal(Model):
    """A list of removed questions, measured: `overall` and `types` are the scores of the rest.

    `removed` counts the questions of each type that the list removes. `random_control` is null where the
    diagnostic is too slow for one, `other_diagnostic` where none was asked, and `vision` where no model's
    results were given.
    """

    name: str
    removed: dict[str, int]
    overall: OverallScores
    types: dict[str, TypeScores]
    random_control: RandomControl | None
    other_diagnostic: OtherDiagnostic | None = None
    vision: VisionReport | None = None


class Controls(Model):
    """Lists of removed questions, measured alike; `before` and `before_types` are of the whole benchmark.

    `overlap` compares each two of them. `by_luck` is the change of the score when the pruning removes as many
    questions of each type with answers permuted, where there is nothing to find; null where it was not tried.
    """

    diagnostic: str
    before: OverallScores
    before_types: dict[str, TypeScores]
    removals: list[Removal] = Field(min_length=1)
    overlap: list[Overlap]
    by_luck: Difference | None = None


class Comparison(Model):
    """Lists of removed questions, measured without a pruning: `comparison.json`."""

    schema_version: Literal[2] = 2
    benchmark: str
    title: str
    source: SourceReport
    null_control: bool
    diagnosis: Settings
    diagnostic_settings: dict[str, Any]
    versions: dict[str, str]
    controls: Controls
    run: RunReport


def comparison_json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a comparison as it is written, every key present."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Comparison.model_json_schema(mode="serialization"),
    }
