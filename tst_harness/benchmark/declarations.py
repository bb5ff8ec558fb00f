"""What a benchmark module declares: where the rows are, what the columns mean, which types there are.

Every declaration is checked when it is made; what makes no sense is a `DeclarationError` that names
the field and says why. Only pydantic and the standard library are imported here, so that pytest
collects benchmark modules without loading any data library.
"""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from tst_harness.benchmark.columns import Columns as Columns
from tst_harness.benchmark.columns import InText as InText
from tst_harness.benchmark.declaration import Declaration, not_blank
from tst_harness.benchmark.question_type import AnswerForm as AnswerForm
from tst_harness.benchmark.question_type import Multi as Multi
from tst_harness.benchmark.question_type import Open as Open
from tst_harness.benchmark.question_type import QuestionType as QuestionType
from tst_harness.benchmark.question_type import named_apart
from tst_harness.benchmark.sources import BundledSample as BundledSample
from tst_harness.benchmark.sources import HubDataset as HubDataset
from tst_harness.benchmark.sources import LocalFile as LocalFile
from tst_harness.benchmark.sources import Source


class Choice(QuestionType):
    """A multiple-choice type, scored by accuracy.

    `answers` says how the answer column names the gold option: a letter, an index from 0 or from 1,
    or the option's text. It is inferred from the data unless two readings would differ.

    `labels` are the options of every question of the type, as in a set of yes/no questions or of texts
    to be classified; its rows need no options of their own.
    """

    format: Literal["mc"] = "mc"
    answers: AnswerForm | None = None
    labels: tuple[str, ...] | None = None

    def __init__(
        self,
        name: str,
        pattern: str | None = None,
        answers: AnswerForm | None = None,
        labels: Sequence[str] | None = None,
        **fields: Any,
    ) -> None:
        super().__init__(name=name, pattern=pattern, answers=answers, labels=labels, **fields)

    @field_validator("labels")
    @classmethod
    def _told_apart(cls, labels: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if labels is None:
            return None
        bare = tuple(not_blank(label).strip() for label in labels)
        if len(bare) < 2:
            raise ValueError("a question needs at least two")
        for label, times in Counter(label.casefold() for label in bare).items():
            if times > 1:
                raise ValueError(f"{label!r} is there {times} times, apart from upper and lower case")
        return bare

    @property
    def metric(self) -> Literal["acc"]:
        """How a prediction is scored."""
        return "acc"


class Number(QuestionType):
    """A type answered by a number, scored by mean relative accuracy.

    `inclusive` counts a relative error that equals a threshold as within it, VSI-Bench's own rule
    (arXiv 2412.14171); without it the rule is the strict one of the TsT code (arXiv 2511.04655).
    """

    format: Literal["num"] = "num"
    inclusive: bool = False

    def __init__(self, name: str, pattern: str | None = None, inclusive: bool = False, **fields: Any) -> None:
        super().__init__(name=name, pattern=pattern, inclusive=inclusive, **fields)

    @property
    def metric(self) -> Literal["mra"]:
        """How a prediction is scored."""
        return "mra"


class NotScored(QuestionType):
    """A type whose rows are no questions that can be scored: counted and named, no more."""

    format: Literal["none"] = "none"

    def __init__(self, name: str, pattern: str | None = None, **fields: Any) -> None:
        super().__init__(name=name, pattern=pattern, **fields)


class Prompts(Declaration):
    """How a language model is asked, where the built-in wording does not fit the benchmark.

    Parameters
    ----------
    mc
        For multiple choice: text with `{question}` and `{options}` once each, in place of which the
        question and its lettered options are put, an option a line. None for the built-in wording.
    num, open
        For numbers, and for free texts: text with `{question}` once.
    multi
        For several right options, of which one after the other is asked whether it is right: text with
        `{question}`, `{option}`, and `{options}`, the answers yes and no after their letters, once each.
    """

    mc: str | None = None
    num: str | None = None
    open: str | None = None
    multi: str | None = None

    @field_validator("mc", "num", "open", "multi")
    @classmethod
    def _fillable(cls, template: str | None, info: ValidationInfo) -> str | None:
        if template is None:
            return None
        slots = _SLOTS.get(info.field_name or "", ("{question}",))
        literal = template
        for slot in slots:
            if template.count(slot) != 1:
                raise ValueError(f"needs {slot} exactly once and has it {template.count(slot)} times")
            literal = literal.replace(slot, "")
        for brace in "{}":
            if brace in literal:
                known = " and ".join(slots)
                raise ValueError(f"has a {brace!r} that is not part of {known}; leave it out")
        return template


_SLOTS = {"mc": ("{question}", "{options}"), "multi": ("{question}", "{option}", "{options}")}
"""What a wording has to leave room for, where that is more than the question."""
FaultPolicy = Literal["report", "stop"]
ScoredType = Choice | Number | Open | Multi
AnyType = Annotated[ScoredType | NotScored, Field(discriminator="format")]


class Benchmark(Declaration):
    """A declared test set.

    Parameters
    ----------
    name
        Lower-case letters, digits and underscores; it names the report's files.
    source
        Where the rows come from.
    columns
        Which column holds what.
    question_types
        Every type that the rows have. Types of one name and several formats are named apart, as in
        "counting (mc)" and "counting (num)"; whether a row has options, and what its answer is, says which
        of them it is.
    title
        What people call it; `name` by default.
    bundled_sample
        Whether the bundled sample fits these columns and types, and may stand in for a source that
        cannot be reached.
    prompts
        How the LLM diagnostic asks; the built-in wording by default.
    redistributable
        Whether its terms allow its texts to be passed on. False keeps them out of reports and records,
        unless `--tst-texts keep` says otherwise.
    faults
        What happens to rows that cannot be scored: "report" leaves them out and tells them, "stop" stops
        the run for them. `--tst-faults` comes before; without both, the run stops.
    gates
        Rules that the report must meet, such as "forest.score <= 0.45"; read when a session is planned.
    """

    name: str
    source: Source
    columns: Columns
    question_types: tuple[AnyType, ...]
    title: str
    bundled_sample: bool = False
    prompts: Prompts | None = None
    redistributable: bool = True
    faults: FaultPolicy | None = None
    gates: tuple[str, ...] = ()

    def __init__(
        self,
        name: str,
        source: HubDataset | LocalFile | BundledSample,
        columns: Columns,
        question_types: Sequence[ScoredType | NotScored],
        title: str | None = None,
        bundled_sample: bool = False,
        prompts: Prompts | None = None,
        redistributable: bool = True,
        faults: FaultPolicy | None = None,
        gates: Sequence[str] = (),
        **fields: Any,
    ) -> None:
        super().__init__(
            name=name,
            source=source,
            columns=columns,
            question_types=named_apart(question_types),
            title=name if title is None else title,
            bundled_sample=bundled_sample,
            prompts=prompts,
            redistributable=redistributable,
            faults=faults,
            gates=gates,
            **fields,
        )

    @field_validator("name")
    @classmethod
    def _file_name(cls, name: str) -> str:
        if not re.fullmatch("[a-z0-9_]+", name):
            raise ValueError(f"{name!r} has other characters than a-z, 0-9 and _; reports are named after it")
        return name

    @model_validator(mode="after")
    def _types_fit_columns(self) -> "Benchmark":
        types = self.question_types
        if not types:
            raise ValueError("question_types: is empty; declare at least one Choice, Number, Open or Multi")
        if not self.scored_types:
            raise ValueError(
                "question_types: has nothing to score; declare at least one Choice, Number, Open or Multi"
            )
        for name, times in Counter(declared.name for declared in types).items():
            if times > 1:
                raise ValueError(f"question_types: {name!r} is declared {times} times")
        if self.columns.options is None:
            for declared in types:
                if isinstance(declared, Multi) or (isinstance(declared, Choice) and declared.labels is None):
                    remedy = "declare them" if isinstance(declared, Multi) else "declare them, or its labels"
                    raise ValueError(
                        f"columns.options: the {type(declared).__name__} {declared.name!r} needs options, "
                        f"and none is declared; {remedy}"
                    )
        if self.columns.type is None and len({declared.column_name for declared in types}) > 1:
            for declared in types:
                if declared.pattern is None:
                    raise ValueError(
                        f"columns.type: is not declared, so each of the {len(types)} question types needs "
                        f"a pattern that tells its questions, and {declared.name!r} has none"
                    )
        return self

    @property
    def scored_types(self) -> tuple[ScoredType, ...]:
        """The types whose questions are scored."""
        return tuple(declared for declared in self.question_types if not isinstance(declared, NotScored))

    def question_type(self, name: str) -> ScoredType:
        """The scored type of this name; KeyError where there is none."""
        for declared in self.scored_types:
            if declared.name == name:
                return declared
        raise KeyError(name)
