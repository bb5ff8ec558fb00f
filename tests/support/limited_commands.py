"""A command on a bad input ends in time, and with one sentence where it does not do its work."""

import contextlib
import io
import signal
from collections.abc import Iterator
from types import FrameType

from tst_harness.cli import main

SECONDS = 60


@contextlib.contextmanager
def limited() -> Iterator[None]:
    def give_up(_: int, __: FrameType | None) -> None:
        raise TimeoutError(f"not done in {SECONDS} seconds")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def run_command(*arguments: str) -> tuple[int, str]:
    """Return the exit status and what was written to standard error.

    Any exception that is none of argparse's comes through, as a traceback would.
    """
    output, errors = io.StringIO(), io.StringIO()
    with limited(), contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
        try:
            status = main(list(arguments))
        except SystemExit as end:
            status = int(end.code or 0)
    return status, errors.getvalue()


def refused(*arguments: str) -> str:
    """Run a command and return its sentence, "" where it did its work."""
    status, errors = run_command(*arguments)
    if status:
        assert errors.strip(), f"status {status} without a word"
        assert "Traceback" not in errors
        assert len(errors) < 2_000
    return errors if status else ""
