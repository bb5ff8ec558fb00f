"""What is left of a Ray cluster ends, whoever is killed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tst_harness.diagnostics.llm.predictors import ray_keeper

pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="there is no /proc here")

_OWNER = """
import sys, time
from tst_harness.diagnostics.llm.predictors import ray_keeper

keeper = ray_keeper.start(sys.argv[1])
print("ready", flush=True)
time.sleep(600)
"""


_STARTS_ANOTHER = """
import subprocess, sys, time

started = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], env={})
print(started.pid, flush=True)
time.sleep(600)
"""


def test_what_lost_its_mark_and_its_parent_is_still_known(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    marked = subprocess.Popen(
        [sys.executable, "-c", _STARTS_ANOTHER], env=environment, stdout=subprocess.PIPE
    )
    assert marked.stdout is not None
    started = int(marked.stdout.readline())
    try:
        found = ray_keeper.processes_of(str(tmp_path))
        assert {process.id for process in found} == {marked.pid, started}
        marked.kill()
        marked.wait()
        assert {process.id for process in ray_keeper.processes_of(str(tmp_path), found)} == {started}
        assert ray_keeper.processes_of(str(tmp_path)) == set()
        gone = ray_keeper.Process(started, "another start")
        assert ray_keeper.processes_of(str(tmp_path), [gone]) == set()
    finally:
        marked.kill()
        marked.wait()
        marked.stdout.close()
        os.kill(started, signal.SIGKILL)


def test_what_outlives_its_owner_is_ended(tmp_path: Path) -> None:
    folder = tmp_path / "cluster"
    folder.mkdir()
    environment = {**os.environ, "TMPDIR": str(folder)}
    sleep = [sys.executable, "-c", "import time; time.sleep(600)"]
    left = subprocess.Popen(sleep, env=environment, start_new_session=True)
    other = subprocess.Popen(sleep, start_new_session=True)
    owner = subprocess.Popen([sys.executable, "-c", _OWNER, str(folder)], stdout=subprocess.PIPE)
    try:
        assert owner.stdout is not None
        assert owner.stdout.readline() == b"ready\n"
        assert {process.id for process in ray_keeper.processes_of(str(folder))} == {left.pid}
        owner.kill()
        left.wait(timeout=60)
        deadline = time.monotonic() + 60
        while folder.exists():
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert other.poll() is None
    finally:
        for process in (left, other, owner):
            process.kill()
            process.wait()
        assert owner.stdout is not None
        owner.stdout.close()
