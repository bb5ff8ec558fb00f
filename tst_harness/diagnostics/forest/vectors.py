"""What a pretrained table of word vectors says of options: words that mean the same count as the same.

The table lies in the wheel of the package `wordllama`, so nothing is downloaded: a text is the mean of the
vectors of its tokens. A score then depends on texts that are not of the test set, which the report says. As
for the wording, one conditional ridge over all choices of a benchmark scores each option, out of fold.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.sparse.linalg import LinearOperator
from threadpoolctl import threadpool_limits

from tst_harness.analysis.diagnostic import FloatArray, IntArray
from tst_harness.diagnostics.forest import settings
from tst_harness.diagnostics.forest.evidence import TrainingSums
from tst_harness.diagnostics.forest.forms import Forms
from tst_harness.diagnostics.forest.wording import first_rows, rows_of, scores_of_types
from tst_harness.errors import EngineUnavailable

VectorTable = Literal["wordllama"]
"""The packages whose table is known."""

Vectors32 = npt.NDArray[np.float32]

_WEIGHTS = "weights/l2_supercat_256.safetensors"
_TOKENS = "tokenizers/l2_supercat_tokenizer_config.json"
_MOST_SIGNS = 1_000
_MOST_LABELS = 40
_RECURS = 10
"""Questions that an option must be of, to be crossed with their vectors."""
_PENALTY = (30.0,)


def table_folder(table: VectorTable) -> Path:
    """Return where the table of a package lies; the package is not imported.

    Raises
    ------
    EngineUnavailable
        It is not installed, or has no such table; the message says what to install.
    """
    spec = find_spec(table)
    places = [] if spec is None else spec.submodule_search_locations or []
    for place in map(Path, places):
        if (place / _WEIGHTS).is_file() and (place / _TOKENS).is_file() and find_spec("tokenizers"):
            return place
    problem = "is not installed" if spec is None else "has no table of 256 dimensions"
    raise EngineUnavailable(f"{table} {problem}; install it with: pip install 'tst-harness[vectors]'")


@cache
def _weights(folder: Path) -> Vectors32:
    """(n_tokens, d): the one tensor of a file of safetensors, which begins with the size of its header."""
    data = (folder / _WEIGHTS).read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])["embedding.weight"]
    values = np.frombuffer(data, dtype=np.float16, offset=start).reshape(header["shape"])
    return values.astype(np.float32)


def embed(texts: Sequence[str], folder: Path) -> Vectors32:
    """(n_texts, d) the mean vector of each text, less that of all of them, of length 1; 0 for one without."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / _TOKENS))
    read = tokenizer.encode_batch([text[:_MOST_SIGNS] for text in texts], add_special_tokens=False)
    first = np.cumsum([0, *(len(each.ids) for each in read)])
    flat = np.fromiter((token for each in read for token in each.ids), dtype=np.int64, count=int(first[-1]))
    weights = _weights(folder)
    counts = sp.csr_matrix(
        (np.ones(len(flat), dtype=np.float32), flat, first), shape=(len(texts), len(weights))
    )
    means = np.asarray(counts @ weights) / np.maximum(np.diff(first), 1)[:, None]
    means -= means.mean(axis=0)
    lengths = np.linalg.norm(means, axis=1, keepdims=True)
    vectors: Vectors32 = (means / np.where(lengths > 1e-6, lengths, np.inf)).astype(np.float32)
    return vectors


class _Design(LinearOperator):  # type: ignore[misc]
    """Columns of all rows beside columns of some, in half the memory that one kind of matrix would take."""

    def __init__(self, dense: Vectors32, sparse: sp.csr_matrix) -> None:
        super().__init__(np.float64, (len(dense), dense.shape[1] + sparse.shape[1]))
        self._dense, self._sparse = dense, sparse

    def _matmat(self, weights: FloatArray) -> FloatArray:
        width = self._dense.shape[1]
        values: FloatArray = self._dense @ weights[:width].astype(np.float32) + self._sparse @ weights[width:]
        return values

    def _rmatmat(self, residuals: FloatArray) -> FloatArray:
        own = self._dense.T @ residuals.astype(np.float32)
        return np.concatenate([own, self._sparse.T @ residuals])


@dataclass(frozen=True, eq=False)
class Vectors:
    """The vectors of all options, those of a type after those of another.

    Attributes
    ----------
    design
        (n_rows, n_features) the vector of each option, that times the vector of its question, how much the
        two are alike, and for each option that recurs the vector of its question.
    row_form, first
        As for `Wording`.
    """

    design: LinearOperator
    row_form: IntArray
    first: Mapping[str, int]

    @classmethod
    def of(cls, types: Mapping[str, Forms], table: VectorTable) -> "Vectors | None":
        """Read the choices of a benchmark; of more than 20,000 distinct questions, none."""
        every = list(types.values())
        n_forms = [len(forms.text) for forms in every]
        if not every or sum(n_forms) > settings.MOST_READ_FORMS:
            return None
        row_form, times = rows_of(every)
        numbers: dict[str, int] = {}
        option_of = np.array(
            [
                numbers.setdefault(each, len(numbers))
                for forms in every
                for row in forms.options
                for each in row
            ]
        )
        folder = table_folder(table)
        options = embed(list(numbers), folder)[option_of]
        questions = embed([text for forms in every for text in forms.text], folder)[row_form]
        # Of two random directions, the products are smaller than the vectors by the root of their size.
        products = options * questions * np.float32(np.sqrt(options.shape[1]))
        alike = (options * questions).sum(axis=1, keepdims=True)
        dense = np.concatenate([options, products, alike], axis=1)
        often = np.bincount(option_of, weights=times[row_form], minlength=len(numbers))
        design = _Design(dense, _of_labels(option_of, often, questions))
        return cls(design, row_form, first_rows(types))

    def scores(self, sums: Mapping[str, TrainingSums]) -> dict[str, FloatArray]:
        """For each type (n_rows, PARTS + 1) scores of its options; column j knows no answer of part j."""
        # Sums over several cores differ in their last digits from those over one.
        with threadpool_limits(1, user_api="blas"):
            return scores_of_types(self.design, sums, self.row_form, self.first, _PENALTY)


def _of_labels(option_of: IntArray, times: npt.NDArray[Any], questions: Vectors32) -> sp.csr_matrix:
    """(n_rows, labels times d) the vector of the question in the columns of its option, if that recurs."""
    order = np.argsort(-times, kind="stable")[:_MOST_LABELS]
    label = np.full(len(times), -1)
    recurring = order[times[order] >= _RECURS]
    label[recurring] = np.arange(len(recurring))
    at, width = np.flatnonzero(label[option_of] >= 0), questions.shape[1]
    columns = label[option_of[at]][:, None] * width + np.arange(width)
    cells = (np.repeat(at, width), columns.ravel())
    shape = (len(option_of), len(recurring) * width)
    return sp.csr_matrix((questions[at].ravel().astype(np.float64), cells), shape=shape)
