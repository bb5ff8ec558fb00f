"""Checks every row of a table against its declaration; a row is a question or has a stated problem."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from tst_harness.benchmark.declarations import (
    Benchmark,
    Choice,
    InText,
    Multi,
    Open,
    ScoredType,
)
from tst_harness.dataset.answers import (
    Answer,
    Invalid,
    label_named,
    letters_out_of_order,
    parse_options,
    text_of,
)
from tst_harness.dataset.choices import AmbiguousAnswers, read_choices
from tst_harness.dataset.content_ids import content_ids
from tst_harness.dataset.drawn_order import in_drawn_order
from tst_harness.dataset.in_text import split_options
from tst_harness.dataset.invalid import quoted
from tst_harness.dataset.kept_back import kept_back
from tst_harness.dataset.nested import stated_answer
from tst_harness.dataset.numbers import notation_of, other_units, parse_number
from tst_harness.dataset.open_answers import accepted_texts
from tst_harness.dataset.option_texts import compared
from tst_harness.dataset.provenance import Fault
from tst_harness.dataset.reading import Table, Value
from tst_harness.dataset.remarks import remarks
from tst_harness.dataset.row_options import written_options
from tst_harness.dataset.row_types import types_of
from tst_harness.dataset.rows import Rows as Rows
from tst_harness.dataset.several_options import problem_of_one, read_sets
from tst_harness.dataset.wanted import ids_of as ids_of
from tst_harness.errors import DataError

_Read = TypeVar("_Read")
_NO_TEXT = Invalid("the question has no text", "no text")
_MOST_BLANK = 0.5
"""Where more of the texts are blank, the options are meant to be all that is asked."""
_Raw = TypeVar("_Raw", Value, tuple[Value, ...], str)


def validate(benchmark: Benchmark, table: Table) -> Rows:
    """Turn a table into questions, noting the first problem of each row that is none.

    Raises
    ------
    DataError
        A column has no value at all, or the answers of a type can be read in two ways that name
        different options.
    """
    return _Validation(benchmark, table).run()


class _Validation:
    def __init__(self, benchmark: Benchmark, table: Table) -> None:
        self.benchmark = benchmark
        self.columns = benchmark.columns
        self.table = table
        self.problems: dict[int, tuple[str, Invalid]] = {}
        self.remarks: list[tuple[int, str, Invalid]] = []
        self.kept_back: set[int] = set()
        self.not_scored: set[int] = set()
        self.accepted: dict[int, tuple[str, ...]] = {}
        self.sign = notation_of(table.columns["answer"]).sign

    def run(self) -> Rows:
        self._check_columns()
        ids = ids_of(self.table)
        if ids is not None:
            self._check_ids(ids)
        texts = [""] * self.table.rows
        if "text" in self.table.columns:
            texts = self._parsed(self.table.columns["text"], _text, "text", "")
        types, untyped = types_of(self.benchmark, self.table, texts)
        for position, (role, problem) in untyped.items():
            self._note(position, role, problem)
        for position, why in self.table.unreadable.items():
            types[position], self.problems[position] = "", ("", Invalid(why))
        self._leave_out(types)
        texts, options = self._options(types, texts)
        groups = None
        if "group" in self.table.columns:
            groups = self._parsed(self.table.columns["group"], _text, "group", "")
        self.ids = self._ids_of_content(texts, options, groups, types) if ids is None else ids
        self.blank_by_design = self.columns.text is None or texts.count("") > _MOST_BLANK * len(texts)
        if self.columns.order_is_drawn:
            options = in_drawn_order(self.ids, options)
        answers = [0.0] * self.table.rows
        for declared in self.benchmark.scored_types:
            rows = [p for p, name in enumerate(types) if name == declared.name]
            self._keep_back(declared, rows, options)
            rows = [p for p in rows if p not in self.problems and p not in self.kept_back]
            for position, answer in self._answers(declared, rows, options):
                answers[position] = answer
            self._remark(declared, [p for p in rows if p not in self.problems], texts, options, answers)
        problems = {p: self._fault(p, *problem) for p, problem in self.problems.items()}
        remarks = [self._fault(*remark, scored=True) for remark in self.remarks]
        named = set(groups or ())
        groups = [
            group or (id_ if id_ not in named else f"{id_} (no group)")
            for group, id_ in zip(groups or [""] * len(self.ids), self.ids, strict=True)
        ]
        kept_back = frozenset(self.kept_back)
        return Rows(
            self.ids, types, texts, options, answers, groups, problems, remarks, kept_back, self.accepted
        )

    def _note(self, position: int, role: str, problem: Invalid) -> None:
        if position not in self.not_scored:
            self.problems.setdefault(position, (role, problem))

    def _fault(self, position: int, role: str, problem: Invalid, scored: bool = False) -> Fault:
        name = self.table.names.get(role) or (", ".join(self.columns.named(role)) if role else "")
        return Fault(
            row=position + 1,
            id=self.ids[position],
            field=name,
            problem=str(problem),
            kind=problem.kind,
            scored=scored,
        )

    def _keep_back(
        self, declared: ScoredType, rows: list[int], options: list[tuple[str, ...] | None]
    ) -> None:
        """Note the rows whose answers are not told; those have no fault."""
        kept = kept_back(declared, rows, self.table.columns["answer"], options)
        self.kept_back |= kept
        for p in kept:
            self.problems.pop(p, None)

    def _remark(
        self,
        declared: ScoredType,
        rows: list[int],
        texts: list[str],
        options: list[tuple[str, ...] | None],
        answers: list[float],
    ) -> None:
        """Note what is wrong with questions that can be scored."""
        own = _has_options(declared)
        for p in rows:
            offered = options[p] if own else None
            gold = int(answers[p]) if isinstance(declared, Choice) and own else None
            if not texts[p] and not self.blank_by_design:
                self.remarks.append((p, "text", _NO_TEXT))
            for problem in remarks(texts[p], offered, gold):
                if problem.kind == "options alike" and gold is not None and offered is not None:
                    right = compared(offered[gold])
                    if sum(compared(option) == right for option in offered) > 1:
                        self._note(p, "options", problem)
                        break
                role = "options" if problem.kind.startswith(("option", "letters")) else "text"
                self.remarks.append((p, role, problem))

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

    def _check_columns(self) -> None:
        needed = {"id", "answer", "type", "group"}
        needed |= set() if self.columns.blank_text else {"text"}
        if all(_has_options(declared) for declared in self.benchmark.scored_types):
            needed.add("options")
        for role, values in self.table.columns.items():
            if role in needed and all(value is None or value == "" for value in values):
                files = ", ".join(name for name, _ in self.table.files)
                raise DataError(
                    f"{files}: the column {self.table.names[role]!r}, declared as columns.{role}, has no "
                    "value in any row; declare another column, or correct the file"
                )

    def _check_ids(self, ids: list[str]) -> None:
        rows: dict[str, list[int]] = {}
        if len(set(ids)) < len(ids) or "" in ids:
            for position, id_ in enumerate(ids):
                rows.setdefault(id_, []).append(position)
        for position in rows.pop("", []):
            self._note(position, "id", Invalid("the id is missing", "missing id"))
        for positions in rows.values():
            for position in positions if len(positions) > 1 else ():
                other = positions[0] if position != positions[0] else positions[1]
                problem = f"the id is also that of {self.table.place(other)}"
                self._note(position, "id", Invalid(problem, "duplicate id"))

    def _ids_of_content(
        self,
        texts: list[str],
        options: list[tuple[str, ...] | None],
        groups: list[str] | None,
        types: list[str],
    ) -> list[str]:
        seen = list(zip(texts, options, groups or [""] * len(texts), strict=True))
        answers = (
            value if isinstance(value, tuple) else text_of(value) for value in self.table.columns["answer"]
        )
        return content_ids(seen, zip(seen, types, answers, strict=True))

    def _leave_out(self, types: list[str]) -> None:
        scored = {declared.name for declared in self.benchmark.scored_types}
        self.not_scored = {position for position, name in enumerate(types) if name and name not in scored}
        for position in self.not_scored:
            self.problems.pop(position, None)

    def _options(self, types: list[str], texts: list[str]) -> tuple[list[str], list[tuple[str, ...] | None]]:
        """The questions' texts and their options."""
        declared = {kind.name: kind for kind in self.benchmark.scored_types}
        own = {name for name, kind in declared.items() if _has_options(kind)}
        rows = [position for position, name in enumerate(types) if name in own]
        blank_allowed = set(rows) if self.columns.blank_text or self.columns.text is None else set()
        for position, text in enumerate(texts):
            if not text and position not in blank_allowed:
                self._note(position, "text", _NO_TEXT)
        labels = {name: kind.labels for name, kind in declared.items() if isinstance(kind, Choice)}
        options = [labels.get(name) for name in types]
        if isinstance(self.columns.options, InText):
            return self._split(rows, texts, options), options
        for position, read in zip(rows, written_options(self.columns, self.table, rows), strict=True):
            if isinstance(read, Invalid):
                self._note(position, "options", read)
            else:
                options[position] = read
        return texts, options

    def _split(self, rows: list[int], texts: list[str], options: list[tuple[str, ...] | None]) -> list[str]:
        """The texts without the options in them, which are put into `options`."""
        memo = {text: split_options(text) for text in {texts[position] for position in rows}}
        bare = list(texts)
        for position in rows:
            split = memo[texts[position]]
            read = split if isinstance(split, Invalid) else parse_options(split[1])
            if isinstance(split, Invalid) or isinstance(read, Invalid):
                problem = split if isinstance(split, Invalid) else read
                self._note(position, "text", problem if isinstance(problem, Invalid) else _NO_TEXT)
                continue
            bare[position], options[position] = split[0], read
            if not bare[position] and not self.columns.blank_text:
                self._note(position, "text", _NO_TEXT)
        return bare

    def _answers(
        self, declared: ScoredType, rows: list[int], options: list[tuple[str, ...] | None]
    ) -> Iterable[tuple[int, float]]:
        column = self.table.columns["answer"]
        if isinstance(declared, Choice):
            return self._choices(declared, rows, options)
        if isinstance(declared, Multi):
            return self._sets(declared, rows, options)
        distinct = {column[position] for position in rows}
        if isinstance(declared, Open):
            texts = {value: accepted_texts(value, declared) for value in distinct}
            self.accepted |= dict(self._read(rows, texts))
            return []
        numbers = self._read(rows, {value: parse_number(value, self.sign) for value in distinct})
        for position, problem in other_units({position: column[position] for position, _ in numbers}):
            self.remarks.append((position, "answer", problem))
        return numbers

    def _read(self, rows: list[int], memo: Mapping[Value, _Read | Invalid]) -> list[tuple[int, _Read]]:
        """The rows whose answers can be used, with what they are; the others are noted."""
        column = self.table.columns["answer"]
        valid = []
        for position in rows:
            read = memo[column[position]]
            if isinstance(read, Invalid):
                self._note(position, "answer", read)
            else:
                valid.append((position, read))
        return valid

    def _sets(
        self, declared: Multi, rows: list[int], options: list[tuple[str, ...] | None]
    ) -> Iterable[tuple[int, float]]:
        column, cells = self.table.columns["answer"], self.table.columns.get("options")
        answers: dict[int, Answer] = {}
        for position in rows:
            offered = options[position]
            if offered is not None:
                answer = column[position]
                answers[position] = (stated_answer(cells[position], answer) if cells else answer, offered)
        try:
            sets, problems = read_sets(answers, declared.answers)
        except AmbiguousAnswers as error:
            raise self._ambiguous(declared, error, answers[error.position][0]) from None
        for position, problem in problems.items():
            self._note(position, "answer", problem)
        return sets.items()

    def _choices(
        self, declared: Choice, rows: list[int], options: list[tuple[str, ...] | None]
    ) -> Iterable[tuple[int, float]]:
        column, cells = self.table.columns["answer"], self.table.columns.get("options")
        answers: dict[int, Answer] = {}
        for position in rows:
            of_row = options[position]
            if of_row is not None:
                if declared.labels is not None:
                    answer: Value = label_named(column[position], of_row) or column[position]
                else:
                    answer = stated_answer(cells[position], column[position]) if cells else column[position]
                answers[position] = (answer, of_row)
        try:
            form, read = read_choices(answers, declared.answers)
        except AmbiguousAnswers as error:
            raise self._ambiguous(declared, error, answers[error.position][0]) from None
        known = []
        for position, index in read.items():
            misplaced = letters_out_of_order(answers[position][1]) if form == "letter" else None
            if misplaced is not None:
                self._note(position, "options", misplaced)
            elif index < 0:
                self._note(position, "answer", problem_of_one(*answers[position], form))
            else:
                known.append((position, float(index)))
        return known

    def _ambiguous(self, declared: Choice | Multi, error: AmbiguousAnswers, answer: Value) -> DataError:
        first, second = error.forms
        return DataError(
            f"{self.table.place(error.position)} (id {quoted(self.ids[error.position])}), field "
            f"{self.table.names['answer']!r}: the answer {quoted(answer)} names one option read as {first!r} "
            f"and another read as {second!r}, and both fit the type {declared.name!r} as well; say which "
            f"with --answers {first}, in a module with {type(declared).__name__}({declared.column_name!r}, "
            f"answers={first!r})"
        )


def _has_options(declared: ScoredType) -> bool:
    """Whether the questions of a type have options of their own."""
    return isinstance(declared, Multi) or (isinstance(declared, Choice) and declared.labels is None)


def _text(value: Value) -> str | Invalid:
    return Invalid("is a list, not text") if isinstance(value, tuple) else text_of(value) or ""
