"""A run of the llm diagnostic that is killed with all its processes, and begun again."""

import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from llm_projects import command, environment, report, run, settled, write_project

from tst_harness.diagnostics.llm.utils.models import ModelSource

RANDOM_KILLS = 5


def _started(folder: Path, model: ModelSource, *options: str, **more: int) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        command(model, *options, **more),
        cwd=folder,
        env=environment(folder),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _kill_at_records(process: "subprocess.Popen[bytes]", folder: Path, records: int) -> None:
    """Kill a run with all its processes when so many units have a record."""
    while process.poll() is None and len(list((folder / "reports").rglob("*.json"))) < records:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL


def test_the_report_after_a_kill_is_that_of_an_undisturbed_run(tmp_path: Path, tiny: ModelSource) -> None:
    write_project(tmp_path)
    run(tmp_path, tiny)
    undisturbed = settled(report(tmp_path))
    shutil.rmtree(tmp_path / "reports")
    for records in (1, 2):
        _kill_at_records(_started(tmp_path, tiny), tmp_path, records)
    run(tmp_path, tiny)
    assert settled(report(tmp_path)) == undisturbed


@pytest.mark.slow
def test_the_report_after_a_kill_at_a_random_moment_is_the_same(tmp_path: Path, tiny: ModelSource) -> None:
    write_project(tmp_path)
    started = time.perf_counter()
    run(tmp_path, tiny)
    seconds = time.perf_counter() - started
    undisturbed = settled(report(tmp_path))
    rng = random.Random(0)
    killed = 0
    while killed < RANDOM_KILLS:
        shutil.rmtree(tmp_path / "reports")
        process = _started(tmp_path, tiny)
        # What comes before is the start of the interpreter and of torch.
        time.sleep(rng.uniform(0.3, 1.0) * seconds)
        os.killpg(process.pid, signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL
        run(tmp_path, tiny)
        assert settled(report(tmp_path)) == undisturbed


def test_a_killed_run_trains_the_folds_together_that_have_no_record(
    tmp_path: Path, tiny: ModelSource
) -> None:
    write_project(tmp_path)
    together = ("--tst-folds-together", "3")
    run(tmp_path, tiny, *together, "--tst-report", "undisturbed", folds=3)
    undisturbed = report(tmp_path, "undisturbed")["diagnostics"]["llm"]
    assert {adapter["together"] for adapter in undisturbed["llm"]["adapters"]} == {6}
    # The answers without training and those of one fold are there, beside the undisturbed report.
    _kill_at_records(_started(tmp_path, tiny, *together, folds=3), tmp_path, 3)
    run(tmp_path, tiny, *together, folds=3)
    resumed = report(tmp_path)["diagnostics"]["llm"]
    passes = [adapter["together"] for adapter in resumed["llm"]["adapters"]]
    assert passes[:2] == [6, 6]
    assert passes[2:] in ([4] * 4, [6, 6, 2, 2], [6] * 4)
    for one, other in zip(undisturbed["llm"]["adapters"], resumed["llm"]["adapters"], strict=True):
        assert one["final_loss"] == pytest.approx(other["final_loss"], abs=1e-4)
    assert resumed["overall"]["score"] == pytest.approx(undisturbed["overall"]["score"], abs=1e-4)
