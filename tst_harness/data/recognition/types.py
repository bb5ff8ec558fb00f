"""The question types of a file: their column, and whether each is answered by an option or a number."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property

from tst_harness.data.answers import AmbiguousAnswers, Answer, Invalid, parse_number, read_choices, text_of
from tst_harness.data.declarations import AnswerForm, Choice, NotScored, Number
from tst_harness.data.invalid import quoted
from tst_harness.data.reading import Value
from tst_harness.data.recognition.asked import Asked, existing
from tst_harness.data.recognition.names import named_for
from tst_harness.data.recognition.options import FoundOptions
from tst_harness.data.recognition.sheet import Column, Sheet, example, is_blank
from tst_harness.errors import DataError

QuestionType = Choice | Number | NotScored

_LONGEST_NAME = 80
_MOST_TYPES = 200
_LEAST_QUESTIONS = 5
_MOST_LABELS = 20
_LEAST_OF_A_LABEL = 3
_FEW = 0.05
"""Rows of a type that differ from the others in form and may as well be mistakes."""
_MOST_OPEN = 0.2
_PAIRS = (("no", "yes"), ("false", "true"), ("n", "y"), ("f", "t"))
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
        types = []
        for one in sorted(rows):
            declared = self._type(one, rows[one], column)
            if isinstance(declared, str):
                return Types([], {}, [], declared)
            types.append(declared)
        return Types(
            types,
            {one: len(at) for one, at in rows.items()},
            [one for one, _ in self._forms.most_common()],
            None,
        )

    def _type(self, name: str, at: list[int], column: str | None) -> QuestionType | str:
        answered = [p for p in at if not is_blank(self._answers.values[p])]
        choices = [p for p in answered if self._options[p] is not None]
        bare = [self._answers.values[p] for p in answered if self._options[p] is None]
        if min(len(choices), len(bare)) > _FEW * len(answered):
            which = "the questions" if column is None else f"the questions of type {name!r} ({column!r})"
            kind = "numbers" if _numeric(bare) > 0.5 else "other answers"
            return (
                f"{which} are of two kinds, {len(choices):,} with options and {len(bare):,} with {kind}, "
                "which no column tells apart; name one that does with --type"
            )
        if len(choices) >= len(bare) and choices:
            form, declared = self._form(name, choices)
            self._forms[_FORMS[form]] += len(choices)
            return Choice(name, answers=declared)
        return self._bare(name, bare)

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

    def _bare(self, name: str, answers: list[Value]) -> QuestionType:
        """The type of questions without options."""
        labels = None if self._asked.format == "num" else self._labels(answers)
        if labels is not None:
            self._forms[f"labels {', '.join(labels)}"] += len(answers)
            return Choice(name, answers=self._asked.answers, labels=labels)
        if self._asked.format == "num" or (answers and _numeric(answers) >= 1 - _MOST_OPEN):
            self._forms["numbers"] += len(answers)
            return Number(name)
        return NotScored(name)

    def _labels(self, answers: list[Value]) -> tuple[str, ...] | None:
        """The labels that answers are from; None where they are numbers or free text."""
        spelled = Counter(text for value in answers if (text := (text_of(value) or "").strip()))
        times: Counter[str] = Counter()
        for text, n in spelled.items():
            # A dash or a question mark stands for the lack of a label.
            times[text.casefold()] += n * any(one.isalnum() for one in text)
        labels = sorted(label for label, n in times.items() if n)
        if _numeric(answers) >= 1 - _FEW:
            labels = sorted((label for label in labels if not label.startswith("-")), key=_as_number)
            known = self._asked.format == "mc" or self._are_codes(labels)
        else:
            pair = tuple(labels) in _PAIRS
            known = pair or len(answers) >= _LEAST_OF_A_LABEL * len(labels)
        if not (known and 2 <= len(labels) <= _MOST_LABELS):
            return None
        spellings = {label: [one for one in spelled if one.casefold() == label] for label in labels}
        return tuple(min(spellings[label], key=lambda one: (-spelled[one], one)) for label in labels)

    def _are_codes(self, labels: list[str]) -> bool:
        """Whether numbers are codes of labels: 0 and 1, or consecutive in a column named for labels."""
        first = labels[0] if labels else ""
        consecutive = first in ("0", "1") and labels == [str(int(first) + i) for i in range(len(labels))]
        named = any(word in self._answers.name.casefold() for word in _NAMED_LABEL)
        return consecutive and (labels == ["0", "1"] or named)


def _numeric(values: Collection[Value]) -> float:
    counts = Counter(values)
    numbers = sum(n for value, n in counts.items() if not isinstance(parse_number(value), Invalid))
    return numbers / max(len(values), 1)


def _as_number(text: str) -> float:
    number = parse_number(text)
    return 0.0 if isinstance(number, Invalid) else number
