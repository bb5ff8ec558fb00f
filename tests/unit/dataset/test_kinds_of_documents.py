"""Files in further forms of JSON, in YAML, in tar archives and as `datasets` saves them."""

import io
import json
import sys
import tarfile
from pathlib import Path
from typing import Any

import pandas
import pyarrow
import pytest
import yaml
from data_rows import Row, write_rows
from layout_rows import gold_of, options_of, plain

from tst_harness.dataset.archives import ARCHIVES
from tst_harness.dataset.reading import DataFile, all_records, column_names
from tst_harness.engine.proposal import propose
from tst_harness.errors import DataError, EngineUnavailable

N = 30
ROWS: list[Row] = [plain(i, video=f"v{i // 2}") for i in range(N)]


def check(path: Path) -> list[str]:
    """Every question has its answer; what was shown of the file is returned."""
    shown: list[str] = []
    frame = propose(path.as_posix(), "toy", {}, show=shown.extend).dataset.frame
    assert dict(zip(frame["id"], frame["answer"], strict=True)) == {f"q{i}": gold_of(i) for i in range(N)}
    assert list(frame["options"]) == [tuple(options_of(int(id_[1:]))) for id_ in frame["id"]]
    assert frame["group"].nunique() == N // 2
    return shown


def refused(path: Path) -> str:
    with pytest.raises(DataError) as caught:
        propose(path.as_posix(), "toy", {})
    return str(caught.value)


def lines(rows: list[Row]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def write_tar(path: Path, mode: Any, **members: bytes) -> Path:
    with tarfile.open(path, mode) as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(f"./data/{name}.jsonl")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


@pytest.mark.parametrize("index", [None, [f"r{i}" for i in range(N)]])
@pytest.mark.parametrize("orient", ["columns", "split", "records", "index", "table"])
def test_every_form_in_which_pandas_writes_json(tmp_path: Path, orient: Any, index: list[str] | None) -> None:
    path = tmp_path / "rows.json"
    pandas.DataFrame(ROWS, index=index).to_json(path, orient=orient)
    check(path)


@pytest.mark.parametrize("suffix", [".json", ".jsonl"])
@pytest.mark.parametrize("between", ["\n", ",\n", " "])
@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("at_a_time", [None, 10])
def test_documents_one_after_another(
    tmp_path: Path, suffix: str, between: str, indent: int | None, at_a_time: int | None
) -> None:
    parts: list[Any] = ROWS if at_a_time is None else [ROWS[k : k + 10] for k in range(0, N, 10)]
    path = tmp_path / f"rows{suffix}"
    path.write_text(between.join(json.dumps(part, indent=indent) for part in parts))
    check(path)


def test_what_is_no_document_after_others_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    path.write_text("\n".join(json.dumps(row, indent=2) for row in ROWS[:2]) + "\nend")
    assert "rows.json: is not valid JSON (Extra data: line " in refused(path)


@pytest.mark.parametrize("document", [ROWS, {"version": 1, "questions": ROWS}], ids=["a list", "under a key"])
@pytest.mark.parametrize("suffix", [".yaml", ".yml"])
def test_yaml_is_read_as_json_is(tmp_path: Path, document: Any, suffix: str) -> None:
    path = tmp_path / f"rows{suffix}"
    path.write_text(yaml.safe_dump(document))
    check(path)


def test_yaml_documents_one_after_another_are_rows(tmp_path: Path) -> None:
    (tmp_path / "rows.yaml").write_text(yaml.safe_dump_all(ROWS))
    check(tmp_path / "rows.yaml")


def test_what_yaml_says_is_read_as_it_is_written(tmp_path: Path) -> None:
    (tmp_path / "rows.yaml").write_text("- {id: 007, options: [Yes, No], answer: No, 1: ~}\n")
    [row] = all_records([DataFile(tmp_path / "rows.yaml", "rows.yaml")])
    assert row == {"id": "007", "options": ["Yes", "No"], "answer": "No", "1": None}


def test_yaml_without_its_package_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    (tmp_path / "rows.yaml").write_text("- a: 1\n")
    with pytest.raises(EngineUnavailable, match=r"rows.yaml: reading YAML needs a package that"):
        propose((tmp_path / "rows.yaml").as_posix(), "toy", {})


def test_what_is_wrong_with_yaml_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "rows.yaml").write_text("- a: [1, 2\n- b: }\n")
    message = refused(tmp_path / "rows.yaml")
    assert "rows.yaml: is not valid YAML (" in message
    assert "line 2" in message
    assert "\n" not in message


def test_yaml_beside_data_holds_settings(tmp_path: Path) -> None:
    write_rows(tmp_path / "rows.jsonl", ROWS)
    (tmp_path / "task.yaml").write_text("dataset_path: rows.jsonl\n")
    check(tmp_path)


@pytest.mark.parametrize("suffix", [suffix for suffix in ARCHIVES if suffix != ".zip"])
def test_a_tar_archive_is_read(tmp_path: Path, suffix: str) -> None:
    mode = next((f"w:{kind}" for kind in ("gz", "xz", "bz2") if kind in suffix), "w")
    check(write_tar(tmp_path / f"rows{suffix}", mode, rows=lines(ROWS)))


def test_of_splits_in_a_tar_archive_the_test_split_is_read(tmp_path: Path) -> None:
    path = write_tar(tmp_path / "rows.tgz", "w:gz", train=lines([plain(99)]), test=lines(ROWS))
    check(path)


def test_a_record_a_file_beside_its_picture_in_a_tar_archive(tmp_path: Path) -> None:
    path = tmp_path / "00000.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for number, row in enumerate(ROWS):
            for suffix, content in (("jpg", b"\xff\xd8"), ("json", json.dumps(row).encode())):
                info = tarfile.TarInfo(f"{number:06d}.{suffix}")
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
    check(path)


def test_a_truncated_tar_archive_is_one_sentence(tmp_path: Path) -> None:
    path = write_tar(tmp_path / "rows.tar.gz", "w:gz", rows=lines(ROWS))
    path.write_bytes(path.read_bytes()[:200])
    message = refused(path)
    assert "rows.tar.gz: is no tar archive, or a truncated one (" in message
    assert "\n" not in message


def save(folder: Path, rows: list[Row]) -> None:
    """Write what `Dataset.save_to_disk` writes."""
    folder.mkdir(parents=True)
    write_rows(folder / "data-00000-of-00001.arrow", rows)
    write_rows(folder / "cache-0123456789abcdef.arrow", [{"length": 3}])
    (folder / "dataset_info.json").write_text(json.dumps({"features": {"question": {"dtype": "string"}}}))
    (folder / "state.json").write_text(json.dumps({"_split": "test", "_fingerprint": "0"}))


def test_a_dataset_saved_to_disk_is_read(tmp_path: Path) -> None:
    save(tmp_path / "saved", ROWS)
    check(tmp_path / "saved")


def test_of_splits_saved_to_disk_the_test_split_is_read(tmp_path: Path) -> None:
    save(tmp_path / "saved" / "train", [plain(99)])
    save(tmp_path / "saved" / "test", ROWS)
    (tmp_path / "saved" / "dataset_dict.json").write_text(json.dumps({"splits": ["train", "test"]}))
    check(tmp_path / "saved")


def test_pictures_in_arrow_files_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "rows.arrow"
    write_rows(path, [row | {"image": {"bytes": b"\x01", "path": "a.png"}, "raw": b"\x02"} for row in ROWS])
    assert column_names(DataFile(path, path.name)) == [*ROWS[0], "image.path"]
    check(path)


def test_an_arrow_file_with_an_index_is_read(tmp_path: Path) -> None:
    table = pyarrow.Table.from_pylist(ROWS)
    path = tmp_path / "rows.arrow"
    with pyarrow.OSFile(str(path), "wb") as sink, pyarrow.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    check(path)


def test_a_truncated_arrow_file_is_one_sentence(tmp_path: Path) -> None:
    write_rows(tmp_path / "rows.arrow", ROWS)
    (tmp_path / "rows.arrow").write_bytes((tmp_path / "rows.arrow").read_bytes()[:100])
    assert "rows.arrow: is no Arrow file, or a truncated one (" in refused(tmp_path / "rows.arrow")


def test_an_arrow_file_with_a_broken_text_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "rows.arrow"
    write_rows(path, ROWS)
    path.write_bytes(path.read_bytes().replace(b"carried", b"\xcdarried", 1))
    assert "rows.arrow: is no Arrow file, or a truncated one (" in refused(path)
