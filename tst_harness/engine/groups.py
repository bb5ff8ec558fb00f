"""Which folds are handed out together, to be trained in one pass over a model."""

import math

from tst_harness.analysis.units import Unit
from tst_harness.engine.settings import Settings
from tst_harness.processes.devices import cuda_devices
from tst_harness.registry import analyses


def group_size(settings: Settings, workers: int = 1, on_gpu: bool | None = None) -> int:
    """Return how many folds are handed out together at most.

    "auto" is all of a benchmark on CUDA, where what takes the time is launching kernels, and one on a CPU,
    which a single fold keeps busy. Each worker gets a share.

    Parameters
    ----------
    settings
        What was asked for.
    workers
        Number of processes, or of devices, that share the folds of a benchmark.
    on_gpu
        Whether they are trained on a GPU; None where that is this machine's.
    """
    folds = settings.repeats * settings.folds
    most = settings.folds_together
    if most == "auto":
        most = folds if (cuda_devices() > 0 if on_gpu is None else on_gpu) else 1
    return max(1, min(most, math.ceil(folds / workers)))


def group_of(unit: Unit, settings: Settings, size: int) -> int | None:
    """Return the number of a fold's group among those of its analysis and split; None where it has none."""
    if size == 1 or unit.repeat is None or unit.fold is None or not analyses()[unit.analysis].needs_gpu:
        return None
    return (unit.repeat * settings.folds + unit.fold) // size
