"""Whether a file in a known layout is read as what it is: its questions, their types, groups and answers."""

import re
from pathlib import Path
from typing import Any

from known_forms import Known

from tst_harness.dataset.loading import Dataset
from tst_harness.dataset.several_options import option_set
from tst_harness.engine.proposal import propose


def check_known(form: Known, folder: Path) -> None:
    path = form.build(folder)
    dataset = propose(str(path), path.stem, {}).dataset
    expected, frame = form.expected, dataset.frame
    assert (len(frame), set(frame["format"])) == (expected.questions, expected.formats)
    assert (dataset.source.kept_back, dataset.source.left_out) == (expected.kept_back, [])
    assert frame["group"].nunique() == (expected.groups or expected.questions)
    assert set(frame["type"]) == (expected.types or set(frame["type"].head(1)))
    rows = [dict(zip(frame.columns, values, strict=True)) for values in frame.itertuples(index=False)]
    answers = {_number(row): _answer(row, dataset) for row in rows}
    assert len(answers) == expected.questions
    assert answers == {i: form.right(i) for i in answers}


def _number(row: dict[str, Any]) -> int:
    """The number that a question, or its options where it has no text, speaks of."""
    return int(re.findall(r"\d+", row["text"] or row["options"][0])[-1])


def _answer(row: dict[str, Any], dataset: Dataset) -> object:
    """The right answer as a text, a set of texts or a number."""
    if row["format"] == "mc":
        return row["options"][int(row["answer"])]
    if row["format"] == "multi":
        return {row["options"][place] for place in option_set(row["answer"])}
    return set(dataset.accepted[int(row["answer"])]) if row["format"] == "open" else row["answer"]
