"""Ends what a Ray cluster leaves behind when the process that started it is killed.

Ray's agents end by themselves, at times after minutes: they first try to tell the dead head of its own death.
Run as a program of its own, whose standard input closes when that process ends.
"""

import contextlib
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

_PATIENCE = 10.0
"""Seconds that the cluster has to end by itself."""
_PERIOD = 1.0
"""Seconds between looks at what the cluster has started."""


class Process(NamedTuple):
    """A process: its id, and when it started, since ids are given again."""

    id: int
    started: str


def start(folder: str) -> "subprocess.Popen[bytes]":
    """Start a keeper of the processes whose TMPDIR is `folder`; it removes the folder, too."""
    return subprocess.Popen(
        [sys.executable, "-P", __file__, folder],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def processes_of(folder: str, before: Iterable[Process] = ()) -> set[Process]:
    """Return the processes that were started with `folder` as their TMPDIR, and what they started.

    Parameters
    ----------
    folder
        Of the cluster.
    before
        Those that were found before. They count while they run, and so does what they start: an agent of Ray
        writes its title over its environment, and is nobody's child any more when the one that started it
        has ended.

    Returns
    -------
    None where there is no /proc.
    """
    running = dict(_running())
    found = {process for process in before if process in running}
    found |= {process for process in running if _is_marked(process.id, f"TMPDIR={folder}".encode())}
    while True:
        ids = {process.id for process in found}
        started = {process for process, parent in running.items() if parent in ids} - found
        if not started:
            return found
        found |= started


def _running() -> Iterator[tuple[Process, int]]:
    """Yield every process and the id of its parent."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            # The name before may hold anything; see proc_pid_stat(5).
            state, parent, *fields = stat.read_text("utf-8", "replace").rpartition(")")[2].split()
            if state not in "ZX":
                yield Process(int(stat.parent.name), fields[17]), int(parent)


def _is_marked(process: int, mark: bytes) -> bool:
    try:
        return mark in Path(f"/proc/{process}/environ").read_bytes().split(b"\0")
    except OSError:
        return False


def _keep(folder: str) -> None:
    found = processes_of(folder)
    while not select.select([sys.stdin], [], [], _PERIOD)[0]:
        found = processes_of(folder, found)
    deadline = time.monotonic() + _PATIENCE
    while (found := processes_of(folder, found)) and time.monotonic() < deadline:
        time.sleep(0.2)
    for process in found:
        with contextlib.suppress(OSError):
            os.kill(process.id, signal.SIGKILL)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    _keep(sys.argv[1])
