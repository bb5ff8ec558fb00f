"""What each xdist worker gets of the machine: a share of the cores and, where it needs one, a CUDA device."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pytest

from tst_harness.processes.machine import cores

if TYPE_CHECKING:
    from execnet.xspec import XSpec

SHARE = "tst_share"
"""The name under which a worker is handed its share."""
_THREADS, _DEVICES = "OMP_NUM_THREADS", "CUDA_VISIBLE_DEVICES"


def shares_of(specs: "Sequence[XSpec]", uses_gpu: bool, share_devices: bool) -> dict[int, dict[str, Any]]:
    """Return the share of each local worker, by the `id` of its spec: "threads" and "device".

    Parameters
    ----------
    specs
        Of the workers; those on other machines are left alone.
    uses_gpu
        Whether units need a CUDA device; else there is none in the shares.
    share_devices
        Let workers share a device where there are more workers than devices.

    Raises
    ------
    pytest.UsageError
        There are more workers than devices, and they may not share.
    """
    local = [spec for spec in specs if spec.popen]
    devices: tuple[str, ...] = ()
    if uses_gpu:
        from tst_harness.processes.devices import visible_devices

        devices = visible_devices()
    if len(local) > len(devices) > 0 and not share_devices:
        raise pytest.UsageError(
            f"{len(local)} workers were asked for and there are {len(devices)} CUDA devices "
            f"({', '.join(devices)}): use -n {len(devices)}, or --tst-share-gpu to let workers share them"
        )
    threads = max(1, cores() // max(1, len(local)))
    return {
        id(spec): {
            "threads": threads,
            "device": spec.env.get(_DEVICES, devices[place % len(devices)]) if devices else None,
        }
        for place, spec in enumerate(local)
    }


def use_share(config: pytest.Config) -> None:
    """Keep to this worker's share, from before the first unit on; what the user sets is left alone."""
    share = getattr(config, "workerinput", {}).get(SHARE)
    if share is None:
        return
    os.environ.setdefault(_THREADS, str(share["threads"]))
    if share["device"] is not None:
        os.environ[_DEVICES] = share["device"]
