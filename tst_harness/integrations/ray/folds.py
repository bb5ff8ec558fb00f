"""Folds on a Ray cluster: one task each, while data, records and the report stay with the session."""

import contextlib
import logging
import os
import socket
import time
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tst_harness.analysis.code import code_digest
from tst_harness.analysis.names import FEATURES
from tst_harness.analysis.records import FoldRecord, Origin, ZeroShotRecord
from tst_harness.analysis.units import Unit
from tst_harness.benchmark.declarations import Benchmark
from tst_harness.diagnostics.llm.predictors.ray_cluster import Cluster
from tst_harness.engine.groups import group_of, group_size
from tst_harness.engine.results import Result
from tst_harness.engine.session import MakeTrainable, Models, Session
from tst_harness.engine.settings import Settings
from tst_harness.errors import EngineError, EngineUnavailable, HarnessError
from tst_harness.integrations.ray import node as ray_node
from tst_harness.integrations.ray.node import Order
from tst_harness.registry import analyses

_DEATHS = 3
"""Of the machine or the process that computes a unit; after more of them it is given up."""
_CONNECTING = 10.0
"""Seconds that an address has to answer."""
_LOOK_EVERY = 5.0
_PATIENCE = 60.0
"""Seconds that a cluster may be without any machine to compute on."""
_RESOURCES = {"CPU": {"num_cpus": 1}, "GPU": {"num_cpus": 1, "num_gpus": 1}}
"""For one unit. Ray ends a process that had a GPU after one task, so its memory is surely given back."""
_LOG = logging.getLogger("tst_harness")

_Name = tuple[str, Unit]


class RaySession(Session):
    """A session whose diagnostics a Ray cluster computes; each record is kept here as soon as it is there.

    The first unit that is asked for has all that are planned sent out, save those whose records are here.
    A unit whose machine or process dies is computed again elsewhere. Feature models written by hand and
    checks are computed here.

    Parameters
    ----------
    settings
        What was asked for.
    address
        Of the cluster: "auto", "host:port" or "ray://host:port".
    planned
        What will be asked for, in order.
    """

    def __init__(self, settings: Settings, address: str, planned: Sequence[tuple[Benchmark, Unit]]) -> None:
        super().__init__(settings)
        self._address = address
        self._planned = [(benchmark, unit) for benchmark, unit in planned if _is_sent(unit)]
        self._cluster: Cluster | None = None
        self._unreachable: HarnessError | None = None
        self._orders: dict[str, Order] = {}
        self._shares: dict[str, str] = {}
        self._sent: dict[Any, tuple[str, list[Unit]]] = {}
        self._arrived: dict[_Name, Result] = {}
        self._sent_of: dict[str, Benchmark] = {}
        self._failures: dict[_Name, Exception] = {}

    def run_unit(
        self,
        benchmark: Benchmark,
        unit: Unit,
        models: Models = (),
        trainable: MakeTrainable | None = None,
    ) -> Result:
        """Wait for a unit, or compute it here where the cluster has not what it takes.

        Raises
        ------
        HarnessError
            As for `Session.run_unit`, or the cluster fails.
        """
        if _is_sent(unit):
            return self._wait_for(benchmark, unit)
        if unit.analysis == FEATURES and (unit.repeat, unit.fold) == (0, 0):
            _LOG.info("the feature models of %s run on this machine, which has their code", benchmark.name)
        return super().run_unit(benchmark, unit, models, trainable)

    def close(self) -> None:
        """Keep the records that are there, cancel what is still computed, and leave the cluster."""
        if self._cluster is None:
            return
        import ray

        with contextlib.suppress(ray.exceptions.RayError, ConnectionError):
            while self._collect(0.0):
                pass
            for reference in self._sent:
                ray.cancel(reference, force=True)
        self._cluster.close()
        self._cluster = None

    def _wait_for(self, benchmark: Benchmark, unit: Unit) -> Result:
        name = (benchmark.name, unit)
        if self._cluster is None:
            self._connect()
            self._send(self._planned)
        if name not in self._arrived and name not in self._failures and not self._is_out(name):
            self._send([(benchmark, unit)])
        last = time.monotonic()
        while self._is_out(name):
            if self._collect(_LOOK_EVERY) or _has(self._share(unit.analysis)):
                last = time.monotonic()
            elif time.monotonic() - last > _PATIENCE:
                raise EngineError(
                    f"the Ray cluster {self._address} has had no machine for {unit} for {_PATIENCE:.0f} s; "
                    "add one and run the same command again, which keeps what is done"
                )
        if name in self._failures:
            # Not kept: where the test is run again, the unit is sent again.
            raise self._failures.pop(name)
        return self._arrived[name]

    def _connect(self) -> None:
        if self._unreachable is not None:
            raise self._unreachable
        if find_spec("ray") is None:
            raise EngineUnavailable("Ray is not installed; install it with: pip install 'tst-harness[ray]'")
        # Read when Ray is imported. It would try again for many minutes where another program answers.
        os.environ.setdefault("RAY_NUM_REDIS_GET_RETRIES", "1")
        try:
            _check_answers(self._address)
            self._cluster = Cluster(self._address)
        except Exception as error:  # Those of Ray have no common base.
            reason = " ".join(str(error).split()) or type(error).__name__
            self._unreachable = EngineError(
                f"--tst-ray {self._address}: no Ray cluster can be reached there ({reason}); start one with "
                "`ray start`, or correct the address"
            )
        if self._unreachable is not None:
            raise self._unreachable
        import ray

        has, machines = ray.cluster_resources(), sum(machine["Alive"] for machine in ray.nodes())
        _LOG.info(
            "Ray cluster %s: %d machine%s with %d CPUs and %d GPUs",
            *(self._address, machines, "s" * (machines > 1), has.get("CPU", 0), has.get("GPU", 0)),
        )

    def _send(self, planned: Iterable[tuple[Benchmark, Unit]]) -> None:
        """Have the cluster say what decides the records of units, and compute those that are not here."""
        import ray

        plans = []
        for (benchmark, analysis), group in groupby(planned, lambda task: (task[0], task[1].analysis)):
            units = [unit for _, unit in group]
            share = self._share(analysis)
            try:
                if not _has(share):
                    raise EngineError(f"the Ray cluster {self._address} has no CPU to compute on")
                order = self._order(benchmark)
            except HarnessError as error:
                self._fail(benchmark.name, units, error)
                continue
            options = {"max_retries": _DEATHS, **_RESOURCES[share]}
            plan = ray.remote(ray_node.plan).options(**options)
            plans.append((benchmark, order, options, units, plan.remote(order, units)))
        for benchmark, order, options, units, reference in plans:
            name = benchmark.name
            try:
                keys = [(key, Origin.model_validate_json(text)) for key, text in _fetch(reference)]
            except Exception as error:
                self._fail(name, units, error)
                continue
            compute = ray.remote(ray_node.compute).options(**options)
            groups: dict[object, list[Unit]] = {}
            size = self._group_size(units[0].analysis)
            for unit, (key, origin) in zip(units, keys, strict=True):
                record = self._records.read(key, origin)
                if record is None:
                    place = group_of(unit, self.settings, size)
                    groups.setdefault(unit if place is None else (unit.split, place), []).append(unit)
                else:
                    experiment = self.experiment(benchmark)
                    self._arrived[name, unit] = self._keep(experiment, record, cached=True)
            for own in groups.values():
                self._sent[compute.remote(order, own)] = (name, own)

    def _is_out(self, name: _Name) -> bool:
        """Whether a unit is being computed."""
        benchmark, unit = name
        return any(benchmark == other and unit in units for other, units in self._sent.values())

    def _group_size(self, analysis: str) -> int:
        """Return how many folds a machine is handed together: each GPU has a share."""
        import ray

        on_gpu = self._share(analysis) == "GPU"
        workers = int(ray.cluster_resources().get("GPU", 1)) if on_gpu else 1
        return group_size(self.settings, workers, on_gpu)

    def _order(self, benchmark: Benchmark) -> Order:
        import ray

        if benchmark.name not in self._orders:
            self._records.store.check_writable(benchmark.name)
            self._sent_of[benchmark.name] = benchmark
            self.experiment(benchmark)
            dataset = self._loaded[benchmark.name]
            code = {name: code_digest(analyses()[name].code) for name in self.settings.diagnostics}
            content = ray.put((_for_elsewhere(self.settings), dataset))
            self._orders[benchmark.name] = Order(code, [content])
        return self._orders[benchmark.name]

    def _share(self, analysis: str) -> str:
        """Return what a unit needs of a machine: a GPU where it uses one and the cluster has any."""
        if analysis not in self._shares:
            self._shares[analysis] = "GPU" if analyses()[analysis].needs_gpu and _has("GPU") else "CPU"
        return self._shares[analysis]

    def _collect(self, seconds: float) -> bool:
        """Wait for any unit for a time, and keep its record; return whether one was there."""
        import ray

        ready, _ = ray.wait(list(self._sent), timeout=seconds) if self._sent else ([], [])
        for reference in ready:
            name, units = self._sent.pop(reference)
            try:
                computed = _fetch(reference)
            except Exception as error:
                self._fail(name, units, error)
                continue
            for unit, record in zip(units, computed, strict=True):
                self._take(name, unit, record)
        return bool(ready)

    def _take(self, name: str, unit: Unit, computed: str | HarnessError) -> None:
        """Keep the record of a unit, or the error that it has in place of one."""
        kind = ZeroShotRecord if unit.fold is None else FoldRecord
        try:
            if isinstance(computed, HarnessError):
                raise computed
            record = kind.model_validate_json(computed)
            experiment = self.experiment(self._sent_of[name])
            self._arrived[name, unit] = self._keep(experiment, record, cached=False)
        except Exception as error:
            self._fail(name, [unit], error)

    def _fail(self, benchmark: str, units: Iterable[Unit], error: Exception) -> None:
        self._failures.update({(benchmark, unit): error for unit in units})


def _is_sent(unit: Unit) -> bool:
    """Whether a unit is for the cluster: feature models are code of this machine, and checks are quick."""
    return analyses()[unit.analysis].kind == "diagnostic" and unit.analysis != FEATURES


def _has(resource: str) -> bool:
    """Whether any machine of the cluster has a CPU or GPU, be it in use."""
    import ray

    return bool(ray.cluster_resources().get(resource, 0) >= 1)


def _fetch(reference: Any) -> Any:
    """Return what a task returned.

    Raises
    ------
    HarnessError
        The task raised it, its machines died too often, or they have no tst-harness.
    """
    import ray

    try:
        return ray.get(reference)
    except ray.exceptions.RayTaskError as error:
        if isinstance(error.cause, HarnessError):
            raise error.cause from None
        if "No module named 'tst_harness" in str(error):
            raise EngineError(
                "a machine of the Ray cluster has no tst-harness, or another version of it; install the same "
                "on all of them"
            ) from None
        raise  # No fault of the input: told with the traceback from there.
    except ray.exceptions.RayError as error:
        reason = " ".join(str(error).split())
        raise EngineError(f"Ray gave up after {_DEATHS + 1} attempts: {reason}") from None


def _for_elsewhere(settings: Settings) -> Settings:
    """Return the settings without what is of this machine alone, and a model's folder by its whole path."""
    llm = settings.llm
    if llm.model_name is not None and Path(llm.model_name).is_dir():
        llm = llm.model_copy(update={"model_name": str(Path(llm.model_name).resolve())})
    return settings.model_copy(update={"llm": llm, "data_dir": None, "report_dir": Path()})


def _check_answers(address: str) -> None:
    """Check that something listens at an address with a port: Ray would wait for minutes."""
    parts = urlsplit(address if "://" in address else f"//{address}")
    if parts.hostname is not None and parts.port is not None:
        socket.create_connection((parts.hostname, parts.port), timeout=_CONNECTING).close()
