"""Rows as files have them, for models written by hand, where the answers have a file of their own."""

from pathlib import Path

import pytest
from layouts import LAYOUTS
from published_layouts import PUBLISHED

from tst_harness.dataset.raw import raw_rows
from tst_harness.engine.proposal import propose


@pytest.mark.parametrize(
    ("layout", "answer"),
    [("answers of their own", "$value"), ("an answer a line", "$line"), ("annotations beside", "answers")],
)
def test_answers_of_a_file_of_their_own_are_columns(tmp_path: Path, layout: str, answer: str) -> None:
    build, expected = (LAYOUTS | PUBLISHED)[layout]
    dataset = propose(str(build(tmp_path)), "rows", {}).dataset
    rows = raw_rows(dataset)
    assert len(rows) == expected.questions
    assert rows[answer].notna().all()
    texts = rows[str(dataset.benchmark.columns.text)]
    assert texts.tolist() == dataset.frame["text"].tolist()
    if dataset.frame["format"].eq("mc").all():
        assert rows[answer].astype(int).tolist() == dataset.frame["answer"].astype(int).tolist()
