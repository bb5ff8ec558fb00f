"""Columns of any name that hold an option each, since the answers are the letters or numbers they end in."""

import re
from collections.abc import Collection, Sequence

from tst_harness.benchmark.declarations import AnswerForm
from tst_harness.dataset.answers import text_of
from tst_harness.dataset.names import named_for, named_like, series_of
from tst_harness.dataset.recognition.labels import share_of_numbers
from tst_harness.dataset.recognition.sheet import Column, Sheet, is_blank

_LEAST_TEXTS = 0.5
_NEARLY_ALL = 0.95
_FILE = re.compile(
    r"\S+\.(?:jpe?g|png|gif|webp|bmp|tiff?|svg|mp[34g]|wav|flac|ogg|avi|mov|mkv|webm|npy|npz|pdf)", re.I
)
_FORMS: dict[str, AnswerForm] = {"0": "index", "1": "index1"}
"""By the first of the numbers of columns, how answers count them."""


def keyed_columns(sheet: Sheet, question: str | None) -> dict[tuple[str, ...], AnswerForm | None]:
    """Columns that differ in a last letter or number, which the answers are, or in which these stand.

    With each run how the answers name one of its columns, None where any form may do.
    """
    named = [
        name for tier in named_for("answer", sheet.columns) for name in tier if sheet.columns[name].filled
    ]
    taken = {question, *(name for tier in named_for("question", sheet.columns) for name in tier)}
    runs: dict[tuple[str, ...], AnswerForm | None] = {}
    for _, by_key in series_of(sheet.columns):
        run = tuple(by_key.values())
        columns = [sheet.columns[name] for name in run]
        if not taken.isdisjoint(run) or any(map(_holds_no_texts, columns)):
            continue
        for name in named or named_like("answer", sheet.columns):
            answers = sheet.columns[name]
            if name not in run and _are_keys(answers, by_key):
                runs.setdefault(run, _FORMS.get(next(iter(by_key))))
            elif name not in run and _stand_in(answers, columns):
                runs.setdefault(run, "text")
    return runs


def is_file_name(text: str) -> bool:
    """Whether a text is a name of a file, as of a picture."""
    return _FILE.fullmatch(text) is not None


def _holds_no_texts(column: Column) -> bool:
    files = sum(is_file_name(str(value)) for value in column.sample)
    others = max(files / max(len(column.sample), 1), share_of_numbers(column.sample))
    return not column.is_scalar or others > _LEAST_TEXTS


def _are_keys(answers: Column, keys: Collection[str]) -> bool:
    """Whether nearly all answers are keys of columns, and more than half of these."""
    known = {key.casefold() for key in keys}
    named = [key for value in answers.sample if (key := (text_of(value) or "").strip().casefold()) in known]
    return len(named) >= _NEARLY_ALL * len(answers.sample) and 2 * len(set(named)) > len(known)


def _stand_in(answers: Column, columns: Sequence[Column]) -> bool:
    """Whether nearly every answer is the text of a column of its row."""
    at = [p for p in answers.at if not is_blank(answers.values[p])]
    inside = sum(any(column.values[p] == answers.values[p] for column in columns) for p in at)
    return bool(at) and inside >= _NEARLY_ALL * len(at)
