import json
from pathlib import Path

import pytest
from control_builders import load_rows, refused, rows_of

from tst_harness.dataset.loading import Dataset
from tst_harness.pruning.lists import read_list


def read(path: Path, text: str, dataset: Dataset) -> list[str]:
    path.write_text(text, encoding="utf-8")
    ids: list[str] = dataset.frame["id"].iloc[read_list(path, dataset.frame, "toy")].tolist()
    return ids


def refusal(path: Path, text: str, dataset: Dataset) -> str:
    return refused(read, path, text, dataset)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("removed.txt", "p3\n\n c1 \np0"),
        ("removed", "p3\r\nc1\r\np0\r\n"),
        ("removed.json", '["p3", "c1", "p0"]'),
        ("removed.json", '[{"id": "p3", "s": 1}, {"id": "c1"}, "p0"]'),
        ("removed.jsonl", '{"id": "p3", "s": 0.9}\n{"id": "c1"}\n"p0"\n'),
        ("removed.txt", "\ufeffp3\nc1\np0\n"),
    ],
)
def test_a_list_is_read_in_its_order(tmp_path: Path, file: str, text: str) -> None:
    assert read(tmp_path / file, text, load_rows(tmp_path)) == ["p3", "c1", "p0"]


def test_integers_are_ids(tmp_path: Path) -> None:
    dataset = load_rows(tmp_path, [{**row, "id": number} for number, row in enumerate(rows_of())])
    assert read(tmp_path / "removed.json", json.dumps([3, "4"]), dataset) == ["3", "4"]
    assert read(tmp_path / "removed.txt", "3\n4\n", dataset) == ["3", "4"]


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("r.txt", "p1\nx9\n", "r.txt line 2: 'x9' is not the id of a scored question of toy"),
        ("r.txt", "p1\n\np1\n", "r.txt line 3: 'p1' stands at r.txt line 1 already"),
        ("r.json", '["p1", "p1"]', "r.json entry 2: 'p1' stands at r.json entry 1 already"),
        ("r.txt", "\n \n", "r.txt: holds no id"),
        ("r.json", "{}", "r.json: is not a JSON list of ids"),
        ("r.json", '["p1"', "r.json: is not valid JSON"),
        ("r.jsonl", '{"id": "p1"}\n{"key": "p2"}\n', "r.jsonl line 2: is neither an id nor an object"),
        ("r.jsonl", '{"id": "p1"}\n{"id": tru\n', "r.jsonl line 2: is not valid JSON"),
        ("r.json", "[true]", "r.json entry 1: is neither an id nor"),
        (
            "r.txt",
            "".join(f"c{n}\n" for n in range(8)),
            "r.txt: removes all 8 questions of the type 'count'",
        ),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path: Path, file: str, text: str, said: str) -> None:
    assert refusal(tmp_path / file, text, load_rows(tmp_path)).startswith(said)


def test_a_file_that_is_missing_or_no_text(tmp_path: Path) -> None:
    dataset = load_rows(tmp_path)
    missing = refused(read_list, tmp_path / "none.txt", dataset.frame, "toy")
    assert missing.endswith("none.txt: cannot be read: No such file or directory; correct the path")
    (tmp_path / "latin.txt").write_bytes(b"p1\n\xff\n")
    assert "is not UTF-8 (byte 0xff)" in refused(read_list, tmp_path / "latin.txt", dataset.frame, "toy")
