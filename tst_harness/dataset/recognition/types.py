"""The question types of a file: their column, and whether each is answered by an option or a number."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from tst_harness.benchmark.declarations import AnswerForm, Choice, NotScored, Number
from tst_harness.dataset.answers import AmbiguousAnswers, Answer, read_choices, text_of
from tst_harness.dataset.invalid import quoted
from tst_harness.dataset.reading import Value
from tst_harness.dataset.recognition.asked import Asked, existing
from tst_harness.dataset.recognition.labels import Labels, share_of_numbers, shared_labels
from tst_harness.dataset.recognition.names import named_for
from tst_harness.dataset.recognition.options import FoundOptions
from tst_harness.dataset.recognition.sheet import Column, Sheet, example, is_blank
from tst_harness.errors import DataError

QuestionType = Choice | Number | NotScored

_LONGEST_NAME = 80
_MOST_TYPES = 200
_LEAST_QUESTIONS = 5
_FEW = 0.05
"""Rows of a type that differ from the others in form and may as well be mistakes."""
_LEAST_NUMBERS = 0.8
_FORMS: dict[AnswerForm, str] = {
    "letter": "letters",
    "index": "indices from 0",
    "index1": "indices from 1",
    "text": "the text of an option",
}
_NAMED_LABEL = ("label", "class", "target", "gold")


@dataclass(frozen=True)
class Types:
    """The types of a file, how many rows each has, and the forms of their answers in words.

    `mixed` says which type cannot be one and why, None where all can.
    """

    types: list[QuestionType]
    rows: dict[str, int]
    forms: list[str]
    mixed: str | None

    @property
    def not_scored(self) -> list[str]:
        """The names of the types that are not scored."""
        return [one.name for one in self.types if isinstance(one, NotScored)]


def find_types(
    sheet: Sheet, asked: Asked, answer: str, options: FoundOptions, taken: Collection[str], name: str
) -> tuple[str | None, Types, list[str]]:
    """The type column, the types, and the other columns that could have been it.

    Without a type column there is one type, called `name`.

    Raises
    ------
    DataError
        A type has questions with options and others with numbers, or nothing can be scored.
    """
    candidates: list[str | None]
    if asked.type is not None:
        candidates = [existing(sheet, asked.type, "type") if asked.type else None]
    else:
        named = [one for tier in named_for("type", sheet.columns) for one in tier if one not in taken]
        columns = [sheet.columns[one] for one in named]
        candidates = [one.name for one in columns if _tells_types(one, sheet.columns[answer])]
        candidates.append(None)
    found = {}
    for candidate in candidates:
        found[candidate] = types = _Typing(sheet, asked, answer, options).types(candidate, name)
        if types.mixed is None:
            break
    else:
        candidate = candidates[0]
        raise DataError(f"{sheet.name}: {found[candidate].mixed}")
    others = [one for one in candidates if one not in (None, candidate)]
    _check_scored(sheet, answer, found[candidate])
    return candidate, found[candidate], [one for one in others if one is not None]


def _check_scored(sheet: Sheet, answer: str, types: Types) -> None:
    if all(isinstance(one, NotScored) for one in types.types):
        column = sheet.columns[answer]
        shown = example(column.sample[0]) if column.sample else "none"
        raise DataError(
            f"{sheet.name}: nothing can be scored: there are no options, and the answers in {answer!r} are "
            f"{len(column.distinct):,} different texts, as {shown}, neither numbers nor labels; name the "
            "column of the options with --options, or another one of the answers with --answer"
        )


def _tells_types(column: Column, answer: Column) -> bool:
    """Whether a column has few short values, several questions each, and is no other form of the answer."""
    names = column.distinct
    if not (column.complete and 2 <= len(names) <= _MOST_TYPES and column.is_scalar):
        return False
    if len(names) * _LEAST_QUESTIONS > len(column.values):
        return False
    if any(len(text_of(one) or "") > _LONGEST_NAME for one in names):
        return False
    return not (
        len(names) == len(answer.distinct) == len(set(zip(column.values, answer.values, strict=True)))
    )


class _Parts(NamedTuple):
    """The answered rows of a type: those with options, and the answers of those without."""

    choices: list[int]
    bare: list[Value]

    @property
    def is_choice(self) -> bool:
        """Whether its questions have options."""
        return bool(self.choices) and len(self.choices) >= len(self.bare)


class _Typing:
    """Decides the format of each type from all of its rows."""

    def __init__(self, sheet: Sheet, asked: Asked, answer: str, options: FoundOptions) -> None:
        self._sheet = sheet
        self._asked = asked
        self._answers = sheet.columns[answer]
        self._found = options
        self._options = options.of_row
        one_of_them = answer in options.columns and len(options.columns) > 1
        self._declared: AnswerForm | None = "text" if one_of_them else asked.answers
        self._forms: Counter[str] = Counter()

    def types(self, column: str | None, name: str) -> Types:
        """The types that a column tells, by name; one type of all rows where there is no column."""
        self._forms.clear()
        rows: dict[str, list[int]] = {name: list(range(self._sheet.rows))}
        if column is not None:
            rows = {}
            for p, value in enumerate(self._sheet.columns[column].values):
                rows.setdefault((text_of(value) or "").strip(), []).append(p)
            rows.pop("", None)
        parts = {one: self._parts(rows[one]) for one in sorted(rows)}
        for one, part in parts.items():
            if min(len(part.choices), len(part.bare)) > _FEW * (len(part.choices) + len(part.bare)):
                return Types([], {}, [], _of_two_kinds(one, column, part))
        labels = self._labels({one: part.bare for one, part in parts.items() if not part.is_choice})
        return Types(
            [self._type(one, part, labels.get(one)) for one, part in parts.items()],
            {one: len(at) for one, at in rows.items()},
            [one for one, _ in self._forms.most_common()],
            None,
        )

    def _parts(self, at: list[int]) -> _Parts:
        answered = [p for p in at if not is_blank(self._answers.values[p])]
        return _Parts(
            [p for p in answered if self._options[p] is not None],
            [self._answers.values[p] for p in answered if self._options[p] is None],
        )

    def _labels(self, bare: dict[str, list[Value]]) -> dict[str, Labels]:
        if self._asked.format == "num":
            return {}
        named = any(word in self._answers.name.casefold() for word in _NAMED_LABEL)
        return shared_labels(bare, named or self._asked.format == "mc")

    def _type(self, name: str, part: _Parts, labels: Labels | None) -> QuestionType:
        if part.is_choice:
            form, declared = self._form(name, part.choices)
            self._forms[_FORMS[form]] += len(part.choices)
            return Choice(name, answers=declared)
        if labels is not None:
            self._forms[f"labels {', '.join(labels)}"] += len(part.bare)
            return Choice(name, answers=self._asked.answers, labels=labels)
        if self._asked.format == "num" or share_of_numbers(part.bare) >= _LEAST_NUMBERS:
            self._forms["numbers"] += len(part.bare)
            return Number(name)
        return NotScored(name)

    def _form(self, name: str, at: list[int]) -> tuple[AnswerForm, AnswerForm | None]:
        """The form of the answers of a type, and what has to be declared of it."""
        answers = self._named(at)
        try:
            return read_choices(answers, self._declared)[0], self._declared
        except AmbiguousAnswers as error:
            if self._form_of_all in error.forms:
                return self._form_of_all, self._form_of_all
            first, second = error.forms
            raise DataError(
                f"{self._sheet.name} row {error.position + 1}, field {self._answers.name!r}: the answer "
                f"{quoted(answers[error.position][0])} names one option as {_FORMS[first]} and another as "
                f"{_FORMS[second]}, and both fit the type {name!r} as well; say which with --answers {first} "
                f"or --answers {second}"
            ) from None

    @cached_property
    def _form_of_all(self) -> AnswerForm | None:
        """The form that fits the answers of all types together best; None where two do."""
        try:
            return read_choices(self._named(range(self._sheet.rows)), None)[0]
        except AmbiguousAnswers:
            return None

    def _named(self, at: Iterable[int]) -> dict[int, Answer]:
        """By row, the answer and the options, where it has both."""
        rows = ((p, self._found.answer(self._answers, p), self._options[p]) for p in at)
        return {p: (answer, options) for p, answer, options in rows if options and not is_blank(answer)}


def _of_two_kinds(name: str, column: str | None, part: _Parts) -> str:
    which = "the questions" if column is None else f"the questions of type {name!r} ({column!r})"
    kind = "numbers" if share_of_numbers(part.bare) >= _LEAST_NUMBERS else "other answers"
    return (
        f"{which} are of two kinds, {len(part.choices):,} with options and {len(part.bare):,} with {kind}, "
        "which no column tells apart; name one that does with --type"
    )
