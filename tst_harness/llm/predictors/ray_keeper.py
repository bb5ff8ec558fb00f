"""Ends what a Ray cluster leaves behind when the process that started it is killed.

Ray's agents end by themselves, at times after minutes: they first try to tell the dead head of its own death.
Run as a program of its own, whose standard input closes when that process ends.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

_PATIENCE = 10.0
"""Seconds that the cluster has to end by itself."""


def start(folder: str) -> "subprocess.Popen[bytes]":
    """Start a keeper of the processes whose TMPDIR is `folder`; it removes the folder, too."""
    return subprocess.Popen(
        [sys.executable, "-P", __file__, folder],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def processes_of(folder: str) -> list[int]:
    """Return the processes that were started with `folder` as their TMPDIR; none where there is no /proc."""
    wanted = f"TMPDIR={folder}".encode()
    found = []
    for environment in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if wanted in environment.read_bytes().split(b"\0"):
                found.append(int(environment.parent.name))
    return found


def _keep(folder: str) -> None:
    sys.stdin.buffer.read()
    deadline = time.monotonic() + _PATIENCE
    while processes_of(folder) and time.monotonic() < deadline:
        time.sleep(0.2)
    for pid in processes_of(folder):
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    _keep(sys.argv[1])
