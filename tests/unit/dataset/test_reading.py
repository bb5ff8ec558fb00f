from pathlib import Path

import pyarrow
import pytest
from data_rows import Row, write_rows
from pyarrow import parquet

from tst_harness.dataset.reading import SUFFIXES, DataFile, Table, read
from tst_harness.errors import DataError

WANTED = {"id": ("id",), "text": ("question",)}
ROWS: list[Row] = [{"id": "a", "question": "one", "extra": 1}, {"id": "b", "question": "two", "extra": 2}]


def table(*paths: Path) -> Table:
    return read([DataFile(path, path.name) for path in paths], WANTED)


def message(path: Path) -> str:
    with pytest.raises(DataError) as caught:
        table(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_format_reads_the_same_rows(tmp_path: Path, suffix: str) -> None:
    write_rows(tmp_path / f"rows{suffix}", ROWS)
    found = table(tmp_path / f"rows{suffix}")
    assert found.columns == {"id": ["a", "b"], "text": ["one", "two"]}
    assert found.names == {"id": "id", "text": "question"}


@pytest.mark.parametrize("suffix", [".jsonl", ".json", ".parquet"])
def test_integers_stay_integers_beside_missing_values_and_lists_become_tuples(
    tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"rows{suffix}"
    write_rows(path, [{"id": 7, "question": ["x", None]}, {"id": None, "question": None}])
    assert table(path).columns == {"id": [7, None], "text": [("x", None), None]}


def test_csv_cells_are_text_and_empty_ones_missing(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text('id,question\n007,"a, b\nc"\nNA,\n', encoding="utf-8-sig")
    assert table(path).columns == {"id": ["007", "NA"], "text": ["a, b\nc", None]}


def test_json_nan_is_missing_and_an_integral_float_an_integer(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"id": 1.0, "question": NaN}\n\n{"id": 2.5, "question": {"b": 1, "a": true}}\n')
    assert table(path).columns == {"id": [1, 2.5], "text": [None, '{"b": 1, "a": true}']}


def test_a_byte_order_mark_is_no_part_of_the_first_line(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"id": 1, "question": "x"}\n', encoding="utf-8-sig")
    assert table(path).columns["id"] == [1]


def test_parquet_reads_only_the_wanted_columns(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    parquet.write_table(pyarrow.table({"id": [1], "question": ["x"], "image": [b"not text"]}), path)
    content = bytearray(path.read_bytes())
    place = content.index(b"not text")
    content[place - 20 : place + 8] = b"\xff" * 28
    path.write_bytes(content)
    assert table(path).columns == {"id": [1], "text": ["x"]}


def test_the_first_declared_name_that_a_file_has_is_read(tmp_path: Path) -> None:
    wanted = {"group": ("filename", "image")}
    write_rows(tmp_path / "a.jsonl", [{"image": "x"}])
    write_rows(tmp_path / "b.jsonl", [{"image": "x", "filename": "y"}])
    for name, value, column in (("a", "x", "image"), ("b", "y", "filename")):
        found = read([DataFile(tmp_path / f"{name}.jsonl", name)], wanted)
        assert (found.columns["group"], found.names["group"]) == ([value], column)


def test_several_files_are_one_table_that_knows_where_each_row_stands(tmp_path: Path) -> None:
    write_rows(tmp_path / "a.jsonl", ROWS)
    write_rows(tmp_path / "b.csv", ROWS)
    found = table(tmp_path / "a.jsonl", tmp_path / "b.csv")
    assert found.rows == 4
    assert [found.place(row) for row in (0, 1, 2)] == ["a.jsonl row 1", "a.jsonl row 2", "b.csv row 1"]
    with pytest.raises(IndexError):
        found.place(4)


def test_rows_beyond_one_chunk_are_read(tmp_path: Path) -> None:
    rows = [{"id": f"{n:05d}", "question": f"q{n % 3}"} for n in range(20_001)]
    for name in ("a.jsonl", "a.csv"):
        write_rows(tmp_path / name, rows)
        found = table(tmp_path / name)
        assert found.columns["id"] == [row["id"] for row in rows]
        assert found.columns["text"][0] is found.columns["text"][3]


def test_a_missing_column_is_named_with_those_there_are(tmp_path: Path) -> None:
    write_rows(tmp_path / "rows.csv", [{"id": "a", "text": "x"}])
    assert "rows.csv: there is no column 'question', declared as columns.text; its columns are id, text" in (
        message(tmp_path / "rows.csv")
    )


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_an_empty_file_is_named(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"rows{suffix}"
    path.touch()
    assert message(path) == f"rows{suffix}: is empty"


@pytest.mark.parametrize(
    ("name", "content"), [("r.jsonl", "\n\n"), ("r.json", "[]"), ("r.json", " "), ("r.csv", "id,question\n")]
)
def test_a_file_without_rows_is_named(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    assert message(tmp_path / name) == f"{name}: is empty, it has no rows"


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("r.jsonl", '{"id": 1, "question": "x"}\n{"id": 2, "ques', "r.jsonl line 2: is not valid JSON"),
        ("r.jsonl", '{"id": 1, "question": "x"}\n[1, 2]\n', "r.jsonl row 2: is not a JSON object"),
        ("r.jsonl", '{"id": 1, "question": "x"}\n\nnull\n', "r.jsonl row 2: is not a JSON object"),
        ("r.json", '[{"id": 1, "question": "x"},\n{"id": 2', "r.json: is not valid JSON .*line 2"),
        ("r.json", '{"id": [1]}', "r.json: is not a list of rows"),
        ("r.json", '[{"id": 1, "question": "x"}, 3]', "r.json row 2: is not a JSON object"),
        ("r.csv", 'id,question\n1,"x\n2,y\n', "r.csv lines 2 to 3: is truncated or corrupt"),
        ("r.csv", "id,question\n1,x\n2\n", "r.csv row 2: has 1 cells where the header has 2"),
        ("r.csv", "id,question,id\n1,x,2\n", "r.csv: has two columns named 'id'"),
        ("r.parquet", "PAR1 but no Parquet file", "r.parquet: is no Parquet file, or a truncated one"),
        ("r.xlsx", "x", "r.xlsx: is no Excel file, or a truncated one"),
    ],
)
def test_a_truncated_or_corrupt_file_is_named_with_the_line(
    tmp_path: Path, name: str, content: str, expected: str
) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(DataError, match=expected) as caught:
        table(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_a_parquet_file_cut_in_two_is_named(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    write_rows(path, ROWS)
    path.write_bytes(path.read_bytes()[:-20])
    assert message(path).startswith("rows.parquet: is no Parquet file, or a truncated one")


@pytest.mark.parametrize(
    ("name", "start"),
    [("r.jsonl", b'{"id": 1}\n{"id": "'), ("r.json", b'[{"id": 1},\n"')],
)
def test_a_file_that_is_not_utf8_is_named_with_the_line(tmp_path: Path, name: str, start: bytes) -> None:
    (tmp_path / name).write_bytes(start + "né".encode("latin-1") + b'"}\n')
    assert message(tmp_path / name) == f"{name} line 2: is not UTF-8 (byte 0xe9); save the file as UTF-8"


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    assert message(tmp_path / "gone.jsonl") == "gone.jsonl: cannot be read: No such file or directory"
