"""A session that is killed at any point, with all its processes, costs nothing but the time."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from itertools import count
from pathlib import Path

import pytest
from projects import REPORT, SAMPLES, run, settled, write_project

# Files that other processes read are renamed into place, so these are the points where what is there changes.
KILL_BEFORE_A_RENAME = """
import os
import signal
from itertools import count

rename, numbers = os.replace, count(1)


def rename_unless_killed(*args, **kwargs):
    if next(numbers) == int(os.environ.get("KILL_BEFORE_RENAME", "0")):
        os.killpg(0, signal.SIGKILL)
    return rename(*args, **kwargs)


os.replace = rename_unless_killed
"""
RANDOM_KILLS = 9
FEW = "--tst-folds=2"


def start(*options: str, kill_before: int = 0) -> "subprocess.Popen[bytes]":
    """Begin a session in a process group of its own; its page would be half of its time, and is no result."""
    without = ("-p", "no:randomly", "-p", "no:hypothesispytest", "--tst-no-html")
    return subprocess.Popen(
        [sys.executable, "-m", "pytest", "-q", FEW, *without, *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env={**os.environ, "KILL_BEFORE_RENAME": str(kill_before)},
    )


@pytest.fixture
def undisturbed(pytester: pytest.Pytester) -> tuple[str, bytes]:
    """The report and the samples of a project that nothing happened to."""
    write_project(pytester)
    run(pytester, FEW)
    return settled(), SAMPLES.read_bytes()


def continue_(pytester: pytest.Pytester) -> tuple[str, bytes]:
    assert run(pytester, FEW).ret == pytest.ExitCode.OK
    return settled(), SAMPLES.read_bytes()


@pytest.mark.parametrize("options", [(), ("-n2",)], ids=["in one process", "with workers"])
def test_the_report_after_a_kill_is_that_of_an_undisturbed_run(
    pytester: pytest.Pytester, undisturbed: tuple[str, bytes], options: tuple[str, ...]
) -> None:
    # A module of its own, since an in-process run would leave it changed.
    pytester.makepyfile(killing=KILL_BEFORE_A_RENAME)
    for place in count(1):
        shutil.rmtree("reports")
        status = start("-p", "killing", *options, kill_before=place).wait()
        if status == 0:
            break
        assert status == -signal.SIGKILL
        assert not REPORT.exists()
        assert continue_(pytester) == undisturbed
    # At least the records of two folds, the samples and the report; two workers share the records.
    assert place > (2 if options else 4)


@pytest.mark.slow
def test_kills_at_random_moments(pytester: pytest.Pytester, undisturbed: tuple[str, bytes]) -> None:
    def duration(*options: str) -> float:
        shutil.rmtree("reports")
        started = time.perf_counter()
        assert start(*options).wait() == 0
        return time.perf_counter() - started

    rng = random.Random(0)
    kinds = [(options, duration(*options)) for options in ((), ("-n2",))]
    killed = partial = 0
    while killed < RANDOM_KILLS:
        options, seconds = kinds[killed % 3 == 2]
        shutil.rmtree("reports")
        process = start(*options)
        # What comes before is the start of the interpreter.
        time.sleep(rng.uniform(0.3, 1.0) * seconds)
        os.killpg(process.pid, signal.SIGKILL)
        if process.wait() == -signal.SIGKILL:
            killed += 1
            partial += not REPORT.exists() and any(Path("reports").rglob("*"))
        assert continue_(pytester) == undisturbed
    assert partial > 0, "no session was killed between its first record and its report"
