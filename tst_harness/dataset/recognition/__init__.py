"""Recognises what the columns of a file mean, and declares the benchmark that they amount to."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from tst_harness.benchmark.declarations import Benchmark, Columns, HubDataset, InText, LocalFile
from tst_harness.dataset.answers import is_unanswered, text_of
from tst_harness.dataset.bare_answers import bared
from tst_harness.dataset.in_text import split_options
from tst_harness.dataset.inside import SPLIT
from tst_harness.dataset.reading import Value
from tst_harness.dataset.recognition.answer import accepted_columns, find_answer
from tst_harness.dataset.recognition.asked import Asked as Asked
from tst_harness.dataset.recognition.context import find_group, find_id
from tst_harness.dataset.recognition.formats import Types
from tst_harness.dataset.recognition.marks import columns_in_turn, mark_columns
from tst_harness.dataset.recognition.options import FoundOptions, find_options
from tst_harness.dataset.recognition.question import find_question, find_slots
from tst_harness.dataset.recognition.sheet import Column, Sheet, example, is_blank
from tst_harness.dataset.recognition.sheet import read_sheet as read_sheet
from tst_harness.dataset.recognition.types import find_types

_MOST_PARTS = 5
_WORDS = {
    "mc": "multiple choice",
    "num": "numbers",
    "open": "open",
    "multi": "several right options",
    "none": "not scored",
}


@dataclass(frozen=True)
class Recognised:
    """A benchmark that nobody declared, and what was recognised, a line a role."""

    benchmark: Benchmark
    lines: list[str]


def recognise(sheet: Sheet, source: HubDataset | LocalFile, name: str, given: Asked) -> Recognised:
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
    guesses: list[str] = []
    question = find_question(sheet, given, guesses)
    options = find_options(sheet, given, question, guesses)
    marks = mark_columns(sheet, given, options, guesses) or columns_in_turn(sheet, given, options)
    accepted = () if marks else accepted_columns(sheet, given, question, options)
    if accepted:
        given = replace(given, options=())
        options = find_options(sheet, given, question, guesses)
        _tell_accepted(accepted, guesses)
    several = marks or accepted
    if several:
        sheet, given = _with_joined(sheet, several), replace(given, answer=", ".join(several))
    answer = find_answer(sheet, given, question, options, guesses)
    bare = list(map(bared, sheet.columns[answer].values))
    sheet = sheet.with_values(answer, [read.value for read in bare])
    around = dict.fromkeys(read.around for read in bare if read.around is not None)
    used = {answer, *several, *options.columns} | ({question} if question else set())
    slots = find_slots(sheet, question, answer, used)
    used |= {slots} if slots else set()
    given_ids = given.id if isinstance(given.id, tuple) else (given.id,)
    reserved = used | {column for column in (given.group, *given_ids) if column}
    type_, types, others = find_types(sheet, given, answer, options, reserved, name)
    used |= {type_} if type_ else set()
    id_, id_line = find_id(sheet, given, used | {column for column in (given.group,) if column})
    # What a row stands in tells its group, too, where it is a part of the id.
    used |= {id_} if isinstance(id_, str) else set((id_ or ())[1:])
    answered = _answered(sheet.columns[answer], options, types)
    group, group_line = find_group(sheet, given, used, answered)
    benchmark = Benchmark(
        name=name,
        source=source,
        columns=Columns(
            id=id_,
            text=question,
            slots=slots,
            options=options.place,
            answer=several or answer,
            type=type_,
            group=group,
            blank_text=question is None or _asks_by_options(sheet.columns[question], options),
        ),
        question_types=types.types,
    )
    withheld = [
        column
        for column in sheet.columns
        if column not in used
        and not any(f"{column}.".startswith(f"{of}.") or of.startswith(f"{column}.") for of in used)
    ]
    withheld = [column for column in withheld if column.rpartition(".")[0] not in withheld]
    lines = [
        f"{sheet.name}: {sheet.rows:,} rows, {len(sheet.columns)} columns{_parts(sheet)}",
        f"id: {_said(id_, id_line)}",
        f"question: {question!r} {_question(sheet.columns[question], slots)}"
        if question
        else "question: none, the options are all there is",
        f"options: {_options(options)}",
        f"answer: {_said(several or answer, '; '.join([*types.forms, *around]))}",
        f"type: {_types(type_, types, others)}",
        f"group: {_said(group, group_line)}",
        f"withheld: {', '.join(map(repr, withheld)) or 'nothing'}",
    ]
    guesses += _splits(sheet)
    if not {"$answer", "column1"}.isdisjoint(sheet.columns):
        guesses.append("the file has no header: its first row is a question like the others")
    return Recognised(benchmark, lines + [f"guess: {guess}" for guess in (*guesses, *types.guesses)])


def _tell_accepted(accepted: tuple[str, ...], guesses: list[str]) -> None:
    guesses.append(
        f"{', '.join(map(repr, accepted))} are read as accepted answers, since no column says which is "
        f"right; --options {','.join(accepted)} and --answer COLUMN for options"
    )


def _with_joined(sheet: Sheet, names: tuple[str, ...]) -> Sheet:
    """The sheet with a column of the lists of what several say."""
    cells = zip(*(sheet.columns[name].values for name in names), strict=True)
    texts: list[Value] = [tuple(text for cell in row if (text := text_of(cell))) for row in cells]
    joined = Column(", ".join(names), texts, sheet.columns[names[0]].at)
    return Sheet(sheet.name, sheet.rows, sheet.columns | {joined.name: joined})


def _asks_by_options(question: Column, options: FoundOptions) -> bool:
    """Whether a row has options and no text beside them."""
    rows = zip(question.values, options.of_row, strict=True)
    texts = [text for text, of_row in rows if of_row]
    if isinstance(options.place, InText):
        splits = map(split_options, filter(None, map(text_of, texts)))
        return any(isinstance(split, tuple) and not split[0] for split in splits)
    return any(map(is_blank, texts))


def _answered(answer: Column, options: FoundOptions, types: Types) -> list[int]:
    """The rows whose answers are told."""
    withheld = all(
        declared.format != "num" and "-1" not in (getattr(declared, "labels", None) or ())
        for declared in types.types
    )
    return [
        p
        for p in range(len(answer.values))
        if not is_unanswered(value := options.answer(answer, p), options.of_row[p])
        and not (withheld and str(value) == "-1")
    ]


def _parts(sheet: Sheet) -> str:
    parts = sheet.columns.get("$part")
    if parts is None or len(parts.distinct) > _MOST_PARTS:
        return ""
    return f"; a row for each of several questions in one ({', '.join(sorted(map(str, parts.distinct)))})"


def _splits(sheet: Sheet) -> Iterator[str]:
    """What is to be said of a column that tells the splits of the rows."""
    for name, column in sheet.columns.items():
        names = {str(value) for value in column.distinct} if len(column.distinct) <= _MOST_PARTS else set()
        if len(names) > 1 and all(map(SPLIT.fullmatch, names)):
            counted = ", ".join(f"{value} {times:,}" for value, times in Counter(column.values).most_common())
            yield (
                f"{name!r} tells splits ({counted}), which are read together; put those of one "
                "into a file of their own to read it alone"
            )


def _said(name: str | tuple[str, ...] | None, line: str) -> str:
    if name is None:
        return line
    named = " and ".join(map(repr, (name,) if isinstance(name, str) else name))
    return f"{named} ({line})" if line else named


def _question(column: Column, slots: str | None) -> str:
    blank = len(column.values) - column.filled
    parts = [example(column.sample[0]), f"{blank:,} blank" * bool(blank)]
    parts.append(f"its placeholders filled from {slots!r}" * (slots is not None))
    return f"({'; '.join(filter(None, parts))})"


def _options(options: FoundOptions) -> str:
    if options.place is None:
        return "none found"
    sizes = {len(of_row) for of_row in options.of_row if of_row is not None}
    many = f"{min(sizes)} to {max(sizes)}" if len(sizes) > 1 else f"{max(sizes, default=0)}"
    if isinstance(options.place, InText):
        return f"in the text of the question ({many} each)"
    if isinstance(options.place, tuple):
        return f"{', '.join(map(repr, options.place))} (one column each; {many} per question)"
    return f"{options.place!r} (a list; {many} each)"


def _types(column: str | None, types: Types, others: list[str]) -> str:
    if column is None and len(types.types) == 1:
        return f"one for all, {_WORDS[types.types[0].format]}"
    formats = Counter(declared.format for declared in types.types)
    if column is None:
        return f"one for all, told apart by format: {', '.join(_WORDS[declared] for declared in formats)}"
    counted = [f"{n} {_WORDS[declared]}" for declared, n in formats.items() if declared != "none"]
    counted += [f"{name!r} not scored (rows: {types.rows[name]:,})" for name in types.not_scored]
    other = f"; --type {others[0]} for another" if others else ""
    return f"{column!r} ({len(types.types)} type{'s' * (len(types.types) > 1)}: {', '.join(counted)}{other})"
