"""Which accelerator there is, found out without importing torch or touching the device."""

import os
import shutil
import subprocess
from functools import cache


@cache
def cuda_devices() -> int:
    """Number of CUDA devices that this process may use, by CUDA_VISIBLE_DEVICES and the driver's own tool."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        named = [one for one in visible.split(",") if one.strip()]
        # CUDA stops reading at the first invalid entry, and -1 is how none is asked for.
        return next((place for place, one in enumerate(named) if one.strip().startswith("-")), len(named))
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return 0
    listed = subprocess.run([tool, "-L"], capture_output=True, text=True)
    return (
        sum(line.startswith("GPU ") for line in listed.stdout.splitlines()) if listed.returncode == 0 else 0
    )
