"""The autograd functions of a layer with several adapters; made late, since torch is imported late."""

from functools import cache
from typing import Any


@cache
def grouped_linear() -> Any:
    """Return the function for tokens that stand together by their adapter."""
    import torch

    class GroupedLinear(torch.autograd.Function):  # type: ignore[misc]  # torch is opaque to mypy
        """y = x W' + bias + scale (kept x) A' B, where A and B are those of the adapter of a token.

        Gradients of A and B are added where they are gathered. Kept for the way back are the input as the
        adapters saw it, what was kept of it, and the r columns. All products have the rank r in front: with
        it last they take three times as long on a CPU.
        """

        @staticmethod
        def forward(
            context: Any,
            x: Any,
            weight: Any,
            bias: Any,
            down: Any,
            up: Any,
            spans: Any,
            scale: float,
            kept: Any,
        ) -> Any:
            rows = x.reshape(-1, x.shape[-1]).to(weight.dtype)
            y = rows @ weight.T if bias is None else torch.addmm(bias, rows, weight.T)
            seen = rows if kept is None else rows * kept.to(rows.dtype)
            columns = []
            for adapter, start, stop in spans:
                z = (down[adapter].to(rows.dtype) @ seen[start:stop].T).mul_(scale)
                y[start:stop].addmm_(z.T, up[adapter].to(rows.dtype))
                columns.append(z)
            context.save_for_backward(seen, weight, down, up, kept, *columns)
            context.spans, context.scale = spans, scale
            return y.view(*x.shape[:-1], y.shape[-1])

        @staticmethod
        def backward(context: Any, dy: Any) -> Any:
            seen, weight, down, up, kept, *columns = context.saved_tensors
            rows = dy.reshape(-1, dy.shape[-1]).to(weight.dtype)
            dx = rows @ weight if context.needs_input_grad[0] else None
            for (adapter, start, stop), z in zip(context.spans, columns, strict=True):
                part = rows[start:stop]
                dz = (up[adapter].to(rows.dtype) @ part.T).mul_(context.scale)
                up.grad[adapter].add_(z @ part)
                down.grad[adapter].add_(dz @ seen[start:stop])
                if dx is None:
                    continue
                through = dz.T @ down[adapter].to(rows.dtype)
                if kept is not None:
                    through.mul_(kept[start:stop].to(rows.dtype))
                dx[start:stop].add_(through)
            dx = None if dx is None else dx.view(*dy.shape[:-1], dx.shape[-1])
            return dx, None, None, None, None, None, None, None

    return GroupedLinear


@cache
def masked_linear() -> Any:
    """Return the function for tokens whose adapters a tensor tells: the same work whosever they are."""
    import torch

    class MaskedLinear(torch.autograd.Function):  # type: ignore[misc]  # torch is opaque to mypy
        """As `GroupedLinear`, with all adapters as one of k r columns, of which a token uses its own r.

        On CUDA a product with r columns takes as long as one with k r. Kept for the way back are the input,
        which layers share, what was kept of it, and the columns. An adapter with infinite weights spoils all
        tokens.
        """

        @staticmethod
        def forward(
            context: Any,
            x: Any,
            weight: Any,
            bias: Any,
            down: Any,
            up: Any,
            members: Any,
            scale: float,
            kept: Any,
        ) -> Any:
            rows = x.reshape(-1, x.shape[-1]).to(weight.dtype)
            y = rows @ weight.T if bias is None else torch.addmm(bias, rows, weight.T)
            seen = rows if kept is None else rows * kept
            z = (seen @ _columns(down, rows.dtype).T).mul_(scale).mul_(members)
            y.addmm_(z, _columns(up, rows.dtype))
            context.save_for_backward(rows, weight, down, up, kept, members, z)
            context.scale = scale
            return y.view(*x.shape[:-1], y.shape[-1])

        @staticmethod
        def backward(context: Any, dy: Any) -> Any:
            x, weight, down, up, kept, members, z = context.saved_tensors
            rows = dy.reshape(-1, dy.shape[-1]).to(weight.dtype)
            dz = (rows @ _columns(up, rows.dtype).T).mul_(context.scale).mul_(members)
            up.grad.add_((z.T @ rows).view(up.shape))
            seen = x if kept is None else x * kept
            down.grad.add_((dz.T @ seen).view(down.shape))
            if not context.needs_input_grad[0]:
                return (None,) * 8
            through = dz @ _columns(down, rows.dtype)
            if kept is not None:
                through.mul_(kept)
            dx = torch.addmm(through, rows, weight)
            return dx.view(*dy.shape[:-1], dx.shape[-1]), None, None, None, None, None, None, None

    return MaskedLinear


def _columns(weights: Any, dtype: Any) -> Any:
    """Return the (k, r, features) weights of all adapters as (k r, features)."""
    return weights.to(dtype).reshape(-1, weights.shape[-1])
