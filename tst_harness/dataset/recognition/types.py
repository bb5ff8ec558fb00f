"""The question types of a file: their column, and whether each is answered by an option or a number."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from tst_harness.benchmark.declarations import AnswerForm, Choice, Multi, NotScored, Number, Open
from tst_harness.dataset.answers import AmbiguousAnswers, Answer, is_unanswered, read_choices, text_of
from tst_harness.dataset.invalid import quoted
from tst_harness.dataset.names import named_for
from tst_harness.dataset.numbers import number_form, parse_number
from tst_harness.dataset.reading import Value
from tst_harness.dataset.recognition.asked import Asked, existing
from tst_harness.dataset.recognition.labels import Labels, share_of_numbers, shared_labels
from tst_harness.dataset.recognition.options import FoundOptions
from tst_harness.dataset.recognition.sheet import Column, Sheet, example
from tst_harness.dataset.several_options import read_sets
from tst_harness.errors import DataError

QuestionType = Choice | Number | Open | Multi | NotScored

_LONGEST_NAME = 80
_MOST_TYPES = 200
_LEAST_QUESTIONS = 5
_FEW = 0.05
"""Rows of a type that differ from the others in form and may as well be mistakes."""
_LEAST_NUMBERS = 0.9
_LEAST_ANNOTATORS = 3
_LONGEST_ANSWER = 80
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

    `guesses` says where two readings are plausible and which was taken.
    """

    types: list[QuestionType]
    rows: dict[str, int]
    forms: list[str]
    guesses: list[str]

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
        Nothing can be scored.
    """
    others: list[str] = []
    typing = _Typing(sheet, asked, answer, options)
    if asked.type is not None:
        column = existing(sheet, asked.type, "type") if asked.type else None
    else:
        named = [one for tier in named_for("type", sheet.columns) for one in tier if one not in taken]
        telling = [one for one in named if _tells_types(sheet.columns[one], sheet.columns[answer])]
        # A column that tells formats apart comes before one whose types hold several.
        column = next((one for one in telling if not typing.is_mixed(one)), next(iter(telling), None))
        single = [
            one for one in named if len(sheet.columns[one].distinct) == 1 and sheet.columns[one].complete
        ]
        if column is None:
            column = next((one for one in single if one.casefold().endswith("type")), None)
        others = [one for one in (*telling, *single) if one != column]
    types = typing.types(column, name)
    _check_scored(sheet, answer, types)
    return column, types, others


def _check_scored(sheet: Sheet, answer: str, types: Types) -> None:
    if all(isinstance(one, NotScored) for one in types.types):
        column = sheet.columns[answer]
        shown = example(column.sample[0]) if column.sample else "none"
        raise DataError(
            f"{sheet.name}: nothing can be scored: there are no options, and the answers in {answer!r} are "
            f"{len(column.distinct):,} different texts, as {shown}, too long to be answers; name the column "
            "of the options with --options, or another one of the answers with --answer"
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
    def is_mixed(self) -> bool:
        """Whether there are more of both than mistakes can account for."""
        return min(len(self.choices), len(self.bare)) > _FEW * (len(self.choices) + len(self.bare))

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
        self._guesses: list[str] = []

    def is_mixed(self, column: str) -> bool:
        """Whether a type of a column has questions with options and others without."""
        return any(self._parts(at).is_mixed for at in self._rows(column, "").values())

    def types(self, column: str | None, name: str) -> Types:
        """The types that a column tells, by name; one type of all rows where there is no column."""
        rows = self._rows(column, name)
        parts = {one: self._parts(rows[one]) for one in sorted(rows)}
        bare = {one: part.bare for one, part in parts.items() if part.is_mixed or not part.is_choice}
        labels = self._labels(bare)
        types: list[QuestionType] = []
        for one, part in parts.items():
            if part.is_choice or part.is_mixed:
                types.append(self._choice(one, part))
            if one in bare:
                types += self._without_options(one, part.bare, None if part.is_mixed else labels.get(one))
        return Types(
            types,
            {one: len(at) for one, at in rows.items()},
            [one for one, _ in self._forms.most_common()],
            self._guesses,
        )

    def _rows(self, column: str | None, name: str) -> dict[str, list[int]]:
        if column is None:
            return {name: list(range(self._sheet.rows))}
        rows: dict[str, list[int]] = {}
        for p, value in enumerate(self._sheet.columns[column].values):
            rows.setdefault((text_of(value) or "").strip(), []).append(p)
        rows.pop("", None)
        return rows

    def _parts(self, at: list[int]) -> _Parts:
        answered = [p for p in at if not is_unanswered(self._answers.values[p], self._options[p])]
        return _Parts(
            [p for p in answered if self._options[p] is not None],
            [self._answers.values[p] for p in answered if not self._found.offered[p]],
        )

    def _labels(self, bare: dict[str, list[Value]]) -> dict[str, Labels]:
        if self._asked.format == "num":
            return {}
        named = any(word in self._answers.name.casefold() for word in _NAMED_LABEL)
        return shared_labels(bare, named or self._asked.format == "mc")

    def _choice(self, name: str, part: _Parts) -> QuestionType:
        answers = self._named(part.choices)
        form, declared = self._form(name, part.choices)
        single = sum(index >= 0 for index in read_choices(answers, form)[1].values())
        if len(answers) - single > _FEW * len(answers):
            sets = read_sets(answers, form)[0]
            if len(sets) - single > _FEW * len(answers):
                self._forms[f"one or several of the options, by {_FORMS[form]}"] += len(sets)
                return Multi(name, answers=declared)
        self._forms[_FORMS[form]] += len(part.choices)
        return Choice(name, answers=declared)

    def _without_options(self, name: str, answers: list[Value], labels: Labels | None) -> list[QuestionType]:
        if labels is not None:
            self._forms[f"labels {', '.join(labels)}"] += len(answers)
            return [Choice(name, answers=self._asked.answers, labels=labels)]
        numbers = share_of_numbers(answers)
        types: list[QuestionType] = []
        if self._asked.format == "num" or numbers > 1 - _LEAST_NUMBERS:
            types.append(Number(name))
            self._count_numbers(answers)
        if self._asked.format != "num" and numbers < _LEAST_NUMBERS:
            types.append(self._open(name, answers))
        return types

    def _count_numbers(self, answers: list[Value]) -> None:
        self._forms["numbers"] += len(answers)
        written = Counter(form for value in answers if (form := number_form(value)))
        for form, times in written.items():
            example_of = next(value for value in answers if number_form(value) == form)
            self._forms[f"{form} in {times:,}, {example_of!r} read as {parse_number(example_of):g}"] += 1

    def _open(self, name: str, answers: list[Value]) -> QuestionType:
        lists = sum(isinstance(value, tuple) and len(value) >= _LEAST_ANNOTATORS for value in answers)
        lengths = sorted(len(text_of(value) or "") for value in answers)
        if not answers or lengths[len(lengths) // 2] > _LONGEST_ANSWER:
            return NotScored(name)
        if lists > _FEW * len(answers):
            self._forms["several people's texts"] += len(answers)
            return Open(name, metric="vqa")
        self._forms["texts"] += len(answers)
        return Open(name)

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
        return {
            p: (answer, options)
            for p, answer, options in rows
            if options and not is_unanswered(answer, options)
        }
