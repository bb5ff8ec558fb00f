"""A line now and then while nothing else is shown."""

import io
import os
import time
from collections.abc import Iterator
from typing import TextIO

import pytest

from tst_harness import activity
from tst_harness.activity import doing, far, follow, heard, said
from tst_harness.diagnostics.llm.data.models import TrainingProgress

SILENCE = 0.2


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(activity, "SILENCE", SILENCE)


class Pipe:
    """A file without a terminal, and what was written to it."""

    def __init__(self) -> None:
        self._read, write = os.pipe()
        os.set_blocking(self._read, False)
        self.stream: TextIO = os.fdopen(write, "w")

    def text(self) -> str:
        try:
            return os.read(self._read, 1 << 16).decode()
        except BlockingIOError:
            return ""

    def close(self) -> None:
        self.stream.close()
        os.close(self._read)


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    made = Pipe()
    yield made
    made.close()


def test_what_takes_long_is_told_again_and_again(pipe: Pipe) -> None:
    with heard(pipe.stream, "tst-harness prune"):
        time.sleep(1.6 * SILENCE)
        assert pipe.text() == "still at work: tst-harness prune (0:00 so far)\n"
        with doing("reading rows.jsonl"):
            time.sleep(SILENCE)
            far("2 of 3 files")
            time.sleep(SILENCE)
        first, second = pipe.text().splitlines()
        assert first == "still at work: reading rows.jsonl (0:00 so far)"
        assert second == "still at work: reading rows.jsonl, 2 of 3 files (0:00 so far)"


def test_nothing_is_told_while_something_is_shown_or_after_the_end(pipe: Pipe) -> None:
    with heard(pipe.stream, "it"):
        for _ in range(20):
            said()
            time.sleep(SILENCE / 8)
    time.sleep(1.5 * SILENCE)
    assert pipe.text() == ""


def test_where_a_training_is(pipe: Pipe) -> None:
    with heard(pipe.stream, "it"), doing("vsi llm fold 0"):
        follow(TrainingProgress(fold_id="vsi fold 0 mc", step=30, total_steps=1500, loss=None, seconds=1.0))
        time.sleep(1.5 * SILENCE)
    assert pipe.text() == "still at work: vsi llm fold 0, vsi fold 0 mc, 30 of 1,500 steps (0:00 so far)\n"


def test_another_listener_within_takes_over(pipe: Pipe) -> None:
    inner = Pipe()
    with heard(pipe.stream, "outer"):
        with heard(inner.stream, "inner"):
            time.sleep(1.6 * SILENCE)
        assert inner.text() == "still at work: inner (0:00 so far)\n"
        assert pipe.text() == ""
        time.sleep(1.2 * SILENCE)
        assert pipe.text() == "still at work: outer (0:00 so far)\n"
    inner.close()


def test_a_line_that_is_begun_is_left_as_it_is(pipe: Pipe) -> None:
    with heard(pipe.stream, "it", begun=lambda: True):
        time.sleep(1.6 * SILENCE)
    assert pipe.text() == "\nstill at work: it (0:00 so far)"


def test_it_is_the_file_as_it_was_that_is_written_to(pipe: Pipe) -> None:
    with heard(pipe.stream, "it"):
        kept = os.dup(pipe.stream.fileno())
        captured = os.open(os.devnull, os.O_WRONLY)
        os.dup2(captured, pipe.stream.fileno())
        time.sleep(1.6 * SILENCE)
        os.dup2(kept, pipe.stream.fileno())
        os.close(kept)
        os.close(captured)
    assert pipe.text() == "still at work: it (0:00 so far)\n"


def test_without_a_file_nobody_is_told() -> None:
    with heard(None, "it"), heard(io.StringIO(), "it"):
        time.sleep(1.2 * SILENCE)


def test_who_listened_may_go(pipe: Pipe) -> None:
    gone = Pipe()
    with heard(gone.stream, "it"):
        os.close(gone._read)
        time.sleep(1.5 * SILENCE)
    gone.stream.close()
