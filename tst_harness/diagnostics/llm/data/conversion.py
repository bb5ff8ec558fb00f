"""From the rows of a benchmark, or of any table, to what a language model is shown and taught."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from string import ascii_uppercase
from typing import Literal, TypeVar

import numpy as np
import pandas as pd

from tst_harness.analysis.diagnostic import FloatArray, IntArray, Questions
from tst_harness.benchmark.declarations import Prompts
from tst_harness.dataset.answers import (
    Invalid,
    option_named,
    parse_number,
    parse_options,
    problem_of,
    text_of,
)
from tst_harness.dataset.numbers import MISSING
from tst_harness.dataset.reading import Value, plain_value
from tst_harness.diagnostics.llm.data.models import TstTestInstance, TstTrainingDatum
from tst_harness.diagnostics.llm.data.numbers import format_number
from tst_harness.errors import DataError

Format = Literal["mc", "num"]
_Read = TypeVar("_Read")

MC_PROMPT = "{question}\n{options}\nAnswer with the letter of the correct option only."
NUM_PROMPT = "{question}\nAnswer with a single number only."
OPEN_PROMPT = "{question}\nAnswer with a word or a short phrase only."
MULTI_PROMPT = (
    "{question}\nOne or more answers are right. Is this one of them: {option}\n{options}\n"
    "Answer with the letter of the correct option only."
)
JUDGEMENTS = ("yes", "no")
"""The options of the question whether an option is right."""

_SLOT = re.compile(r"\{(question|options|option)\}")
_ID_COLUMNS = ("id", "idx", "question_id")
_TEXT_COLUMNS = ("question", "text", "instruction", "query", "prompt")
_OPTION_COLUMNS = ("options", "choices")


def letter_options(options: Sequence[str]) -> str:
    """Return the options one a line, each after its letter: "A. red", "B. green".

    Options that already begin with these letters, every one and in order, are not lettered again.

    Raises
    ------
    DataError
        There are fewer than two options or more than letters, or one is empty.
    """
    bare = parse_options(tuple(options))
    if isinstance(bare, Invalid):
        raise DataError(f"options {list(options)!r}: {bare}; correct the question's options")
    if len(bare) > len(ascii_uppercase):
        raise DataError(
            f"a question has {len(bare)} options, and there are {len(ascii_uppercase)} letters for them; "
            "leave it out"
        )
    return "\n".join(f"{letter}. {option}" for letter, option in zip(ascii_uppercase, bare, strict=False))


def instruction_of(text: str, options: Sequence[str] | None, prompts: Prompts | None = None) -> str:
    """Return what a model is asked.

    Parameters
    ----------
    text
        The question.
    options
        In order; None asks for a number.
    prompts
        The benchmark's own wording, where it has one.

    Raises
    ------
    DataError
        The options cannot be lettered.
    """
    if options is None:
        return _filled((prompts and prompts.num) or NUM_PROMPT, question=text)
    return _filled((prompts and prompts.mc) or MC_PROMPT, question=text, options=letter_options(options))


def _filled(template: str, **filling: str) -> str:
    # In one pass, so that a question that has "{options}" in its text keeps it.
    return _SLOT.sub(lambda slot: filling[slot[1]], template)


def training_data(
    questions: Questions,
    rows: IntArray,
    answers: FloatArray,
    accepted: Mapping[int, tuple[str, ...]] | None = None,
) -> list[TstTrainingDatum]:
    """Return n questions with their answers, as a model is trained on them.

    A multi question is as many as it has options: whether each of them is right. Of an open question the
    accepted text that is given most often is taught.

    Parameters
    ----------
    questions
        Those of a benchmark.
    rows
        n row numbers in `questions.frame`.
    answers
        n answers, as in `FoldTask`.
    accepted
        As in `FoldTask`.

    Raises
    ------
    DataError
        A question has more options than there are letters.
    """
    return [
        TstTrainingDatum(
            instruction=prompt.instruction,
            response=_response(prompt, answers[prompt.number], accepted or {}),
            metadata={"question": prompt.text, "type": prompt.type},
        )
        for prompt in _prompts(questions, rows)
    ]


def _response(prompt: "_Prompt", answer: float, accepted: Mapping[int, tuple[str, ...]]) -> str:
    if prompt.format == "num":
        return format_number(answer)
    if prompt.format == "open":
        return accepted[int(answer)][0]
    if prompt.format == "multi":
        return ascii_uppercase[0 if int(answer) >> prompt.option & 1 else 1]
    return ascii_uppercase[int(answer)]


def prompts_per_question(questions: Questions, rows: IntArray) -> list[int]:
    """Return how many of `test_instances` each of n questions is: for multi one for each option."""
    frame = questions.frame.iloc[rows]
    return [
        len(options) if format_ == "multi" else 1
        for format_, options in zip(frame["format"], frame["options"], strict=True)
    ]


def test_instances(questions: Questions, rows: IntArray) -> list[TstTestInstance]:
    """Return n questions as a model is asked them; their answers are not known here.

    A multi question is as many as it has options, as in `training_data`, one after the other.

    Parameters
    ----------
    questions
        Those of a benchmark.
    rows
        n row numbers in `questions.frame`.

    Raises
    ------
    DataError
        A question has more options than there are letters.
    """
    return [
        TstTestInstance(
            instance_id=prompt.id,
            instruction=prompt.instruction,
            options=prompt.options,
            answer="text" if prompt.format == "open" else "number",
            metadata={"question": prompt.text, "type": prompt.type},
        )
        for prompt in _prompts(questions, rows)
    ]


def frame_training_data(
    df: pd.DataFrame, target_col: str, format: Format, prompts: Prompts | None = None
) -> list[TstTrainingDatum]:
    """Return the rows of any table as a model is trained on them.

    Parameters
    ----------
    df
        n questions of one format. The first of the columns `question`, `text`, `instruction`, `query` and
        `prompt` has their text; for mc `options` or `choices` their options, as a list or as text that says
        one. Messages name a row by its `id`, `idx` or `question_id`, else by its index.
    target_col
        The column of answers: for mc an option's text, its letter, or its index from 0; for num a number.
    format
        "mc" or "num".
    prompts
        As for `instruction_of`.

    Raises
    ------
    DataError
        A column is missing, or a value cannot be used; the message names the row and the column.
    """
    return [
        TstTrainingDatum(
            instruction=row.instruction, response=row.response, metadata={"question": row.question}
        )
        for row in _rows(df, target_col, format, prompts)
    ]


def frame_test_instances(
    df: pd.DataFrame, target_col: str, format: Format, prompts: Prompts | None = None
) -> list[TstTestInstance]:
    """Return the rows of any table as a model is asked them, with the answers for whoever scores.

    Parameters
    ----------
    df, target_col, format, prompts
        As for `frame_training_data`.

    Raises
    ------
    DataError
        As for `frame_training_data`.
    """
    return [
        TstTestInstance(
            instance_id=row.id,
            instruction=row.instruction,
            ground_truth=row.response,
            options=row.options,
            metadata={"question": row.question},
        )
        for row in _rows(df, target_col, format, prompts)
    ]


@dataclass(frozen=True)
class _Prompt:
    """One prompt: the question's number among those asked, and the option that is judged (multi)."""

    number: int
    id: str
    type: str
    format: str
    text: str
    options: tuple[str, ...] | None
    instruction: str
    option: int = 0


def _prompts(questions: Questions, rows: IntArray) -> Iterator[_Prompt]:
    frame = questions.frame.iloc[rows]
    prompts = questions.benchmark.prompts
    columns = [frame[name].tolist() for name in ("id", "type", "format", "text", "options")]
    for number, (id_, type_, format_, text, options) in enumerate(zip(*columns, strict=True)):
        place = f"{questions.benchmark.name}: question {id_!r}"
        if format_ == "multi":
            template = (prompts and prompts.multi) or MULTI_PROMPT
            judged = letter_options(JUDGEMENTS)
            for option, offered in enumerate(options):
                filled = partial(_filled, template, question=text, option=offered, options=judged)
                instruction = _checked(place, filled)
                yield _Prompt(number, id_, type_, format_, text, JUDGEMENTS, instruction, option)
        elif format_ == "open":
            template = (prompts and prompts.open) or OPEN_PROMPT
            instruction = _checked(place, partial(_filled, template, question=text))
            yield _Prompt(number, id_, type_, format_, text, options, instruction)
        else:
            instruction = _checked(place, partial(instruction_of, text, options, prompts))
            yield _Prompt(number, id_, type_, format_, text, options, instruction)


def _checked(place: str, make: Callable[[], str]) -> str:
    """What is asked, as a text that can be written; messages begin with `place`."""
    try:
        instruction = make()
        instruction.encode()
    except UnicodeEncodeError as error:
        part = error.object[error.start : error.end]
        raise DataError(f"{place}: {part!r} is no Unicode text; remove it") from None
    except DataError as error:
        raise DataError(f"{place}: {error}") from None
    return instruction


@dataclass(frozen=True)
class _Row:
    id: str
    question: str
    options: tuple[str, ...] | None
    instruction: str
    response: str


def _rows(df: pd.DataFrame, target_col: str, format: Format, prompts: Prompts | None) -> Iterator[_Row]:
    text_col = _column(df, _TEXT_COLUMNS, "the questions")
    option_col = _column(df, _OPTION_COLUMNS, "the options") if format == "mc" else None
    _column(df, (target_col,), "the answers")
    id_col = next((name for name in _ID_COLUMNS if name in df.columns), None)
    ids = (df.index if id_col is None else df[id_col]).tolist()
    every_options = [None] * len(df) if option_col is None else df[option_col].tolist()
    cells = zip(ids, df[text_col].tolist(), every_options, df[target_col].tolist(), strict=True)
    for id_, text_cell, option_cell, target_cell in cells:
        place = f"row with id {str(id_)!r}"
        text = _valid(text_of(_value(text_cell)) or Invalid("the question has no text"), place, text_col)
        options = None
        if option_col is not None:
            options = _valid(parse_options(_value(option_cell)), place, option_col)
        instruction = _checked(place, partial(instruction_of, text, options, prompts))
        answer = _value(target_cell)
        response = _valid(_number(answer) if options is None else _letter(answer, options), place, target_col)
        yield _Row(str(id_), text, options, instruction, response)


def _valid(read: _Read | Invalid, place: str, column: str) -> _Read:
    if isinstance(read, Invalid):
        raise DataError(f"{place}, column {column!r}: {read}; correct or drop the row")
    return read


def _column(df: pd.DataFrame, names: Sequence[str], what: str) -> str:
    for name in names:
        if name in df.columns:
            return name
    raise DataError(
        f"the table has no column {' or '.join(map(repr, names))} for {what}; its columns are "
        f"{', '.join(map(str, df.columns))}"
    )


def _value(cell: object) -> Value:
    if isinstance(cell, np.ndarray | np.generic):
        cell = cell.tolist()
    return None if cell is pd.NA or cell is pd.NaT else plain_value(cell)


def _number(answer: Value) -> str | Invalid:
    number = parse_number(answer)
    return number if isinstance(number, Invalid) else format_number(number)


def _letter(answer: Value, options: tuple[str, ...]) -> str | Invalid:
    """Return the letter of the option that an answer names."""
    if answer is None or answer == "":
        return MISSING
    index = option_named(answer, options, "index")
    if isinstance(answer, str):
        as_text, as_letter = (option_named(answer, options, form) for form in ("text", "letter"))
        if as_text >= 0 and as_letter >= 0 and as_text != as_letter:
            return Invalid(
                f"the answer {answer!r} is the letter of one option and the text of another; give its index"
            )
        index = max(as_text, as_letter) if max(as_text, as_letter) >= 0 else index
    if index < 0:
        return Invalid(problem_of(answer, options, "text" if isinstance(answer, str) else "index"))
    return ascii_uppercase[index]
