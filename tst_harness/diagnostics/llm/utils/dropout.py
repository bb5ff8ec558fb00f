"""Dropout for the CPU, where torch draws a random number of 64 bits for each element."""

from collections.abc import Sequence
from typing import Any

_LEVELS = 1 << 16


def use_fast_dropout(adapted: Any) -> None:
    """Replace the dropout of a LoRA network by one that draws 16 bits for each element.

    With torch's own, a training step of SmolLM2 on a CPU takes 1.17 times as long. The rate is rounded
    to a 65,536th; otherwise it is the same: elements are dropped independently, and the others scaled so
    that the mean stays.

    Parameters
    ----------
    adapted
        What `peft.get_peft_model` returned.
    """
    import torch

    class FastDropout(torch.nn.Module):  # type: ignore[misc]  # torch is opaque to mypy
        def __init__(self, rate: float) -> None:
            super().__init__()
            self.rate = rate
            self.scale = _LEVELS / (_LEVELS - round(rate * _LEVELS))

        def forward(self, values: Any) -> Any:
            if not self.training:
                return values
            kept = kept_at_random(values.shape, self.rate, values.device)
            return values * kept.to(values.dtype).mul_(self.scale)

    for module in adapted.modules():
        dropouts = getattr(module, "lora_dropout", None)
        if isinstance(dropouts, torch.nn.ModuleDict):
            for name, dropout in dropouts.items():
                if isinstance(dropout, torch.nn.Dropout):
                    dropouts[name] = FastDropout(dropout.p)


def kept_at_random(shape: Sequence[int], rate: float, device: Any, generator: Any = None) -> Any:
    """Return what dropout keeps: bool, each element False with the probability `rate`.

    Parameters
    ----------
    shape
        Of the result.
    rate
        On a CPU rounded to a 65,536th.
    device
        Where the result is.
    generator
        What draws; None for torch's own.
    """
    import torch

    if str(device) != "cpu":
        return torch.empty(*shape, dtype=torch.bool, device=device).bernoulli_(
            1.0 - rate, generator=generator
        )
    elements = torch.Size(shape).numel()
    drawn = torch.empty(-(-elements // 4), dtype=torch.int64)
    # All 64 bits are uniform between these bounds, and so is each 16 of them.
    drawn.random_(-(2**63), None, generator=generator)
    return drawn.view(torch.int16)[:elements].view(*shape) >= round(rate * _LEVELS) - _LEVELS // 2
