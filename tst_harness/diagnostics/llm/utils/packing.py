"""Sequences one after the other in a single row, without padding: each attends to itself alone."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import groupby
from typing import Any

NAME = "tst_packed"
"""Under which transformers knows this attention."""
_UNKNOWN = ("softcap", "s_aux", "position_bias")


class Packing:
    """n sequences in one row, as groups one after the other, each with its shared beginning first.

    Parameters
    ----------
    sequences
        n sequences of tokens, none of them empty.
    owners
        n numbers, or None; neighbours of one number are a group.
    shared
        Tokens at most that a group has once for all its sequences; 0 has every sequence whole.

    Attributes
    ----------
    tokens, places
        Of the row: its tokens, and where each is in its sequence.
    keys
        By layer the keys and values of the last run of a network, each (1, heads, tokens, size).
    """

    def __init__(
        self, sequences: Sequence[Sequence[int]], owners: Sequence[int | None] = (), shared: int = 0
    ) -> None:
        self.tokens: list[int] = []
        self.places: list[int] = []
        self.keys: dict[int, tuple[Any, Any]] = {}
        self.pieces: list[int] = []
        """Lengths of the parts of the row, in order."""
        self.heads: list[int | None] = []
        """For each part the part that it continues; None for a beginning."""
        self.ends: list[int] = []
        """Of each group the number of tokens up to its end."""
        self._rows: list[tuple[int, int, int]] = []
        self._masks: dict[int | None, Any] = {}
        for _, group in groupby(range(len(sequences)), lambda row: owners[row] if owners else 0):
            own = [sequences[row] for row in group]
            begun = min(shared, common_beginning(own)) if len(own) > 1 else 0
            head, start = None, len(self.tokens)
            if begun:
                head = len(self.pieces)
                self._add(own[0][:begun], 0, None)
            for sequence in own:
                self._rows.append((start, begun, len(self.tokens)))
                self._add(sequence[begun:], begun, head)
            self.ends.append(len(self.tokens))

    def where(self, row: int, place: int) -> int:
        """Return where a place of a sequence is in the row."""
        start, begun, own = self._rows[row]
        return start + place if place < begun else own + place - begun

    def mask(self, sliding_window: int | None, device: Any) -> Any:
        """Return which token attends to which: bool, (tokens, tokens); made once for each window."""
        import torch

        if sliding_window not in self._masks:
            owner = torch.tensor(
                [piece for piece, length in enumerate(self.pieces) for _ in range(length)], device=device
            )
            heads = [piece if head is None else head for piece, head in enumerate(self.heads)]
            begun = torch.tensor(heads, device=device)[owner]
            place = torch.tensor(self.places, device=device)
            same = (owner[:, None] == owner) | (begun[:, None] == owner)
            back = place[:, None] - place
            mask = same & (back >= 0)
            self._masks[sliding_window] = mask if sliding_window is None else mask & (back < sliding_window)
        return self._masks[sliding_window]

    def _add(self, tokens: Sequence[int], begun: int, head: int | None) -> None:
        self.tokens += tokens
        self.places += range(begun, begun + len(tokens))
        self.pieces.append(len(tokens))
        self.heads.append(head)


class FixedPacking:
    """A row whose sequences are told by tensors, so that others of as many tokens can take their place.

    Nothing waits for the device, so that a CUDA graph can hold it.

    Parameters
    ----------
    pieces
        (tokens,) int64: equal for tokens of a sequence.
    places
        (tokens,) int64: where each is in its sequence.
    """

    def __init__(self, pieces: Any, places: Any) -> None:
        self._places = places
        back = places[:, None] - places
        self._causal = (pieces[:, None] == pieces) & (back >= 0)

    def mask(self, sliding_window: int | None, device: Any) -> Any:
        """Return which token attends to which: bool, (tokens, tokens)."""
        if sliding_window is None:
            return self._causal
        return self._causal & (self._places[:, None] - self._places < sliding_window)


_PACKING: ContextVar[Packing | FixedPacking] = ContextVar("packing")


def common_beginning(sequences: Sequence[Sequence[int]]) -> int:
    """Return how many tokens all sequences begin with in common, their last ones left out."""
    first, last = min(map(tuple, sequences)), max(map(tuple, sequences))
    most = min(map(len, sequences)) - 1
    return next((place for place in range(most) if first[place] != last[place]), most)


@contextmanager
def packed(model: Any, packing: Packing | FixedPacking) -> Iterator[None]:
    """Have a network take its single row for several sequences.

    Parameters
    ----------
    model
        A causal language model of transformers.
    packing
        Of the tokens that the network is run on.
    """
    from transformers import AttentionInterface

    AttentionInterface.register(NAME, _attention)
    token, before = _PACKING.set(packing), model.config._attn_implementation
    model.config._attn_implementation = NAME
    try:
        yield
    finally:
        model.config._attn_implementation = before
        _PACKING.reset(token)


def is_packable(model: Any) -> bool:
    """Whether a network gives the same logits for packed sequences as for each alone, found out on two.

    Not where a layer mixes tokens by anything but transformers' exchangeable attention.
    """
    import torch

    vocabulary = int(model.config.get_text_config().vocab_size)
    second = [token % vocabulary for token in (3, 4, 5, 50, 51, 52)]
    packing = Packing([[*second[:3], *second[:3]], second], shared=3)
    with torch.inference_mode():
        device = model.device
        alone = model(input_ids=torch.tensor([second], device=device), use_cache=False).logits[0, 3:]
        row = torch.tensor([packing.tokens], device=device)
        places = torch.tensor([packing.places], device=device)
        try:
            with packed(model, packing):
                both = model(input_ids=row, position_ids=places, use_cache=False).logits[0, -3:]
        except (NotImplementedError, ValueError, TypeError, AttributeError):
            return False
    # In bfloat16 numbers have three digits, and sums of them fewer.
    tolerance = 1e-3 if alone.dtype == torch.float32 else 5e-2
    return bool((alone - both).abs().max() <= tolerance * alone.abs().max())


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
    packing = _PACKING.get()
    if isinstance(packing, Packing) and not torch.is_grad_enabled():
        packing.keys[module.layer_idx] = (key, value)
    if isinstance(packing, FixedPacking) or query.is_cuda:
        return _attention_at_once(packing, query, key, value, scaling, dropout, sliding_window), None
    pieces = [part.split(packing.pieces, dim=2) for part in (query, key, value)]
    attended = []
    for q, k, v, head in zip(*pieces, packing.heads, strict=True):
        if head is not None:
            k, v = torch.cat([pieces[1][head], k], dim=2), torch.cat([pieces[2][head], v], dim=2)
        mask = None
        if head is not None or (sliding_window is not None and k.shape[2] > sliding_window):
            before = k.shape[2] - q.shape[2]
            mask = torch.ones(q.shape[2], k.shape[2], dtype=torch.bool, device=q.device).tril(before)
            if sliding_window is not None:
                mask = mask.triu(before + 1 - sliding_window)
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


def _attention_at_once(
    packing: Packing | FixedPacking,
    query: Any,
    key: Any,
    value: Any,
    scaling: float | None,
    dropout: float,
    sliding_window: int | None,
) -> Any:
    """Attend in one call with a mask: on CUDA, launching a call for each sequence would take longer."""
    import torch

    groups = query.shape[1] // key.shape[1]
    # With a mask, the kernels that do not write the whole square take as many keys as queries.
    key, value = (part.repeat_interleave(groups, dim=1) for part in (key, value))
    attended = torch.nn.functional.scaled_dot_product_attention(
        *(query, key, value),
        attn_mask=packing.mask(sliding_window, query.device),
        dropout_p=dropout,
        scale=scaling,
    )
    return attended.transpose(1, 2).contiguous()
