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

from tst_harness.data._declaration import Declaration, not_blank
from tst_harness.data.declared_sources import BundledSample as BundledSample
from tst_harness.data.declared_sources import HubDataset as HubDataset
from tst_harness.data.declared_sources import LocalFile as LocalFile
from tst_harness.data.declared_sources import Source
from tst_harness.data.gate_parser import check_declared
from tst_harness.data.gate_rules import GateError

AnswerForm = Literal["letter", "index", "index1", "text"]


class Columns(Declaration):
    """Which column of the file holds what.

    Parameters
    ----------
    text, answer, id
        The question, its gold answer, and an id that no other row has.
    options
        One column with a list (or a list written as text), or one column an option, in order;
        trailing blanks mean fewer options. None where every type is a number.
    type
        The column that names a row's question type. None with a single type, or where each type's
        pattern tells its own questions.
    group
        What questions share outside the text: a scene, an image, a video. A tuple means the first of
        these columns that the file has. None puts every question into a group of its own.
    """

    text: str
    answer: str
    id: str
    options: str | tuple[str, ...] | None = None
    type: str | None = None
    group: str | tuple[str, ...] | None = None

    @field_validator("text", "answer", "id", "options", "type", "group")
    @classmethod
    def _names(cls, value: str | tuple[str, ...] | None) -> str | tuple[str, ...] | None:
        names = (value,) if isinstance(value, str) else value
        if names is not None:
            if not names:
                raise ValueError("names no column; leave it out where there is none")
            for name in names:
                not_blank(name)
            if len(set(names)) < len(names):
                raise ValueError(f"names a column twice: {', '.join(names)}")
        return value

    @model_validator(mode="after")
    def _one_role_a_column(self) -> "Columns":
        if isinstance(self.options, tuple) and len(self.options) < 2:
            raise ValueError("options: a question needs at least two option columns")
        roles: dict[str, str] = {}
        for role in ("id", "text", "answer", "type", "options"):
            for name in self.named(role):
                if name in roles:
                    raise ValueError(f"{role}: the column {name!r} is already the {roles[name]} column")
                roles[name] = role
        for name in self.named("group"):
            if roles.get(name) in ("answer", "options"):
                raise ValueError(f"group: the column {name!r} is already the {roles[name]} column")
        return self

    def named(self, role: str) -> tuple[str, ...]:
        """The column names declared for a role, none to several."""
        value: str | tuple[str, ...] | None = getattr(self, role)
        if value is None:
            return ()
        return (value,) if isinstance(value, str) else value


class QuestionType(Declaration):
    """A question type: its name, as in the type column, and the pattern of its text.

    The pattern is a regular expression with named slots, searched in the question. The slots are all
    that a diagnostic needs to know of the type; a type without a pattern works from its text alone.
    """

    name: str
    pattern: str | None = None

    def __init__(self, **fields: Any) -> None:
        super().__init__(**fields)

    @field_validator("name")
    @classmethod
    def _named(cls, name: str) -> str:
        return not_blank(name)

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, pattern: str | None) -> str | None:
        if pattern is not None:
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"is not a regular expression: {error}") from None
        return pattern

    @property
    def regex(self) -> re.Pattern[str] | None:
        """The compiled pattern, to be searched in a question's text."""
        return None if self.pattern is None else re.compile(self.pattern)


class Choice(QuestionType):
    """A multiple-choice type, scored by accuracy.

    `answers` says how the answer column names the gold option: a letter, an index from 0 or from 1,
    or the option's text. It is inferred from the data unless two readings would differ.
    """

    format: Literal["mc"] = "mc"
    answers: AnswerForm | None = None

    def __init__(
        self, name: str, pattern: str | None = None, answers: AnswerForm | None = None, **fields: Any
    ) -> None:
        super().__init__(name=name, pattern=pattern, answers=answers, **fields)

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


class Prompts(Declaration):
    """How a language model is asked, where the built-in wording does not fit the benchmark.

    Parameters
    ----------
    mc
        For multiple choice: text with `{question}` and `{options}` once each, in place of which the
        question and its lettered options are put, an option a line. None for the built-in wording.
    num
        For numbers: text with `{question}` once.
    """

    mc: str | None = None
    num: str | None = None

    @field_validator("mc", "num")
    @classmethod
    def _fillable(cls, template: str | None, info: ValidationInfo) -> str | None:
        if template is None:
            return None
        literal = template
        for slot in ("{question}", "{options}") if info.field_name == "mc" else ("{question}",):
            if template.count(slot) != 1:
                raise ValueError(f"needs {slot} exactly once and has it {template.count(slot)} times")
            literal = literal.replace(slot, "")
        for brace in "{}":
            if brace in literal:
                known = "{question} and {options}" if info.field_name == "mc" else "{question}"
                raise ValueError(f"has a {brace!r} that is not part of {known}; leave it out")
        return template


AnyType = Annotated[Choice | Number, Field(discriminator="format")]


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
        Every type that the rows have.
    title
        What people call it; `name` by default.
    bundled_sample
        Whether the bundled sample fits these columns and types, and may stand in for a source that
        cannot be reached.
    prompts
        How the LLM diagnostic asks; the built-in wording by default.
    gates
        Rules that the report must meet, such as "forest.score <= 0.45" (`tst_harness.data.gate_parser`).
    """

    name: str
    source: Source
    columns: Columns
    question_types: tuple[AnyType, ...]
    title: str
    bundled_sample: bool = False
    prompts: Prompts | None = None
    gates: tuple[str, ...] = ()

    def __init__(
        self,
        name: str,
        source: HubDataset | LocalFile | BundledSample,
        columns: Columns,
        question_types: Sequence[Choice | Number],
        title: str | None = None,
        bundled_sample: bool = False,
        prompts: Prompts | None = None,
        gates: Sequence[str] = (),
        **fields: Any,
    ) -> None:
        super().__init__(
            name=name,
            source=source,
            columns=columns,
            question_types=question_types,
            title=name if title is None else title,
            bundled_sample=bundled_sample,
            prompts=prompts,
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
            raise ValueError("question_types: is empty; declare at least one Choice or Number")
        for name, times in Counter(declared.name for declared in types).items():
            if times > 1:
                raise ValueError(f"question_types: {name!r} is declared {times} times")
        if self.columns.options is None:
            for declared in types:
                if declared.format == "mc":
                    raise ValueError(
                        f"columns.options: the Choice {declared.name!r} needs options, and none is declared"
                    )
        if self.columns.type is None and len(types) > 1:
            for declared in types:
                if declared.pattern is None:
                    raise ValueError(
                        f"columns.type: is not declared, so each of the {len(types)} question types needs "
                        f"a pattern that tells its questions, and {declared.name!r} has none"
                    )
        return self

    @model_validator(mode="after")
    def _gates_fit_types(self) -> "Benchmark":
        try:
            check_declared(self.gates, self.name, [declared.name for declared in self.question_types])
        except GateError as error:
            raise ValueError(f"gates: {error}") from None
        return self

    def question_type(self, name: str) -> Choice | Number:
        """The declared type of this name; KeyError where there is none."""
        for declared in self.question_types:
            if declared.name == name:
                return declared
        raise KeyError(name)
