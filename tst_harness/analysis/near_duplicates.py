"""Questions that are the same as others, or nearly so, in what a text-only model sees: text and options."""

import re
import unicodedata
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np
import numpy.typing as npt
import pandas as pd

from tst_harness.analysis.diagnostic import FloatArray, IntArray

if TYPE_CHECKING:
    from scipy.sparse import csr_array

SIMILARITY = 0.8
"""The least similarity of near-duplicates."""

_TOKEN = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]|\w+|[^\w\s]")
"""A word, a mark, or a character of a script without spaces between words."""
_MARK = re.compile(r"[^\w\s*/%+<>=^$-]+")
_MOST_CHARACTERS = 20_000
_BANDS, _ROWS = 16, 6
_WEIGHT_LEVELS = 6
_HASHED_TOKENS = 2**22
_CHUNK_PAIRS = 20_000


@dataclass(frozen=True, eq=False)
class Clusters:
    """Which questions are duplicates of each other.

    Attributes
    ----------
    of
        Shape (n,), the cluster of each question, from 0; -1 for one that is like no other.
    exact
        Shape (n,), whether another question has the same text and options.
    similarity
        Shape (clusters,), the least similarity of two questions that a cluster was linked by, in [0.8, 1].
    """

    of: IntArray
    exact: npt.NDArray[np.bool_]
    similarity: FloatArray


def find_clusters(frame: pd.DataFrame) -> Clusters:
    """Find exact and near-duplicates.

    Texts are the same where they differ only in case, white space, Unicode form or the order of the options.
    They are nearly the same, within a question type, where the Jaccard similarity of their words and pairs
    of words, weighted by inverse document frequency among the distinct texts of the type, is at least 0.8.
    The weights keep a template apart from what fills it: "How many chairs are in this room?" and "How many
    tables are in this room?" are two questions. Candidates come from MinHash with locality-sensitive hashing
    (Broder 1997; Indyk and Motwani 1998), which finds 99% of the pairs at 0.8 and more of those above.
    Clusters are what is linked, through others too.

    Parameters
    ----------
    frame
        n questions with `type`, `text` and `options`, in an order that does not depend on the file's.
    """
    # Imported here, where the tests that collect no check need not wait for it.
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    keys = [_key(text, options) for text, options in zip(frame["text"], frame["options"], strict=True)]
    same, _ = pd.factorize(np.array(keys, dtype=object))
    # A text in two types is two nodes, since its words weigh differently, and one link.
    types, names = pd.factorize(frame["type"].to_numpy())
    node_key, node = np.unique(same.astype(np.int64) * len(names) + types, return_inverse=True)
    _, first = np.unique(node, return_index=True)
    links = [_repeated(node_key // len(names)), *_near([keys[row] for row in first], types[first])]
    left, right, similarity = (np.concatenate(part) for part in zip(*links, strict=True))
    graph = coo_array((np.ones(len(left)), (left, right)), shape=(len(first), len(first)))
    component = connected_components(graph, directed=False)[1][node]
    clustered = np.bincount(component)[component] > 1
    of = np.full(len(frame), -1, dtype=np.int64)
    # Numbered by first member, so that the same questions get the same numbers.
    of[clustered] = pd.factorize(component[clustered])[0]
    least = np.ones(int(of.max(initial=-1)) + 1)
    np.minimum.at(least, of[first[left]], similarity)
    return Clusters(of, np.bincount(same)[same] > 1, least)


def _key(text: str, options: Sequence[str] | None) -> str:
    return "\n".join([normalised(text), *sorted(normalised(option) for option in options or ())])


def normalised(text: str) -> str:
    """Return the text in one Unicode form, in lower case, with single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def words(text: str) -> str:
    """Return the words of a text in one form, without case and punctuation."""
    return " ".join(_MARK.sub(" ", unicodedata.normalize("NFKC", text).casefold()).split())


_Links = tuple[IntArray, IntArray, FloatArray]


def _repeated(codes: IntArray) -> _Links:
    """Link nodes with the same code, each to the next."""
    order = np.argsort(codes, kind="stable")
    again = codes[order[1:]] == codes[order[:-1]]
    return order[:-1][again], order[1:][again], np.ones(int(again.sum()))


def _near(texts: list[str], types: IntArray) -> Iterator[_Links]:
    from scipy.sparse import csr_array

    words = _words_of(texts)
    for code in range(int(types.max()) + 1):
        nodes = np.flatnonzero(types == code)
        if len(nodes) < 2:
            continue
        own = words[nodes]
        if not own.nnz:
            continue
        column, own.indices = np.unique(own.indices, return_inverse=True)
        own = csr_array((own.data, own.indices, own.indptr), shape=(len(nodes), len(column)))
        weight = np.log((1 + len(nodes)) / np.bincount(own.indices))
        left, right = _candidates(own.indices, own.indptr, weight)
        similarity = _weighted_jaccard(own, weight, left, right)
        alike = similarity >= SIMILARITY
        yield nodes[left[alike]], nodes[right[alike]], similarity[alike]


def _words_of(texts: list[str]) -> "csr_array":
    """(n_texts, n_hashes) 1 where a text has a word, or a pair of words, of a hash."""
    from scipy.sparse import csr_array

    hashes, ends = array("q"), [0]
    for text in texts:
        # Half a surrogate pair, which JSON can hold, cannot be hashed.
        words = _TOKEN.findall(text[:_MOST_CHARACTERS].encode("utf-8", "replace").decode())
        held = {*words, *map(" ".join, pairwise(words))}
        hashes.extend({crc32(word.encode()) % _HASHED_TOKENS for word in held})
        ends.append(len(hashes))
    matrix = csr_array(
        (np.ones(len(hashes)), np.array(hashes, dtype=np.int64), ends), shape=(len(texts), _HASHED_TOKENS)
    )
    matrix.sort_indices()
    return matrix


def _candidates(indices: IntArray, indptr: IntArray, weight: FloatArray) -> tuple[IntArray, IntArray]:
    """Return pairs of rows whose weighted MinHash agrees in a band.

    A word enters the hash as often as its weight says, which makes the share of equal hashes an estimate of
    the weighted similarity. Of the rows that share a band only neighbours are paired, so that a thousand
    texts of one kind give a thousand pairs and not a million.
    """
    from datasketch import MinHash

    copies = np.rint(_WEIGHT_LEVELS * weight / weight.max()).astype(np.int64)
    table = np.random.default_rng(0).integers(2**32, size=(len(weight), _WEIGHT_LEVELS), dtype=np.uint64)
    taken = np.arange(_WEIGHT_LEVELS) < copies[:, np.newaxis]
    rows, sets = [], []
    for row, (start, end) in enumerate(pairwise(indptr.tolist())):
        own = indices[start:end]
        if taken[own].any():
            rows.append(row)
            sets.append(own)
    hashes = MinHash.generator(
        (table[own][taken[own]] for own in sets), num_perm=_BANDS * _ROWS, seed=1, hashfunc=int
    )
    signatures = np.array([signature.hashvalues for signature in hashes], dtype=np.uint64).reshape(
        -1, _BANDS, _ROWS
    )
    mixer = np.random.default_rng(1).integers(2**63, size=_ROWS, dtype=np.uint64) | np.uint64(1)
    pairs = []
    for band in range(_BANDS):
        bucket = (signatures[:, band] * mixer).sum(axis=1, dtype=np.uint64)
        # Neighbours within a bucket are those that agree in the next band too, where any do.
        order = np.lexsort((signatures[:, (band + 1) % _BANDS, 0], bucket))
        equal = bucket[order[1:]] == bucket[order[:-1]]
        pairs.append(np.sort(np.stack([order[:-1][equal], order[1:][equal]]), axis=0))
    row_of = np.array(rows, dtype=np.int64)
    left, right = np.unique(np.concatenate(pairs, axis=1), axis=1)
    return row_of[left], row_of[right]


def _weighted_jaccard(words: "csr_array", weight: FloatArray, left: IntArray, right: IntArray) -> FloatArray:
    total = words @ weight
    shared = np.empty(len(left))
    for start in range(0, len(left), _CHUNK_PAIRS):
        at = slice(start, start + _CHUNK_PAIRS)
        shared[at] = words[left[at]].multiply(words[right[at]]) @ weight
    similarity: FloatArray = shared / (total[left] + total[right] - shared)
    return similarity
