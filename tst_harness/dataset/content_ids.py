"""Ids of rows that have none: made from what a row says, so that row order does not matter."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable

_DIGITS = 12


def content_ids(seen: Iterable[object], whole: Iterable[object]) -> list[str]:
    """Return an id for each of n rows, 12 hexadecimal digits, with "-2", "-3" ... where rows are alike.

    Parameters
    ----------
    seen
        For each row, in plain types, what tells it from others, without its answer.
    whole
        For each row all that is known of it. Rows alike in what is seen are numbered in the order of a
        digest of this, which tells nothing of an answer to who does not know it.
    """
    bare = [_digest(row)[:_DIGITS] for row in seen]
    times = Counter(bare)
    alike = [
        (digits, _digest(row), position)
        for position, (digits, row) in enumerate(zip(bare, whole, strict=True))
        if times[digits] > 1
    ]
    ids, placed = list(bare), Counter[str]()
    for digits, _, position in sorted(alike):
        placed[digits] += 1
        if placed[digits] > 1:
            ids[position] = f"{digits}-{placed[digits]}"
    return ids


def _digest(row: object) -> str:
    return hashlib.sha256(json.dumps(row).encode("ascii")).hexdigest()
