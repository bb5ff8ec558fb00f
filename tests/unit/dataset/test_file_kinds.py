"""Kinds of files, compressed and not: the same rows are the same benchmark, whatever they stand in."""

import csv
import io
import json
import lzma
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import huggingface_hub
import pytest
from data_rows import Row, write_rows
from layout_rows import LETTERS, gold_of, options_of, plain, question_of

from tst_harness.dataset.hub_id import hub_dataset
from tst_harness.dataset.loading import Dataset
from tst_harness.engine.proposal import propose
from tst_harness.errors import DataError

ROWS: list[Row] = [
    {"id": i, "question": question_of(i), "answer": LETTERS[gold_of(i)], "topic": ("far", "near")[i % 2]}
    | dict(zip(LETTERS, options_of(i), strict=False))
    for i in range(30)
]


def read(path: Path, **asked: Any) -> Dataset:
    return propose(path.as_posix(), "toy", asked).dataset


@pytest.fixture
def content(tmp_path: Path) -> str:
    write_rows(tmp_path / "plain.jsonl", ROWS)
    return read(tmp_path / "plain.jsonl").source.fingerprint.content


def lines() -> bytes:
    return "".join(json.dumps(row) + "\n" for row in ROWS).encode()


def test_json_lines_are_read_whatever_the_file_is_called(tmp_path: Path, content: str) -> None:
    for name in ("Questions.v1.0.dev", "rows.txt", "rows"):
        (tmp_path / name).write_bytes(lines())
        assert read(tmp_path / name).source.fingerprint.content == content
    (tmp_path / "notes.txt").write_text("Notes on {questions}.")
    with pytest.raises(DataError, match=r"cannot read '.txt' files, only .jsonl"):
        read(tmp_path / "notes.txt")


def test_xz_and_zst_are_read(tmp_path: Path, content: str) -> None:
    zstandard = pytest.importorskip("zstandard")
    (tmp_path / "rows.jsonl.xz").write_bytes(lzma.compress(lines()))
    (tmp_path / "rows.jsonl.zst").write_bytes(zstandard.ZstdCompressor().compress(lines()))
    for name in ("rows.jsonl.xz", "rows.jsonl.zst"):
        assert read(tmp_path / name).source.fingerprint.content == content


def test_a_truncated_xz_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl.xz").write_bytes(lzma.compress(lines())[:200])
    with pytest.raises(DataError, match=r"rows.jsonl.xz: is truncated or corrupt"):
        read(tmp_path / "rows.jsonl.xz")


def test_a_spreadsheet_is_read(tmp_path: Path, content: str) -> None:
    write_rows(tmp_path / "rows.xlsx", ROWS)
    assert read(tmp_path / "rows.xlsx").source.fingerprint.content == content


@pytest.mark.parametrize("delimiter", [";", "|", "\t"])
def test_cells_may_be_parted_by_other_signs(tmp_path: Path, delimiter: str, content: str) -> None:
    text = io.StringIO()
    table = csv.DictWriter(text, list(ROWS[0]), delimiter=delimiter)
    table.writeheader()
    table.writerows(ROWS)
    (tmp_path / "rows.csv").write_text(text.getvalue())
    assert read(tmp_path / "rows.csv").source.fingerprint.content == content


@pytest.mark.parametrize(
    "names", [["wrong1", "wrong2", "wrong3"], ["Wrong Answer 1", "Wrong Answer 2", "wrong3"]]
)
def test_a_right_answer_beside_wrong_ones_in_columns(tmp_path: Path, names: list[str]) -> None:
    rows = [
        {"question": question_of(i)} | dict(zip(["right_answer", *names], options_of(i), strict=True))
        for i in range(30)
    ]
    write_rows(tmp_path / "rows.csv", rows)
    dataset = read(tmp_path / "rows.csv")
    assert dataset.benchmark.columns.options == (*sorted(names), "right_answer")
    chosen = {
        text: options[int(answer)]
        for text, options, answer in zip(
            *(dataset.frame[x] for x in ("text", "options", "answer")), strict=True
        )
    }
    assert chosen == {question_of(i): options_of(i)[0] for i in range(30)}
    assert dataset.frame["answer"].nunique() == 4


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ("owner/toy:hard/test", "hard/test-*.parquet"),
        ("owner/toy:hard/validation", "hard/validation-*.parquet"),
        ("owner/toy:easy", "easy/test-*.parquet"),
    ],
)
def test_a_configuration_and_a_split_name_files_on_the_hub(
    monkeypatch: pytest.MonkeyPatch, named: str, expected: str
) -> None:
    files = [
        f"{configuration}/{split}-00000-of-00002.parquet"
        for configuration in ("easy", "hard")
        for split in ("test", "validation")
    ]
    info = SimpleNamespace(sha="0" * 40, siblings=[SimpleNamespace(rfilename=name) for name in files])
    monkeypatch.setattr(
        huggingface_hub, "HfApi", lambda: SimpleNamespace(dataset_info=lambda repo, **settings: info)
    )
    assert hub_dataset(named).file == expected


def test_a_blank_row_changes_nothing_that_is_recognised(tmp_path: Path) -> None:
    rows = [plain(i, video=f"v{i // 3}", topic=("far", "near")[i % 2]) for i in range(30)]
    write_rows(tmp_path / "rows.csv", rows)
    benchmark = read(tmp_path / "rows.csv").benchmark
    text = (tmp_path / "rows.csv").read_text()
    commas = "," * (len(rows[0]) - 1)
    for number, (blank, place, more) in enumerate(
        [(commas, len(text), 0), (commas, text.index("\nq5,") + 1, 0), (f"q99{commas}", len(text), 1)]
    ):
        path = tmp_path / f"rows{number}.csv"
        path.write_text(f"{text[:place]}{blank}\n{text[place:]}")
        found = read(path)
        assert found.benchmark.columns == benchmark.columns
        assert found.benchmark.question_types == benchmark.question_types
        assert (len(found.frame), found.source.rows) == (30, 30 + more)
        assert len(found.source.left_out) == more
