"""`tst-harness fetch`, with a stand-in for the Hub."""

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import huggingface_hub
import pyarrow
import pytest
from pyarrow import parquet

from tst_harness.cli import main
from tst_harness.engine.results import ExitStatus

MODULE = """
from tst_harness import Benchmark, Choice, Columns, HubDataset, LocalFile, StressTest

COLUMNS = Columns(id="id", text="question", answer="answer", options="options")


class TestToy(StressTest):
    benchmark = Benchmark(
        "toy", HubDataset("owner/Toy", "{revision}", row_order={row_order!r}), COLUMNS, [Choice("pick")]
    )


class TestLocal(StressTest):
    benchmark = Benchmark("local", LocalFile("rows.jsonl"), COLUMNS, [Choice("pick")])
"""
ROWS = [
    {"id": "a", "question": "Which?", "options": ["x", "y"], "answer": "A"},
    {"id": "b", "question": "Which?", "options": ["x", "y"], "answer": "Z"},
]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The Hub's cache; the Hub has one file. The working directory has `benchmarks/`."""

    def snapshot_download(repo: str, *, local_dir: Path | None, **settings: Any) -> str:
        root = local_dir or tmp_path / "cache"
        root.mkdir(parents=True, exist_ok=True)
        parquet.write_table(pyarrow.Table.from_pylist(ROWS), root / "test-0.parquet")
        return str(root)

    class Hub:
        def dataset_info(self, repo: str, **settings: Any) -> None: ...

    monkeypatch.setattr(huggingface_hub, "HfApi", Hub)
    monkeypatch.setattr(huggingface_hub, "snapshot_download", snapshot_download)
    monkeypatch.chdir(tmp_path)
    # Modules of one name are collected in this process by every test.
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setitem(sys.modules, "test_toy", ModuleType("test_toy"))
    del sys.modules["test_toy"]
    declare(tmp_path)
    return tmp_path / "cache"


def declare(folder: Path, row_order: str | None = None) -> None:
    (folder / "benchmarks").mkdir(exist_ok=True)
    text = MODULE.format(revision="0" * 40, row_order=row_order)
    (folder / "benchmarks" / "test_toy.py").write_text(text, encoding="utf-8")


def test_it_says_where_the_data_lie_and_what_they_are(
    cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["fetch", "toy"]) == ExitStatus.OK
    first, *rest = capsys.readouterr().out.splitlines()
    assert first == "toy: 1 questions in 2 rows, 1 faulty"
    assert rest[0] == f"  {cache / 'test-0.parquet'}"
    assert rest[1] == "  row order 5d8b1241b0484dd20c2cfeca6f692becfbab5d18"
    assert rest[2].startswith("  content ")


def test_it_fills_a_data_directory(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fetch", "toy", "--data", "data"]) == ExitStatus.OK
    assert f"  {Path('data/toy/test-0.parquet').absolute()}" in capsys.readouterr().out
    assert not cache.exists()


def test_a_name_that_is_not_declared_lists_those_that_are(
    cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["fetch", "tov", "local", "toy"]) == ExitStatus.USAGE
    said = capsys.readouterr()
    assert said.err.splitlines() == [
        "tst-harness fetch: no benchmark in 'benchmarks' is named 'tov'; declared there: local, toy; "
        "did you mean 'toy'?",
        "tst-harness fetch: local: does not come from the Hub, so there is nothing to fetch",
    ]
    assert said.out.startswith("toy: ")


def test_data_that_are_not_those_declared_are_an_error(
    cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    declare(cache.parent, "0" * 40)
    assert main(["fetch", "toy"]) == ExitStatus.USAGE
    assert "its row_order fingerprint is 5d8b1241" in capsys.readouterr().err


def test_modules_are_looked_for_where_one_says(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fetch", "toy", "--benchmarks", "elsewhere"]) == ExitStatus.USAGE
    assert "there is no folder 'elsewhere'; say where" in capsys.readouterr().err
    Path("benchmarks").rename("elsewhere")
    assert main(["fetch", "toy", "--benchmarks", "elsewhere"]) == ExitStatus.OK


def test_a_module_that_cannot_be_collected_is_said_and_does_not_keep_others_away(
    cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("benchmarks/test_broken.py").write_text("import no_such_module", encoding="utf-8")
    assert main(["fetch", "broken", "toy"]) == ExitStatus.USAGE
    said = capsys.readouterr()
    assert said.err == (
        "tst-harness fetch: no benchmark in 'benchmarks' is named 'broken'; declared there: local, toy; "
        "benchmarks/test_broken.py cannot be collected\n"
    )
    assert said.out.startswith("toy: ")
