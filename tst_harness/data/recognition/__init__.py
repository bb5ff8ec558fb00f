"""Recognises what the columns of a file mean, and declares the benchmark that they amount to."""

from dataclasses import dataclass

from tst_harness.data.declarations import Benchmark, Columns, HubDataset, InText, LocalFile, NotScored
from tst_harness.data.recognition.answer import find_answer
from tst_harness.data.recognition.asked import Asked as Asked
from tst_harness.data.recognition.context import find_group, find_id
from tst_harness.data.recognition.options import FoundOptions, find_options
from tst_harness.data.recognition.question import find_question
from tst_harness.data.recognition.sheet import Column, Sheet, example
from tst_harness.data.recognition.sheet import read_sheet as read_sheet
from tst_harness.data.recognition.types import Types, find_types

_MOST_NAMES = 4


@dataclass(frozen=True)
class Recognised:
    """A benchmark that nobody declared, and what was recognised, a line a role."""

    benchmark: Benchmark
    lines: list[str]


def recognise(sheet: Sheet, source: HubDataset | LocalFile, name: str, asked: Asked) -> Recognised:
    """Declare the benchmark that a file amounts to.

    Parameters
    ----------
    sheet
        All columns of the file.
    source, name
        As in `Benchmark`.
    asked
        What the user settled by flags.

    Raises
    ------
    DataError
        What is ambiguous or missing, and the flag that settles it.
    """
    question = find_question(sheet, asked)
    options = find_options(sheet, asked, question)
    answer = find_answer(sheet, asked, question, options)
    taken = {question, answer, *options.columns, asked.group, asked.id}
    type_, types, others = find_types(sheet, asked, answer, options, taken, name)
    id_, id_line = find_id(sheet, asked, {question, answer, *options.columns, type_, asked.group})
    group, group_line = find_group(sheet, asked, {question, answer, *options.columns, type_, id_})
    benchmark = Benchmark(
        name=name,
        source=source,
        columns=Columns(
            id=id_,
            text=question,
            options=options.place,
            answer=answer,
            type=type_,
            group=group,
            blank_text=not sheet.columns[question].complete,
        ),
        question_types=types.types,
    )
    used = {question, answer, *options.columns, type_, id_, group}
    withheld = [one for one in sheet.columns if one not in used]
    lines = [
        f"{sheet.name}: {sheet.rows:,} rows, {len(sheet.columns)} columns",
        f"id: {_said(id_, id_line)}",
        f"question: {question!r} {_question(sheet.columns[question])}",
        f"options: {_options(options)}",
        f"answer: {answer!r} ({'; '.join(types.forms)})",
        f"type: {_types(type_, types, others)}",
        f"group: {_said(group, group_line)}",
        f"withheld: {', '.join(map(repr, withheld)) or 'nothing'}",
    ]
    return Recognised(benchmark, lines)


def _said(name: str | None, line: str) -> str:
    if name is None:
        return line
    return f"{name!r} ({line})" if line else repr(name)


def _question(column: Column) -> str:
    blank = len(column.values) - column.filled
    return f"({example(column.sample[0])}{f'; {blank:,} blank' if blank else ''})"


def _options(options: FoundOptions) -> str:
    if options.place is None:
        return "none found"
    sizes = {len(of_row) for of_row in options.of_row if of_row is not None}
    many = f"{min(sizes)} to {max(sizes)}" if len(sizes) > 1 else f"{max(sizes, default=0)}"
    if isinstance(options.place, InText):
        return f"in the text of the question ({many} each)"
    if isinstance(options.place, tuple):
        return f"{', '.join(map(repr, options.place))} (a column each; {many} each)"
    return f"{options.place!r} (a list; {many} each)"


def _types(column: str | None, types: Types, others: list[str]) -> str:
    formats = {one.name: one.format for one in types.types}
    words = {"mc": "multiple choice", "num": "numbers", "none": "not scored"}
    shown = [f"{name} {types.rows[name]:,} {words[formats[name]]}" for name in formats]
    more = f", {len(shown) - _MOST_NAMES} more" if len(shown) > _MOST_NAMES else ""
    listed = ", ".join(shown[:_MOST_NAMES]) + more
    if column is None:
        return f"one for all ({words[types.types[0].format]})"
    other = f"; --type {others[0]} for another" if others else ""
    return f"{column!r} ({len(shown)} types: {listed}{other})"


def not_scored(benchmark: Benchmark) -> list[str]:
    """The types that are not scored."""
    return [one.name for one in benchmark.question_types if isinstance(one, NotScored)]
