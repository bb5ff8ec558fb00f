"""A line on the terminal while a fold trains: steps, loss, time left. Nothing where nobody watches."""

import sys
from typing import Any

import pytest

from tst_harness.llm.data.models import TrainingProgress

_BAR = 20
_NEW_LINE, _ERASE, _UP = "\n", "\r\x1b[2K", "\x1b[1A"


class TrainingLine:
    """Shows where a training is, on a line of its own that is gone at the end.

    Parameters
    ----------
    terminal, capture
        pytest's plugins of these names.
    """

    def __init__(self, terminal: Any, capture: Any) -> None:
        self._terminal = terminal
        self._capture = capture
        self._open = False

    @classmethod
    def of(cls, config: pytest.Config) -> "TrainingLine | None":
        """Return a line for this session; None for a worker's, a quiet one's, or where no terminal is."""
        terminal = config.pluginmanager.get_plugin("terminalreporter")
        if (
            terminal is None
            or hasattr(config, "workerinput")
            or not terminal.isatty
            or config.option.verbose < 0
        ):
            return None
        return cls(terminal, config.pluginmanager.get_plugin("capturemanager"))

    def __call__(self, progress: TrainingProgress) -> None:
        """Show a step; after the last one the line is gone."""
        done = progress.step == progress.total_steps
        # Up again, to where pytest thinks that its cursor is.
        text = _ERASE + _UP if done else _ERASE + progress_text(progress)
        if not self._open:
            text = "" if done else _NEW_LINE + text
        self._open = not done
        self._write(text)

    def _write(self, text: str) -> None:
        if self._capture is None:
            print(text, end="", file=sys.stdout, flush=True)
            return
        with self._capture.global_and_fixture_disabled():
            print(text, end="", file=sys.stdout, flush=True)


def progress_text(progress: TrainingProgress) -> str:
    """Return one line: "vsi fold 0 mc [=====>    ] 12/50 loss 0.83, 0:32 left"."""
    filled = _BAR * progress.step // progress.total_steps
    bar = "=" * filled + ">" * (filled < _BAR) + " " * (_BAR - filled - 1)
    loss = "" if progress.loss is None else f" loss {progress.loss:.2f}"
    left = progress.seconds_left
    clock = "" if left is None else f", {int(left) // 60}:{int(left) % 60:02d} left"
    return f"  {progress.fold_id} [{bar}] {progress.step}/{progress.total_steps}{loss}{clock}"
