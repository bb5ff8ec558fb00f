"""What would take for ever, or all memory, is refused before it is tried."""

import os
from pathlib import Path

import pytest
from data_rows import pick, write_rows

from tst_harness.benchmark.declarations import Benchmark, Choice, Columns, LocalFile
from tst_harness.dataset import patterns
from tst_harness.dataset.columnar import MEMORY_LIMIT
from tst_harness.dataset.loading import load
from tst_harness.dataset.patterns import check_patterns
from tst_harness.errors import DataError


def benchmark(path: Path, pattern: str | None = None) -> Benchmark:
    columns = Columns(id="id", text="question", options="options", answer="answer")
    return Benchmark("trees", LocalFile(str(path)), columns, [Choice("pick", pattern)])


def test_a_pattern_that_backtracks_for_ever_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "SECONDS", 0.05)
    declared = benchmark(Path("rows.jsonl"), r"(a|aa)+(?P<end>b)")
    with pytest.raises(
        DataError, match=r"the pattern of 'pick' takes more than 0\.05 seconds for the question"
    ):
        check_patterns(declared, ["a" * 60])
    check_patterns(benchmark(Path("rows.jsonl"), r"Which (?P<thing>\w+)"), ["Which one?"])


def test_a_parquet_file_beyond_the_limit_of_memory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "rows.parquet"
    write_rows(path, [pick(f"q{number}", picture="x" * 100_000) for number in range(20)])
    monkeypatch.setenv(MEMORY_LIMIT, "0.001")
    assert len(load(benchmark(path)).frame) == 20  # The pictures are not read.
    monkeypatch.setenv(MEMORY_LIMIT, "1e-9")
    with pytest.raises(DataError, match=f"more than the 1e-09 GB that are allowed; .* with {MEMORY_LIMIT}="):
        load(benchmark(path))
    monkeypatch.setenv(MEMORY_LIMIT, "much")
    with pytest.raises(DataError, match=f"{MEMORY_LIMIT} is no number of gigabytes: 'much'"):
        load(benchmark(path))


def test_a_pipe_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "rows.jsonl")
    with pytest.raises(DataError, match="is no regular file but a pipe or a device"):
        load(benchmark(tmp_path / "rows.jsonl"))
