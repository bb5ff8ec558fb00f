"""Peak memory of this process on a device, which can be asked for again and again."""

import contextlib
import sys
from pathlib import Path
from typing import Any

_STATUS = Path("/proc/self/status")
_CLEAR = Path("/proc/self/clear_refs")


def reset_peak(device: str) -> None:
    """Forget the peak so far: of the CUDA device, or of this process's resident memory (Linux)."""
    if device.startswith("cuda"):
        _cuda().reset_peak_memory_stats(device)
    else:
        with contextlib.suppress(OSError):
            _CLEAR.write_text("5")  # proc(5): resets the "high water mark" of resident memory.


def peak_memory(device: str) -> int | None:
    """Bytes at most since `reset_peak`; None where the system does not say."""
    if device.startswith("cuda"):
        return int(_cuda().max_memory_allocated(device))
    with contextlib.suppress(OSError):
        for line in _STATUS.read_text("ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return None


def empty_cache() -> None:
    """Give back to the CUDA devices what torch keeps of them for itself, for another engine to use."""
    if "torch" in sys.modules and _cuda().is_available():
        _cuda().empty_cache()


def _cuda() -> Any:
    return sys.modules["torch"].cuda
