"""Several LoRA adapters on one frozen network, each with tokens of its own in every batch."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from tst_harness.diagnostics.llm.utils.dropout import kept_at_random
from tst_harness.diagnostics.llm.utils.lora_functions import grouped_linear, masked_linear


class Span(NamedTuple):
    """The tokens of an adapter in a batch: from `start` up to `stop` in the order of the rows."""

    adapter: int
    start: int
    stop: int


class LoRAStack:
    """k adapters of peft on one network, run together.

    While it is in use, every layer with adapters computes its base once for all tokens and adds to the tokens
    of each adapter what that adapter says of them. No token has any influence on another adapter, not even
    where it is infinite or NaN.

    Parameters
    ----------
    adapted
        A `peft.PeftModel` of LoRA adapters of one rank.
    names
        Of its k adapters.
    seeds
        k seeds, of what dropout drops of the tokens of each adapter, whichever adapters are run beside it.
        None where nothing is dropped.

    Attributes
    ----------
    weights, gradients
        float32, (k, weights of an adapter). Layers use them in place.
    spans
        Whose tokens are which; tokens of no span get what the base says.
    """

    def __init__(self, adapted: Any, names: Sequence[str], seeds: Sequence[int] | None = None) -> None:
        import torch
        from peft.tuners.lora import LoraLayer

        self.spans: Sequence[Span] = ()
        self._members: Any = None
        layers = [module for module in adapted.modules() if isinstance(module, LoraLayer)]
        self._parts = [
            [(layer.lora_A[name].weight, layer.lora_B[name].weight) for name in names] for layer in layers
        ]
        device = self._parts[0][0][0].device
        size = sum(a.numel() + b.numel() for (a, b), *_ in self._parts)
        self.weights = torch.empty(len(names), size, device=device)
        self.gradients = torch.zeros(0, device=device)
        self._generators = [torch.Generator(device).manual_seed(seed) for seed in seeds or ()]
        self._layers: list[tuple[Any, Callable[[Any], Any]]] = []
        self._tensors: list[tuple[Any, int]] = []
        start = 0
        for layer, parts in zip(layers, self._parts, strict=True):
            (a, b), *_ = parts
            down, start = self._take((a.shape[0], a.shape[1]), start)
            # With the rank first, which is faster; peft has it last.
            up, start = self._take((b.shape[1], b.shape[0]), start)
            rate = float(getattr(layer.lora_dropout[names[0]], "p", 0.0)) if seeds else 0.0
            self._layers.append((layer, self._forward(layer, down, up, layer.scaling[names[0]], rate)))
        self._adapters = torch.arange(len(names), device=device).repeat_interleave(a.shape[0])
        self.load()

    def load(self) -> None:
        """Take the weights of peft's adapters."""
        import torch

        downs, ups = self._tensors[::2], self._tensors[1::2]
        with torch.no_grad():
            for parts, (down, _), (up, _) in zip(self._parts, downs, ups, strict=True):
                for place, (a, b) in enumerate(parts):
                    down[place].copy_(a)
                    up[place].copy_(b.T)

    def _take(self, shape: tuple[int, int], start: int) -> tuple[Any, int]:
        """Return the next weights, of this shape for each adapter, and where the ones after them begin."""
        import torch

        stop = start + shape[0] * shape[1]
        view = torch.nn.Parameter(self.weights[:, start:stop].view(len(self.weights), *shape))
        self._tensors.append((view, start))
        return view, stop

    def require_gradients(self) -> None:
        """Have `backward` add to `gradients`, which begin at zero."""
        import torch

        self.gradients = torch.zeros_like(self.weights)
        for view, start in self._tensors:
            stop = start + view[0].numel()
            view.grad = self.gradients[:, start:stop].view(view.shape)

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Take the place of peft's own way of running one adapter."""
        for layer, forward in self._layers:
            layer.forward = forward
        try:
            yield
        finally:
            for layer, _ in self._layers:
                del layer.forward

    @contextmanager
    def told_by(self, owners: Any) -> Iterator[None]:
        """Have a tensor tell whose tokens are which, in place of `spans`: the work is the same for any.

        What dropout drops is drawn for all tokens at once, by torch's own generator, and so depends on which
        adapters are run together. An adapter whose weights are infinite or NaN spoils the others.

        Parameters
        ----------
        owners
            (tokens,) int64: the adapter of each, -1 for none.
        """
        self._members = owners[:, None] == self._adapters
        try:
            yield
        finally:
            self._members = None

    def write_back(self) -> None:
        """Give peft's adapters these weights."""
        import torch

        downs, ups = self._tensors[::2], self._tensors[1::2]
        with torch.no_grad():
            for parts, (down, _), (up, _) in zip(self._parts, downs, ups, strict=True):
                for place, (a, b) in enumerate(parts):
                    a.copy_(down[place])
                    b.copy_(up[place].T)

    def _forward(self, layer: Any, down: Any, up: Any, scale: float, rate: float) -> Callable[[Any], Any]:
        base = layer.base_layer
        # GPT-2's Conv1D has its weight the other way round.
        weight = base.weight.T if layer.fan_in_fan_out else base.weight
        grouped, masked = grouped_linear().apply, masked_linear().apply

        def forward(x: Any, *args: Any, **kwargs: Any) -> Any:
            kept = self._kept(x, rate) if rate and layer.training else None
            share = scale / (1.0 - rate) if kept is not None else scale
            if self._members is not None:
                return masked(x, weight, base.bias, down, up, self._members, share, kept)
            return grouped(x, weight, base.bias, down, up, self.spans, share, kept)

        return forward

    def _kept(self, x: Any, rate: float) -> Any:
        """Return what dropout keeps of a layer's input: bool, (tokens, features)."""
        import torch

        features = x.shape[-1]
        if self._members is not None:
            return kept_at_random((x.numel() // features, features), rate, x.device)
        kept = torch.ones(x.numel() // features, features, dtype=torch.bool, device=x.device)
        for adapter, start, stop in self.spans:
            generator = self._generators[adapter]
            kept[start:stop] = kept_at_random((stop - start, features), rate, x.device, generator)
        return kept
