"""Runs of pytest that a command starts."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tst_harness.integrations.pytest.examples import EXAMPLES


def options_of(ini: Path) -> list[str]:
    """Return options with which pytest runs in the folder of an ini file.

    Neither the options nor the plugins of a project that the caller happens to be in take part, and the
    questions that were shown before are not shown again.
    """
    without = [f"-pno:{plugin}" for plugin in ("cacheprovider", "randomly", "benchmark", EXAMPLES)]
    return ["-c", str(ini), f"--rootdir={ini.parent}", *without, "--assert=plain", "-q"]


def run_module(module: Path, options: Sequence[str]) -> int:
    """Run a module and return the exit status."""
    return int(pytest.main([str(module), *options]))


def run_for_reference(module: Path, reports: Path) -> int:
    """Run a module, write its report and reference, and return the exit status, 0 where all is well."""
    without = ["-pno:cacheprovider", "-pno:randomly", "--assert=plain"]
    return int(
        pytest.main([str(module), "-q", *without, f"--tst-report={reports}", "--tst-reference-update"])
    )
