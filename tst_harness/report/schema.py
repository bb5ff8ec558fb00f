"""The report of one benchmark, as validated models: the contract that other tools build on.

`tst_harness/report/report.schema.json` is generated from these models (`report_json_schema`).
All scores are fractions in [0, 1]; a gain or a delta is a difference of two scores, in [-1, 1].
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from tst_harness.analysis.opposite_answers import OppositeAnswers
from tst_harness.analysis.ranges import Count as Count
from tst_harness.analysis.ranges import Difference as Difference
from tst_harness.analysis.ranges import Fraction as Fraction
from tst_harness.analysis.ranges import Interval as Interval
from tst_harness.analysis.ranges import Seconds
from tst_harness.analysis.records import IndependentUnits as IndependentUnits
from tst_harness.analysis.records import Settings as Settings
from tst_harness.benchmark.model import Model
from tst_harness.checks.comparison import ContextReport, PairedScores
from tst_harness.checks.duplicates import DuplicatesReport
from tst_harness.checks.order import OrderTest
from tst_harness.checks.population import PopulationReport
from tst_harness.checks.positions import PositionsReport
from tst_harness.checks.shortcuts import Shortcut as Shortcut
from tst_harness.dataset.provenance import Fault as Fault
from tst_harness.dataset.provenance import Fingerprint as Fingerprint
from tst_harness.dataset.provenance import Format as Format
from tst_harness.dataset.provenance import SourceReport as SourceReport
from tst_harness.dataset.provenance import Texts as Texts
from tst_harness.report.llm_schema import LLMReport
from tst_harness.report.spread import SpreadReport
from tst_harness.report.verdict_schema import VerdictReport

SCHEMA_VERSION: Literal[2] = 2

BenchmarkName = Annotated[str, Field(pattern="^[a-z0-9_]+$", max_length=200)]


class Scores(Model):
    """Scores of a set of questions, averaged over questions and repeats.

    `score` is accuracy for mc, mean relative accuracy for num, the metric of the type for open, and for
    multi the share of questions of which every option is judged right; `mean_s` the mean of s(x);
    `blind_baseline` is for each mc type the better of chance, the mean of 1/options, and what the most
    frequent answer of the training folds scores (in a pruning, chance); for num and open the score of the
    training folds' best constant answer; and for multi what a random set of options scores, of the number
    that is right most often in the training folds for the sets there are of it. The better of two, chosen on
    the same questions, is a little too good, so that gains err towards zero. `gain` is
    `score - blind_baseline`, paired by question. Intervals are 95% and from a bootstrap over groups.

    Of a model that is trained, `zero_shot` is what `score` is without the training, and `delta` is
    `score - zero_shot`, paired by question; `mean_s_zero_shot` and `mean_s_delta` are the same of `mean_s`.
    `parse_failures` counts the held-out questions, over repeats, that it gave no answer to. All of these are
    null for other diagnostics.
    """

    n: Count
    score: Fraction
    mean_s: Fraction
    interval: Interval
    mean_s_interval: Interval
    blind_baseline: Fraction
    gain: Difference
    gain_interval: Interval
    zero_shot: Fraction | None = None
    zero_shot_interval: Interval | None = None
    delta: Difference | None = None
    delta_interval: Interval | None = None
    mean_s_zero_shot: Fraction | None = None
    mean_s_zero_shot_interval: Interval | None = None
    mean_s_delta: Difference | None = None
    mean_s_delta_interval: Interval | None = None
    parse_failures: Count | None = None


class TypeScores(Scores):
    """Scores of one question type.

    `chance` is the mean of 1/options, and `most_frequent` what the most frequent answer of the training folds
    scores, of mc types. `seen_answers` is the share of open questions, over folds and repeats, whose answer a
    training question has too: no more of them can be learnt from other answers. All are null for other
    formats.
    """

    format: Format
    metric: Literal["acc", "mra", "exact", "vqa", "anls", "subset_acc"]
    chance: Fraction | None = None
    most_frequent: Fraction | None = None
    seen_answers: Fraction | None = None
    importances: dict[str, float] = Field(
        default_factory=dict,
        description="Drop of the mean s(x) when a family of features is permuted over held-out questions.",
    )


class OverallScores(Scores):
    """Scores over all questions; what begins with `macro_` is the unweighted mean over types."""

    macro_score: Fraction
    macro_interval: Interval
    macro_blind_baseline: Fraction
    macro_gain: Difference
    macro_gain_interval: Interval
    macro_zero_shot: Fraction | None = None
    macro_zero_shot_interval: Interval | None = None
    macro_delta: Difference | None = None
    macro_delta_interval: Interval | None = None


class FoldScores(Model):
    """One fold of one repeat. `seconds` and `cached` tell of this run and may differ between runs."""

    repeat: Count
    fold: Count
    n_train: Count
    n: Count
    score: Fraction
    mean_s: Fraction
    seconds: Seconds
    cached: bool


class DiagnosticReport(Model):
    """What one diagnostic found. Without every fold there is no score: `overall` is null.

    `missing` names the folds that left no record ("repeat 0 fold 3"), and "zero-shot" where that is lacking;
    `shortcuts` are in order of the questions gained over the blind baseline of their type, the largest first;
    `llm` is null where no language model was asked, and `spread` where there is one repeat. `beaten_by` has,
    for a language model, the other diagnostics that score significantly more on the same questions: `score`
    is the model's, `against` the other's.
    """

    complete: bool
    missing: list[str] = Field(default_factory=list)
    overall: OverallScores | None
    types: dict[str, TypeScores]
    folds: list[FoldScores]
    shortcuts: list[Shortcut] = Field(default_factory=list)
    rules_tried: Count = 0
    llm: LLMReport | None = None
    beaten_by: dict[str, PairedScores] = Field(default_factory=dict)
    spread: SpreadReport | None = None
    settings: dict[str, Any] = Field(default_factory=dict)
    notes: list[str] = Field(default_factory=list)


Verdict = Literal["pass", "fail", "inconclusive", "not judged"]


class GateReport(Model):
    """A rule and its verdict; without one, `reason` says why.

    `value` is the figure that `limit` is for: that of the report or, for a rule on the reference, its
    difference from the `reference`'s figure. `interval` is what was judged: the rule passes where all of it
    meets the rule and fails where none of it does. Its ends are one-sided 95% bounds, corrected (Holm) for
    the number of gates of the session, as are `p_pass` and `p_fail`, the p-values of the two claims. `runs`
    is the number of runs (repeats) that were compared and null where the interval comes from a bootstrap
    over groups; `smallest_effect` is the least distance from the limit that the run could have detected as a
    failure, with a power of 80%; `note` says what the interval does not cover.
    """

    rule: str
    declared: Literal["benchmark", "ini", "option"]
    verdict: Verdict
    reason: str | None = None
    value: Difference | None = None
    reference: Difference | None = None
    limit: float | None = None
    interval: Interval | None = None
    p_pass: Fraction | None = None
    p_fail: Fraction | None = None
    runs: Count | None = None
    smallest_effect: float | None = None
    note: str | None = None


class RunReport(Model):
    """Facts about this run alone; two runs with equal results differ only here and in fold timings."""

    started: str
    seconds: Seconds
    command: list[str]


class ChecksReport(Model):
    """What the questions and their order give away apart from what a diagnostic learns.

    Each is null where its check did not run, `positions` also where there is no multiple choice, and
    `opposite_answers` where there are none. `population` is null where no such intervals were asked for.
    """

    duplicates: DuplicatesReport | None = None
    order: list[OrderTest] | None = None
    positions: PositionsReport | None = None
    opposite_answers: OppositeAnswers | None = None
    population: PopulationReport | None = None


class Section(Model):
    """What a check says that has no place of its own in a report: figures, and the same in words."""

    figures: dict[str, Any]
    sentences: list[str]


class Report(Model):
    """Everything known about one benchmark after a session: `reports/<name of the run>.json`.

    `checks` is null where the session ran none; `context` has an entry for each diagnostic that ran on random
    folds and on folds that keep groups whole; `sections` has what checks of other packages say, by their
    names; `samples` is the SHA-256 of the file of samples beside it; `independent` is what intervals and
    tests count; `verdict` is null where no diagnostic is complete. Where `texts` is "omitted", nothing here
    quotes a question or an option: shortcuts have "`...`" instead.
    """

    schema_version: Literal[2] = SCHEMA_VERSION
    benchmark: BenchmarkName
    title: str
    source: SourceReport
    texts: Texts = "kept"
    null_control: bool
    settings: Settings
    versions: dict[str, str]
    independent: IndependentUnits | None = None
    samples: str | None = None
    diagnostics: dict[str, DiagnosticReport]
    checks: ChecksReport | None = None
    context: list[ContextReport] = Field(default_factory=list)
    sections: dict[str, Section] = Field(default_factory=dict)
    gates: list[GateReport] = Field(default_factory=list)
    verdict: VerdictReport | None = None
    run: RunReport


class Sample(Model):
    """One line of `reports/<name of the run>.samples.jsonl`: one question in one repeat.

    `group` is the unit that intervals resample: the question's group, else the question itself; where it
    shares copies with other groups, the name of the first of them.

    `s` is s(x); `score` is what a report averages (0 or 1 for mc and multi, else what the metric gives);
    `blind_baseline` is what the blind baseline scores on it; `prediction` is "" where a model gave no answer.
    `probabilities` are those of the options (mc, multi); null for num and open, and where there was no answer
    or the model gives none.
    `zero_shot` and `s_zero_shot` are what `score` and `s` are of the same model without training, and
    `s_delta` is `s - s_zero_shot`; they are null for other diagnostics.
    """

    diagnostic: str
    id: str
    type: str
    format: Format
    group: str
    fold: Count
    repeat: Count
    s: Fraction
    score: Fraction
    blind_baseline: Fraction
    prediction: str | float
    probabilities: list[Fraction] | None = None
    zero_shot: Fraction | None
    s_zero_shot: Fraction | None
    s_delta: Difference | None


class QuestionLine(Model):
    """One line of `reports/<name of the run>.questions.jsonl`: what was asked.

    `text`, `options` and `answer` are null where texts are left out, and `options` for num and open, too. The
    answer is the letter of the gold option (mc), those of the right options (multi, "A, C"), the number (num)
    or the accepted text that is given most often (open); `accepted` are all accepted texts (open, else null).
    `position` is the row of the benchmark's file, from 0, and `inclusive` whether an error of a number that
    equals a threshold is within it; null where texts are left out. `shortcuts` are the strongest of those
    that apply to the question: places, from 0, in the forest's list of them.
    """

    id: str
    text: str | None
    options: list[str] | None
    answer: str | float | None
    accepted: list[str] | None = None
    position: int | None = None
    inclusive: bool | None = None
    shortcuts: list[int]


def report_json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a report as it is written, every key present."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Report.model_json_schema(mode="serialization"),
    }
