"""What is said on the terminal while a test runs, past pytest's capture."""

import logging
import sys
from typing import Any

import pytest

from tst_harness.activity import said
from tst_harness.diagnostics.llm.data.models import TrainingProgress

_COLUMNS = 78
_NEW_LINE, _ERASE, _UP = "\n", "\r\x1b[2K", "\x1b[1A"


class TrainingLine:
    """Shows where a training or an answering is, on a line of its own that is gone at the end.

    Parameters
    ----------
    capture
        pytest's plugin of this name.
    """

    def __init__(self, capture: Any) -> None:
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
        return cls(config.pluginmanager.get_plugin("capturemanager"))

    def __call__(self, progress: TrainingProgress) -> None:
        """Show a step; after the last one the line is gone."""
        done = progress.step == progress.total_steps
        # Up again, to where pytest thinks that its cursor is.
        text = _ERASE + _UP if done else _ERASE + progress_text(progress)
        if not self._open:
            text = "" if done else _NEW_LINE + text
        self._open = not done
        _write(self._capture, text)


class SaidAtOnce(logging.Handler):
    """Shows what the harness logs, a model that is being fetched or converted, when it happens."""

    def __init__(self, config: pytest.Config) -> None:
        super().__init__(logging.INFO)
        self._config = config

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line of its own."""
        _write(self._config.pluginmanager.get_plugin("capturemanager"), f"\n  tst: {record.getMessage()}")


def _write(capture: Any, text: str) -> None:
    said()
    if capture is None:
        print(text, end="", file=sys.stdout, flush=True)
        return
    with capture.global_and_fixture_disabled():
        print(text, end="", file=sys.stdout, flush=True)


def progress_text(progress: TrainingProgress) -> str:
    """Return one line: "vsi fold 0 mc:  60%|######    | 30/50 [00:40<00:26,  1.33s/it, loss=0.83]"."""
    from tqdm import tqdm

    line: str = tqdm.format_meter(
        progress.step,
        progress.total_steps,
        progress.seconds,
        ncols=_COLUMNS,
        prefix=progress.fold_id,
        unit=progress.unit,
        postfix="" if progress.loss is None else f"loss={progress.loss:.2f}",
    )
    return f"  {line}"
