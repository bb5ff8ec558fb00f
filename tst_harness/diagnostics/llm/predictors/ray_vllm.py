"""Prediction with many vLLM engines, as actors of a Ray cluster."""

import contextlib
import math
import time
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from typing import Any

from pydantic import Field, model_validator

from tst_harness.diagnostics.llm.data.encoding import PromptEncoder
from tst_harness.diagnostics.llm.predictors.base import Reply, Request
from tst_harness.diagnostics.llm.predictors.ray_cluster import Cluster, lay_out
from tst_harness.diagnostics.llm.predictors.ray_worker import Adapter, Place, RayWorker, here
from tst_harness.diagnostics.llm.predictors.vllm import (
    VLLMBasedPredictor,
    VLLMPredictorConfig,
)
from tst_harness.diagnostics.llm.predictors.vllm_engine import adapter_key
from tst_harness.diagnostics.llm.settings import read_settings
from tst_harness.diagnostics.llm.utils.adapters import CONFIG, WEIGHTS
from tst_harness.diagnostics.llm.utils.installed import require
from tst_harness.diagnostics.llm.utils.models import HubModel
from tst_harness.errors import EngineError, HarnessError
from tst_harness.processes.supervisor import is_running

_DEATHS = 3
"""Of one worker, or during one chunk; more are no accident, and Ray gives up."""
_PATIENCE = 60.0
"""Seconds that a cluster has to find room for the workers."""
_ENDING = 20.0
"""Seconds that the processes of killed workers have to end."""


class RayVLLMPredictorConfig(VLLMPredictorConfig):
    """How vLLM is run on a Ray cluster; see also `VLLMPredictorConfig`.

    Attributes
    ----------
    address
        Of a running cluster. None for RAY_ADDRESS, else for a cluster on this machine, which is started and
        ended with the engines. Where the program has started Ray itself, that one is used.
    num_workers
        Number of engines; None for one for each GPU of the cluster, on a cluster without for one for each
        machine.
    gpus_per_worker
        GPUs that the model is split over; without meaning on a cluster without.
    cpus_per_worker
        None for 1 beside a GPU, else for the machine's, shared between its workers.
    chunk_size
        Questions at most that a worker is handed at once.
    """

    address: str | None = None
    num_workers: int | None = Field(default=None, ge=1)
    gpus_per_worker: int = Field(default=1, ge=1)
    cpus_per_worker: int | None = Field(default=None, ge=1)
    chunk_size: int = Field(default=128, ge=1)

    @model_validator(mode="before")
    @classmethod
    def _take_in_base_config(cls, settings: Any) -> Any:
        """Read the settings of the engines also as `base_config`, as the published release has them."""
        if not isinstance(settings, dict) or not isinstance(
            base := settings.get("base_config"), VLLMPredictorConfig
        ):
            return settings
        return {**base.model_dump(), **{key: settings[key] for key in settings if key != "base_config"}}


class RayVLLMPredictor(VLLMBasedPredictor):
    """Answers with a vLLM engine on each GPU of a Ray cluster, or on CPU workers.

    Questions are handed out in chunks to whichever worker is free. Ray starts a worker that died again and
    has it do its chunk once more; what a worker must know, the adapter's files included, comes with each
    chunk. Every machine of a cluster needs the same Python environment, and the model: one of the hub is
    fetched on each machine, a folder must be there under the same path.

    Parameters
    ----------
    config
        Settings.
    encoder
        The model and its tokens; by default those of the settings.

    Raises
    ------
    DataError
        The encoder is of another model than the settings say.
    """

    engine = "ray"
    config: RayVLLMPredictorConfig

    def __init__(self, config: RayVLLMPredictorConfig, encoder: PromptEncoder | None = None) -> None:
        super().__init__(config, encoder)
        self._cluster: Cluster | None = None
        self._group: Any = None
        self._workers: list[Any] = []
        self._places: set[Place] = set()
        self._asleep = False
        self._shipped: tuple[str, Any] | None = None

    @property
    def is_loaded(self) -> bool:
        """Whether the engines are there and awake."""
        return bool(self._workers) and not self._asleep

    @property
    def versions(self) -> dict[str, str]:
        """Of torch, transformers, vLLM and Ray."""
        return {**super().versions, "ray": version("ray")}

    @property
    def places(self) -> frozenset[Place]:
        """Where workers run, and where those ran that died."""
        return frozenset(self._places)

    def _load(self) -> None:
        require("ray", "vllm")
        with self._ending_on_error():
            if not self._workers:
                self._cluster = Cluster(self.config.address)
                self._start()
            self._places.update(self._each("load"))
        self._asleep = False

    def release(self) -> None:
        """Give the devices' memory back: have the engines sleep, or end them.

        Raises
        ------
        EngineError
            The memory did not come back.
        """
        if not self.is_loaded:
            return
        with self._ending_on_error():
            self._note_peak(self._each("peak_memory"))
            self._asleep = all(self._each("sleep"))
        if not self._asleep:
            self._end()

    def _start(self) -> None:
        """Ask the cluster for room, and for a worker in each place."""
        import ray
        from ray.util.placement_group import placement_group
        from ray.util.scheduling_strategies import PlacementGroupSchedulingStrategy

        layout = lay_out(
            [one["Resources"] for one in ray.nodes() if one["Alive"]],
            self.config.num_workers,
            self.config.cpus_per_worker,
            self.config.gpus_per_worker,
        )
        share = {"CPU": layout.cpus} | ({"GPU": layout.gpus} if layout.gpus else {})
        self._group = placement_group([share] * layout.workers, strategy="SPREAD")
        if not self._group.wait(_PATIENCE):
            raise EngineError(
                f"the Ray cluster found no room for {layout.workers} workers with {layout.cpus} CPUs and "
                f"{layout.gpus} GPUs each in {_PATIENCE:.0f} s; wait for the others on it, or ask for fewer"
            )
        model = self.encoder.model
        named = (model.name, model.revision) if isinstance(model, HubModel) else (str(model.folder()), None)
        arguments = {**self._engine_arguments(), "gpus": max(1, layout.gpus)}
        actor = ray.remote(RayWorker)
        self._workers = [
            actor.options(
                num_cpus=layout.cpus,
                num_gpus=layout.gpus,
                max_restarts=_DEATHS,
                max_task_retries=_DEATHS,
                scheduling_strategy=PlacementGroupSchedulingStrategy(self._group, number),
            ).remote(*named, arguments)
            for number in range(layout.workers)
        ]

    def _answer(self, requests: Sequence[Request]) -> list[Reply]:
        from ray.util import ActorPool

        size = min(self.config.chunk_size, math.ceil(len(requests) / len(self._workers)))
        chunks = [list(requests[start : start + size]) for start in range(0, len(requests), size)]
        replies: dict[int, list[Reply]] = {}
        with self._ending_on_error():
            adapter = self._ship()
            # In the order of their ends: the ordered map has a worker wait for the chunks before its own.
            for number, place, answers in ActorPool(self._workers).map_unordered(
                lambda worker, chunk: worker.reply.remote(*chunk, adapter), list(enumerate(chunks))
            ):
                self._places.add(place)
                replies[number] = answers
        return [reply for number in range(len(chunks)) for reply in replies[number]]

    def _ship(self) -> Adapter | None:
        """Put the adapter's files where every worker can get them, once."""
        import ray

        if self._adapter is None:
            return None
        key = adapter_key(self._adapter)
        if self._shipped is None or self._shipped[0] != key:
            files = {name: (self._adapter / name).read_bytes() for name in (CONFIG, WEIGHTS)}
            self._shipped = key, ray.put(files)
        return key, [self._shipped[1]]

    def _peak_memory(self) -> int | None:
        if self.is_loaded:
            with self._ending_on_error():
                self._note_peak(self._each("peak_memory"))
        return self._take_peak()

    def _each(self, method: str) -> list[Any]:
        """Call a method of every worker."""
        import ray

        answers: list[Any] = ray.get([getattr(worker, method).remote() for worker in self._workers])
        return answers

    @contextlib.contextmanager
    def _ending_on_error(self) -> Iterator[None]:
        """End the workers where anything fails, and tell it as an error of ours."""
        import ray

        try:
            yield
        except ray.exceptions.RayTaskError as error:
            self._end()
            if isinstance(error.cause, HarnessError):
                raise error.cause from None
            said = f"{type(error.cause).__name__}: {error.cause}"
            raise EngineError(f"vLLM failed in a worker of Ray: {said}") from None
        except (ray.exceptions.RayError, ConnectionError) as error:
            self._end()
            raise EngineError(f"Ray failed: {' '.join(str(error).split())}") from None
        except BaseException:
            self._end()
            raise

    def _end(self) -> None:
        if self._cluster is None:
            return
        import ray

        if ray.is_initialized():
            for worker in self._workers:
                ray.kill(worker)
            if self._group is not None:
                ray.util.remove_placement_group(self._group)
        self._cluster.close()
        mine = {one.pid for one in self._places if one.machine == here().machine}
        self._cluster, self._group, self._workers, self._places = None, None, [], set()
        self._shipped, self._asleep = None, False
        deadline = time.monotonic() + _ENDING
        while left := sorted(filter(is_running, mine)):
            if time.monotonic() > deadline:
                raise EngineError(f"workers of Ray were killed and still run as {left}; end these processes")
            time.sleep(0.05)


def create_ray_vllm_predictor(
    model_name: str | None = None, *, encoder: PromptEncoder | None = None, **settings: Any
) -> RayVLLMPredictor:
    """Return a predictor with vLLM on Ray; nothing is started yet.

    Parameters
    ----------
    model_name
        As for `find_model`.
    encoder
        As for `RayVLLMPredictor`.
    **settings
        The other fields of `RayVLLMPredictorConfig`.

    Raises
    ------
    DataError
        A setting is not known, or its value makes no sense.
    """
    named = {"model_name": model_name, **settings}
    return RayVLLMPredictor(read_settings(RayVLLMPredictorConfig, named, "the Ray predictor"), encoder)
