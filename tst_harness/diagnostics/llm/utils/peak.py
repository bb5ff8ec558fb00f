"""How fast a device is at its best, and what a network asks of it: together, how much of it is used."""

import time
from functools import cache
from typing import Any

_SIZES = {"cpu": 1_024, "cuda": 8_192}
_PRODUCTS = 5
_EXPERTS = ("num_experts", "num_local_experts", "n_routed_experts")


@cache
def peak_operations(device: str) -> float | None:
    """Return the floating-point operations a second of a large matrix product, measured once in a process.

    On a CPU in float32, on CUDA in bfloat16, as networks are run. None where memory is too small for it.
    """
    import torch

    cuda = device.startswith("cuda")
    size, dtype = (_SIZES["cuda"], torch.bfloat16) if cuda else (_SIZES["cpu"], torch.float32)
    seconds = []
    try:
        square = torch.ones(size, size, dtype=dtype, device=device)
        product = torch.empty_like(square)
        for _ in range(_PRODUCTS):
            started = time.perf_counter()
            torch.mm(square, square, out=product)
            if cuda:
                torch.cuda.synchronize(device)
            seconds.append(time.perf_counter() - started)
    except torch.OutOfMemoryError:
        return None
    return 2.0 * size**3 / min(seconds)


def operations_per_token(model: Any) -> int | None:
    """Return the operations of a forward pass for a token: 2 for each weight of a matrix in its layers.

    Embeddings, the output head and attention are left out. None where a token does not pass all weights: in
    a mixture of experts.
    """
    import torch

    config = model.config.get_text_config()
    if any((getattr(config, name, None) or 0) > 1 for name in _EXPERTS):
        return None
    embeddings = [module for module in model.modules() if isinstance(module, torch.nn.Embedding)]
    outside = {id(weight) for module in embeddings for weight in module.parameters()}
    head = model.get_output_embeddings()
    if head is not None:
        outside |= {id(weight) for weight in head.parameters()}
    matrices = (weight for weight in model.parameters() if weight.dim() == 2 and id(weight) not in outside)
    return 2 * sum(int(weight.numel()) for weight in matrices)
