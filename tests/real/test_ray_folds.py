"""Folds on a Ray cluster of three nodes, of which the head computes nothing."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from llm_projects import report, report_path, settled, write_project

from tst_harness.diagnostics.llm.predictors.ray_cluster import _set_up_authentication
from tst_harness.diagnostics.llm.utils.models import ModelSource

ray = pytest.importorskip("ray", reason="Ray is not installed: pip install 'tst-harness[ray]'")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A head without CPUs, and two nodes with one each; only they can hold a fold."""
    from ray.cluster_utils import Cluster

    folder = tempfile.mkdtemp(prefix="tst-")  # Its name must be short enough for sockets.
    with pytest.MonkeyPatch.context() as patched:
        # Ray keeps the first secret that a process reads, which may be one of another test.
        _set_up_authentication()
        patched.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patched.setenv("OMP_NUM_THREADS", "1")
        patched.setenv("TMPDIR", folder)
        cluster = Cluster(
            initialize_head=True,
            head_node_args={"num_cpus": 0, "include_dashboard": False, "temp_dir": f"{folder}/ray"},
        )
        for _ in range(2):
            cluster.add_node(num_cpus=1)
        yield cluster
        cluster.shutdown()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    write_project(tmp_path)
    return tmp_path


@contextlib.contextmanager
def start(project: Path, *options: str) -> "Iterator[subprocess.Popen[str]]":
    with subprocess.Popen(
        [sys.executable, "-m", "pytest", "-p", "no:randomly", *options],
        cwd=project,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield process
        finally:  # A test that ran out of time does not wait for it.
            process.kill()


def run(project: Path, *options: str) -> tuple[int, str]:
    with start(project, *options) as process:
        shown, _ = process.communicate()
        return process.returncode, shown


def passes(project: Path, *options: str) -> str:
    status, shown = run(project, *options)
    assert status == 0, shown
    return shown


def result(project: Path, folder: str) -> tuple[Any, str]:
    """A report without what may differ between two runs with the same result, and its samples."""
    return settled(report(project, folder)), report_path(project, folder).with_suffix(
        ".samples.jsonl"
    ).read_text("utf-8")


def wait_until(what: Callable[[], Any], process: "subprocess.Popen[str]") -> Any:
    deadline = time.monotonic() + 120
    while not (found := what()):
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline, "it did not happen within two minutes"
        time.sleep(0.005)
    return found


def computing(node: Any) -> int | None:
    """The process of a node that computes a fold at this moment."""
    [raylet] = node.all_processes["raylet"]
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parent = int(status.read_text("utf-8", "replace").rpartition(")")[2].split()[1])
            title = status.with_name("cmdline").read_text("utf-8", "replace")
            if parent == raylet.process.pid and title.startswith("ray::compute"):
                return int(status.parent.name)
    return None


def freeze(node: Any) -> int | None:
    """Stop the process of a node that computes a fold, in the middle of it."""
    found = computing(node)
    if found is not None:
        os.kill(found, signal.SIGSTOP)
        if computing(node) != found:  # It was done just before.
            os.kill(found, signal.SIGCONT)
            return None
    return found


def stored(reports: Path) -> list[Path]:
    return list((reports / ".records" / "sample").glob("*.json"))


def test_the_report_is_that_of_one_machine_and_records_are_kept(project: Path, cluster: Any) -> None:
    passes(project, "--tst-report", "here")
    shown = passes(project, "--tst-report", "there", "--tst-ray", cluster.address)
    assert f"folds on the Ray cluster {cluster.address}" in shown
    assert f"tst: Ray cluster {cluster.address}: 3 machines with 2 CPUs and 0 GPUs" in shown
    assert result(project, "there") == result(project, "here")
    assert shown.count("held-out questions (") == 5
    # What one of them left, the other uses.
    record = next(path for path in stored(project / "there") if '"kind":"fold"' in path.read_text("utf-8"))
    record.unlink()
    again = passes(project, "--tst-report", "there", "--tst-ray", cluster.address)
    units = again.count("(cached)") + 1
    assert f" {units} passed" in again, "all but the one are read back"
    assert passes(project, "--tst-report", "there").count("(cached)") == units
    assert result(project, "there") == result(project, "here")


@pytest.mark.parametrize("gpus", [0, 1])
def test_a_language_model_is_trained_there(project: Path, cluster: Any, tiny: ModelSource, gpus: int) -> None:
    """Also where Ray is told of a GPU, which torch does not find, so that the scores are those of a CPU."""
    asked = [f"--tst-model={tiny.folder()}", "--tst-limit", "40", "--tst-folds", "2", "--tst-lora", "lr=1e-2"]
    asked += ["--tst-diagnostic", "llm", "--tst-predictor", "transformers", "--tst-folds-together", "1"]
    passes(project, *asked, "--tst-report", "here")
    nodes = [cluster.add_node(num_cpus=1, num_gpus=gpus)] if gpus else cluster.list_all_nodes()
    with start(project, *asked, "--tst-report", "there", "--tst-ray", cluster.address) as process:
        wait_until(lambda: any(map(computing, nodes)), process)
        shown, _ = process.communicate()
        assert process.returncode == 0, shown
    if gpus:
        cluster.remove_node(*nodes)
    assert f"CPUs and {gpus} GPUs" in shown
    assert "sample (bundled SAMPLE) llm zero-shot: " in shown
    assert result(project, "there") == result(project, "here")


def test_what_cannot_be_sent_is_one_sentence(project: Path, cluster: Any, tiny: ModelSource) -> None:
    (project / "conftest.py").write_text(
        "import pytest\n\n@pytest.fixture\ndef trainer():\n    raise AssertionError\n", encoding="utf-8"
    )
    asked = ["--tst-diagnostic", "llm", f"--tst-model={tiny.folder()}", "--tst-ray", cluster.address]
    status, shown = run(project, *asked)
    assert status == 1
    assert (
        "the fixture trainer is one of your own, and what it makes cannot be sent to a Ray cluster" in shown
    )
    assert "Traceback" not in shown


def test_an_address_where_nothing_is_is_one_sentence(project: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        status, shown = run(project, "--tst-ray", address, "-k", "fold0")
    assert status == 1
    assert f"--tst-ray {address}: no Ray cluster can be reached there" in shown
    assert "Traceback" not in shown


def test_interrupting_cancels_what_is_computed_and_keeps_what_is_done(project: Path, cluster: Any) -> None:
    with start(project, "--tst-ray", cluster.address) as process:
        nodes = [node for node in cluster.list_all_nodes() if not node.head]
        reports = project / "reports"
        # An interrupt in the middle of an import may be lost; after two folds, all imports are done.
        wait_until(lambda: len(stored(reports)) > 2, process)
        wait_until(lambda: any(map(computing, nodes)), process)
        process.send_signal(signal.SIGINT)
        shown, _ = process.communicate()
        assert process.returncode == pytest.ExitCode.INTERRUPTED, shown
    done = sum('"kind":"questions"' not in path.read_text("utf-8") for path in stored(reports))
    assert done > 0
    deadline = time.monotonic() + 60
    while any(map(computing, nodes)):
        assert time.monotonic() < deadline, "a fold is computed for a session that has ended"
        time.sleep(0.05)
    assert passes(project, "--tst-ray", cluster.address).count("(cached)") == done


def test_a_node_that_is_killed_midway_changes_nothing(project: Path, cluster: Any) -> None:
    passes(project, "--tst-report", "here")
    victim, _ = (node for node in cluster.list_all_nodes() if not node.head)
    with start(project, "--tst-report", "there", "--tst-ray", cluster.address) as process:
        worker = wait_until(lambda: freeze(victim), process)
        try:
            cluster.remove_node(victim, allow_graceful=False)
        finally:  # Being stopped, it does not see its node end.
            os.kill(worker, signal.SIGKILL)
        shown, _ = process.communicate()
        assert process.returncode == 0, shown
    assert result(project, "there") == result(project, "here")
