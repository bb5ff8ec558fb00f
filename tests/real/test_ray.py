"""Prediction with vLLM on Ray, for real: chunks, a worker that dies, and what is left when it is done."""

import contextlib
import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from tst_harness.diagnostics.llm.data.conversion import instruction_of
from tst_harness.diagnostics.llm.data.encoding import PromptEncoder
from tst_harness.diagnostics.llm.data.models import LLMPredictionResult, TstTestInstance
from tst_harness.diagnostics.llm.predictors.ray_vllm import RayVLLMPredictor, create_ray_vllm_predictor
from tst_harness.diagnostics.llm.predictors.vllm import create_vllm_predictor
from tst_harness.diagnostics.llm.utils.models import ModelSource
from tst_harness.errors import DataError, EngineError
from tst_harness.processes.supervisor import is_running

pytest.importorskip("vllm", reason="vLLM is not installed: pip install 'tst-harness[vllm]'")
ray = pytest.importorskip("ray", reason="Ray is not installed: pip install 'tst-harness[ray]'")

COLOURS = ("red", "green", "blue", "white")


@pytest.fixture(scope="module")
def encoder(smollm2: ModelSource) -> PromptEncoder:
    return PromptEncoder(smollm2)


@pytest.fixture(scope="module")
def predictor(encoder: PromptEncoder) -> Iterator[RayVLLMPredictor]:
    predictor = create_ray_vllm_predictor(
        encoder=encoder, dtype="float32", num_workers=2, cpus_per_worker=1, chunk_size=3
    )
    yield predictor
    predictor.reset()


@pytest.fixture(scope="module")
def adapter(encoder: PromptEncoder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    torch.manual_seed(0)
    network = AutoModelForCausalLM.from_pretrained(str(encoder.model.folder()), dtype=torch.float32)
    adapted = get_peft_model(network, LoraConfig(r=8, lora_alpha=16, target_modules=["q_proj", "v_proj"]))
    for key, weight in adapted.named_parameters():
        if "lora_B" in key:
            torch.nn.init.normal_(weight, std=0.05)
    folder = tmp_path_factory.mktemp("adapter")
    adapted.save_pretrained(str(folder))
    return folder


@pytest.fixture
def scratch(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A temporary folder of its own, its name short enough for sockets."""
    folder = Path(tempfile.mkdtemp())
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    shutil.rmtree(folder)


def instances(n: int) -> list[TstTestInstance]:
    """Of different lengths, so that chunks take different times; every seventh asks for a number."""
    made = []
    for place in range(n):
        options = COLOURS[: 2 + place % 3] if place % 7 else None
        text = f"What colour is lamp {place} " + "beside the wall " * (place % 5) + "in the room?"
        instruction = instruction_of(text, options)
        made.append(TstTestInstance(instance_id=f"q{place}", instruction=instruction, options=options))
    return made


def probabilities(results: Sequence[LLMPredictionResult]) -> np.ndarray:
    return np.array([p for one in results for p in one.option_probabilities or ()])


def children(pid: int) -> list[str]:
    """The command lines of the processes that a process has started and that still run."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, parent, *_ = status.read_text("utf-8", "replace").rpartition(")")[2].split()
            if int(parent) == pid and state not in "ZX":
                found.append(status.with_name("cmdline").read_text().replace("\0", " "))
    return found


class Killer(threading.Thread):
    """Kills a process after a moment."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self.killed_at = 0.0

    def run(self) -> None:
        time.sleep(0.5)
        os.kill(self._pid, signal.SIGKILL)
        self.killed_at = time.monotonic()


def test_results_are_those_of_one_engine_also_when_a_worker_dies(
    predictor: RayVLLMPredictor,
    encoder: PromptEncoder,
    adapter: Path,
    scratch: Path,
) -> None:
    predictor.reset()
    asked = instances(10)
    single = create_vllm_predictor(encoder=encoder, dtype="float32", gpu_memory_utilization=0.2)
    expected = {}
    for folder in (None, adapter):
        single.unload_adapter() if folder is None else single.load_adapter(folder)
        expected[folder] = single.predict(asked)
    single.reset()
    assert np.abs(probabilities(expected[None]) - probabilities(expected[adapter])).max() > 0.01

    predictor.ensure_loaded()
    before = {place.pid for place in predictor.places}
    assert len(before) == 2
    for folder in (None, adapter):
        predictor.unload_adapter() if folder is None else predictor.load_adapter(folder)
        killer = Killer(min(before))
        if folder is not None:
            killer.start()
        results = predictor.predict(asked)
        done = time.monotonic()
        assert [one.instance_id for one in results] == [one.instance_id for one in asked]
        assert [one.prediction for one in results] == [one.prediction for one in expected[folder]]
        np.testing.assert_allclose(probabilities(results), probabilities(expected[folder]), atol=1e-4)
    assert 0.0 < killer.killed_at < done
    assert not is_running(min(before))

    usage = predictor.take_usage()
    assert usage.tokens == 2 * sum(len(encoder.prompt(one.instruction).ids) for one in asked)
    assert usage.peak_memory is not None
    pids = {place.pid for place in predictor.places}
    predictor.reset()
    assert not ray.is_initialized()
    assert not any(map(is_running, pids))
    assert children(os.getpid()) == []
    assert list(scratch.iterdir()) == []


class Gone(ModelSource):
    """A model that is not there on the machine of a worker."""

    name = "gone"
    revision = "0"

    def folder(self) -> Path:
        return Path("/no/such/model")


def test_workers_that_cannot_start_are_one_error(
    predictor: RayVLLMPredictor, encoder: PromptEncoder, scratch: Path
) -> None:
    """On a cluster of the user's own, which stays."""
    predictor.reset()
    broken = PromptEncoder(Gone())
    broken.__dict__["tokenizer"] = encoder.tokenizer
    quiet = {"include_dashboard": False, "log_to_driver": False, "logging_level": "ERROR"}
    ray.init(num_cpus=1, _temp_dir=str(scratch), **quiet)
    try:
        for _ in range(2):  # Nothing of the first is in the way of the second.
            with pytest.raises(DataError, match=r"/no/such/model: there is no such folder"):
                create_ray_vllm_predictor(encoder=broken).ensure_loaded()
        with pytest.raises(EngineError, match="room for 1 workers with 1 CPUs"):
            create_ray_vllm_predictor(encoder=broken, num_workers=2).ensure_loaded()
        assert ray.is_initialized()
        deadline = time.monotonic() + 30
        while ray.available_resources().get("CPU") != 1.0:
            assert time.monotonic() < deadline, "what the workers were given is not given back"
            time.sleep(0.1)
    finally:
        ray.shutdown()
