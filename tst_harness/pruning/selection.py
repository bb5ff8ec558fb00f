"""Which questions go first: the highest ranked, and among numbers those whose answers recur."""

import hashlib
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from tst_harness.analysis.diagnostic import FloatArray, IntArray
from tst_harness.benchmark.pruning import Rank

_CONFIDENCE = 0.95
_BITS = 52
_DECIMALS = 12
"""Scores that differ by less are equal; the order in which floats are added up is not to break a tie."""


def ranked(scores: pd.DataFrame, rank: Rank, repeats: int) -> pd.DataFrame:
    """Return the scores with what decides who goes.

    Parameters
    ----------
    scores
        From `Rediagnosis.scores`.
    rank
        As in `PruningSettings`.
    repeats
        How many there are; for "lower" at least two.

    Returns
    -------
    `scores` with `rank_score`, and `credit`, which is the same before the blind baseline is taken off. It is
    that of the question for mc, and for others its mean over the type: an answer that is right because most
    are the same is the shortcut itself, and no reason to rank a question lower.
    """
    credit = scores["s"].to_numpy()
    if rank == "gain":
        credit = credit - scores["s_zero_shot"].to_numpy()
    elif rank == "lower":
        quantile = float(stdtrit(repeats - 1, _CONFIDENCE))
        credit = credit - quantile * scores["s_sd"].to_numpy() / np.sqrt(repeats)
    blind_baseline = np.zeros(len(scores))
    if rank in ("excess", "lower"):
        of_type = scores.groupby("type")["blind_baseline"].transform("mean")
        blind_baseline = scores["blind_baseline"].where(scores["format"] == "mc", of_type).to_numpy()
    return scores.assign(credit=credit, rank_score=(credit - blind_baseline).round(_DECIMALS))


def removal_order(candidates: pd.DataFrame, wanted: int, take: Callable[[int], bool], seed: int) -> list[int]:
    """Choose at most so many questions of one stratum, those that go first first.

    Questions have their turns by rank score. An mc or multi question goes in its own turn. The turn of a num
    or open question is taken by one of its type that is drawn at random, with a weight of its credit times
    how often its answer occurs in the type: a hard cut would leave the type without its commonest, best known
    answers. The draw is a pure function of ids and seed, and where weights stay as they are, two batches draw
    what one of twice the size does.

    Parameters
    ----------
    candidates
        Rows of `ranked` with `answer` and `times`, how often the answer occurs in what is left of the type.
    wanted
        How many to choose.
    take
        Takes a row, by its label in `candidates`, and returns whether it may go.
    seed
        Of the draw and of ties.

    Returns
    -------
    Labels of rows.
    """
    lots = _lots(candidates["id"].tolist(), seed)
    by_rank = np.lexsort((lots, -candidates["rank_score"].to_numpy()))
    drawn = np.lexsort((lots, -_keys(candidates, lots)))
    types = candidates["type"].to_numpy()
    is_number = candidates["format"].isin(("num", "open")).to_numpy()
    labels = candidates.index.to_numpy()
    own: dict[str, Iterator[int]] = {}
    for name, rows in candidates.groupby("type").indices.items():
        order = drawn if is_number[rows[0]] else by_rank
        own[str(name)] = iter(labels[order[types[order] == name]].tolist())
    chosen: list[int] = []
    for name in types[by_rank]:
        if len(chosen) >= wanted:
            break
        row = next(filter(take, own[name]), None)
        if row is not None:
            chosen.append(row)
    return chosen


def _keys(candidates: pd.DataFrame, lots: IntArray) -> FloatArray:
    """Gumbel keys: the largest k are a draw of k without replacement (Efraimidis and Spirakis 2006)."""
    weight = np.maximum(candidates["credit"].to_numpy(), 0.0) * candidates["times"].to_numpy()
    uniform = (lots + 0.5) / 2.0**_BITS
    with np.errstate(divide="ignore"):
        keys: FloatArray = np.log(weight) - np.log(-np.log(uniform))
    return keys


def _lots(ids: Sequence[str], seed: int) -> IntArray:
    """(n,) integers of `_BITS` bits, one for each id."""
    # Keyed otherwise than the folds.
    key = f"prune:{seed}".encode()
    digests = (hashlib.blake2b(id_.encode("utf-8", "surrogatepass"), digest_size=8, key=key) for id_ in ids)
    return np.array(
        [int.from_bytes(digest.digest(), "big") >> (64 - _BITS) for digest in digests], dtype=np.int64
    )
