"""Small projects with the bundled sample, and what the llm diagnostic left of them."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tst_harness.diagnostics.llm.utils.models import ModelSource

_MODULE = """
from tst_harness import StressTest
from tst_harness.dataset.sample import benchmark as sample


class TestSample(StressTest):
    benchmark = sample()
"""
_TIMINGS = ("seconds", "seconds_at_peak", "peak_memory", "cached")


def write_project(folder: Path) -> None:
    """Write a module that declares the bundled sample."""
    (folder / "test_sample.py").write_text(_MODULE, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    (folder / "scratch").mkdir()


def command(model: ModelSource, *options: str, folds: int = 2) -> list[str]:
    """The diagnostic on 40 questions."""
    pytest = [sys.executable, "-m", "pytest", "-p", "no:randomly", "--tst-diagnostic", "llm"]
    # With "=", or pytest takes the folder for one of tests and looks for its root there.
    asked = [f"--tst-model={model.folder()}", "--tst-limit", "40", "--tst-folds", str(folds)]
    return [*pytest, *asked, "--tst-lora", "lr=1e-2,dropout=0", *options]


def environment(project: Path) -> Mapping[str, str]:
    """One thread, and a folder of its own for temporary files."""
    # The number of threads decides in which order floating-point numbers are added up.
    return {**os.environ, "OMP_NUM_THREADS": "1", "TMPDIR": str(project / "scratch")}


def run(project: Path, model: ModelSource, *options: str, folds: int = 2) -> str:
    """Run the diagnostic; what pytest printed."""
    done = subprocess.run(
        command(model, *options, folds=folds),
        cwd=project,
        env=environment(project),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "nanobind" not in done.stderr
    return done.stdout


def report(project: Path, folder: str = "reports") -> dict[str, Any]:
    """The report of the last run."""
    found: dict[str, Any] = json.loads(report_path(project, folder).read_text("utf-8"))
    return found


def report_path(project: Path, folder: str = "reports") -> Path:
    """Where the report of the last run lies, which is named after its options."""
    return max((project / folder).glob("sample*.json"), key=lambda path: path.stat().st_mtime_ns)


def settled(value: Any) -> Any:
    """A report without what may differ between two runs with the same result."""
    if isinstance(value, dict):
        return {key: settled(one) for key, one in value.items() if key not in (*_TIMINGS, "run")}
    return [settled(one) for one in value] if isinstance(value, list) else value
