"""A Ray cluster, found or started, and how many workers it has room for."""

import contextlib
import logging
import math
import os
import secrets
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tst_harness.errors import EngineError
from tst_harness.processes.supervisor import Supervisor

_LONGEST = 36
"""Characters of a folder that leave room for the names of sockets in it."""


class Layout(NamedTuple):
    """How many workers there are, and what each is given."""

    workers: int
    cpus: int
    gpus: int


def lay_out(
    machines: Sequence[Mapping[str, float]], workers: int | None, cpus: int | None, gpus: int
) -> Layout:
    """Decide how many workers a cluster has, and what each is given.

    Parameters
    ----------
    machines
        The resources of each, "CPU" and "GPU".
    workers
        None for one on each GPU or group of GPUs; on a cluster without, for one on each machine.
    cpus
        For each worker. None for 1 beside a GPU; on a cluster without, for the smallest machine's, shared.
    gpus
        For each worker; without meaning on a cluster without.

    Raises
    ------
    EngineError
        There is no room for them.
    """
    cores = [int(machine.get("CPU", 0)) for machine in machines]
    devices = [int(machine.get("GPU", 0)) for machine in machines]
    if any(devices):
        cpus = cpus or 1
        workers = workers or sum(count // gpus for count in devices)
    else:
        gpus = 0
        able = [count for count in cores if count] or [1]
        workers = workers or len(able)
        cpus = cpus or max(1, min(able) // math.ceil(workers / len(able)))
    each = zip(cores, devices, strict=True)
    room = sum(min(core // cpus, device // gpus) if gpus else core // cpus for core, device in each)
    if not 0 < workers <= room:
        raise EngineError(
            f"the Ray cluster has room for {room} workers with {cpus} CPUs and {gpus} GPUs each, not for "
            f"{workers or 1}; ask for fewer or smaller ones (num_workers, cpus_per_worker, gpus_per_worker)"
        )
    return Layout(workers, cpus, gpus)


class Cluster:
    """This process's connection to Ray, which is left as it was found.

    Parameters
    ----------
    address
        Of a running cluster. None for RAY_ADDRESS, else for a new cluster on this machine. Where this process
        is connected already, that cluster is used.
    """

    def __init__(self, address: str | None) -> None:
        import ray

        self._own = not ray.is_initialized()
        self._supervisor: Supervisor | None = None
        if not self._own:
            return
        address = address or os.environ.get("RAY_ADDRESS") or "local"
        quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
        if address != "local":
            ray.init(address=address, **quiet)
            return
        folder = _short_folder()
        quiet["include_dashboard"] = False
        _set_up_authentication()
        # Ray's agents end by themselves, at times after minutes: they first try to tell the dead head of its
        # own death.
        self._supervisor = Supervisor(folder)
        with _environment({"RAY_USAGE_STATS_ENABLED": "0", "TMPDIR": folder}):
            ray.init(address=address, _temp_dir=folder, **quiet)

    def close(self) -> None:
        """End the connection, and the cluster, where they were started here."""
        import ray

        if self._own:
            ray.shutdown()
        if self._supervisor is not None:
            self._supervisor.end()


def _short_folder() -> str:
    """Make a folder for what Ray and vLLM leave behind, in whose name their sockets have room."""
    for parent in (None, "/tmp"):
        folder = tempfile.mkdtemp(prefix="tst-ray-", dir=parent)
        if len(folder) <= _LONGEST:
            return folder
        Path(folder).rmdir()
    raise EngineError(
        f"the name of the folder for temporary files, {tempfile.gettempdir()}, leaves no room for Ray's "
        "sockets: set TMPDIR to a shorter one"
    )


@contextlib.contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _set_up_authentication() -> None:
    """Have the clusters of this process share a secret, where the user has set up nothing.

    Ray would write one to the home folder. It keeps the first that it reads, so this stays set.
    """
    if "RAY_AUTH_MODE" not in os.environ and not Path.home().joinpath(".ray", "auth_token").exists():
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
