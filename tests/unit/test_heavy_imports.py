"""Imports of large libraries: the search for garbage pauses for them and goes on after."""

import gc
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from threading import Event, Thread

import pytest

from tst_harness._imports import heavy_imports, import_alone, one_thread_of_blas, search_once_more


@pytest.fixture(autouse=True)
def _collecting() -> Iterator[None]:
    gc.enable()
    yield
    gc.enable()


def test_the_search_pauses_and_goes_on_after_an_error() -> None:
    def fail() -> None:
        with heavy_imports(), heavy_imports():
            assert not gc.isenabled()
            raise ImportError

    with pytest.raises(ImportError):
        fail()
    assert gc.isenabled()


def test_what_a_user_switched_off_stays_off() -> None:
    gc.disable()
    with heavy_imports():
        pass
    assert not gc.isenabled()


def test_a_thread_that_is_done_does_not_end_the_pause_of_another() -> None:
    entered, leave = Event(), Event()

    def import_in_a_thread() -> None:
        with heavy_imports():
            entered.set()
            leave.wait()

    thread = Thread(target=import_in_a_thread)
    thread.start()
    entered.wait()
    leave.set()
    with heavy_imports():
        thread.join()
        assert not gc.isenabled()
    assert gc.isenabled()


@pytest.mark.parametrize(
    ("also", "left"),
    [("wave", "True"), pytest.param("torch", "False", id="as an engine's bindings complain")],
)
def test_nothing_is_hidden_until_the_process_ends(also: str, left: str) -> None:
    source = f"""
import atexit
import gc
import sys
import wave

from tst_harness._imports import heavy_imports, one_thread_of_blas, search_once_more

before = gc.get_freeze_count()  # Python 3.12 starts with some.
# Handlers run in reverse order.
atexit.register(lambda: print(gc.get_freeze_count() > before))
with heavy_imports():
    sys.modules.setdefault({also!r}, wave)
print(gc.get_freeze_count() > before, any(one is wave.__dict__ for one in gc.get_objects()))
"""
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["False True", left]


def test_a_package_is_imported_alone_and_others_get_all_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, source in {
        "shop": "try:\n    import till\nexcept ImportError:\n    till = None\nfrom shop import shelf\n",
        "till": "",
    }.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(source, encoding="utf-8")
    (tmp_path / "shop" / "shelf.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    alone = import_alone("shop", without=["till"])
    assert alone.till is None
    assert not {"shop", "shop.shelf", "till"} & set(sys.modules)
    complete = import_module("shop")
    try:
        assert complete.till is import_module("till")
        assert complete.shelf is not alone.shelf
        assert import_alone("shop", without=["till"]) is complete
    finally:
        for name in ("shop", "shop.shelf", "till"):
            del sys.modules[name]


def test_a_last_search_leaves_nothing_to_later_ones_until_it_is_undone() -> None:
    with heavy_imports():
        pass
    search_once_more()
    try:
        assert gc.get_freeze_count() > 0
        assert gc.collect() >= 0
    finally:
        gc.unfreeze()
    assert gc.get_freeze_count() == 0


def test_what_was_imported_is_not_gone_through_again_as_new() -> None:
    with heavy_imports():
        made: list[list[int]] = [[] for _ in range(1_000)]
    assert not any(one is made for one in gc.get_objects(generation=0))
    assert any(one is made for one in gc.get_objects(generation=2))


def test_an_import_beside_busy_processes_takes_no_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    with one_thread_of_blas():
        assert os.environ["OPENBLAS_NUM_THREADS"] == "1"
    assert "OPENBLAS_NUM_THREADS" not in os.environ
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "3")
    with one_thread_of_blas():
        assert os.environ["OPENBLAS_NUM_THREADS"] == "3"
    assert os.environ["OPENBLAS_NUM_THREADS"] == "3"


def test_what_others_froze_stays_frozen() -> None:
    gc.freeze()
    try:
        with heavy_imports():
            pass
        assert gc.get_freeze_count()
    finally:
        gc.unfreeze()
