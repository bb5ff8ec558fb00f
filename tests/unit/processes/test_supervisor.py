"""What was started with a folder as TMPDIR ends, whoever is killed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tst_harness.processes import supervisor
from tst_harness.processes.supervisor import processes_of

_OWNER = """
import sys, time
from tst_harness.processes.supervisor import Supervisor

supervisor = Supervisor(sys.argv[1])
print("ready", flush=True)
time.sleep(600)
"""


_STARTS_ANOTHER = """
import subprocess, sys, time

started = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], env={})
print(started.pid, flush=True)
time.sleep(600)
"""

_IGNORES_SIGTERM = """
import signal, time

signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
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
        members = processes_of(str(tmp_path))
        assert {process.pid for process in members} == {marked.pid, started}
        marked.kill()
        marked.wait()
        assert {process.pid for process in processes_of(str(tmp_path), members)} == {started}
        assert processes_of(str(tmp_path)) == set()
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
        assert {process.pid for process in processes_of(str(folder))} == {left.pid}
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


def test_what_does_not_end_when_told_to_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    stubborn = subprocess.Popen(
        [sys.executable, "-c", _IGNORES_SIGTERM], env=environment, stdout=subprocess.PIPE
    )
    obedient = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], env=environment)
    assert stubborn.stdout is not None
    assert stubborn.stdout.readline() == b"ready\n"
    monkeypatch.setattr(supervisor, "_PATIENCE", 0.5)
    supervisor.end_processes(str(tmp_path))
    assert (stubborn.wait(), obedient.wait()) == (-signal.SIGKILL, -signal.SIGTERM)
    stubborn.stdout.close()
