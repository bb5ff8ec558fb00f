"""Ends processes, and all that they start, at the latest when the process that started them ends.

Engines start processes of their own, which outlive a parent that is killed, for minutes or for good, and hold
on to a device. So a watcher, a process that does nothing else, knows them by the folder for temporary files
that they were started with. This file is also the watcher's program, and imports nothing of the harness.
"""

import contextlib
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable

import psutil

_PATIENCE = 10.0
"""Seconds that processes have to end after each signal."""
_LOOK_EVERY = 1.0
"""Seconds between looks at what has been started."""
_ENDED = (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)


class Supervisor:
    """Ends the processes that are started with a folder as their TMPDIR, and what those start.

    They end, and the folder is removed, when `end` is called or this process ends, killed or not.

    Parameters
    ----------
    folder
        Of these processes alone.
    """

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self._watcher = subprocess.Popen(
            [sys.executable, "-P", __file__, folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def end(self) -> None:
        """End the processes, and wait until they are gone."""
        assert self._watcher.stdin is not None
        self._watcher.stdin.close()
        self._watcher.wait()

    def memory(self) -> int:
        """Bytes of resident memory of the processes."""
        total = 0
        for process in processes_of(self.folder):
            with contextlib.suppress(psutil.Error):
                total += int(process.memory_info().rss)
        return total


def is_running(pid: int) -> bool:
    """Whether there is a process of this id that has not ended; one that has may wait to be taken note of."""
    try:
        return psutil.Process(pid).status() not in _ENDED
    except psutil.NoSuchProcess:
        return False


def processes_of(folder: str, known: Iterable[psutil.Process] = ()) -> set[psutil.Process]:
    """Return the running processes that were started with `folder` as their TMPDIR, and what they started.

    Parameters
    ----------
    folder
        As it was given them.
    known
        Those that were returned before. They count while they run, and so does what they start: an agent of
        Ray writes its title over its environment, and is nobody's child any more when its parent has ended.
    """
    parents = {}
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.status() not in _ENDED:
                parents[process] = process.ppid()
    members = parents.keys() & set(known)
    members |= {process for process in parents if _is_marked(process, folder)}
    while True:
        ids = {process.pid for process in members}
        started = {process for process, parent in parents.items() if parent in ids} - members
        if not started:
            return members
        members |= started


def _is_marked(process: psutil.Process, folder: str) -> bool:
    try:
        return bool(process.environ().get("TMPDIR") == folder)
    except (psutil.Error, OSError):  # Of another user, or it has ended.
        return False


def _watch(folder: str) -> None:
    owner = os.getppid()
    members = processes_of(folder)
    # A fork of the owner holds the pipe open, too.
    while not select.select([sys.stdin], [], [], _LOOK_EVERY)[0] and os.getppid() == owner:
        members = processes_of(folder, members)
    end_processes(folder, members)
    shutil.rmtree(folder, ignore_errors=True)


def end_processes(folder: str, known: Iterable[psutil.Process] = ()) -> None:
    """Terminate the processes of a folder, and kill what has not ended some seconds later.

    Parameters
    ----------
    folder, known
        As for `processes_of`.
    """
    members = set(known)
    for method in (psutil.Process.terminate, psutil.Process.kill):
        deadline = time.monotonic() + _PATIENCE
        signalled: set[psutil.Process] = set()
        while (members := processes_of(folder, members)) and time.monotonic() < deadline:
            for process in members - signalled:
                with contextlib.suppress(psutil.Error):
                    method(process)
            signalled |= members
            time.sleep(0.05)


if __name__ == "__main__":
    _watch(sys.argv[1])
