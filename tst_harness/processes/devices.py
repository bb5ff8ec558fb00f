"""Which accelerators there are, found out without importing torch or touching a device."""

import os
import re
import shutil
import subprocess
from functools import cache

_GPU = re.compile(r"GPU (\d+): ")
_SLICE = re.compile(r"\s+MIG .*\(UUID: (MIG-[^)]+)\)")


def visible_devices() -> tuple[str, ...]:
    """CUDA devices that this process may use, each as CUDA_VISIBLE_DEVICES would name it alone.

    They are the entries of CUDA_VISIBLE_DEVICES (indices, GPU or MIG UUIDs), else what the driver's own
    tool lists: the index of a GPU, or the UUIDs of its slices where it is cut by MIG.
    """
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is None:
        return _listed()
    entries = [entry.strip() for entry in visible.split(",")]
    # CUDA stops reading at the first invalid entry, and -1 is how none is asked for.
    valid = next(
        (place for place, entry in enumerate(entries) if not entry or entry.startswith("-")), len(entries)
    )
    return tuple(entries[:valid])


def cuda_devices() -> int:
    """Number of CUDA devices that this process may use."""
    return len(visible_devices())


@cache
def _listed() -> tuple[str, ...]:
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return ()
    listed = subprocess.run([tool, "-L"], capture_output=True, text=True)
    if listed.returncode != 0:
        return ()
    gpus: list[list[str]] = []
    for line in listed.stdout.splitlines():
        if gpu := _GPU.match(line):
            gpus.append([gpu[1]])
        elif (part := _SLICE.match(line)) and gpus:
            gpus[-1].append(part[1])
    return tuple(name for gpu, *slices in gpus for name in slices or (gpu,))
