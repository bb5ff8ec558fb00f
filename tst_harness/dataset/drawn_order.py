"""An order of the options that tells nothing, where their columns tell the right one."""

import hashlib
from collections.abc import Sequence


def in_drawn_order(
    ids: Sequence[str], options: Sequence[tuple[str, ...] | None]
) -> list[tuple[str, ...] | None]:
    """The options of each row in an order drawn from its id and their texts alone."""
    drawn: list[tuple[str, ...] | None] = []
    for id_, offered in zip(ids, options, strict=True):
        key = hashlib.sha256(id_.encode("utf-8", "surrogatepass")).digest()
        digests = {text: _digest(key, text) for text in offered or ()}
        drawn.append(None if offered is None else tuple(sorted(offered, key=digests.__getitem__)))
    return drawn


def _digest(key: bytes, text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16, key=key).digest()
