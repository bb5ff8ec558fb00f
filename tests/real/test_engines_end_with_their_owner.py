"""Nothing that an engine has started is left when the process that owns it is ended, however that is."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

import pytest

from tst_harness.diagnostics.llm.utils.models import ModelSource

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")

MARK = "TST_TEST_OWNER"
"""A variable that whatever the owner starts inherits, also where it is nobody's child any more."""
OWNERS = {
    "vllm": """
from tst_harness.diagnostics.llm.data.encoding import PromptEncoder
from tst_harness.diagnostics.llm.predictors.vllm import create_vllm_predictor
predictor = create_vllm_predictor(encoder=PromptEncoder(model), dtype="float32", gpu_memory_utilization=0.2)
predictor.ensure_loaded()
print("ready", flush=True)
signal.pause()
""",
    "ray": """
from tst_harness.diagnostics.llm.predictors.ray_cluster import Cluster
cluster = Cluster("local")
import ray

@ray.remote
class Worker:
    def start(self):
        import subprocess
        self.started = subprocess.Popen(["sleep", "1000"])

worker = Worker.remote()
ray.get(worker.start.remote())
print("ready", flush=True)
signal.pause()
""",
    "llamafactory": """
from tst_harness.diagnostics.llm.data.encoding import PromptEncoder
from tst_harness.diagnostics.llm.data.models import TstTrainingDatum
from tst_harness.diagnostics.llm.trainers.llamafactory import create_llamafactory_trainer
trainer = create_llamafactory_trainer(encoder=PromptEncoder(model, 64), device="cpu", cutoff=64, epochs=1000)
trainer.callbacks.append(lambda progress: print("ready", flush=True))
trainer.train([TstTrainingDatum(instruction=f"Is it {n}?", response="A") for n in range(8)], folder)
""",
}
PRELUDE = """
import signal, sys
from tst_harness.diagnostics.llm.utils.models import find_model
model, folder = find_model(sys.argv[1]), sys.argv[2]
"""


def marked(value: str) -> dict[int, str]:
    """The command lines of the running processes with the mark, by id."""
    found = {}
    for environ in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if f"{MARK}={value}".encode() not in environ.read_bytes().split(b"\0"):
                continue
            state = environ.with_name("stat").read_text("utf-8", "replace").rpartition(")")[2].split()[0]
            if state not in "ZX":
                command = environ.with_name("cmdline").read_text("utf-8", "replace")
                found[int(environ.parent.name)] = command.replace("\0", " ")[:80]
    return found


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=lambda one: one.name)
@pytest.mark.parametrize("engine", list(OWNERS))
def test_nothing_is_left(engine: str, sent: signal.Signals, smollm2: ModelSource, tmp_path: Path) -> None:
    if find_spec(engine) is None:
        pytest.skip(f"{engine} is not installed: pip install 'tst-harness[{engine}]'")
    mark = uuid4().hex
    owner = subprocess.Popen(
        [sys.executable, "-c", PRELUDE + OWNERS[engine], str(smollm2.folder()), str(tmp_path / "adapter")],
        env={**os.environ, MARK: mark, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    assert owner.stdout is not None
    try:
        assert any(line == "ready\n" for line in owner.stdout), "it ended before it was ready"
        started = [pid for pid in marked(mark) if pid != owner.pid]
        assert started
        if engine != "ray":  # Which has its own ways to keep a terminal's signals from them.
            assert all(os.getpgid(pid) != owner.pid for pid in started), "in a process group of its own"
        owner.send_signal(sent)
        deadline = time.monotonic() + 60
        while left := marked(mark):
            assert time.monotonic() < deadline, left
            time.sleep(0.1)
    finally:
        for pid in marked(mark):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        owner.wait()
        owner.stdout.close()
