"""The one order of questions, which no run and no row order can change."""

import re
from collections.abc import Sequence

_INTEGER = re.compile("-?[0-9]{1,18}")


def canonical_order(ids: Sequence[str]) -> list[int]:
    """Return the positions of distinct ids in canonical order: as integers if all are, else as strings."""
    if all(_INTEGER.fullmatch(id) for id in ids):
        return sorted(range(len(ids)), key=lambda place: (int(ids[place]), ids[place]))
    return sorted(range(len(ids)), key=ids.__getitem__)
