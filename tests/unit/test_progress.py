"""What a user sees while a fold trains."""

import contextlib
from collections.abc import Iterator

import pytest

from tst_harness.diagnostics.llm.data.models import TrainingProgress
from tst_harness.integrations.pytest.progress import TrainingLine, progress_text


def step(number: int, seconds: float = 10.0) -> TrainingProgress:
    return TrainingProgress(
        fold_id="vsi fold 0 mc", step=number, total_steps=20, loss=0.8312, seconds=seconds
    )


class Capture:
    """Stands for pytest's capture manager; counts how often it lets go."""

    def __init__(self) -> None:
        self.released = 0

    @contextlib.contextmanager
    def global_and_fixture_disabled(self) -> Iterator[None]:
        self.released += 1
        yield


def test_the_line_has_steps_loss_and_time_left() -> None:
    begun, half_way = progress_text(step(5)), progress_text(step(10, 95.0))
    for part in ("  vsi fold 0 mc:  25%", "5/20", "[00:10<00:30", "loss=0.83"):
        assert part in begun
    assert "01:35<01:35" in half_way
    assert {len(begun), len(half_way), len(progress_text(step(20)))} == {80}


def test_the_line_is_written_over_and_gone_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    capture = Capture()
    line = TrainingLine(capture)
    for number in (1, 2, 20):
        line(step(number))
    written = capsys.readouterr().out
    assert capture.released == 3
    # A line of its own, written over in place, and at the end erased with the cursor back where it was.
    assert written.count("\n") == 1
    assert written.startswith("\n\r\x1b[2K  vsi fold 0 mc")
    assert written.endswith("loss=0.83]\r\x1b[2K\x1b[1A")


def test_a_training_of_one_step_leaves_the_screen_alone(capsys: pytest.CaptureFixture[str]) -> None:
    TrainingLine(None)(TrainingProgress(fold_id="", step=1, total_steps=1, loss=None, seconds=1.0))
    assert capsys.readouterr().out == ""


def test_answering_counts_questions() -> None:
    progress = TrainingProgress(
        fold_id="answering", step=30, total_steps=60, loss=None, seconds=10.0, unit="question"
    )
    assert "answering:  50%" in progress_text(progress)
    assert "3.00question/s" in progress_text(progress)
