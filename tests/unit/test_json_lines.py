import json
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tst_harness.diagnostics.llm.data.models import TstTestInstance, TstTrainingDatum
from tst_harness.errors import DataError
from tst_harness.json_lines import (
    PydanticJSONLinesReader,
    PydanticJSONLinesWriter,
    TruncatedFileError,
)

Item = TypeVar("Item")

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
DATA = st.lists(st.builds(TstTrainingDatum, instruction=TEXT, response=TEXT), max_size=8)
one_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def datum(response: str) -> TstTrainingDatum:
    return TstTrainingDatum(instruction="Q\n\u2028\x85\r?", response=response)


def some(n: int) -> list[TstTrainingDatum]:
    return [datum(str(number)) for number in range(n)]


def write(path: Path, data: list[TstTrainingDatum], append: bool = False) -> None:
    with PydanticJSONLinesWriter[TstTrainingDatum](path, append) as writer:
        writer.write_batch(data)


def reader(path: Path, allow_truncated: bool = False) -> PydanticJSONLinesReader[TstTrainingDatum]:
    return PydanticJSONLinesReader(path, TstTrainingDatum, allow_truncated)


def collect(items: Iterable[Item], into: list[Item]) -> None:
    """Unlike list(), keeps what came before an error."""
    for item in items:
        into.append(item)


@one_folder
@given(DATA, DATA)
def test_what_is_written_and_appended_is_read_back(
    tmp_path: Path, first: list[TstTrainingDatum], more: list[TstTrainingDatum]
) -> None:
    path = tmp_path / "new" / "data.jsonl"
    write(path, first)
    write(path, more, append=True)
    assert reader(path).read_all() == first + more
    assert len(path.read_bytes().split(b"\n")) == len(first) + len(more) + 1


def write_and_fail(path: Path, append: bool) -> None:
    with PydanticJSONLinesWriter[TstTrainingDatum](path, append) as writer:
        writer.write(datum("2"))
        writer.write_batch(datum(str(number)) for number in (3, 4))
        assert len(reader(path).read_all()) == (5 if append else 2)
        raise KeyError


def test_a_write_is_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    write(path, some(2))
    with pytest.raises(KeyError):
        write_and_fail(path, append=False)
    assert reader(path).read_all() == some(2)
    assert list(tmp_path.iterdir()) == [path]


def test_appended_lines_are_there_at_once_and_stay_after_an_exception(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    write(path, some(2))
    with pytest.raises(KeyError):
        write_and_fail(path, append=True)
    assert reader(path).read_all() == some(5)


@one_folder
@given(st.integers(0, 200))
def test_appending_repairs_what_a_crash_left(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "data.jsonl"
    write(path, some(3))
    whole = path.read_bytes()
    left = whole[: max(0, len(whole) - cut)]
    path.write_bytes(left)
    rest = left[left.rfind(b"\n") + 1 :]
    last_is_cut = bool(rest) and not rest.endswith(b"{}}")
    kept = left.count(b"{}}")
    with pytest.warns(RuntimeWarning, match="cut short") if last_is_cut else nullcontext():
        write(path, [datum("new")], append=True)
    assert reader(path).read_all() == [*some(kept), datum("new")]


def test_a_last_line_longer_than_what_is_read_at_a_time_is_repaired(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    write(path, [datum("0"), datum("x" * 200_000)])
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.warns(RuntimeWarning, match="its last line was cut short"):
        write(path, [datum("1")], append=True)
    assert reader(path).read_all() == some(2)


@one_folder
@given(st.integers(1, 60))
def test_a_truncated_last_line_is_told_after_the_whole_ones(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "data.jsonl"
    write(path, some(3))
    whole = path.read_bytes()
    last = len(whole.split(b"\n")[-2])
    path.write_bytes(whole[: -1 - min(cut, last - 1)])
    seen: list[TstTrainingDatum] = []
    with pytest.raises(TruncatedFileError, match=r"data.jsonl line 3: is the last and cut short"):
        collect(reader(path), seen)
    assert seen == some(2)
    tolerant = reader(path, allow_truncated=True)
    assert not tolerant.truncated
    assert tolerant.read_all() == some(2)
    assert tolerant.truncated
    write(path, some(1))
    assert tolerant.read_all() == some(1)
    assert not tolerant.truncated


def test_a_last_line_without_its_newline_alone_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    write(path, some(2))
    path.write_bytes(path.read_bytes()[:-1])
    assert reader(path).read_all() == some(2)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"instruction": "Q", "resp', "line 2: is corrupt .*EOF while parsing"),
        ("\0\0\0", "line 2: is corrupt"),
        ('{"instruction": "Q"}', "line 2: is no valid TstTrainingDatum: response: Field required"),
        (
            '{"instruction": "Q", "response": "A", "answr": 1}',
            "line 2: is no valid TstTrainingDatum: answr: Extra inputs are not permitted",
        ),
        (
            '{"instruction": "Q", "response": 3}',
            "line 2: is no valid TstTrainingDatum: response: Input should be a valid string",
        ),
        ("[]", "line 2: is no valid TstTrainingDatum: Input should be an object"),
    ],
)
@pytest.mark.parametrize("allow_truncated", [False, True])
def test_a_corrupt_line_is_named_and_never_tolerated(
    tmp_path: Path, line: str, message: str, allow_truncated: bool
) -> None:
    path = tmp_path / "data.jsonl"
    good = datum("0").model_dump_json()
    path.write_text(f"{good}\n{line}\n{good}\n", "utf-8")
    with pytest.raises(DataError, match=f"data.jsonl {message}") as caught:
        reader(path, allow_truncated).read_all()
    assert not isinstance(caught.value, TruncatedFileError)
    assert "\n" not in str(caught.value)


def test_json_of_another_kind_without_a_newline_is_not_taken_for_truncated(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    path.write_text('{"instruction": "Q"}')
    with pytest.raises(DataError, match="response: Field required") as caught:
        reader(path).read_all()
    assert not isinstance(caught.value, TruncatedFileError)


def test_batches_come_in_order_and_before_the_error(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    write(path, some(5))
    assert list(reader(path).batches(2)) == [some(5)[:2], some(5)[2:4], some(5)[4:]]
    path.write_bytes(path.read_bytes()[:-4])
    seen: list[list[TstTrainingDatum]] = []
    with pytest.raises(TruncatedFileError):
        collect(reader(path).batches(3), seen)
    assert seen == [some(5)[:3], some(5)[3:4]]
    with pytest.raises(ValueError, match="a batch of 0 holds nothing"):
        next(reader(path).batches(0))


def test_reading_takes_no_more_lines_than_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    write(path, some(2))
    with path.open("ab") as stream:
        stream.write(b"corrupt\n")
    lazy: Iterator[TstTrainingDatum] = iter(reader(path))
    assert [next(lazy), next(lazy)] == some(2)
    with pytest.raises(DataError, match="line 3"):
        next(lazy)


def test_blank_lines_hold_nothing_and_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    path.write_text(f"{datum('0').model_dump_json()}\n\nx\n", "utf-8")
    with pytest.raises(DataError, match="line 3: is corrupt"):
        reader(path).read_all()


def test_files_that_cannot_be_used_say_so(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no.jsonl cannot be read \(No such file or directory\)"):
        reader(tmp_path / "no.jsonl").read_all()
    (tmp_path / "file").write_text("")
    for append in (False, True):
        with pytest.raises(DataError, match="cannot be written"):
            write(tmp_path / "file" / "data.jsonl", some(1), append)
    with pytest.raises(DataError, match="is not open; write to it inside a `with` statement"):
        PydanticJSONLinesWriter[TstTrainingDatum](tmp_path / "x").write(datum("0"))
    (tmp_path / "taken").mkdir()
    with pytest.raises(DataError, match="taken cannot be written"):
        write(tmp_path / "taken", some(1))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "taken"]


def test_what_json_cannot_say_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    lone = TstTrainingDatum(instruction="Q", response="A", metadata={"x": "\ud800"})
    with pytest.raises(DataError, match="a TstTrainingDatum cannot be written as JSON"):
        write(tmp_path / "data.jsonl", [lone])
    assert list(tmp_path.iterdir()) == []


def test_a_line_is_the_models_json(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    instance = TstTestInstance(instance_id="é", instruction="Q", options=("a", "b"))
    with PydanticJSONLinesWriter[TstTestInstance](str(path)) as writer:
        writer.write(instance)
    [line] = path.read_text("utf-8").splitlines()
    assert json.loads(line) == instance.model_dump(mode="json")
    assert PydanticJSONLinesReader(path, TstTestInstance).read_all() == [instance]
