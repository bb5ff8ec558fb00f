"""Which engine is chosen, and why; and how workers are laid out over a cluster."""

import logging

import pytest
from llm_fakes import FakeEncoder, FakeModel

from tst_harness.diagnostics.llm.predictors import auto
from tst_harness.diagnostics.llm.predictors.auto import choose_engine, create_auto_predictor
from tst_harness.diagnostics.llm.predictors.base import LLMPredictor
from tst_harness.diagnostics.llm.predictors.ray_cluster import Layout, lay_out
from tst_harness.diagnostics.llm.predictors.ray_vllm import RayVLLMPredictor, create_ray_vllm_predictor
from tst_harness.diagnostics.llm.predictors.transformers import TransformersPredictor
from tst_harness.diagnostics.llm.predictors.vllm import VLLMPredictor, create_vllm_predictor
from tst_harness.diagnostics.llm.utils import installed
from tst_harness.errors import DataError, EngineError, EngineUnavailable

BOTH = ("vllm", "ray")


@pytest.mark.parametrize(
    ("gpus", "installed", "prefer_multi_gpu", "engine", "reason"),
    [
        (0, BOTH, True, "transformers", "there is no CUDA device"),
        (0, (), True, "transformers", "there is no CUDA device"),
        (1, BOTH, True, "vllm", "there is one CUDA device"),
        (1, ("vllm",), True, "vllm", "there is one CUDA device"),
        (1, ("ray",), True, "transformers", "vLLM is not installed"),
        (4, BOTH, True, "ray", "there are 4 CUDA devices"),
        (4, BOTH, False, "vllm", "of which one is asked for"),
        (
            4,
            ("vllm",),
            True,
            "vllm",
            "one is used, since Ray is not installed; install it with: pip install 'tst-harness[ray]'",
        ),
        (4, ("ray",), True, "transformers", "and vLLM is not installed; install it with: pip install"),
        (4, (), False, "transformers", "of which one is asked for, and vLLM is not installed"),
    ],
)
def test_the_engine_follows_the_devices(
    gpus: int, installed: tuple[str, ...], prefer_multi_gpu: bool, engine: str, reason: str
) -> None:
    choice = choose_engine(gpus, installed, prefer_multi_gpu)
    assert choice.engine == engine
    assert reason in choice.reason


@pytest.mark.parametrize(
    ("gpus", "kind"), [(0, TransformersPredictor), (1, VLLMPredictor), (2, RayVLLMPredictor)]
)
def test_the_predictor_says_why_it_was_chosen(
    gpus: int,
    kind: type[LLMPredictor],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(auto, "cuda_devices", lambda: gpus)
    monkeypatch.setattr(installed, "find_spec", lambda name: name)
    encoder = FakeEncoder(FakeModel())
    with caplog.at_level(logging.INFO, "tst_harness"):
        predictor = create_auto_predictor(encoder=encoder)
    assert type(predictor) is kind
    assert predictor.encoder is encoder
    assert predictor.chosen_because == choose_engine(gpus, BOTH).reason
    assert caplog.messages == [f"predicting with {predictor.engine}: {predictor.chosen_because}"]
    assert not predictor.is_loaded


def test_an_engine_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = FakeEncoder(FakeModel())
    monkeypatch.setattr(installed, "find_spec", lambda name: None if name == "ray" else name)
    with pytest.raises(EngineUnavailable, match=r"Ray is not installed.*pip install 'tst-harness\[ray\]'"):
        create_ray_vllm_predictor(encoder=encoder).ensure_loaded()
    monkeypatch.setattr(installed, "find_spec", lambda name: None if name == "vllm" else name)
    for predictor in (create_vllm_predictor(encoder=encoder), create_ray_vllm_predictor(encoder=encoder)):
        with pytest.raises(
            EngineUnavailable, match=r"vLLM is not installed.*pip install 'tst-harness\[vllm\]'"
        ):
            predictor.ensure_loaded()


def test_settings_that_make_no_sense_are_named() -> None:
    encoder = FakeEncoder(FakeModel())
    with pytest.raises(DataError, match=r"'gpu_memory_utilization': .*, not 2.0$"):
        create_vllm_predictor(encoder=encoder, gpu_memory_utilization=2.0)
    with pytest.raises(
        DataError, match=r"no setting 'num_workers'; the known ones are model_name, max_seq_length, "
    ):
        create_vllm_predictor(encoder=encoder, num_workers=2)
    with pytest.raises(DataError, match=r"'num_workers': .*, not 'two'"):
        create_ray_vllm_predictor(encoder=encoder, num_workers="two")
    with pytest.raises(DataError, match="set to other, and its encoder to fake"):
        create_vllm_predictor("other", encoder=encoder)


def test_only_what_may_change_a_score_is_in_the_settings() -> None:
    encoder = FakeEncoder(FakeModel())
    small = create_ray_vllm_predictor(
        encoder=encoder, chunk_size=1, num_workers=3, gpu_memory_utilization=0.5
    )
    assert small.settings == create_ray_vllm_predictor(encoder=encoder).settings
    other = create_ray_vllm_predictor(encoder=encoder, dtype="float16")
    assert (
        small.settings != other.settings != create_vllm_predictor(encoder=encoder, dtype="float16").settings
    )


GPUS_8 = {"CPU": 64.0, "GPU": 8.0}
GPUS_2 = {"CPU": 16.0, "GPU": 2.0}
CPUS_16 = {"CPU": 16.0, "memory": 1e9}


@pytest.mark.parametrize(
    ("machines", "workers", "cpus", "gpus", "expected"),
    [
        ([GPUS_8], None, None, 1, Layout(8, 1, 1)),
        ([GPUS_8, GPUS_2, CPUS_16], None, None, 1, Layout(10, 1, 1)),
        ([GPUS_8, GPUS_2], None, 4, 4, Layout(2, 4, 4)),
        ([GPUS_8], 3, None, 2, Layout(3, 1, 2)),
        ([CPUS_16], None, None, 1, Layout(1, 16, 0)),
        ([CPUS_16], 2, None, 1, Layout(2, 8, 0)),
        ([CPUS_16, {"CPU": 4.0}, {"CPU": 0.0}], None, None, 1, Layout(2, 4, 0)),
        ([CPUS_16, {"CPU": 4.0}], 4, None, 1, Layout(4, 2, 0)),
        ([CPUS_16], 16, None, 1, Layout(16, 1, 0)),
        ([CPUS_16], None, 2, 1, Layout(1, 2, 0)),
    ],
)
def test_workers_are_laid_out_over_the_machines(
    machines: list[dict[str, float]],
    workers: int | None,
    cpus: int | None,
    gpus: int,
    expected: Layout,
) -> None:
    assert lay_out(machines, workers, cpus, gpus) == expected


@pytest.mark.parametrize(
    ("machines", "workers", "cpus", "gpus", "message"),
    [
        ([GPUS_2], 3, None, 1, "room for 2 workers with 1 CPUs and 1 GPUs each, not for 3"),
        ([GPUS_2, GPUS_2], None, None, 4, "room for 0 workers with 1 CPUs and 4 GPUs each"),
        ([GPUS_2], None, 9, 1, "room for 1 workers with 9 CPUs and 1 GPUs each, not for 2"),
        ([CPUS_16], 17, None, 1, "room for 16 workers"),
        ([{"CPU": 0.0}], None, None, 1, "room for 0 workers"),
    ],
)
def test_a_cluster_without_room_is_an_error_and_no_waiting(
    machines: list[dict[str, float]], workers: int | None, cpus: int | None, gpus: int, message: str
) -> None:
    with pytest.raises(EngineError, match=message):
        lay_out(machines, workers, cpus, gpus)
