"""The format of each type of a file: told from all of its rows, with the form of their answers."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from tst_harness.benchmark.declarations import AnswerForm, Choice, Multi, NotScored, Number, Open
from tst_harness.dataset.answers import (
    FORMS,
    Answer,
    is_unanswered,
    label_named,
    text_of,
)
from tst_harness.dataset.choices import AmbiguousAnswers, read_choices
from tst_harness.dataset.invalid import quoted
from tst_harness.dataset.names import says_several
from tst_harness.dataset.numbers import Notation, notation_of
from tst_harness.dataset.reading import Value
from tst_harness.dataset.recognition.asked import Asked
from tst_harness.dataset.recognition.labels import (
    Labels,
    is_pair,
    is_place,
    labels_of,
    pair_among,
    share_of_numbers,
    shared_labels,
)
from tst_harness.dataset.recognition.lost_options import are_letters, have_lost_options
from tst_harness.dataset.recognition.number_forms import doubts_of_numbers, forms_of_numbers
from tst_harness.dataset.recognition.options import FoundOptions
from tst_harness.dataset.recognition.sheet import Sheet
from tst_harness.dataset.recognition.yes_or_no import yes_or_no
from tst_harness.dataset.row_types import type_name
from tst_harness.dataset.several_options import form_of_sets, read_sets
from tst_harness.errors import DataError

QuestionType = Choice | Number | Open | Multi | NotScored

_FEW = 0.05
"""Rows of a type that differ from the others in form and may as well be mistakes."""
_LEAST_NUMBERS = 0.9
_LEAST_ANNOTATORS = 5
"""Answers to a question that are those of several people rather than several spellings of one."""
_CLEARLY_MORE = 1.05
_RIVAL = 0.9
"""The share of the rows of the best form, from which on another form is worth a word."""
_LONGEST_ANSWER = 80
_FORMS: dict[AnswerForm, str] = {
    "letter": "letters",
    "index": "indices from 0",
    "index1": "indices from 1",
    "text": "the text of an option",
}
_NAMED_LABEL = ("label", "class", "target", "gold")
_MANY_LABELS = 6
_TRUE = ("true", "yes", "1")
_LOST = (
    "rows without options whose answers name one, as those of the others do, have lost them and are faults; "
    "--format num or open if those are answers of another kind"
)


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
        return [declared.name for declared in self.types if isinstance(declared, NotScored)]


class _Parts(NamedTuple):
    """The answered rows of a type: those with options, and the answers of those without.

    Rows that have lost their options are none of these.
    """

    choices: list[int]
    bare: list[Value]
    lost: bool = False

    @property
    def is_mixed(self) -> bool:
        """Whether there are more of both than mistakes can account for."""
        return min(len(self.choices), len(self.bare)) > _FEW * (len(self.choices) + len(self.bare))

    @property
    def is_choice(self) -> bool:
        """Whether its questions have options."""
        return bool(self.choices) and len(self.choices) >= len(self.bare)


class TypeFormats:
    """Decides the format of each type from all of its rows."""

    def __init__(self, sheet: Sheet, given: Asked, answer: str, options: FoundOptions) -> None:
        self._sheet = sheet
        self._asked = given
        self._answers = sheet.columns[answer]
        self._found = options
        self._options = options.of_row
        one_of_them = answer in options.columns and len(options.columns) > 1
        self._declared: AnswerForm | None = "text" if one_of_them else given.answers
        self._forms: Counter[str] = Counter()
        self._guesses: dict[str, None] = {}

    def is_mixed(self, column: str) -> bool:
        """Whether a type of a column has questions with options and others without."""
        return any(self._parts(at).is_mixed for at in self._rows(column, "").values())

    def types(self, column: str | None, name: str) -> Types:
        """The types that a column tells, by name; one type of all rows where there is no column."""
        rows = self._rows(column, name)
        parts = {key: self._parts(rows[key]) for key in sorted(rows)}
        bare = {key: part.bare for key, part in parts.items() if part.is_mixed or not part.is_choice}
        labels = self._labels(bare)
        self._guesses |= dict.fromkeys(_LOST for part in parts.values() if part.lost)
        types: list[QuestionType] = []
        for key, part in parts.items():
            if part.is_choice or part.is_mixed:
                types.append(self._choice(key, part))
            if column is not None and says_several(column) and key.casefold() in _TRUE and not part.is_choice:
                types.append(self._open(key, part.bare))
            elif key in bare:
                types += (
                    self._free(key, part.bare)
                    if part.is_mixed
                    else self._without_options(key, part.bare, labels.get(key))
                )
        return Types(
            types,
            {key: len(at) for key, at in rows.items()},
            [key for key, _ in self._forms.most_common()],
            list(self._guesses),
        )

    def _rows(self, column: str | None, name: str) -> dict[str, list[int]]:
        if column is None:
            return {name: list(range(self._sheet.rows))}
        rows: dict[str, list[int]] = {}
        for p, value in enumerate(self._sheet.columns[column].values):
            rows.setdefault(type_name(value), []).append(p)
        rows.pop("", None)
        return rows

    def _parts(self, at: list[int]) -> _Parts:
        answered = [p for p in at if not is_unanswered(self._answers.values[p], self._options[p])]
        choices = [p for p in answered if self._options[p] is not None]
        bare = [self._answers.values[p] for p in answered if not self._found.offered[p]]
        lost = self._asked.format not in ("num", "open") and len(choices) > _FEW * len(answered)
        if lost and have_lost_options(self._named(choices), bare):
            return _Parts(choices, [], lost=True)
        return _Parts(choices, bare)

    def _labels(self, bare: dict[str, list[Value]]) -> dict[str, Labels]:
        if self._asked.labels is not None:
            return dict.fromkeys(bare, self._asked.labels)
        if self._asked.format in ("num", "open"):
            return {}
        return shared_labels(bare, self._is_label or self._asked.format == "mc")

    @property
    def _is_label(self) -> bool:
        """Whether the column of the answers is named for labels."""
        return any(word in self._answers.name.casefold() for word in _NAMED_LABEL)

    def _choice(self, name: str, part: _Parts) -> QuestionType:
        answers = self._named(part.choices)
        form, declared = self._form(name, part.choices)
        single = sum(index >= 0 for index in read_choices(answers, form)[1].values())
        if self._asked.format == "multi":
            self._forms[f"one or several of the options, by {_FORMS[form]}"] += len(answers)
            return Multi(name, answers=declared)
        if self._asked.format != "mc" and len(answers) - single > _FEW * len(answers):
            form = self._form_of_several(answers) or form
            sets = read_sets(answers, form)[0]
            if len(sets) - single > _FEW * len(answers):
                self._forms[f"one or several of the options, by {_FORMS[form]}"] += len(sets)
                return Multi(name, answers=declared)
        self._forms[_FORMS[form]] += len(part.choices)
        self._guesses |= dict.fromkeys(yes_or_no(answers.values(), form))
        return Choice(name, answers=declared)

    def _without_options(self, name: str, answers: list[Value], labels: Labels | None) -> list[QuestionType]:
        if labels is not None:
            self._forms[f"labels {', '.join(labels)}"] += len(answers)
            self._tell_labels(labels)
            self._tell_withheld(labels, answers)
            return [Choice(name, answers=self._asked.answers, labels=labels)]
        pair = pair_among(answers, _FEW) if self._asked.format is None else None
        if pair is None:
            return self._free(name, answers)
        words = [value for value in answers if label_named(value, pair) is not None]
        others = [value for value in answers if label_named(value, pair) is None]
        return [*self._free(name, others), *self._without_options(name, words, pair)]

    def _free(self, name: str, answers: list[Value]) -> list[QuestionType]:
        """The types of answers that are no labels."""
        numbers = 0.0 if self._asked.format == "open" else share_of_numbers(answers)
        types: list[QuestionType] = []
        if self._asked.format == "num" or numbers > 1 - _LEAST_NUMBERS:
            types.append(Number(name))
            self._count_numbers(answers)
            if self._asked.format is None and labels_of(answers, coded=True) is not None:
                self._guesses["few whole numbers are read as numbers; --format mc for labels"] = None
        if self._asked.format != "num" and numbers < _LEAST_NUMBERS:
            types.append(self._open(name, answers))
        return types

    def _tell_labels(self, labels: Labels) -> None:
        """Say of labels that they might be something else."""
        listed = ", ".join(labels)
        if (
            self._asked.labels
            or self._asked.format == "mc"
            or is_pair(labels)
            or (self._is_label and len(labels) <= _MANY_LABELS)
        ):
            return
        if all(label.lstrip("-").isdigit() for label in labels):
            self._guesses[f"the numbers {listed} are read as labels; --format num for numbers"] = None
        elif self._found.place is None and are_letters(labels):
            self._guesses[
                f"the letters {listed} are read as labels, since no options are known; --options for theirs"
            ] = None
        else:
            self._guesses[f"the texts {listed} are read as labels; --format open for free texts"] = None

    def _tell_withheld(self, labels: Labels, answers: list[Value]) -> None:
        """Say of -1 beside 0 and 1 that it may be a label, or an answer that is kept back."""
        if self._asked.labels is not None or "-1" not in map(str, answers):
            return
        if labels == ("-1", "0", "1"):
            self._guesses["-1 is read as a label; --labels 0,1 if it stands for an answer kept back"] = None
        elif labels == ("0", "1"):
            self._guesses["-1 is read as an answer kept back; --labels 0,1,-1 if it is a label"] = None

    def _count_numbers(self, answers: list[Value]) -> None:
        self._forms["numbers"] += len(answers)
        self._forms.update(forms_of_numbers(answers, self._notation))
        self._guesses |= dict.fromkeys(doubts_of_numbers(answers, self._notation))

    @cached_property
    def _notation(self) -> Notation:
        return notation_of(self._answers.values)

    def _open(self, name: str, answers: list[Value]) -> QuestionType:
        if sum(map(is_place, answers)) > _LEAST_NUMBERS * len(answers):
            return NotScored(name)
        lists = sum(isinstance(value, tuple) and len(value) >= _LEAST_ANNOTATORS for value in answers)
        several = sum(isinstance(value, tuple) and len(value) > 1 for value in answers)
        lengths = sorted(len(text_of(value) or "") for value in answers)
        nested = sum(isinstance(value, str) and value.startswith("[[") for value in answers)
        if not answers or lengths[len(lengths) // 2] > _LONGEST_ANSWER or nested > _FEW * len(answers):
            return NotScored(name)  # Of several answers that are all asked for one is no right answer.
        if lists > _FEW * len(answers):
            self._forms["several people's texts"] += len(answers)
            return Open(name, metric="vqa")
        self._forms["lists of accepted texts" if several else "texts"] += len(answers)
        return Open(name)

    def _form(self, name: str, at: list[int]) -> tuple[AnswerForm, AnswerForm | None]:
        """The form of the answers of a type, and what has to be declared of it."""
        answers = self._named(at)
        if self._found.form is not None and self._declared is None and self._fits_best(answers):
            return self._found.form, self._found.form
        try:
            form = read_choices(answers, self._declared)[0]
            return form, self._declared or self._guessed(name, answers, form)
        except AmbiguousAnswers as error:
            if self._form_of_all in error.forms:
                return self._form_of_all, self._form_of_all
            raise self._undecided(name, error.position, answers[error.position], error.forms) from None

    def _fits_best(self, answers: dict[int, Answer]) -> bool:
        """Whether the form that the options tell fits as many answers as any other."""
        fits = {form: sum(index >= 0 for index in read_choices(answers, form)[1].values()) for form in FORMS}
        return self._found.form is not None and fits[self._found.form] == max(fits.values())

    def _form_of_several(self, answers: dict[int, Answer]) -> AnswerForm | None:
        """The form of the parts of answers; None where two fit as well."""
        try:
            return form_of_sets(answers, self._declared)
        except AmbiguousAnswers:
            return self._form_of_all

    def _guessed(self, name: str, answers: dict[int, Answer], form: AnswerForm) -> AnswerForm | None:
        """The form, to be declared, where another one fits nearly as many answers and means other options.

        Raises
        ------
        DataError
            Neither fits all of them, and which is meant cannot be told.
        """
        read = read_choices(answers, form)[1]
        fits = sum(index >= 0 for index in read.values())
        for other in FORMS:
            again = read_choices(answers, other)[1] if other != form else read
            times = sum(index >= 0 for index in again.values())
            differ = next((p for p in answers if again[p] not in (read[p], -1)), None)
            if differ is None or times <= _RIVAL * fits:
                continue
            if fits < len(answers) and fits < _CLEARLY_MORE * times:
                raise self._undecided(name, differ, answers[differ], (form, other))
            self._guesses[
                f"the answers in {self._answers.name!r} are {_FORMS[form]}, which fit {fits:,} rows; read as "
                f"{_FORMS[other]} they fit {times:,}: --answers {other} for those"
            ] = None
            return form
        return None

    def _undecided(
        self, name: str, position: int, answer: Answer, forms: tuple[AnswerForm, AnswerForm]
    ) -> DataError:
        first, second = forms
        return DataError(
            f"{self._sheet.name} row {position + 1}, field {self._answers.name!r}: the answer "
            f"{quoted(answer[0])} names one option as {_FORMS[first]} and another as {_FORMS[second]}, and "
            f"both fit the type {name!r} as well; say which with --answers {first} or --answers {second}"
        )

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
