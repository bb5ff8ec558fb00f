"""The sheets of a workbook and the splits of a JSON document: which is read, and what is said of it."""

import json
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped, unused-ignore]
import pytest
from layout_rows import gold_of, options_of, plain, question_of
from proposing import read_path, read_rows

from tst_harness.errors import DataError

N = 30
SOURCES = [["id", "url", "licence"], *([i, f"https://example.org/{i}", "CC BY"] for i in range(N))]
ABOUT = [["About this file"], ["The questions are on another sheet."], ["Version", "1.0"]]


def questions(first: int = 0) -> list[list[Any]]:
    rows = [[i, question_of(i), *options_of(i), "ABCD"[gold_of(i)]] for i in range(first, first + N)]
    return [["id", "question", "A", "B", "C", "D", "answer"], *rows]


def write_book(path: Path, **sheets: list[list[Any]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def ids(path: Path) -> set[int]:
    return {int(id_) for id_ in read_path(path).dataset.frame["id"]}


@pytest.mark.parametrize(
    "others", [{"About": ABOUT}, {"Sources": SOURCES}, {"About": ABOUT, "Sources": SOURCES}]
)
@pytest.mark.parametrize("last", [True, False])
def test_the_sheet_that_reads_as_questions_is_read_and_told(
    tmp_path: Path, others: dict[str, list[list[Any]]], last: bool
) -> None:
    own = {"Items": questions()}
    path = write_book(tmp_path / "book.xlsx", **(others | own if last else own | others))
    read = read_path(path)
    assert len(read.dataset.frame) == N
    named = " and ".join(map(repr, others))
    [guess] = read.guesses
    assert guess.startswith(f"of {path} the sheet 'Items' is read, not {named}; name ")


def test_a_lone_sheet_is_no_guess(tmp_path: Path) -> None:
    assert read_path(write_book(tmp_path / "book.xlsx", Items=questions())).guesses == []


def test_several_sheets_of_questions_are_types(tmp_path: Path) -> None:
    path = write_book(tmp_path / "book.xlsx", Easy=questions(), Hard=questions(N), About=ABOUT)
    read = read_path(path)
    assert set(read.dataset.frame["type"]) == {"Easy", "Hard"}
    assert len(read.dataset.frame) == 2 * N
    assert "the sheet 'Easy' and 'Hard' is read, not 'About'" in read.guesses[0]


def test_any_sheet_can_be_named(tmp_path: Path) -> None:
    write_book(tmp_path / "book.xlsx", Easy=questions(), Hard=questions(N), About=ABOUT)
    assert ids(tmp_path / "book.xlsx" / "Hard") == set(range(N, 2 * N))
    with pytest.raises(DataError, match="no column is recognised as the questions"):
        read_path(tmp_path / "book.xlsx" / "About")
    with pytest.raises(DataError, match="there is no file"):
        read_path(tmp_path / "book.xlsx" / "Harder")


def test_sheets_named_after_splits_are_splits(tmp_path: Path) -> None:
    path = write_book(tmp_path / "book.xlsx", train=questions(), test=questions(N))
    assert ids(path) == set(range(N, 2 * N))


def splits(**answers: str | None) -> dict[str, Any]:
    return {
        split: [
            plain(i, id=f"{split}-{i}") | ({} if answer is None else {"answer": answer}) for i in range(N)
        ]
        for split, answer in answers.items()
    }


@pytest.mark.parametrize("by_id", [True, False])
@pytest.mark.parametrize("about", [{}, {"version": "1.0", "info": {"year": 2020}}])
@pytest.mark.parametrize("word", ["test", "Test"])
def test_keys_of_a_document_that_are_splits_are_no_types(
    tmp_path: Path, by_id: bool, about: dict[str, Any], word: str
) -> None:
    document = about | splits(**{"train": "A", "validation": "A", word: "B"})
    if by_id:
        document |= {
            split: {str(row.pop("id")): row for row in rows}
            for split, rows in document.items()
            if split not in about
        }
    path = tmp_path / "all.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    read = read_path(path)
    assert len(read.dataset.frame) == N
    assert set(read.dataset.frame["answer"]) == {1}
    assert set(read.dataset.frame["type"]) == {"toy"}
    assert read.lines[0].startswith(f"all.json/{word}: ")
    assert read.guesses == []


def test_a_test_split_without_answers_gives_way(tmp_path: Path) -> None:
    path = tmp_path / "all.json"
    path.write_text(json.dumps(splits(train="A", val="B", test="")), encoding="utf-8")
    read = read_path(path)
    assert set(read.dataset.frame["answer"]) == {1}
    assert "all.json/val is read" in read.guesses[-1]


def test_without_a_test_split_that_of_validation_is_read_and_told(tmp_path: Path) -> None:
    path = tmp_path / "all.json"
    path.write_text(json.dumps(splits(train="A", dev="B")), encoding="utf-8")
    read = read_path(path)
    assert set(read.dataset.frame["answer"]) == {1}
    [guess] = read.guesses
    assert guess.startswith("there is no test split, so ")


def test_other_keys_are_types(tmp_path: Path) -> None:
    path = tmp_path / "all.json"
    path.write_text(json.dumps(splits(counting=None, places=None)), encoding="utf-8")
    assert set(read_path(path).dataset.frame["type"]) == {"counting", "places"}


def test_a_column_of_splits_is_told(tmp_path: Path) -> None:
    rows = [plain(i, split=("train", "dev", "test")[i % 3]) for i in range(N)]
    [guess] = read_rows(tmp_path, rows).guesses
    assert guess.startswith("'split' tells splits (train 10, dev 10, test 10), which are read together")
    assert read_rows(tmp_path, [plain(i, split="dev") for i in range(N)]).guesses == []
