"""A smaller benchmark for a quick run: a stratified, seeded subset of the questions."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from tst_harness.dataset.loading import Dataset
from tst_harness.errors import DataError


def subset(dataset: Dataset, n: int, seed: int, at_least: int) -> Dataset:
    """Keep n questions, of each type in proportion to its size.

    Which ones is a pure function of the ids, their types, n and the seed, never of row order. Where a
    larger n gives a type no smaller share, the type keeps all the questions that it had.

    Parameters
    ----------
    dataset
        With at most n questions it is returned as it is.
    n
        Number of questions to keep.
    seed
        Another seed keeps other questions.
    at_least
        What each type keeps, or all it has where that is less; the number of folds, so that each type is
        in each.

    Returns
    -------
    The dataset with n questions in its order, index 0 .. n-1.

    Raises
    ------
    DataError
        n is too small for what each type must keep.
    """
    frame = dataset.frame
    if n >= len(frame):
        return dataset
    shares = shares_of(Counter(frame["type"]), n, at_least)
    members: dict[str, list[tuple[bytes, int]]] = {name: [] for name in shares}
    for row, (name, id_) in enumerate(zip(frame["type"], frame["id"], strict=True)):
        members[name].append((_digest(id_, seed), row))
    rows = [row for name, share in shares.items() for _, row in sorted(members[name])[:share]]
    return replace(dataset, frame=frame.iloc[sorted(rows)].reset_index(drop=True))


def shares_of(sizes: Mapping[str, int], n: int, at_least: int, option: str = "--tst-limit") -> dict[str, int]:
    """Return how many questions each type keeps, of n in all; `option` is what asked for n.

    Raises
    ------
    DataError
        n is too small for what each type must keep.
    """
    least = {name: min(size, at_least) for name, size in sizes.items()}
    if sum(least.values()) > n:
        raise DataError(
            f"{n} questions are too few to keep {at_least} of each of the {len(sizes)} question types, or "
            f"all of a smaller one; use {option} {sum(least.values())} or more"
        )
    shares: dict[str, int] = {}
    while True:
        free = {name: size for name, size in sizes.items() if name not in shares}
        proportional = _largest_remainders(free, n - sum(shares.values()))
        short = [name for name, share in proportional.items() if share < least[name]]
        if not short:
            return shares | proportional
        # What these are given beyond their proportion is missing for the others.
        shares |= {name: least[name] for name in short}


def _largest_remainders(sizes: Mapping[str, int], n: int) -> dict[str, int]:
    total = sum(sizes.values())
    shares = {name: n * size // total for name, size in sizes.items()}
    by_remainder = sorted(sizes, key=lambda name: (-(n * sizes[name] % total), name))
    for name in by_remainder[: n - sum(shares.values())]:
        shares[name] += 1
    return shares


def _digest(id_: str, seed: int) -> bytes:
    # Keyed otherwise than the folds, which a subset is not to lean towards.
    key = f"subset:{seed}".encode()
    return hashlib.blake2b(id_.encode("utf-8", "surrogatepass"), digest_size=16, key=key).digest()
