"""From the rows of any table to what a language model is shown and taught."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from string import ascii_uppercase
from typing import Literal, TypeVar

import numpy as np
import pandas as pd

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
from tst_harness.diagnostics.llm.data.conversion import instruction_of, writable
from tst_harness.diagnostics.llm.data.models import TstTestInstance, TstTrainingDatum
from tst_harness.diagnostics.llm.data.numbers import format_number
from tst_harness.errors import DataError

Format = Literal["mc", "num"]
_Read = TypeVar("_Read")

_ID_COLUMNS = ("id", "idx", "question_id")
_TEXT_COLUMNS = ("question", "text", "instruction", "query", "prompt")
_OPTION_COLUMNS = ("options", "choices")


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
        instruction = writable(place, partial(instruction_of, text, options, prompts))
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
