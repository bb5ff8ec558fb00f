"""Checks every row of a table against its declaration; a row is a question or has a stated problem."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from tst_harness.data.answers import (
    MISSING,
    AmbiguousAnswers,
    Answer,
    Invalid,
    parse_number,
    parse_option_cells,
    parse_options,
    problem_of,
    read_choices,
    text_of,
)
from tst_harness.data.declarations import Benchmark, Choice, Number, QuestionType
from tst_harness.data.provenance import InvalidRow
from tst_harness.data.reading import Table, Value
from tst_harness.errors import DataError

_Read = TypeVar("_Read")
_Raw = TypeVar("_Raw", Value, tuple[Value, ...], str)


@dataclass(frozen=True)
class Rows:
    """The rows of a table as questions, n entries each, in file order.

    Where a position is among `problems` the other entries there mean nothing. `answer` is the index
    of the gold option (mc) or the number (num); `options` is None for num.
    """

    id: list[str]
    type: list[str]
    text: list[str]
    options: list[tuple[str, ...] | None]
    answer: list[float]
    group: list[str]
    problems: dict[int, InvalidRow]


def wanted_columns(benchmark: Benchmark) -> dict[str, tuple[str, ...]]:
    """By role, the names that its column may have; options in several columns are roles "options.0" ..."""
    columns = benchmark.columns
    wanted = {
        role: columns.named(role) for role in ("id", "text", "answer", "type", "group") if columns.named(role)
    }
    names = columns.named("options")
    if isinstance(columns.options, tuple):
        wanted |= {f"options.{place}": (name,) for place, name in enumerate(names)}
    elif names:
        wanted["options"] = names
    return wanted


def ids_of(table: Table) -> list[str]:
    """The ids as text, in file order; "" where one is missing."""
    return [text_of(value) or "" for value in table.columns["id"]]


def validate(benchmark: Benchmark, table: Table, ids: list[str]) -> Rows:
    """Turn a table with these ids into questions, noting the first problem of each row that is none.

    Raises
    ------
    DataError
        The answers of a type can be read in two ways that name different options.
    """
    return _Validation(benchmark, table, ids).run()


class _Validation:
    def __init__(self, benchmark: Benchmark, table: Table, ids: list[str]) -> None:
        self.benchmark = benchmark
        self.table = table
        self.ids = ids
        self.problems: dict[int, InvalidRow] = {}

    def run(self) -> Rows:
        self._check_ids()
        types = self._named_types() if "type" in self.table.columns else None
        texts = self._texts("text", "the question has no text")
        types = types or self._types_by_pattern(texts)
        options = self._options(types)
        grouped = "group" in self.table.columns
        groups = self._texts("group", "the group is missing") if grouped else self.ids
        answers = [0.0] * self.table.rows
        for declared in self.benchmark.scored_types:
            rows = [p for p, name in enumerate(types) if name == declared.name and p not in self.problems]
            for position, answer in self._answers(declared, rows, options):
                answers[position] = answer
        return Rows(self.ids, types, texts, options, answers, groups, self.problems)

    def _note(self, position: int, role: str, problem: str) -> None:
        field = self.table.names.get(role) or ", ".join(self.benchmark.columns.named(role))
        row = InvalidRow(row=position + 1, id=self.ids[position], field=field, problem=problem)
        self.problems.setdefault(position, row)

    def _parsed(
        self, values: Sequence[_Raw], parse: Callable[[_Raw], _Read | Invalid], role: str, fallback: _Read
    ) -> list[_Read]:
        """Parse each distinct value once; where it is invalid, note it and put the fallback."""
        memo = {value: parse(value) for value in set(values)}
        invalid = {value: read for value, read in memo.items() if isinstance(read, Invalid)}
        if invalid:
            for position, value in enumerate(values):
                if value in invalid:
                    self._note(position, role, invalid[value])
        read = {value: fallback if isinstance(it, Invalid) else it for value, it in memo.items()}
        return [read[value] for value in values]

    def _check_ids(self) -> None:
        rows: dict[str, list[int]] = {}
        if len(set(self.ids)) < len(self.ids) or "" in self.ids:
            for position, id_ in enumerate(self.ids):
                rows.setdefault(id_, []).append(position)
        for position in rows.pop("", []):
            self._note(position, "id", "the id is missing")
        for positions in rows.values():
            for position in positions if len(positions) > 1 else ():
                other = positions[0] if position != positions[0] else positions[1]
                self._note(position, "id", f"the id is also that of {self.table.place(other)}")

    def _texts(self, role: str, missing: str) -> list[str]:
        return self._parsed(self.table.columns[role], lambda value: _text(value, missing), role, "")

    def _named_types(self) -> list[str]:
        names = {one.name for one in self.benchmark.question_types}
        return self._parsed(
            self.table.columns["type"], lambda value: _declared_type(value, names), "type", ""
        )

    def _types_by_pattern(self, texts: list[str]) -> list[str]:
        declared = self.benchmark.question_types
        if len(declared) == 1:
            return [declared[0].name] * len(texts)
        return self._parsed(texts, lambda text: _type_by_pattern(text, declared), "text", "")

    def _options(self, types: list[str]) -> list[tuple[str, ...] | None]:
        choices = {one.name for one in self.benchmark.question_types if one.format == "mc"}
        options: list[tuple[str, ...] | None] = [None] * len(types)
        rows = [position for position, name in enumerate(types) if name in choices]
        if not rows:
            return options
        columns = self.table.columns
        parsed: Iterable[tuple[str, ...] | Invalid]
        if "options" in columns:
            lists = [columns["options"][position] for position in rows]
            memo = {value: parse_options(value) for value in set(lists)}
            parsed = [memo[value] for value in lists]
        else:
            cells = [
                columns[f"options.{place}"] for place in range(len(self.benchmark.columns.named("options")))
            ]
            several = [tuple(column[position] for column in cells) for position in rows]
            cell_memo = {values: parse_option_cells(values) for values in set(several)}
            parsed = [cell_memo[values] for values in several]
        for position, read in zip(rows, parsed, strict=True):
            if isinstance(read, Invalid):
                self._note(position, "options", read)
            else:
                options[position] = read
        return options

    def _answers(
        self, declared: Choice | Number, rows: list[int], options: list[tuple[str, ...] | None]
    ) -> Iterable[tuple[int, float]]:
        column = self.table.columns["answer"]
        if isinstance(declared, Choice):
            return self._choices(declared, rows, options)
        memo = {value: parse_number(value) for value in {column[position] for position in rows}}
        numbers = []
        for position in rows:
            read = memo[column[position]]
            if isinstance(read, Invalid):
                self._note(position, "answer", read)
            else:
                numbers.append((position, read))
        return numbers

    def _choices(
        self, declared: Choice, rows: list[int], options: list[tuple[str, ...] | None]
    ) -> Iterable[tuple[int, float]]:
        column = self.table.columns["answer"]
        answers: dict[int, Answer] = {}
        for position in rows:
            of_row = options[position]
            if column[position] is None or column[position] == "":
                self._note(position, "answer", MISSING)
            elif of_row is not None:
                answers[position] = (column[position], of_row)
        try:
            form, read = read_choices(answers, declared.answers)
        except AmbiguousAnswers as error:
            raise self._ambiguous(declared, error, answers[error.position][0]) from None
        for position, index in read.items():
            if index < 0:
                self._note(position, "answer", problem_of(*answers[position], form))
        return [(position, float(index)) for position, index in read.items() if index >= 0]

    def _ambiguous(self, declared: Choice, error: AmbiguousAnswers, answer: Value) -> DataError:
        first, second = error.forms
        return DataError(
            f"{self.table.place(error.position)} (id {self.ids[error.position]!r}), field "
            f"{self.table.names['answer']!r}: the answer {answer!r} names one option read as {first!r} and "
            f"another read as {second!r}, and both fit the type {declared.name!r} as well; say which, as in "
            f"Choice({declared.name!r}, answers={first!r})"
        )


def _text(value: Value, missing: str) -> str | Invalid:
    if isinstance(value, tuple):
        return Invalid("is a list, not text")
    return text_of(value) or Invalid(missing)


def _declared_type(value: Value, names: set[str]) -> str | Invalid:
    name = (text_of(value) or "").strip() if not isinstance(value, tuple) else ""
    if name in names:
        return name
    if not name:
        return Invalid("the question type is missing")
    return Invalid(f"the question type {name!r} is not declared (declared: {', '.join(sorted(names))})")


def _type_by_pattern(text: str, declared: Sequence[QuestionType]) -> str | Invalid:
    names = [one.name for one in declared if one.regex is not None and one.regex.search(text)]
    if len(names) == 1:
        return names[0]
    if not names:
        return Invalid("the pattern of no declared question type matches the question")
    return Invalid(f"the patterns of {len(names)} question types match the question: {', '.join(names)}")
