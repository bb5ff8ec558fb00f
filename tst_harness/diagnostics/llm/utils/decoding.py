"""Greedy decoding, token by token; prompts leave the batch as soon as they are answered."""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from tst_harness.diagnostics.llm.utils.lora_stack import LoRAStack
from tst_harness.diagnostics.llm.utils.networks import Network, spans
from tst_harness.diagnostics.llm.utils.packing import Packing


class Decoded(NamedTuple):
    """Tokens of an answer, the one that ends it among them, and the natural log-probability of each."""

    tokens: list[int]
    logprobs: list[float]


def decode(
    network: Network,
    prompts: Sequence[Sequence[int]],
    stops: Collection[int],
    most: int,
    stack: LoRAStack | None = None,
    owners: Sequence[int | None] = (),
) -> list[Decoded]:
    """Answer prompts with the most probable token each time.

    Parameters
    ----------
    network
        With or without an adapter on.
    prompts
        n token sequences.
    stops
        Tokens that end an answer.
    most
        Tokens at most in an answer.
    stack, owners
        As for `Network.logits`.

    Returns
    -------
    n answers, in order.
    """
    import torch

    answers = [Decoded([], []) for _ in prompts]
    rows = list(range(len(prompts)))
    width = max(map(len, prompts))
    seen = torch.zeros(len(prompts), width, dtype=torch.long)
    for row, prompt in enumerate(prompts):
        seen[row, width - len(prompt) :] = 1
    seen = seen.to(network.device)
    lengths = torch.tensor([len(prompt) for prompt in prompts], device=network.device)
    logits, cache = _read(network, prompts, seen, stack, owners)
    while True:
        best = logits.max(-1)
        logprobs = (best.values - logits.logsumexp(-1)).tolist()
        going = []
        for place, (row, token, logprob) in enumerate(
            zip(rows, best.indices.tolist(), logprobs, strict=True)
        ):
            answers[row].tokens.append(token)
            answers[row].logprobs.append(logprob)
            if token not in stops and len(answers[row].tokens) < most:
                going.append(place)
        if not going:
            return answers
        tokens = best.indices
        if len(going) < len(rows):
            kept = torch.tensor(going, device=network.device)
            cache.batch_select_indices(kept)
            rows = [rows[place] for place in going]
            tokens, seen, lengths = tokens[kept], seen[kept], lengths[kept]
        if stack is not None:
            stack.spans = spans([owners[row] for row in rows], range(1, len(rows) + 1))
        seen = torch.cat([seen, torch.ones_like(seen[:, :1])], dim=1)
        output = network.model(
            input_ids=tokens[:, None],
            attention_mask=seen,
            position_ids=lengths[:, None],
            past_key_values=cache,
            use_cache=True,
        )
        logits, lengths = output.logits[:, -1].float(), lengths + 1


def _read(
    network: Network,
    prompts: Sequence[Sequence[int]],
    seen: Any,
    stack: LoRAStack | None,
    owners: Sequence[int | None],
) -> tuple[Any, Any]:
    """Return the logits after each prompt, and the cache, in which prompts are padded on the left."""
    import torch

    if network.packs:
        last = [[len(prompt) - 1] for prompt in prompts]
        packing = network.pack(prompts, last, owners)
        logits = network.run_packed(packing, last, stack, owners)
        return logits, _unpacked(packing, [len(prompt) for prompt in prompts])
    if stack is not None:
        width = seen.shape[1]
        stack.spans = spans(owners, range(width, width * len(prompts) + 1, width))
    network.padding += seen.numel() - sum(map(len, prompts))
    ids = torch.zeros_like(seen)
    for row, prompt in enumerate(prompts):
        ids[row, ids.shape[1] - len(prompt) :] = torch.tensor(prompt, device=ids.device)
    output = network.model(
        input_ids=ids,
        attention_mask=seen,
        position_ids=(seen.cumsum(-1) - 1).clamp(min=0),
        use_cache=True,
        logits_to_keep=1,
    )
    return output.logits[:, -1].float(), output.past_key_values


def _unpacked(packing: Packing, lengths: Sequence[int]) -> Any:
    """Return the keys and values of a packed run as a cache of as many rows as sequences."""
    import torch
    from transformers import DynamicCache

    width = max(lengths)
    where = torch.tensor(
        [
            [0] * (width - length) + [packing.where(row, place) for place in range(length)]
            for row, length in enumerate(lengths)
        ]
    )
    cache = DynamicCache()
    for layer in sorted(packing.keys):
        own = (part[0][:, where].transpose(0, 1).contiguous() for part in packing.keys[layer])
        cache.update(*own, layer)
    return cache
