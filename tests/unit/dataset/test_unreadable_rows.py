"""One row that cannot be read is a finding; a file that is something else is said to be it."""

import gzip
import json
from pathlib import Path

import pytest
from layout_rows import plain
from proposing import read_path

from tst_harness.benchmark.declarations import Benchmark, Choice, Columns, LocalFile
from tst_harness.checks.faults import FAULTS
from tst_harness.dataset.loading import load
from tst_harness.errors import DataError

N = 30
LINES = [json.dumps(plain(i)) + "\n" for i in range(N)]
HEADER = "id,question,A,B,C,D,answer\n"
CELLS = [
    ",".join([str(row["id"]), row["question"], *row["options"], row["answer"]]) + "\n"
    for row in (plain(i) for i in range(N))
]


def written(folder: Path, name: str, rows: list[str], bad: bytes, place: int = 7) -> Path:
    before, after = "".join(rows[:place]).encode(), "".join(rows[place:]).encode()
    (folder / name).write_bytes(before + bad + after)
    return folder / name


@pytest.mark.parametrize(
    ("name", "rows", "bad", "problem"),
    [
        ("r.jsonl", LINES, b'{"id": "x", "quest\n', "line 8: is not valid JSON"),
        ("r.jsonl", LINES, b'{"id": "caf\xe9"}\n', "line 8: is not UTF-8 (byte 0xe9)"),
        ("r.jsonl", LINES, b"[1, 2]\n", "row 8: is not a JSON object"),
        ("r.csv", [HEADER, *CELLS], b"x,y,z\n", "row 7: has 3 cells where the header has 7"),
        ("r.csv", [HEADER, *CELLS], b'x,a "b,c",d,e,"f "g" h",i\n', "line 8: is truncated or corrupt"),
        ("r.csv", [HEADER, "q0,Où?,a,b,c,d,A\n", *CELLS], b"x,caf\xe9,a,b,c,d,A\n", "line 8: is not UTF-8"),
        ("r.tsv", [row.replace(",", "\t") for row in [HEADER, *CELLS]], b"x\ty\n", "row 7: has 2 cells"),
    ],
)
def test_a_row_that_cannot_be_read_is_a_fault_with_its_line(
    tmp_path: Path, name: str, rows: list[str], bad: bytes, problem: str
) -> None:
    source = read_path(written(tmp_path, name, rows, bad)).dataset.source
    assert source.rows == len(rows) + (0 if name.endswith("sv") else 1)
    [fault] = [fault for fault in source.faults if fault.kind == "unreadable"]
    assert fault.problem.startswith(problem)
    assert source.fault_counts["unreadable"] == 1
    assert (fault.id, fault.field) == ("", "")


def test_the_last_line_of_a_download_that_was_cut_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    path.write_text("".join(LINES)[:-20], encoding="utf-8")
    read = read_path(path)
    assert read.dataset.source.fault_counts == {"unreadable": 1}
    assert len(read.dataset.frame) == N - 1
    assert sorted(read.dataset.frame["position"]) == list(range(N - 1))


def test_rows_keep_their_places_after_one_that_cannot_be_read(tmp_path: Path) -> None:
    path = written(tmp_path, "r.jsonl", LINES, b"{oops\n")
    frame = read_path(path).dataset.frame
    assert dict(zip(frame["id"], frame["position"], strict=True))["q7"] == 8


def test_a_run_that_stops_at_faults_stops_at_such_a_row(tmp_path: Path) -> None:
    path = written(tmp_path, "r.jsonl", LINES, b"{oops\n")
    columns = Columns(id="id", text="question", options="options", answer="answer")
    benchmark = Benchmark("toy", LocalFile(str(path)), columns, [Choice("all")])
    assert len(load(benchmark, faults="report").frame) == N
    with pytest.raises(DataError, match=r"r\.jsonl line 8: is not valid JSON .* --tst-faults report"):
        load(benchmark, faults="stop")


@pytest.mark.parametrize("name", ["r.jsonl", "r.csv"])
def test_a_file_of_which_half_cannot_be_read_is_refused(tmp_path: Path, name: str) -> None:
    rows = [HEADER, *CELLS] if name == "r.csv" else LINES
    cut = [row if place % 2 == 0 else row[:12] + "\n" for place, row in enumerate(rows)]
    (tmp_path / name).write_text("".join(cut), encoding="utf-8")
    with pytest.raises(DataError, match="15 of 30 rows cannot be read"):
        read_path(tmp_path / name)


def test_a_quote_that_is_not_closed_hides_no_rows(tmp_path: Path) -> None:
    path = written(tmp_path, "r.csv", [HEADER, *CELLS], b'x,"a,b,c,d,e,A\n')
    with pytest.raises(DataError, match="lines 8 to 32: is truncated or corrupt"):
        read_path(path)


POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"
PAGE = b"\n<!DOCTYPE html>\n<html><head><title>Not\n Found</title></head></html>"


@pytest.mark.parametrize(
    "name", ["r.jsonl", "r.json", "r.csv", "r.parquet", "r.xlsx", "r.zip", "r.jsonl.gz", "r.arrow", "r.yaml"]
)
@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (POINTER, "is a Git LFS pointer, which stands for the file itself; get that with `git lfs pull`"),
        (PAGE, r"is a web page \('Not Found'\), as a server sends .* download the file itself"),
    ],
    ids=["pointer", "page"],
)
def test_a_pointer_and_a_web_page_are_said_to_be_that(
    tmp_path: Path, name: str, content: bytes, sentence: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=sentence):
        read_path(tmp_path / name)


def test_a_page_that_was_compressed_is_a_page(tmp_path: Path) -> None:
    (tmp_path / "r.jsonl.gz").write_bytes(gzip.compress(PAGE))
    with pytest.raises(DataError, match="is a web page"):
        read_path(tmp_path / "r.jsonl.gz")


def test_a_table_of_western_windows_is_read_and_told(tmp_path: Path) -> None:
    text = "".join([HEADER, *CELLS]).replace("What is", "Où est-ce que l’on voit")
    (tmp_path / "r.csv").write_bytes(text.encode("cp1252"))
    read = read_path(tmp_path / "r.csv")
    assert read.dataset.frame["text"][0].startswith("Où est-ce que l’on voit")
    assert read.guesses[0].endswith(
        "is no UTF-8 and is read as Windows-1252; save it as UTF-8 if texts look wrong"
    )


@pytest.mark.parametrize("encoding", ["gbk", "cp1251", "shift_jis"])
def test_a_table_in_another_encoding_is_refused(tmp_path: Path, encoding: str) -> None:
    words = {"gbk": "什么东西", "cp1251": "Что это", "shift_jis": "これは何"}[encoding]
    text = "".join([HEADER, *CELLS]).replace("What is", words)
    (tmp_path / "r.csv").write_bytes(text.encode(encoding))
    with pytest.raises(DataError, match="line 2: is not UTF-8"):
        read_path(tmp_path / "r.csv")


def test_comments_above_a_header_are_no_rows(tmp_path: Path) -> None:
    plain_text = "".join([HEADER, *CELLS])
    for comment in ("", "# Things, and where they are\n# 2024\n"):
        (tmp_path / "r.csv").write_text(comment + plain_text, encoding="utf-8")
        assert len(read_path(tmp_path / "r.csv").dataset.frame) == N
    (tmp_path / "r.csv").write_text("#" + plain_text, encoding="utf-8")
    assert read_path(tmp_path / "r.csv").dataset.frame["id"].tolist()[0] == "q0"


def test_the_check_names_such_rows_by_their_numbers(tmp_path: Path) -> None:
    source = read_path(written(tmp_path, "r.jsonl", LINES, b"{oops\n[1, 2]\n")).dataset.source
    assert list(FAULTS.sentences({"faults": source})) == ["unreadable: 2 rows, left out (row 8, 9)"]


def test_a_table_that_names_its_delimiter_first(tmp_path: Path) -> None:
    text = "".join([HEADER, *CELLS]).replace(",", ";")
    (tmp_path / "r.csv").write_text(f"sep=;\n{text}", encoding="utf-8")
    assert len(read_path(tmp_path / "r.csv").dataset.frame) == N
