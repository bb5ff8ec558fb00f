"""What is being done, said now and then: nobody has to wonder whether a long run still runs.

Whoever works says so with `doing`, whoever shows something with `said`, and whoever has a file to write to
listens with `heard`: there a line appears whenever nothing was shown for a while.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from threading import Event, Thread
from typing import Protocol, TextIO

SILENCE = 15.0
"""Seconds without a word after which there is one."""

What = str | Callable[[], str]


class Step(Protocol):
    """Where a training or an answering is."""

    fold_id: str
    step: int
    total_steps: int

    @property
    def unit(self) -> str:
        """What is counted."""


class _Doing:
    """Something that is being done, since when, and how far it is."""

    def __init__(self, what: What) -> None:
        self.what = what
        self.far = ""
        self.since = time.monotonic()

    def __str__(self) -> str:
        what = self.what if isinstance(self.what, str) else self.what()
        far = f", {self.far}" if self.far else ""
        minutes, seconds = divmod(int(time.monotonic() - self.since), 60)
        return f"still at work: {what}{far} ({minutes}:{seconds:02} so far)"


class _Listener:
    """A file that lines are written to, as it is now, whatever the stream is sent to later."""

    def __init__(self, handle: int, begun: Callable[[], bool]) -> None:
        self.handle = handle
        self._begun = begun
        self._erase = "\r\x1b[2K" if os.isatty(handle) else ""

    def write(self, line: str) -> None:
        """Write a line of its own, and leave off where the stream is, at the start of a line or not."""
        text = f"\n{line}" if self._begun() else f"{self._erase}{line}\n"
        with suppress(OSError):  # Who listened may have gone.
            os.write(self.handle, text.encode())


class _State:
    """What is done, who listens, of both the innermost last, and when something was last shown."""

    def __init__(self) -> None:
        self.doing: list[_Doing] = []
        self.listeners: list[_Listener] = []
        self.last = 0.0

    def watch(self, ended: Event) -> None:
        while not ended.wait(SILENCE / 20):
            if time.monotonic() - self.last >= SILENCE and self.listeners and self.doing:
                said()
                self.listeners[-1].write(str(self.doing[-1]))


_STATE = _State()


@contextmanager
def doing(what: What) -> Iterator[None]:
    """Have what is done within called by these words, "reading rows.jsonl"."""
    _STATE.doing.append(_Doing(what))
    try:
        yield
    finally:
        _STATE.doing.pop()


def far(text: str) -> None:
    """Say how far the innermost of what is done is, "30 of 50 steps"."""
    if _STATE.doing:
        _STATE.doing[-1].far = text


def follow(progress: Step) -> None:
    """Say how far a training or an answering is."""
    far(f"{progress.fold_id}, {progress.step:,} of {progress.total_steps:,} {progress.unit}s")


def said() -> None:
    """Take note that something was shown."""
    _STATE.last = time.monotonic()


@contextmanager
def heard(stream: TextIO | None, what: What, begun: Callable[[], bool] = lambda: False) -> Iterator[None]:
    """Write lines to the file of a stream while nothing is shown; another within takes over.

    Parameters
    ----------
    stream
        None for nobody, as where it has no file.
    what
        What is done, where nothing more precise is known.
    begun
        Whether a line of the stream is begun and has not ended.
    """
    try:
        handle = None if stream is None else os.dup(stream.fileno())
    except (OSError, ValueError):
        handle = None
    if handle is None:
        yield
        return
    with ExitStack() as stack:
        stack.callback(os.close, handle)
        stack.enter_context(doing(what))
        said()
        _STATE.listeners.append(_Listener(handle, begun))
        stack.callback(_STATE.listeners.pop)
        if len(_STATE.listeners) == 1:
            ended = Event()
            thread = Thread(target=_STATE.watch, args=[ended], daemon=True)
            thread.start()
            stack.callback(thread.join)
            stack.callback(ended.set)
        yield


def errors_shown() -> TextIO | None:
    """Return standard error where it is the process's own; None where it is not, as in a notebook."""
    return sys.stderr if sys.stderr is sys.__stderr__ else None
