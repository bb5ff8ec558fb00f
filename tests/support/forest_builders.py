"""Small made-up types and tasks for the tests of tst_harness.diagnostics.forest."""

import re
from collections.abc import Hashable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import scipy.sparse as sp

from tst_harness.analysis.diagnostic import FoldTask, Questions
from tst_harness.benchmark.declarations import Benchmark, Choice, Columns, LocalFile, Number
from tst_harness.diagnostics.forest.families import Family, Key
from tst_harness.diagnostics.forest.forms import Forms, Pattern, make_forms

OBJECTS = ("sofa", "stove", "tv")


class Asked(NamedTuple):
    """A question of a made-up benchmark, with its answer."""

    type: str
    text: str
    options: tuple[str, ...] | None
    answer: float


def pick(text: str, answer: int, options: tuple[str, ...] = OBJECTS) -> Asked:
    return Asked("pick", text, options, answer)


def count(text: str, answer: float) -> Asked:
    return Asked("count", text, None, answer)


def picks(n: int, options: tuple[str, ...] = OBJECTS) -> list[Asked]:
    """Questions whose answer changes from one to the next."""
    return [
        pick(f"Which is near the {'lamp' if i % 2 else 'door'}?", i % len(options), options) for i in range(n)
    ]


def counts(n: int, answers: Sequence[float] = (2, 3, 5)) -> list[Asked]:
    return [count(f"How many {'lamps' if i % 2 else 'doors'}?", answers[i % len(answers)]) for i in range(n)]


def questions_of(
    rows: Sequence[Asked], pick_pattern: str | None = None, count_pattern: str | None = None
) -> Questions:
    benchmark = Benchmark(
        name="toy",
        source=LocalFile("toy.jsonl"),
        columns=Columns(id="id", text="text", answer="answer", options="options", type="type"),
        question_types=[Choice("pick", pick_pattern), Number("count", count_pattern)],
    )
    frame = pd.DataFrame(
        {
            "id": [str(i) for i in range(len(rows))],
            "type": [row.type for row in rows],
            "format": ["num" if row.options is None else "mc" for row in rows],
            "text": [row.text for row in rows],
            "options": pd.Series([row.options for row in rows], dtype=object),
        }
    )
    return Questions(benchmark, frame)


def task_of(
    rows: Sequence[Asked],
    held_out: Sequence[int] | None = None,
    *,
    questions: Questions | None = None,
    seed: int = 7,
) -> FoldTask:
    """A fold that holds out every fifth question, or those named."""
    held = np.arange(0, len(rows), 5) if held_out is None else np.array(held_out, dtype=np.int64)
    train = np.setdiff1d(np.arange(len(rows)), held)
    answers = np.array([rows[row].answer for row in train], dtype=np.float64)
    return FoldTask(questions or questions_of(rows), train, held, answers, np.arange(len(train)), seed)


def forms_of(
    texts: Sequence[str], options: Sequence[tuple[str, ...] | None] | None = None, pattern: str | None = None
) -> Forms:
    patterns = [] if pattern is None else [Pattern(re.compile(pattern).search, pattern, {})]
    return make_forms(texts, options or [None] * len(texts), patterns)


def facts_of(families: Sequence[Family], name: str, row: int) -> dict[Key, float]:
    """The facts of one family that a row has, with their values; empty where there is no such family."""
    for family in families:
        if family.name == name:
            held = family.matrix[[row]].tocoo()
            return {family.keys[fact]: float(value) for fact, value in zip(held.col, held.data, strict=True)}
    return {}


def family_of(cells: Sequence[Sequence[float]]) -> Family:
    """A family from its dense matrix; zeros are facts that do not hold."""
    matrix = sp.csr_matrix(np.array(cells, dtype=np.float64))
    keys: list[tuple[Hashable, ...]] = [(fact,) for fact in range(matrix.shape[1])]
    return Family("made up", matrix, keys)
