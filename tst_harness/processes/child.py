"""An object in a process of its own: made and called from here, and gone with it when either is done.

What an engine takes of a device's memory is surely given back in one way alone: its process ends. The
process is started with `python -m`, so that it imports nothing of the caller's, and leads a process group,
so that what it starts itself ends with it.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import weakref
from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from operator import methodcaller
from pathlib import Path
from typing import Any, BinaryIO

from tst_harness.errors import EngineError, HarnessError

_LOOK_EVERY = 0.2
_PATIENCE = 10.0
"""Seconds that a process has to end after each signal."""
_LAST_LINES, _LAST_BYTES = 15, 1 << 14
_PROC = Path("/proc")


class Child:
    """An object in a process of its own, which ends at the latest when this one does, killed or not.

    Parameters
    ----------
    factory
        "module:name" of what makes the object there.
    arguments
        Its keyword arguments; they are pickled.
    label
        What the process is called in messages.

    Raises
    ------
    EngineError
        Making the object fails. An error that the user can cause (`HarnessError`) is raised as it is.
    """

    def __init__(self, factory: str, arguments: Mapping[str, Any], label: str) -> None:
        self._label = label
        self._connection, theirs = Pipe()
        self._log: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the process lives
        # An engine does not remove all that it writes to the temporary folder, least of all when killed.
        scratch = tempfile.mkdtemp(prefix="tst-child-")
        with theirs:
            self._process = subprocess.Popen(
                # -P: a folder in the working directory must not pass for an engine of the same name.
                # -u: what it says last is in the log when it is asked for.
                [sys.executable, "-P", "-u", "-m", __name__, str(theirs.fileno()), str(os.getpid()), scratch],
                env={**os.environ, "PYTHONPATH": os.pathsep.join(_search_path()), "TMPDIR": scratch},
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=subprocess.STDOUT,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        self._end = weakref.finalize(self, _end, self._process, scratch, os.getpid())
        try:
            self._exchange((factory, dict(arguments)), "starting")
        except BaseException:
            self.stop()
            raise

    @property
    def pid(self) -> int:
        """Of the process, and of its group."""
        return self._process.pid

    def call(self, method: str, *arguments: Any) -> Any:
        """Call a method of the object and return what it returns.

        Raises
        ------
        EngineError
            The method fails, or the process ends; with the last that the process printed. Errors that the
            user can cause (`HarnessError`) are raised as they are.
        """
        return self._exchange((method, arguments), method)

    def stop(self) -> None:
        """End the process and all of its group, and wait until they are gone."""
        self._end()
        self._connection.close()

    def memory(self) -> int | None:
        """Bytes of resident memory of the process and its group; None where the system does not say."""
        if not _PROC.joinpath("self/statm").exists():
            return None
        return sum(_resident(pid) for pid in _members(self.pid))

    def _exchange(self, message: tuple[str, Any], doing: str) -> Any:
        try:
            self._connection.send(message)
            # The end of the connection does not show while a process of the group holds it open.
            while not self._connection.poll(_LOOK_EVERY):
                if self._process.poll() is not None and not self._connection.poll():
                    raise EOFError
            value, error, said = self._connection.recv()
        except (EOFError, OSError):
            with contextlib.suppress(subprocess.TimeoutExpired):  # So that it is known how it ended.
                self._process.wait(_PATIENCE)
            self.stop()
            raise EngineError(
                f"the process of {self._label} ended ({self._how()}) in {doing}; the last it said:\n"
                f"{self._tail()}"
            ) from None
        except BaseException:
            # An answer that is still to come would be taken for that to the next call.
            self.stop()
            raise
        if error is not None:
            raise error
        if said is not None:
            raise EngineError(f"{self._label} failed in {doing}: {said}; the last it said:\n{self._tail()}")
        return value

    def _how(self) -> str:
        code = self._process.returncode
        if code is None or code >= 0:
            return f"exit status {code}"
        name = signal.Signals(-code).name
        return f"{name}, perhaps for want of memory" if name == "SIGKILL" else name

    def _tail(self) -> str:
        # pread: the process writes at the same file position, which must not move.
        handle = self._log.fileno()
        size = os.fstat(handle).st_size
        said = os.pread(handle, _LAST_BYTES, max(0, size - _LAST_BYTES)).decode("utf-8", "replace")
        return "\n".join(said.splitlines()[-_LAST_LINES:])


def is_running(pid: int) -> bool:
    """Whether there is a process of this id that has not ended; one that has may wait to be taken note of."""
    with contextlib.suppress(OSError):
        return _state(pid)[0] not in "ZX"
    if _PROC.joinpath("self/stat").exists():
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


def _search_path() -> list[str]:
    return [one or os.getcwd() for one in sys.path]  # noqa: PTH109 - plain text, as the others


def _end(process: "subprocess.Popen[bytes]", scratch: str, owner: int) -> None:
    if os.getpid() != owner:  # A fork of the owner is ending, and the process is not its own.
        return
    for sent in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, sent)
        deadline = time.monotonic() + _PATIENCE
        while (
            alive := process.poll() is None or bool(_members(process.pid))
        ) and time.monotonic() < deadline:
            time.sleep(0.02)
        if not alive:
            break
    shutil.rmtree(scratch, ignore_errors=True)


def _members(group: int) -> list[int]:
    """Return the ids of the running processes of a group; none where the system does not list processes."""
    found = []
    for entry in _PROC.glob("[0-9]*"):
        with contextlib.suppress(OSError):  # It has ended since.
            state, _, its_group = _state(int(entry.name))
            if int(its_group) == group and state not in "ZX":
                found.append(int(entry.name))
    return found


def _state(pid: int) -> list[str]:
    """Return the state, the parent and the group of a process: proc(5), behind the name in brackets."""
    return _PROC.joinpath(str(pid), "stat").read_text("utf-8", "replace").rpartition(")")[2].split()[:3]


def _resident(pid: int) -> int:
    with contextlib.suppress(OSError):
        return int(_PROC.joinpath(str(pid), "statm").read_text("ascii").split()[1]) * os.sysconf(
            "SC_PAGE_SIZE"
        )
    return 0


def _main() -> None:
    """Be the process: make the object, and call it until the connection ends."""
    handle, parent, scratch = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    os.set_inheritable(handle, False)
    threading.Thread(target=_end_with, args=(parent, scratch), daemon=True).start()
    # An orderly end, so that engines remove their temporary files.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    connection = Connection(handle)
    with contextlib.suppress(EOFError):
        name, arguments = connection.recv()
        module, _, factory = name.partition(":")
        made, *failure = _attempt(lambda: getattr(import_module(module), factory)(**arguments))
        connection.send((None, *failure))
        while True:
            name, arguments = connection.recv()
            connection.send(_attempt(partial(methodcaller(name, *arguments), made)))
    _end_group(scratch)


def _attempt(call: Callable[[], Any]) -> tuple[Any, HarnessError | None, str | None]:
    """Return what a call returns, or the error that it raises; of an error that is not ours, what it says."""
    try:
        return call(), None, None
    except HarnessError as error:
        return None, error, None
    except Exception as error:
        traceback.print_exc()
        sys.stderr.flush()
        return None, None, f"{type(error).__name__}: {error}"


def _end_with(parent: int, scratch: str) -> None:
    """End this process and its group when its parent has ended, whatever it is doing."""
    while os.getppid() == parent:
        time.sleep(_LOOK_EVERY)
    _end_group(scratch)


def _end_group(scratch: str) -> None:
    """End this process and what it started, when nobody is left to ask for anything."""
    shutil.rmtree(scratch, ignore_errors=True)
    os.killpg(os.getpgid(0), signal.SIGKILL)


if __name__ == "__main__":
    _main()
