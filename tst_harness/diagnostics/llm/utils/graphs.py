"""CUDA graphs: what a device does is recorded once, and started again with a single call."""

from collections.abc import Callable
from typing import Any, Protocol

from tst_harness.diagnostics.llm.utils.memory import clear

Work = Callable[[], Any]


class Recorder(Protocol):
    """Records what some work does on a device, to have the same done again on the same tensors."""

    def warm_up(self, work: Work) -> None:
        """Do some work as it will be recorded, so that what is set up at its first time is."""

    def record(self, work: Work) -> Work:
        """Record some work, which is not done, and return what does it.

        The work must neither wait for the device nor depend on anything but the values of tensors, which must
        stay where they are.
        """


class CudaGraphs:
    """Records CUDA graphs on one side stream and in one pool of memory.

    Graphs share memory where those that need most are recorded first, and where no two run at once. Random
    numbers of torch's own generator go on from one replay to the next.

    What holds is said in PyTorch's notes on CUDA semantics, "CUDA Graphs", and in the reference of
    `torch.cuda.graph` and `torch.cuda.CUDAGraph`.

    Parameters
    ----------
    device
        "cuda", "cuda:1".
    """

    def __init__(self, device: str) -> None:
        import torch

        self._device = torch.device(device)
        self._stream = torch.cuda.Stream(self._device)
        self._pool: Any = None

    def warm_up(self, work: Work) -> None:
        """Do some work on the side stream; see `Recorder.warm_up`."""
        import torch

        current = torch.cuda.current_stream(self._device)
        self._stream.wait_stream(current)
        with torch.cuda.stream(self._stream):
            work()
        current.wait_stream(self._stream)

    def record(self, work: Work) -> Work:
        """Record some work; see `Recorder.record`."""
        import torch

        with torch.cuda.device(self._device):
            before = torch.cuda.current_stream()
            # What the warm-up has left to the cache is not for the pool.
            torch.cuda.synchronize()
            clear()
            graph = torch.cuda.CUDAGraph()
            try:
                with torch.cuda.graph(graph, pool=self._pool, stream=self._stream):
                    work()
            finally:
                # Where recording fails, torch leaves the side stream in use.
                torch.cuda.set_stream(before)
        self._pool = graph.pool()
        replay: Work = graph.replay
        return replay
