"""The end of a session that imported large libraries: nothing is hidden from others for longer than that."""

import gc
import subprocess
import sys
from types import ModuleType

import pytest

from tst_harness.integrations.pytest.ending import search_as_before, search_once_more

EXPERIMENT = "tst_harness.engine.experiment"


@pytest.mark.parametrize(
    ("modules", "frozen"),
    [
        ((EXPERIMENT,), True),
        ((), False),
        pytest.param((EXPERIMENT, "torch"), False, id="triton would complain"),
    ],
)
def test_a_last_search_leaves_nothing_to_later_ones_until_it_is_undone(
    monkeypatch: pytest.MonkeyPatch, modules: tuple[str, ...], frozen: bool
) -> None:
    for name in (EXPERIMENT, "tst_harness.report.assemble", "torch"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    for name in modules:
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    before = gc.get_freeze_count()
    search_once_more()
    try:
        assert (gc.get_freeze_count() > before) == frozen
    finally:
        search_as_before()
    assert gc.get_freeze_count() == (0 if frozen else before)


def test_the_end_of_the_process_is_spared() -> None:
    source = f"""
import atexit
import gc
import sys

from tst_harness.integrations.pytest.ending import search_as_before, search_once_more

# Handlers run in reverse order.
atexit.register(lambda: print(gc.get_freeze_count() > 0))
sys.modules[{EXPERIMENT!r}] = sys
search_once_more()
search_as_before()
print(gc.get_freeze_count())
"""
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["0", "True"]
