"""What the user has settled by a flag, and the sentences that ask for one."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from tst_harness.benchmark.declarations import AnswerForm
from tst_harness.dataset.names import Role
from tst_harness.dataset.recognition.sheet import Column, Sheet
from tst_harness.errors import DataError
from tst_harness.suggestions import did_you_mean

_MOST_NAMED = 30


@dataclass(frozen=True)
class Asked:
    """Columns by role; None leaves a role to recognition, and "" says that no column has it.

    An `id` of several columns is made of them. `answers` says how the answers name an option. `format` says
    whether questions with options have one right option ("mc") or several ("multi"), and whether answers
    without options are labels ("mc"), numbers ("num") or texts ("open"). `labels` are those of questions
    without options.
    """

    question: str | None = None
    options: tuple[str, ...] | None = None
    answer: str | None = None
    type: str | None = None
    group: str | None = None
    id: str | tuple[str, ...] | None = None
    answers: AnswerForm | None = None
    format: Literal["mc", "num", "open", "multi"] | None = None
    labels: tuple[str, ...] | None = None


def existing(sheet: Sheet, name: str, role: Role) -> str:
    """The name itself; DataError where the file has no such column."""
    if name not in sheet.columns:
        raise DataError(
            f"{sheet.name}: there is no column {name!r}, named by --{role}; {columns_of(sheet)}"
            f"{did_you_mean(name, sheet.columns)}"
        )
    return name


def ambiguous(sheet: Sheet, columns: Iterable[Column], role: Role, why: str = "") -> DataError:
    """Two columns can have a role: the sentence that asks which."""
    names = [column.name for column in columns]
    listed = ", ".join(map(repr, names[:-1])) + f" and {names[-1]!r}"
    what = "questions" if role == "question" else "answers"
    return DataError(
        f"{sheet.name}: the columns {listed} can each be the {what}{why}; say which with --{role} {names[0]}"
    )


def unrecognised(sheet: Sheet, role: Role, why: str = "") -> DataError:
    """No column can have a role: the sentence that asks for it."""
    what = "questions" if role == "question" else "answers"
    return DataError(
        f"{sheet.name}: no column is recognised as the {what}{why}; name it with --{role} COLUMN; "
        f"{columns_of(sheet)}"
    )


def columns_of(sheet: Sheet) -> str:
    """The end of a sentence that names the columns of a file."""
    names = list(sheet.columns)
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return f"its columns are {', '.join(names[:_MOST_NAMED])}{more}"
