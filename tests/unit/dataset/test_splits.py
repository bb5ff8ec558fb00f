"""Folders and archives whose files are named after splits: which of them is read."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from data_rows import write_rows
from layout_rows import plain

from tst_harness.engine.proposal import propose
from tst_harness.errors import DataError

KEPT_BACK: list[dict[str, Any]] = [{"answer": "hidden"}, {"answer": None}, {}]
FILES = [
    ["{}.jsonl"],
    ["{}-00000-of-00001.jsonl"],
    ["{}/rows.jsonl"],
    ["{}/a.jsonl", "{}/b.jsonl"],
    ["a/{}.jsonl", "b/{}.jsonl"],
    ["{}_a.jsonl", "{}_b.jsonl"],
]


def write_split(folder: Path, files: Sequence[str], split: str, **answer: Any) -> set[str]:
    """Write 15 questions into each file of a split, and return their ids."""
    ids = set()
    for number, name in enumerate(files):
        rows = [plain(15 * number + i, id=f"{split}{number}-{i}") for i in range(15)]
        for row in rows:
            del row["answer"]
            row.update(answer)
        path = folder / name.format(split)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_rows(path, rows)
        ids |= {str(row["id"]) for row in rows}
    return ids


def packed(folder: Path) -> Path:
    """The folder as a zip archive beside it."""
    path = folder.with_suffix(".zip")
    with ZipFile(path, "w") as archive:
        for file in folder.rglob("*.*"):
            archive.write(file, file.relative_to(folder))
    return path


def read(folder: Path, **given: Any) -> tuple[set[str], list[str]]:
    """The ids of the questions that are read, and what is said of them."""
    lines: list[str] = []
    dataset = propose(str(folder), "toy", {"id": "id"} | given, show=lines.extend).dataset
    return set(dataset.frame["id"]), lines


@pytest.mark.parametrize("pack", [Path, packed])
@pytest.mark.parametrize("files", FILES)
def test_a_test_split_is_read_alone(tmp_path: Path, files: list[str], pack: Callable[[Path], Path]) -> None:
    for split in ("train", "val"):
        write_split(tmp_path, files, split, answer="A")
    expected = write_split(tmp_path, files, "test", answer="A")
    (tmp_path / files[0].format("test")).with_name("test.md").write_text("Of these.", encoding="utf-8")
    ids, lines = read(pack(tmp_path))
    assert ids == expected
    assert not any(line.startswith("guess: ") for line in lines)


@pytest.mark.parametrize("pack", [Path, packed])
@pytest.mark.parametrize("files", FILES)
@pytest.mark.parametrize("kept_back", KEPT_BACK)
def test_one_without_answers_gives_way_to_the_validation_split(
    tmp_path: Path, files: list[str], kept_back: dict[str, Any], pack: Callable[[Path], Path]
) -> None:
    write_split(tmp_path, files, "train", answer="A")
    write_split(tmp_path, files, "test", **kept_back)
    expected = write_split(tmp_path, files, "val", answer="A")
    ids, lines = read(pack(tmp_path))
    assert ids == expected
    [guess] = [line for line in lines if line.startswith("guess: the test split has no answers, so ")]
    assert "val" in guess


@pytest.mark.parametrize("name", ["validation", "valid", "dev", "Val"])
def test_the_validation_split_has_several_names(tmp_path: Path, name: str) -> None:
    write_split(tmp_path, FILES[0], "test", answer="")
    expected = write_split(tmp_path, FILES[0], name, answer="A")
    assert read(tmp_path)[0] == expected


def test_a_training_split_is_no_validation_split(tmp_path: Path) -> None:
    write_split(tmp_path, FILES[0], "test", answer="?")
    write_split(tmp_path, FILES[0], "train", answer="A")
    with pytest.raises(DataError, match=r"test\.jsonl: every answer in 'answer' is kept back"):
        read(tmp_path)


def test_no_split_with_answers_is_an_error(tmp_path: Path) -> None:
    for split in ("test", "val"):
        write_split(tmp_path, FILES[0], split, answer="?")
    with pytest.raises(DataError, match=r"val\.jsonl: every answer in 'answer' is kept back"):
        read(tmp_path)
