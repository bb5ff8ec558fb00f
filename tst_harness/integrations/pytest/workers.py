"""What each xdist worker gets of the machine: a CUDA device and its share of the cores, for life."""

import fnmatch
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tst_harness.processes.devices import visible_devices
from tst_harness.processes.machine import cores

if TYPE_CHECKING:
    from execnet.xspec import XSpec


_CONCERNED = pytest.StashKey[bool]()


def is_worker(config: pytest.Config) -> bool:
    """Whether this process is an xdist worker, whose results another process gathers."""
    return hasattr(config, "workerinput")


def concerns_benchmarks(config: pytest.Config) -> bool:
    """Whether a module among what pytest was asked for names this package.

    Sessions of other projects, where this plugin is merely installed, keep xdist's own ways. Asked before
    anything is collected; the modules are looked through once.
    """
    if _CONCERNED not in config.stash:
        config.stash[_CONCERNED] = _names_this_package(config)
    return config.stash[_CONCERNED]


def _names_this_package(config: pytest.Config) -> bool:
    ignored = [str(pattern) for pattern in config.getini("norecursedirs")]
    for argument in config.args:
        path = config.invocation_params.dir / str(argument).partition("::")[0]
        if any(b"tst_harness" in module.read_bytes() for module in _modules(path, ignored)):
            return True
    return False


def _modules(path: Path, ignored: Sequence[str]) -> Iterator[Path]:
    if path.is_file():
        yield path
        # A benchmark module may inherit from a class of its conftest.
        yield from (one for one in (path.parent / "conftest.py",) if one.is_file())
    for folder, subfolders, files in os.walk(path):
        subfolders[:] = sorted(
            one for one in subfolders if not any(fnmatch.fnmatch(one, pattern) for pattern in ignored)
        )
        yield from (Path(folder, name) for name in sorted(files) if name.endswith(".py"))


def default_workers() -> int:
    """Workers of `-n auto`: one for each CUDA device, else one for every two cores."""
    return len(visible_devices()) or max(1, cores() // 2)


def equip(specs: "Sequence[XSpec]", share_devices: bool) -> list[str]:
    """Give each local worker a CUDA device and its share of the cores, in its environment from the start.

    A worker that replaces one that died is made from the same spec, so it has the same device.

    Parameters
    ----------
    specs
        Of the workers; those on other machines, and variables that a spec or the user sets, are left alone.
    share_devices
        Let workers share a device where there are more workers than devices.

    Returns
    -------
    The device of each local worker, in order; empty where there is none.

    Raises
    ------
    pytest.UsageError
        There are more workers than devices, and they may not share.
    """
    local = [spec for spec in specs if spec.popen]
    devices = visible_devices()
    if len(local) > len(devices) > 0 and not share_devices:
        raise pytest.UsageError(
            f"{len(local)} workers were asked for and there are {len(devices)} CUDA devices "
            f"({', '.join(devices)}): use -n {len(devices)}, or --tst-share-gpu to let workers share them"
        )
    threads = str(max(1, cores() // max(1, len(local))))
    given = []
    for place, spec in enumerate(local):
        if "OMP_NUM_THREADS" not in os.environ:
            spec.env.setdefault("OMP_NUM_THREADS", threads)
        if devices:
            given.append(str(spec.env.setdefault("CUDA_VISIBLE_DEVICES", devices[place % len(devices)])))
    return given
