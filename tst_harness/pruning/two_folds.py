"""The law of every removal: what is left of a type stays in two folds, or nothing could be learnt of it."""

from collections import Counter

import numpy as np
import numpy.typing as npt

from tst_harness.analysis.diagnostic import IntArray


class TwoFolds:
    """Counts what is left of each type in each fold, and refuses what would leave a type in one.

    Parameters
    ----------
    types
        (n,) the type of each row.
    folds
        (repeats, n) the fold of each row.
    """

    def __init__(self, types: npt.NDArray[np.object_], folds: IntArray) -> None:
        self._cells: list[list[tuple[str, int, int]]] = [
            [(name, repeat, fold) for repeat, fold in enumerate(column)]
            for name, column in zip(types.tolist(), folds.T.tolist(), strict=True)
        ]
        self._left = Counter(cell for cells in self._cells for cell in cells)
        self._folds = Counter((name, repeat) for name, repeat, _ in self._left)

    def allow(self, row: int) -> bool:
        """Whether a row may be removed."""
        return all(self._left[cell] > 1 or self._folds[cell[:2]] > 2 for cell in self._cells[row])

    def remove(self, row: int) -> None:
        """Count a row as removed."""
        for cell in self._cells[row]:
            self._left[cell] -= 1
            self._folds[cell[:2]] -= self._left[cell] == 0
