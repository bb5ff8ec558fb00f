"""What the columns of a file mean: recognised or asked for, never guessed where that changes the score."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from data_rows import Row, write_rows
from public_forms import FORMS, Form

from tst_harness.data.declarations import InText, LocalFile
from tst_harness.data.reading import DataFile
from tst_harness.data.recognition import Asked, Recognised, read_sheet, recognise


def recognised(folder: Path, rows: list[Row], file: str = "rows.jsonl", **asked: Any) -> Recognised:
    write_rows(folder / file, rows)
    sheet = read_sheet([DataFile(folder / file, file)], file)
    return recognise(sheet, LocalFile(str(folder / file)), "toy", Asked(**asked))


@pytest.mark.parametrize("form", FORMS.values(), ids=list(FORMS))
def test_the_columns_of_a_public_set(tmp_path: Path, form: Form) -> None:
    found = recognised(tmp_path, form.rows, **form.asked)
    columns = found.benchmark.columns
    options = "InText" if isinstance(columns.options, InText) else columns.options
    assert (columns.text, columns.answer, options) == (form.text, form.answer, form.options)
    assert (columns.id, columns.type, columns.group) == (form.id, form.type, form.group)
    assert Counter(one.format for one in found.benchmark.question_types) == form.formats
