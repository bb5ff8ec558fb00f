"""Memory on a device: the peak, which can be asked for again and again, and what to do without enough."""

import contextlib
import gc
import sys
from pathlib import Path
from typing import Any

_STATUS = Path("/proc/self/status")
_CLEAR = Path("/proc/self/clear_refs")
_SAYINGS = (
    *("out of memory", "outofmemoryerror", "not enough memory", "can't allocate memory"),
    *("cublas_status_alloc_failed", "cudnn_status_alloc_failed"),
)
"""How torch, and what it calls, say that memory ran out; in lower case."""


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


def free_memory(device: str) -> int | None:
    """Bytes that no process holds of a CUDA device, torch's own reserve given back first; None for a CPU."""
    if not device.startswith("cuda"):
        return None
    empty_cache()
    return int(_cuda().mem_get_info(device)[0])


def empty_cache() -> None:
    """Give back to the CUDA devices what torch keeps of them for itself, for another engine to use."""
    if "torch" in sys.modules and _cuda().is_available():
        _cuda().empty_cache()


def clear() -> None:
    """Give back what nothing refers to any more, also where it refers to itself."""
    gc.collect()
    empty_cache()


def says_out_of_memory(text: str) -> bool:
    """Whether a message of torch, or the end of a program's output, says that memory ran out."""
    lower = text.lower()
    return any(saying in lower for saying in _SAYINGS)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error of torch says that memory ran out, on a device or on the machine."""
    # On a CPU it is a plain RuntimeError, which only its message tells from others.
    return isinstance(error, RuntimeError | MemoryError) and says_out_of_memory(
        f"{type(error).__name__}: {error}"
    )


def smaller_batch(batch: int, effective: int) -> int:
    """Return the batch to try after one that memory is too small for: half of it, or a little less.

    Parameters
    ----------
    batch
        At least 2.
    effective
        What batches add up to before the weights change; the result divides it.
    """
    return next(size for size in range(batch // 2, 0, -1) if effective % size == 0)


def _cuda() -> Any:
    return sys.modules["torch"].cuda
