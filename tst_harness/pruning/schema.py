"""The report of a pruning, as validated models: the contract that other tools build on.

`tst_harness/pruning/pruning.schema.json` is generated from these models (`pruning_json_schema`). Scores are
those of `tst_harness.report.schema`.
"""

from typing import Any, Literal

from pydantic import Field

from tst_harness.benchmark.model import Model
from tst_harness.benchmark.pruning import PruningSettings, Rank
from tst_harness.pruning.controls_schema import Controls
from tst_harness.report.schema import (
    Fraction,
    OverallScores,
    RunReport,
    Settings,
    SourceReport,
    Texts,
    TypeScores,
)

PRUNING_VERSION: Literal[2] = 2

Stopped = Literal["budget", "tau", "chance", "floors"]


class BenchmarkScores(Model):
    """Scores of the questions that are left, over all of them and by type."""

    overall: OverallScores
    types: dict[str, TypeScores]


class Removed(Model):
    """A question that was removed: its s(x) then, and the score that it was ranked by."""

    id: str
    type: str
    s: Fraction
    rank_score: float


class Iteration(BenchmarkScores):
    """A diagnosis of the `n` questions that were left, and what was removed by it, in removal order.

    The last one removes nothing: it scores what is kept.
    """

    n: int
    removed: list[Removed]


class PruningReport(Model):
    """Everything known about one pruning: `pruning.json`.

    `key` is a hash of all that decides the result. `ranked_by` says what `rank_score` is. `diagnosis` has
    folds, seed and repeats; `diagnostic_settings` are those of the forest or the language model. `stopped`
    says why: the budget is spent; nothing ranks above tau; the gain over the blind baseline is not
    significant; or the floors leave nothing to remove. `removed` is in removal order, `kept` in that of ids.
    `controls` is null where the removal was not measured against others.
    """

    schema_version: Literal[2] = PRUNING_VERSION
    key: str
    benchmark: str
    title: str
    source: SourceReport
    texts: Texts = "kept"
    null_control: bool
    settings: PruningSettings
    ranked_by: Rank
    diagnosis: Settings
    diagnostic_settings: dict[str, Any] = Field(default_factory=dict)
    versions: dict[str, str]
    notes: list[str] = Field(default_factory=list)
    iterations: list[Iteration] = Field(min_length=1)
    stopped: Stopped
    removed: list[str]
    kept: list[str]
    before: BenchmarkScores
    after: BenchmarkScores
    controls: Controls | None = None
    run: RunReport


def pruning_json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a pruning report as it is written, every key present."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **PruningReport.model_json_schema(mode="serialization"),
    }
