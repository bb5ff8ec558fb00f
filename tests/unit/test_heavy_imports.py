"""Imports of large libraries: the search for garbage pauses for them, and is never left off."""

import gc
import subprocess
import sys
from collections.abc import Iterator
from threading import Barrier, Thread

import pytest

from tst_harness._imports import heavy_imports


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


def test_threads_do_not_leave_it_off() -> None:
    together = Barrier(4)

    def often() -> None:
        together.wait()
        for _ in range(200):
            with heavy_imports():
                pass

    threads = [Thread(target=often) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert gc.isenabled()


def test_a_process_that_ends_is_not_taken_apart_and_still_cleans_up() -> None:
    source = """
import atexit, gc
atexit.register(lambda: print("frozen" if gc.get_freeze_count() else "not frozen"))
from tst_harness._imports import heavy_imports
with heavy_imports():
    assert not gc.get_freeze_count()
assert not gc.get_freeze_count()
"""
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True)
    assert done.stdout == "frozen\n"
