"""What data amount to: faulty rows, answers in a file of their own, a benchmark as it is declared."""

from pathlib import Path
from typing import Any

import pytest
from data_rows import write_rows

import tst_harness
from tst_harness.api.data import opened
from tst_harness.benchmark.declarations import Benchmark, FaultPolicy, LocalFile
from tst_harness.errors import DataError

COLUMNS: dict[str, Any] = dict.fromkeys(("question", "answer", "options", "type", "group", "id", "format"))
ROWS: list[dict[str, Any]] = [
    {"id": f"q{n}", "question": f"What is {n}?", "options": ["oak", "steel", "glass"], "answer": "ABC"[n % 3]}
    for n in range(30)
]
FAULTY = [*ROWS, {**ROWS[0], "id": "faulty", "answer": "F"}]


def read(data: Any, *, answers: str | None = None, faults: FaultPolicy | None = None) -> Benchmark:
    with opened(data, None, None, answers=answers, faults=faults, show=False, **COLUMNS) as benchmark:
        return benchmark


def test_faulty_rows_are_reported_unless_they_are_to_stop_the_audit() -> None:
    assert read(FAULTY).faults == "report"
    assert read(ROWS).faults is None
    with pytest.raises(DataError, match="names none of the 3 options"):
        read(FAULTY, faults="stop")


def test_answers_may_have_their_own_file(tmp_path: Path) -> None:
    questions, answers = tmp_path / "asked.jsonl", tmp_path / "gold.jsonl"
    write_rows(questions, [{key: row[key] for key in ("id", "question", "options")} for row in ROWS])
    write_rows(answers, [{key: row[key] for key in ("id", "answer")} for row in ROWS])
    benchmark = read(questions, answers=str(answers))
    assert isinstance(benchmark.source, LocalFile)
    assert benchmark.source.answers == str(answers)
    with pytest.raises(DataError, match=r"^answers='none\.jsonl' is neither a file nor one of letter, index"):
        tst_harness.audit(questions, answers="none.jsonl", progress=False)


def test_a_declared_benchmark_is_taken_as_it_is() -> None:
    benchmark = read(ROWS)
    assert read(benchmark) is benchmark
    with pytest.raises(DataError, match="a Benchmark declares its name and columns"):
        read(benchmark, answers="letter")
