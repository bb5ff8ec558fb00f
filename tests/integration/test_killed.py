"""A session that is killed at any point, with all its processes, costs nothing but the time."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from projects import REPORT, SAMPLES, run, settled, write_project

KILLS = 30


def start(*options: str) -> "subprocess.Popen[bytes]":
    """Begin a session in a process group of its own; its page would be half of its time, and is no result."""
    without = ("-p", "no:randomly", "-p", "no:hypothesispytest", "--tst-no-html")
    return subprocess.Popen(
        [sys.executable, "-m", "pytest", "-q", *without, *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def duration(*options: str) -> float:
    """How long a whole session takes now."""
    shutil.rmtree("reports", ignore_errors=True)
    started = time.perf_counter()
    assert start(*options).wait() == 0
    return time.perf_counter() - started


def test_the_report_after_a_kill_is_that_of_an_undisturbed_run(pytester: pytest.Pytester) -> None:
    write_project(pytester)
    run(pytester)
    report, samples = settled(), SAMPLES.read_bytes()
    rng = random.Random(0)
    kinds = [(options, duration(*options)) for options in ((), ("-n2",))]
    killed = partial = 0
    while killed < KILLS:
        options, seconds = kinds[killed % 3 == 2]
        shutil.rmtree("reports", ignore_errors=True)
        process = start(*options)
        # What comes before is the start of the interpreter.
        time.sleep(rng.uniform(0.3, 1.0) * seconds)
        os.killpg(process.pid, signal.SIGKILL)
        if process.wait() == -signal.SIGKILL:
            killed += 1
            partial += not REPORT.exists() and any(Path("reports").rglob("*"))
        assert run(pytester).ret == pytest.ExitCode.OK
        assert (settled(), SAMPLES.read_bytes()) == (report, samples)
    assert partial > 0, "no session was killed between its first record and its report"
