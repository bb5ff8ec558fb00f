import errno
import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from record_builders import (
    RUN,
    make_folds,
    make_held_out,
    make_llm_folds,
    make_shortcuts,
    make_zero_shot,
    units,
)

from tst_harness.analysis.records import FoldRecord
from tst_harness.errors import ReportError
from tst_harness.report.assemble import assemble
from tst_harness.report.files import (
    canonical_json,
    check_writable,
    parse_json,
    read_report,
    write_atomically,
    write_report,
)
from tst_harness.report.held_out import samples_frame
from tst_harness.report.sample_files import read_samples, write_samples
from tst_harness.report.schema import Report, Sample

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@pytest.fixture(scope="module")
def records() -> list[FoldRecord]:
    return make_folds([str(n) for n in range(60)], repeats=2)


@pytest.fixture(scope="module")
def report(records: list[FoldRecord]) -> Report:
    return assemble([*records, make_shortcuts(origin=records[0].origin)], {"forest": units(records)}, RUN)


@given(plain)
def test_canonical_json_survives_a_round_trip(value: Any) -> None:
    assert parse_json(canonical_json(value)) == value
    assert parse_json(canonical_json(value, indent=2)) == value


@given(st.dictionaries(st.text(), st.integers()))
def test_canonical_json_does_not_depend_on_key_order(value: dict[str, int]) -> None:
    assert canonical_json(value) == canonical_json(dict(reversed(value.items())))


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_json_knows_no_nan(number: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        canonical_json([number])
    with pytest.raises(ValueError, match="JSON"):
        parse_json(json.dumps([number]))


def test_a_file_is_written_whole_and_its_folder_made(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "file.txt"
    write_atomically(path, iter(["ein", "s\n", "zwö\n"]))
    assert path.read_text(encoding="utf-8") == "eins\nzwö\n"
    assert [file.name for file in path.parent.iterdir()] == ["file.txt"]


@pytest.mark.parametrize("step", ["fsync", "replace"])
@pytest.mark.parametrize(
    ("code", "remedy"),
    [(errno.ENOSPC, "free some space"), (errno.EACCES, "make the folder writable"), (errno.EIO, "choose")],
)
def test_a_disk_that_fails_is_one_sentence_and_leaves_the_older_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, code: int, remedy: str
) -> None:
    def fail(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    path = tmp_path / "demo.json"
    path.write_text("older")
    target = os if step == "fsync" else Path
    monkeypatch.setattr(target, step, fail)
    with pytest.raises(ReportError, match=rf"demo\.json cannot be written \({os.strerror(code)}\): {remedy}"):
        write_atomically(path, "newer")
    assert path.read_text() == "older"
    assert list(tmp_path.iterdir()) == [path]


def test_an_interrupted_writer_leaves_the_older_file(tmp_path: Path) -> None:
    def pieces() -> Iterator[str]:
        yield "newer"
        raise KeyboardInterrupt

    path = tmp_path / "demo.json"
    path.write_text("older")
    with pytest.raises(KeyboardInterrupt):
        write_atomically(path, pieces())
    assert path.read_text() == "older"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("a file, not a folder")
    with pytest.raises(ReportError, match=r"demo\.json cannot be written .*choose another folder"):
        write_atomically(tmp_path / "reports" / "demo.json", "text")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="permissions do not bind this user")
def test_an_unwritable_folder_is_one_sentence(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(ReportError, match=r"cannot be written .*make the folder writable"):
        write_atomically(tmp_path / "demo.json", "text")
    with pytest.raises(ReportError, match=r"cannot be written .*make the folder writable"):
        check_writable(tmp_path)


def test_a_folder_on_a_disk_for_reading_alone_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "records" / "demo"
    check_writable(folder)
    assert list(folder.iterdir()) == []
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(ReportError, match=r"demo cannot be written .*make the folder writable"):
        check_writable(folder)


def test_text_that_is_no_unicode_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="is no Unicode text"):
        write_atomically(tmp_path / "demo.json", "\ud800")
    assert list(tmp_path.iterdir()) == []


def test_a_report_survives_a_round_trip(report: Report, tmp_path: Path) -> None:
    path = write_report(report, tmp_path / "reports")
    assert path == tmp_path / "reports" / "demo-repeats2.json"
    assert read_report(path) == report
    text = path.read_text(encoding="utf-8")
    assert text == json.dumps(json.loads(text), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def test_a_missing_report_says_so(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"demo\.json does not exist: run the benchmark first"):
        read_report(tmp_path / "demo.json")


def _set(path: str, value: object) -> Callable[[str], str]:
    def change(text: str) -> str:
        tree = json.loads(text)
        *parents, last = path.split(".")
        place = tree
        for step in parents:
            place = place[step]
        place[last] = value
        return json.dumps(tree)

    return change


def _without_version(text: str) -> str:
    tree = json.loads(text)
    del tree["schema_version"]
    return json.dumps(tree)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda text: text[: len(text) // 2], "is not valid JSON .*: it was cut short"),
        (lambda text: "", "is not valid JSON"),
        (lambda text: "[]", "has no schema_version"),
        (lambda text: "[" * 100_000, "is not valid JSON"),
        (_without_version, "has no schema_version"),
        (
            _set("schema_version", 1),
            "is of schema version 1 and this tst-harness reads version 2: run the audit",
        ),
        (_set("schema_version", "2"), "is of schema version '2' and this tst-harness reads version 2"),
        (_set("diagnostics.forest.overall.score", 1.5), r"diagnostics\.forest\.overall\.score: .*less than"),
        (_set("diagnostics.forest.overall.score", float("nan")), "NaN is not a JSON number"),
        (_set("source.kind", "web"), r"source\.kind: "),
        (_set("surplus", 1), "surplus: "),
        (_set("settings.folds", "five"), r"settings\.folds: "),
    ],
)
def test_a_broken_report_says_what_is_wrong(
    report: Report, tmp_path: Path, change: Callable[[str], str], complaint: str
) -> None:
    path = write_report(report, tmp_path)
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(ReportError, match=complaint) as caught:
        read_report(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_report_that_is_not_utf8_says_so(report: Report, tmp_path: Path) -> None:
    path = write_report(report, tmp_path)
    path.write_bytes(path.read_bytes().replace(b"Demo", b"D\xe9mo"))
    with pytest.raises(ReportError, match="is not UTF-8 text"):
        read_report(path)


def test_samples_survive_a_round_trip(records: list[FoldRecord], tmp_path: Path) -> None:
    frame = samples_frame(records)
    path = write_samples("demo", frame, tmp_path)
    assert path == tmp_path / "demo.samples.jsonl"
    pd.testing.assert_frame_equal(read_samples(path), frame)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 120
    for line in lines:
        assert list(json.loads(line)) == list(Sample.model_fields)


def test_samples_of_a_trained_model_say_what_it_knew_before(
    records: list[FoldRecord], tmp_path: Path
) -> None:
    ids = [str(n) for n in range(60)]
    zero_shot = make_zero_shot(ids)
    frame = samples_frame([zero_shot, *records, *make_llm_folds(ids, repeats=2)])
    path = write_samples("demo", frame, tmp_path)
    pd.testing.assert_frame_equal(read_samples(path), frame)
    before = dict(zip(zero_shot.id, zero_shot.s, strict=True))
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert len(lines) == 240
    for line in lines:
        known = before[line["id"]] if line["diagnostic"] == "llm" else None
        assert line["s_zero_shot"] == known
        assert line["s_delta"] == (None if known is None else line["s"] - known)


@pytest.mark.parametrize(("column", "score"), [("s_zero_shot", -0.1), ("s_delta", 1.1), ("s_delta", -1.1)])
def test_samples_with_an_impossible_gain_are_not_written(tmp_path: Path, column: str, score: float) -> None:
    ids = [str(n) for n in range(60)]
    frame = samples_frame([make_zero_shot(ids), *make_llm_folds(ids)])
    frame.loc[7, column] = score
    with pytest.raises(ReportError, match=rf"question 7: {column}: Input should be"):
        write_samples("demo", frame, tmp_path)


def test_samples_may_hold_any_text(tmp_path: Path) -> None:
    odd = ["a\u2028b", "c\nd", 'e"f', "\x00", "ü", "\r"]
    record = make_folds([str(n) for n in range(6)], folds=1)[0]
    held_out = make_held_out(odd, prediction=list(odd))
    frame = samples_frame([record.model_copy(update={"held_out": held_out})])
    pd.testing.assert_frame_equal(read_samples(write_samples("demo", frame, tmp_path)), frame)


@pytest.mark.parametrize("column", ["s", "score", "blind_baseline"])
@pytest.mark.parametrize("score", [float("nan"), 1.5])
def test_samples_with_an_impossible_score_are_not_written(
    records: list[FoldRecord], tmp_path: Path, column: str, score: float
) -> None:
    frame = samples_frame(records)
    frame.loc[7, column] = score
    with pytest.raises(ReportError, match=f"question 7: {column}: Input should be"):
        write_samples("demo", frame, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("value", [float("nan"), object()])
def test_samples_with_an_impossible_prediction_are_not_written(
    records: list[FoldRecord], tmp_path: Path, value: object
) -> None:
    frame = samples_frame(records)
    frame["prediction"] = [value, *frame["prediction"][1:]]
    with pytest.raises(ReportError, match=r"question 0: prediction\.str: Input should be"):
        write_samples("demo", frame, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_samples_with_other_columns_are_not_written(records: list[FoldRecord], tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="question 0: s: Field required"):
        write_samples("demo", samples_frame(records).drop(columns="s"), tmp_path)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("{", "Invalid JSON"),
        ('{"s": 2.0}', "diagnostic: Field required"),
        ('{"s": NaN}', "Invalid JSON|diagnostic"),
    ],
)
def test_a_broken_line_of_samples_is_named(
    records: list[FoldRecord], tmp_path: Path, line: str, complaint: str
) -> None:
    path = write_samples("demo", samples_frame(records), tmp_path)
    lines = path.read_text(encoding="utf-8").split("\n")
    lines[2] = line
    path.write_text("\n".join(lines), encoding="utf-8")
    where = re.escape(f"{path} line 3: ")
    with pytest.raises(ReportError, match=f"{where}.*({complaint})"):
        read_samples(path)


def test_a_score_out_of_range_in_samples_is_named(records: list[FoldRecord], tmp_path: Path) -> None:
    path = write_samples("demo", samples_frame(records), tmp_path)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"blind_baseline":0.25', '"blind_baseline":NaN', 1))
    with pytest.raises(ReportError, match="line 1: is no valid Sample: blind_baseline: "):
        read_samples(path)


def test_missing_samples_say_so(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="does not exist"):
        read_samples(tmp_path / "demo.samples.jsonl")


def test_samples_of_an_earlier_version_say_what_to_do(records: list[FoldRecord], tmp_path: Path) -> None:
    path = write_samples("demo", samples_frame(records), tmp_path)
    path.write_text(path.read_text("utf-8").replace('"blind_baseline":', '"chance":'), "utf-8")
    with pytest.raises(
        ReportError, match=r"demo\.samples\.jsonl has samples of an earlier tst-harness.*audit again"
    ):
        read_samples(path)
