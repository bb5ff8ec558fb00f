"""What an update does to the weights of several adapters: each by itself, without waiting for the device."""

from collections.abc import Mapping

from tst_harness.diagnostics.llm.trainers.examples import LARGEST_NORM
from tst_harness.diagnostics.llm.utils.lora_stack import LoRAStack


class Updates:
    """AdamW without weight decay on k adapters, the gradient of each clipped, each with a rate of its own.

    Parameters
    ----------
    stack
        Requires gradients.
    """

    def __init__(self, stack: LoRAStack) -> None:
        import torch

        self._stack = stack
        self._rates = torch.zeros(len(stack.weights), device=stack.weights.device)
        rows = [torch.nn.Parameter(weights) for weights in stack.weights]
        for row, gradients in zip(rows, stack.gradients, strict=True):
            row.grad = gradients
        self._optimiser = torch.optim.AdamW(
            [{"params": [row], "lr": rate} for row, rate in zip(rows, self._rates.unbind(), strict=True)],
            weight_decay=0.0,
            fused=True,
            # Else torch refuses to record it in a CUDA graph.
            capturable=self._rates.is_cuda,
        )

    def set_rates(self, rates: Mapping[int, float]) -> None:
        """Set the learning rates of the next update, by adapter; the others stay as they are."""
        import torch

        self._rates.copy_(torch.tensor([rates.get(place, 0.0) for place in range(len(self._rates))]))

    def apply(self) -> None:
        """Clip the gradients and update the weights."""
        import torch

        gradients = self._stack.gradients
        norms = torch.linalg.vector_norm(gradients, dim=1, keepdim=True)
        gradients.mul_((LARGEST_NORM / (norms + 1e-6)).clamp(max=1.0))
        self._optimiser.step()

    def forget(self) -> None:
        """Begin anew: no update was made yet."""
        for state in self._optimiser.state.values():
            for tensor in state.values():
                tensor.zero_()

    def drop(self, place: int) -> None:
        """Be done with an adapter that failed: nothing of it is infinite or NaN any more."""
        self._stack.weights[place].zero_()
        self._stack.gradients[place].zero_()
        [row] = self._optimiser.param_groups[place]["params"]
        for tensor in self._optimiser.state[row].values():
            tensor.zero_()
