"""An object in a process of its own: what it returns and raises, and that nothing of it is left."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tst_harness.errors import DataError, EngineError
from tst_harness.processes.child import Child
from tst_harness.processes.supervisor import is_running

MODULE = """
import os, subprocess, sys, tempfile, time
from tst_harness.errors import DataError

class Counter:
    def __init__(self, start):
        if start < 0:
            raise DataError(f"{start} is below 0")
        self.value = 100 // start

    def add(self, amount):
        print("adding", amount)
        self.value += amount
        return self.value

    def pid(self):
        return os.getpid()

    def refuse(self):
        raise DataError("not this one")

    def die(self, signal):
        print("about to die", flush=True)
        os.kill(os.getpid(), signal)
        time.sleep(60)

    def leave(self):
        sys.exit(7)

    def grandchild(self):
        self.process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        return self.process.pid

    def scratch(self):
        with open(os.path.join(tempfile.gettempdir(), "left"), "w"):
            return tempfile.gettempdir()

    def hold(self, size):
        self.held = b"1" * size

    def wait(self):
        time.sleep(60)
"""
PARENT = """
import sys
from tst_harness.processes.child import Child

child = Child("counter_for_child:Counter", {"start": 1}, "the counter")
print(child.pid, child.call("grandchild"), child.call("scratch"), flush=True)
child.call("wait")
"""


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Child]]:
    (tmp_path / "counter_for_child.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    started: list[Child] = []

    def start(**arguments: Any) -> Child:
        started.append(Child("counter_for_child:Counter", arguments or {"start": 1}, "the counter"))
        return started[-1]

    yield start
    for child in started:
        child.stop()


def ends(pid: int) -> bool:
    deadline = time.monotonic() + 20
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not is_running(pid)


def test_answers_come_back_to_the_calls_they_belong_to(start: Callable[..., Child]) -> None:
    child = start(start=10)
    assert [child.call("add", amount) for amount in range(50)] == [
        10 + sum(range(amount + 1)) for amount in range(50)
    ]
    assert child.call("pid") == child.pid != os.getpid()


def test_large_answers_and_arguments_cross(start: Callable[..., Child]) -> None:
    child = start(start=1)
    child.call("hold", 1)
    before = child.memory()
    child.call("hold", 100_000_000)
    after = child.memory()
    assert before is None or (after is not None and after > before + 50_000_000)


def test_its_own_errors_are_told_with_what_it_printed(start: Callable[..., Child]) -> None:
    child = start(start=1)
    child.call("add", 4711)
    with pytest.raises(EngineError, match=r"the counter failed in add: TypeError") as caught:
        child.call("add", "x")
    assert "adding 4711" in str(caught.value)
    assert "Traceback" in str(caught.value)
    with pytest.raises(EngineError, match="the counter failed in nothing: AttributeError"):
        child.call("nothing")
    assert child.call("add", 1) == 100 + 4711 + 1


def test_errors_of_the_harness_are_raised_as_they_are(start: Callable[..., Child]) -> None:
    child = start(start=1)
    with pytest.raises(DataError, match=r"^not this one$"):
        child.call("refuse")
    assert child.call("add", 1) == 101


def test_an_object_that_cannot_be_made_leaves_no_process(start: Callable[..., Child]) -> None:
    with pytest.raises(DataError, match="-1 is below 0"):
        start(start=-1)
    with pytest.raises(EngineError, match=r"the counter failed in starting: ZeroDivisionError"):
        start(start=0)
    with pytest.raises(EngineError, match=r"No module named 'no_such_module'"):
        Child("no_such_module:Counter", {}, "the counter")


@pytest.mark.parametrize(
    ("method", "arguments", "how"),
    [
        ("die", [signal.SIGKILL], "SIGKILL, perhaps for want of memory"),
        ("die", [signal.SIGSEGV], "SIGSEGV"),
        ("leave", [], "exit status 7"),
    ],
)
def test_a_death_in_a_call_is_an_error_with_the_last_words(
    start: Callable[..., Child], method: str, arguments: list[int], how: str
) -> None:
    child = start()
    # A process of its group holds the connection's end open no longer than it lives.
    grandchild = child.call("grandchild")
    child.call("add", 1234)
    with pytest.raises(
        EngineError, match=rf"the process of the counter ended \({how}\) in {method}"
    ) as caught:
        child.call(method, *arguments)
    assert "adding 1234" in str(caught.value)
    assert ends(grandchild)
    with pytest.raises(EngineError, match="the process of the counter ended"):
        child.call("add", 1)


def test_stopping_ends_the_whole_group(start: Callable[..., Child]) -> None:
    child = start()
    grandchild, scratch = child.call("grandchild"), Path(child.call("scratch"))
    assert scratch != Path(tempfile.gettempdir())
    assert scratch.is_dir()
    assert is_running(child.pid)
    assert is_running(grandchild)
    child.stop()
    assert not is_running(child.pid)
    assert not is_running(grandchild)
    assert not scratch.exists()
    assert child.memory() in (0, None)
    child.stop()


def test_an_interrupted_call_ends_the_process(start: Callable[..., Child]) -> None:
    """Its answer would else be taken for that to the next call."""
    child = start()
    process = child.pid

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    try:
        with pytest.raises(KeyboardInterrupt):
            child.call("wait")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert not is_running(process)


@pytest.mark.usefixtures("start")
def test_a_killed_parent_takes_it_along(tmp_path: Path) -> None:
    """Also while it is busy, and with what it started itself."""
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])},
        stdout=subprocess.PIPE,
        text=True,
    )
    with parent:
        assert parent.stdout is not None
        *pids, scratch = parent.stdout.readline().split()
        child, grandchild = map(int, pids)
        assert is_running(child)
        assert is_running(grandchild)
        parent.kill()
        parent.wait()
        assert ends(child)
        assert ends(grandchild)
        deadline = time.monotonic() + 20
        while Path(scratch).exists():  # It is removed when they are gone.
            assert time.monotonic() < deadline
            time.sleep(0.05)


@pytest.mark.usefixtures("start")
def test_a_forgotten_child_ends() -> None:
    child = Child("counter_for_child:Counter", {"start": 1}, "the counter")
    pid = child.pid
    del child
    assert not is_running(pid)
