"""A run of the llm diagnostic that is killed with all its processes, and begun again."""

import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

from llm_projects import command, environment, report, run, settled, write_project

from tst_harness.diagnostics.llm.utils.models import ModelSource

KILLS = 5


def test_the_report_after_a_kill_is_that_of_an_undisturbed_run(tmp_path: Path, tiny: ModelSource) -> None:
    write_project(tmp_path)
    started = time.perf_counter()
    run(tmp_path, tiny)
    seconds = time.perf_counter() - started
    undisturbed = settled(report(tmp_path))
    rng = random.Random(0)
    killed = 0
    while killed < KILLS:
        shutil.rmtree(tmp_path / "reports")
        process = subprocess.Popen(
            command(tiny),
            cwd=tmp_path,
            env=environment(tmp_path),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        # What comes before is the start of the interpreter and of torch.
        time.sleep(rng.uniform(0.3, 1.0) * seconds)
        os.killpg(process.pid, signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL
        run(tmp_path, tiny)
        assert settled(report(tmp_path)) == undisturbed
