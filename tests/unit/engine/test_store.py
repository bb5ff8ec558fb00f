import errno
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from record_builders import (
    make_account,
    make_adapter,
    make_fold,
    make_held_out,
    make_llm_origin,
    make_origin,
    make_shortcuts,
    make_zero_shot,
)

from tst_harness.diagnostics.llm.data.models import AdapterCheck
from tst_harness.engine.store import RecordStore, record_key
from tst_harness.errors import ReportError

fractions = st.floats(0.0, 1.0)
numbers = st.floats(allow_nan=False, allow_infinity=False)
plain = st.integers() | st.text() | st.booleans() | st.none() | numbers


@pytest.fixture
def store(tmp_path: Path) -> RecordStore:
    return RecordStore(tmp_path / "records")


@given(data=st.data(), ids=st.lists(st.text(), min_size=1, max_size=5, unique=True))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_fold_survives_a_round_trip(store: RecordStore, data: st.DataObject, ids: list[str]) -> None:
    def column(element: st.SearchStrategy[Any]) -> list[Any]:
        return data.draw(st.lists(element, min_size=len(ids), max_size=len(ids)))

    held_out = make_held_out(
        ids, s=column(fractions), blind_baseline=column(fractions), prediction=column(st.text() | numbers)
    )
    record = make_fold(held_out=held_out)
    path, digest = store.write(record)
    assert store.load(path, digest) == record
    assert store.read("demo", record.key) == record


@given(data=st.data(), ids=st.lists(st.text(), min_size=1, max_size=5, unique=True))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_a_model_did_survives_a_round_trip(
    store: RecordStore, data: st.DataObject, ids: list[str]
) -> None:
    failed = data.draw(st.lists(st.sampled_from(ids), unique=True))
    sizes = st.none() | st.integers(0, 2**50)
    answered = make_account(failed=failed, seconds=data.draw(fractions), peak_memory=data.draw(sizes))
    check = AdapterCheck(prompts=8, largest_change=data.draw(fractions), passed=data.draw(st.booleans()))
    adapter = make_adapter(check=check, final_loss=data.draw(st.none() | numbers), format="both")
    account = answered.model_copy(update={"adapters": [adapter]})
    score = data.draw(st.lists(fractions, min_size=len(ids), max_size=len(ids)))
    origin = make_llm_origin()
    for record in (
        make_fold(origin=origin, held_out=make_held_out(ids, prediction=[""] * len(ids)), llm=account),
        make_zero_shot(ids, origin, score=score, llm=account),
    ):
        path, digest = store.write(record)
        assert store.load(path, digest) == record
        assert store.read("demo", record.key) == record


def test_shortcuts_survive_a_round_trip(store: RecordStore) -> None:
    record = make_shortcuts()
    path, digest = store.write(record)
    assert path == store.path("demo", "shortcuts")
    assert store.load(path, digest) == record


def test_what_is_not_there_is_none(store: RecordStore) -> None:
    assert store.read("demo", "key") is None
    with pytest.raises(ReportError, match="does not exist"):
        store.load(store.path("demo", "key"))


def _edit(**changes: Any) -> Callable[[str], str]:
    return lambda text: json.dumps({**json.loads(text), **changes})


DAMAGE: list[Any] = [
    pytest.param(lambda text: text[:100], id="cut short"),
    pytest.param(lambda text: "", id="empty"),
    pytest.param(_edit(record_version=0), id="older version"),
    pytest.param(_edit(kind="other"), id="unknown kind"),
    pytest.param(_edit(seconds="long"), id="wrong field"),
    pytest.param(_edit(seconds=float("nan")), id="NaN"),
    pytest.param(lambda text: text.replace('"seconds":', '"seconds":1'), id="another number"),
    pytest.param(lambda text: "{" + text.partition(",")[2], id="no digest"),
    pytest.param(_edit(key="another"), id="another key"),
    pytest.param(
        _edit(origin=make_origin(benchmark="other").model_dump(mode="json")), id="another benchmark"
    ),
]


@pytest.mark.parametrize("damage", DAMAGE)
def test_what_is_damaged_is_set_aside_and_can_be_computed_again(
    store: RecordStore, damage: Callable[[str], str]
) -> None:
    record = make_fold()
    path, _ = store.write(record)
    path.write_text(damage(path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.warns(UserWarning, match=rf"{path.name}.*set aside as {path.name}\.corrupt"):
        assert store.read("demo", record.key) is None
    assert [file.name for file in path.parent.iterdir()] == [f"{path.name}.corrupt"]
    store.write(record)
    assert store.read("demo", record.key) == record


def test_a_file_that_is_not_utf8_is_set_aside(store: RecordStore) -> None:
    path, _ = store.write(make_fold())
    path.write_bytes(b"\xff" + path.read_bytes())
    with pytest.warns(UserWarning, match="not UTF-8"):
        assert store.read("demo", path.stem) is None


def test_what_cannot_be_set_aside_is_named(store: RecordStore, monkeypatch: pytest.MonkeyPatch) -> None:
    path, _ = store.write(make_fold())
    path.write_text("{")

    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(ReportError, match=rf"{path.name}.*remove it, because it cannot be renamed"):
        store.read("demo", path.stem)


def test_a_record_that_another_session_wrote_again_is_as_good(store: RecordStore) -> None:
    path, digest = store.write(make_fold(seconds=1.0))
    again = make_fold(seconds=2.0)
    store.write(again)
    with pytest.warns(UserWarning, match="another session on .*demo wrote some of its records again"):
        assert store.load(path, digest) == again
    assert store.read("demo", again.key) == again


@given(st.dictionaries(st.text("abc", min_size=1), plain | st.lists(plain), min_size=1))
def test_a_key_depends_on_the_parts_and_not_on_their_order(parts: dict[str, Any]) -> None:
    key = record_key(**parts)
    assert len(key) == 32
    assert key == record_key(**dict(reversed(parts.items())))
    name = next(iter(parts))
    assert key != record_key(**{**parts, name: [parts[name]]})


def test_a_key_takes_plain_types_only() -> None:
    with pytest.raises(TypeError):
        record_key(model=object())
    with pytest.raises(ValueError, match="JSON"):
        record_key(rate=float("nan"))
