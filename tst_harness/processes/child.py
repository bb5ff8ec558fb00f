"""An object in a process of its own: made and called from here, and gone with it when either is done.

What an engine takes of a device's memory is surely given back in one way alone: its process ends. The
process is started with `python -m`, so that it imports nothing of the caller's.
"""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import traceback
import weakref
from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from operator import methodcaller
from typing import Any, BinaryIO

from tst_harness.errors import EngineError, HarnessError
from tst_harness.processes.supervisor import Supervisor

_LOOK_EVERY = 0.2
_PATIENCE = 10.0
"""Seconds that the process has to end when its connection has."""
_LAST_LINES, _LAST_BYTES = 15, 1 << 14


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
        self._supervisor = Supervisor(tempfile.mkdtemp(prefix="tst-child-"))
        with theirs:
            self._process = subprocess.Popen(
                # -P: a folder in the working directory must not pass for an engine of the same name.
                # -u: what it prints last is in the log when it is needed.
                [sys.executable, "-P", "-u", "-m", __name__, str(theirs.fileno())],
                env={
                    **os.environ,
                    "PYTHONPATH": os.pathsep.join(_search_path()),
                    "TMPDIR": self._supervisor.folder,
                },
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=subprocess.STDOUT,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        self._end = weakref.finalize(self, _end, self._process, self._supervisor, os.getpid())
        try:
            self._exchange((factory, dict(arguments)), "starting")
        except BaseException:
            self.stop()
            raise

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    def call(self, method: str, *arguments: Any) -> Any:
        """Call a method of the object and return what it returns.

        Raises
        ------
        EngineError
            The method fails, or the process ends; with the last lines that the process printed. Errors
            that the user can cause (`HarnessError`) are raised as they are.
        """
        return self._exchange((method, arguments), method)

    def stop(self) -> None:
        """End the process and all that it started, and wait until they are gone."""
        self._end()
        self._connection.close()

    def memory(self) -> int:
        """Bytes of resident memory of the process and what it started."""
        return self._supervisor.memory()

    def _exchange(self, message: tuple[str, Any], doing: str) -> Any:
        try:
            self._connection.send(message)
            # The end of the connection does not show while what the process started holds it open.
            while not self._connection.poll(_LOOK_EVERY):
                if self._process.poll() is not None and not self._connection.poll():
                    raise EOFError
            value, error, message = self._connection.recv()
        except (EOFError, OSError):
            with contextlib.suppress(subprocess.TimeoutExpired):  # So that it is known how it ended.
                self._process.wait(_PATIENCE)
            self.stop()
            raise EngineError(
                f"the process of {self._label} ended ({self._how()}) in {doing}; its last output:\n"
                f"{self._tail()}"
            ) from None
        except BaseException:
            # An answer that is still to come would be taken for that to the next call.
            self.stop()
            raise
        if error is not None:
            raise error
        if message is not None:
            raise EngineError(f"{self._label} failed in {doing}: {message}; its last output:\n{self._tail()}")
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
        output = os.pread(handle, _LAST_BYTES, max(0, size - _LAST_BYTES)).decode("utf-8", "replace")
        return "\n".join(output.splitlines()[-_LAST_LINES:])


def _search_path() -> list[str]:
    return [folder or os.getcwd() for folder in sys.path]  # noqa: PTH109 - plain text, as the others


def _end(process: "subprocess.Popen[bytes]", supervisor: Supervisor, owner: int) -> None:
    if os.getpid() == owner:  # Else a fork of the owner is ending, and the process is not its own.
        supervisor.end()
        process.wait()


def _main() -> None:
    """Be the process: make the object, and call it until the connection ends."""
    handle = int(sys.argv[1])
    os.set_inheritable(handle, False)
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


def _attempt(call: Callable[[], Any]) -> tuple[Any, HarnessError | None, str | None]:
    """Return what a call returns, or the error that it raises; of an error that is not ours, its message."""
    try:
        return call(), None, None
    except HarnessError as error:
        return None, error, None
    except Exception as error:
        traceback.print_exc()
        sys.stderr.flush()
        return None, None, f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    _main()
