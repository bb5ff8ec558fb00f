"""What every question type has, and the types whose answers are texts or several options."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, Literal

from pydantic import field_validator

from tst_harness.benchmark.declaration import Declaration, not_blank

AnswerForm = Literal["letter", "index", "index1", "text"]
TextMetric = Literal["exact", "vqa", "anls"]


class QuestionType(Declaration):
    """A question type: its name, as in the type column, and the pattern of its text.

    The pattern is a regular expression with named slots, searched in the question. The slots are all
    that a diagnostic needs to know of the type; a type without a pattern works from its text alone.
    """

    format: str
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

    @property
    def column_name(self) -> str:
        """What the type column has: the name, without the format where types are named apart by it."""
        return self.name.removesuffix(f" ({self.format})")


class Open(QuestionType):
    """A type that is answered in free text, with one accepted text a question or several.

    Parameters
    ----------
    name, pattern
        As for every type.
    metric
        "exact": 1 where the answer equals an accepted text, apart from case, punctuation, articles and the
        numerals "zero" to "ten" in words, else 0. "vqa": min(n / 3, 1) where n annotators gave the answer;
        with ten of them the mean over the ten sets of nine, as in the official code of VQA. "anls": the
        highest normalised Levenshtein similarity to an accepted text, 0 below 0.5, as in DocVQA.
    """

    format: Literal["open"] = "open"
    metric: TextMetric = "exact"

    def __init__(
        self, name: str, pattern: str | None = None, metric: TextMetric = "exact", **fields: Any
    ) -> None:
        super().__init__(name=name, pattern=pattern, metric=metric, **fields)


class Multi(QuestionType):
    """A type whose questions have one right option or several; a question counts when all are judged right.

    Parameters
    ----------
    name, pattern
        As for every type.
    answers
        How the answer column names each right option, as for `Choice`. A row names several in a list, or
        in a text such as "A, C", "AC" or "0;2".
    """

    format: Literal["multi"] = "multi"
    answers: AnswerForm | None = None

    def __init__(
        self, name: str, pattern: str | None = None, answers: AnswerForm | None = None, **fields: Any
    ) -> None:
        super().__init__(name=name, pattern=pattern, answers=answers, **fields)

    @property
    def metric(self) -> Literal["subset_acc"]:
        """How a prediction is scored: the share of questions whose whole set of right options is named."""
        return "subset_acc"


def named_apart(types: Sequence[Any]) -> Sequence[Any]:
    """Return the types with the format in the name where a name is declared for several formats."""
    declared = [declared_type for declared_type in types if isinstance(declared_type, QuestionType)]
    names = Counter(declared_type.name for declared_type in declared)
    formats = {(declared_type.name, declared_type.format) for declared_type in declared}
    shared = {name for name, times in names.items() if times == sum(key[0] == name for key in formats) > 1}
    return [
        declared_type.model_copy(update={"name": f"{declared_type.name} ({declared_type.format})"})
        if isinstance(declared_type, QuestionType) and declared_type.name in shared
        else declared_type
        for declared_type in types
    ]
