"""What a CUDA graph does, on a CPU: operations are taken down once, and done again on the same tensors."""

from collections.abc import Callable
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten

WAITING = ("_local_scalar_dense", "nonzero", "masked_select", "equal", "lift_fresh", "unique", "item")
"""Operations that wait for the device, or take numbers from Python to it."""


class _Tape(TorchDispatchMode):  # type: ignore[misc]  # torch is opaque to mypy
    """Takes down what is done with which tensors, and undoes it at the end: recording does nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[tuple[Any, Any, Any, list[Any]]] = []
        self._before: list[tuple[Any, Any]] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = func.overloadpacket.__name__
        assert not any(name == waiting or name.startswith(f"{waiting}.") for waiting in WAITING), name
        written = [
            value
            for argument, value in zip(func._schema.arguments, args, strict=False)
            if argument.alias_info is not None and argument.alias_info.is_write
        ]
        self._before += [(tensor, tensor.clone()) for tensor in _tensors(written)]
        result = func(*args, **(kwargs or {}))
        inputs = {tensor.untyped_storage().data_ptr() for tensor in _tensors((args, kwargs))}
        made = [out for out in _tensors(result) if out.untyped_storage().data_ptr() not in inputs]
        self.done.append((func, args, kwargs or {}, made))
        return result

    def undo(self) -> None:
        with torch.no_grad():
            for tensor, before in reversed(self._before):
                tensor.copy_(before)
        self._before.clear()


class TapeRecorder:
    """A `Recorder` of the CPU's operations; Python is not run again when they are replayed.

    Attributes
    ----------
    sizes
        Of each tape, how many operations it has.
    replays
        How often any was replayed.
    """

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.replays = 0

    def warm_up(self, work: Callable[[], Any]) -> None:
        work()

    def record(self, work: Callable[[], Any]) -> Callable[[], Any]:
        tape = _Tape()
        with torch.random.fork_rng(devices=[]), tape:
            work()
        tape.undo()
        self.sizes.append(len(tape.done))

        def replay() -> None:
            self.replays += 1
            with torch.no_grad():
                for func, args, kwargs, made in tape.done:
                    again = _tensors(func(*args, **kwargs))
                    fresh = again[-len(made) :] if made else []
                    for out, value in zip(made, fresh, strict=True):
                        out.copy_(value)

        return replay


def _tensors(values: Any) -> list[Any]:
    return [value for value in tree_flatten(values)[0] if isinstance(value, torch.Tensor)]
