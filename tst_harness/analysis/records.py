"""Records: what one unit of work left behind for the session that assembles the report.

A record is the unit of caching, resuming and retrying. It is a JSON file of its own, so that any
process, on any worker, can write one and any other can read it.
"""

from collections.abc import Collection
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from tst_harness.analysis.accounts import LLMAccount
from tst_harness.analysis.names import GROUPED as GROUPED_SUFFIX
from tst_harness.analysis.names import ungrouped
from tst_harness.analysis.ranges import Count, Fraction
from tst_harness.analysis.units import GROUPED, RANDOM, Split, Unit
from tst_harness.benchmark.model import Model
from tst_harness.benchmark.question_type import TextMetric
from tst_harness.dataset.provenance import Format, SourceReport, Texts

RECORD_VERSION: Literal[6] = 6
ZERO_SHOT = "zero-shot"
"""What the answers without training are called in reports, where they are missing."""


def fold_name(repeat: int, fold: int) -> str:
    """Return what a fold is called in reports and messages."""
    return f"repeat {repeat} fold {fold}"


class Settings(Model):
    """What decides the scores, apart from the data.

    `limit` is how many questions a stratified subset has, of all those of the source; null where none was
    asked for. `split` says how folds were made: "random"; "grouped", which keeps groups whole; or "both",
    where diagnostics ran on random folds and, named `<diagnostic>_grouped`, on grouped ones. `vectors` is the
    package of the pretrained word vectors that the forest's scores depend on; null where there are none.
    """

    folds: int = Field(ge=1)
    seed: int = Field(ge=0)
    repeats: int = Field(ge=1)
    split: Split | Literal["both"]
    allow_leak: bool = False
    vectors: str | None = None
    limit: Count | None = None


class IndependentUnits(Model):
    """What intervals and tests count as independent: groups, or questions where none are declared.

    There are `before` of them, and `units` after those are joined that share copies, `copies` questions in
    `clusters` of the same words and options, or nearly, and the same answer, or one of `pairs` of questions
    that follow each other and have opposite answers.
    """

    of: Literal["group", "question"]
    before: Count
    units: Count
    clusters: Count
    copies: Count
    pairs: Count = 0


class Origin(Model):
    """What a record is about: the data, the settings and the diagnostic, the same for all its folds."""

    benchmark: str
    title: str
    source: SourceReport
    texts: Texts = "kept"
    settings: Settings
    null_control: bool
    diagnostic: str
    diagnostic_settings: dict[str, Any] = Field(default_factory=dict)
    versions: dict[str, str]
    independent: IndependentUnits | None = None
    notes: list[str] = Field(default_factory=list)


class _Columns(Model):
    """Questions, column by column; n entries each."""

    @model_validator(mode="after")
    def _same_length(self) -> Self:
        lengths = {name: len(values) for name, values in self if isinstance(values, list)}
        if len(set(lengths.values())) != 1:
            raise ValueError(f"columns of different length: {lengths}")
        return self


class HeldOut(_Columns):
    """The scored questions of one fold, column by column, in the order of `id`; n entries each.

    `group` is as in a sample. A prediction is "" where a model gave no answer, and probabilities are those of
    a question's options. `blind_baseline` is chance for mc, and `most_frequent` what the most frequent answer
    of the training folds scores there: a report takes the better of the two for each type. For other formats
    `most_frequent` is 0.
    """

    id: list[str]
    type: list[str]
    format: list[Format]
    group: list[str]
    s: list[Fraction]
    score: list[Fraction]
    blind_baseline: list[Fraction]
    most_frequent: list[Fraction]
    prediction: list[str | float]
    probabilities: list[list[Fraction] | None]


NOTHING = HeldOut(
    id=[],
    type=[],
    format=[],
    group=[],
    s=[],
    score=[],
    blind_baseline=[],
    most_frequent=[],
    prediction=[],
    probabilities=[],
)
"""Of a fold beyond the number of groups."""


class OpenAnswers(Model):
    """The open questions of one type in a fold: their metric, and how many have an answer that was `seen`.

    That is one that a training question of the type has too.
    """

    metric: TextMetric
    questions: Count
    seen: Count


class BaseRecord(Model):
    """What every record of a unit has. `seconds` is how long the unit took."""

    record_version: Literal[6] = RECORD_VERSION
    key: str
    origin: Origin
    seconds: float

    @property
    def unit(self) -> Unit:
        """The piece of work that left it."""
        name = self.origin.diagnostic
        split = GROUPED if name.endswith(GROUPED_SUFFIX) or self.origin.settings.split == GROUPED else RANDOM
        return Unit(ungrouped(name), split)


class FoldRecord(BaseRecord):
    """One fold of one repeat of one diagnostic. Folds and repeats count from 0.

    `llm` is there where a language model was trained for the fold, and `open` has an entry for each type that
    is answered in free text.
    """

    kind: Literal["fold"] = "fold"
    repeat: Count
    fold: Count
    n_train: Count
    held_out: HeldOut
    importances: dict[str, dict[str, float]] = Field(default_factory=dict)
    open: dict[str, OpenAnswers] = Field(default_factory=dict)
    llm: LLMAccount | None = None

    @property
    def unit(self) -> Unit:
        """The fold that left it."""
        return super().unit._replace(repeat=self.repeat, fold=self.fold)

    @model_validator(mode="after")
    def _failed_are_held_out(self) -> Self:
        if self.llm is not None:
            _check_failed(self.llm, self.held_out.id)
        return self


class ZeroShotRecord(_Columns, BaseRecord):
    """What the model of a diagnostic answers without training, to every question that it holds out.

    Made once and not in every repeat; columns as in `HeldOut`.
    """

    kind: Literal["zero_shot"] = "zero_shot"
    id: list[str] = Field(min_length=1)
    s: list[Fraction]
    score: list[Fraction]
    prediction: list[str | float]
    llm: LLMAccount

    @property
    def unit(self) -> Unit:
        """Without folds, and so of no split in particular."""
        return Unit(ungrouped(self.origin.diagnostic))

    @model_validator(mode="after")
    def _failed_are_asked(self) -> Self:
        _check_failed(self.llm, self.id)
        return self


class CheckRecord(BaseRecord):
    """What a check that has no record of its own found: `findings` in plain types.

    They quote no question where the texts are left out (`origin.texts`).
    """

    kind: Literal["check"] = "check"
    findings: dict[str, Any]


class QuestionsRecord(_Columns):
    """What was asked, column by column, once for all folds; never made where texts are left out.

    `answer` is the letter of the gold option (mc), those of the right options (multi), the number (num) or
    the accepted text that is given most often (open), and `accepted` are all of these (open, else null).
    `position` is the row of the file, from 0, and `inclusive` as in `Number`.
    """

    record_version: Literal[6] = RECORD_VERSION
    kind: Literal["questions"] = "questions"
    key: str
    origin: Origin
    id: list[str] = Field(min_length=1)
    text: list[str]
    options: list[list[str] | None]
    answer: list[str | float]
    accepted: list[list[str] | None]
    position: list[int]
    inclusive: list[bool]


def _check_failed(account: LLMAccount, held_out: Collection[str]) -> None:
    unknown = sorted(set(account.inference.failed).difference(held_out))
    if unknown:
        raise ValueError(f"question {unknown[0]} failed but is none of those asked")
