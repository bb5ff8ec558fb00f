"""Sequences one after the other in a single row, without padding: each attends to itself alone."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

NAME = "tst_packed"
"""Under which transformers knows this attention."""
_LENGTHS: ContextVar[Sequence[int]] = ContextVar("lengths of the packed sequences")
_UNKNOWN = ("softcap", "s_aux", "position_bias")


@contextmanager
def packed(model: Any, lengths: Sequence[int]) -> Iterator[None]:
    """Have a network take its single row for several sequences.

    Parameters
    ----------
    model
        A causal language model of transformers.
    lengths
        Of the sequences, in order; they add up to the tokens of the row.
    """
    from transformers import AttentionInterface

    AttentionInterface.register(NAME, _attention)
    token, before = _LENGTHS.set(lengths), model.config._attn_implementation
    model.config._attn_implementation = NAME
    try:
        yield
    finally:
        model.config._attn_implementation = before
        _LENGTHS.reset(token)


def is_packable(model: Any) -> bool:
    """Whether a network gives the same logits for packed sequences as for each alone, found out on two.

    Not where a layer mixes tokens by anything but transformers' exchangeable attention.
    """
    import torch

    vocabulary = int(model.config.get_text_config().vocab_size)
    first, second = (torch.arange(start, start + 6) % vocabulary for start in (3, 50))
    with torch.inference_mode():
        alone = model(input_ids=second[None], use_cache=False).logits[0]
        row, places = torch.cat([first, second]), torch.arange(6).repeat(2)
        try:
            with packed(model, [6, 6]):
                both = model(input_ids=row[None], position_ids=places[None], use_cache=False).logits[0]
        except (NotImplementedError, ValueError, TypeError, AttributeError):
            return False
    return bool(torch.allclose(alone, both[6:], rtol=1e-3, atol=1e-3))


def _attention(
    module: Any,
    query: Any,
    key: Any,
    value: Any,
    attention_mask: Any,
    scaling: float | None = None,
    dropout: float = 0.0,
    sliding_window: int | None = None,
    **more: Any,
) -> tuple[Any, None]:
    """Causal attention within each sequence; shapes are those of `transformers.AttentionInterface`."""
    import torch

    if any(more.get(name) is not None for name in _UNKNOWN):
        raise NotImplementedError
    lengths = list(_LENGTHS.get())
    attended = []
    for q, k, v in zip(*(part.split(lengths, dim=2) for part in (query, key, value)), strict=True):
        mask = None
        if sliding_window is not None and q.shape[2] > sliding_window:
            square = torch.ones(q.shape[2], q.shape[2], dtype=torch.bool, device=q.device)
            mask = square.tril().triu(1 - sliding_window)
        attended.append(
            torch.nn.functional.scaled_dot_product_attention(
                *(q, k, v),
                attn_mask=mask,
                dropout_p=dropout,
                is_causal=mask is None,
                scale=scaling,
                enable_gqa=True,
            )
        )
    return torch.cat(attended, dim=2).transpose(1, 2).contiguous(), None
