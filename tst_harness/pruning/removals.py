"""What a pruning has removed so far, and what goes next."""

from collections import Counter
from collections.abc import Iterable
from itertools import count

import numpy as np
import pandas as pd

from tst_harness.analysis.diagnostic import IntArray
from tst_harness.benchmark.pruning import PruningSettings
from tst_harness.pruning.allocation import Floors, Schedule, strata_of
from tst_harness.pruning.schema import Removed, Stopped
from tst_harness.pruning.selection import removal_order


class Removals:
    """Removes questions in batches, never more than the budget and never below the floors.

    Parameters
    ----------
    frame
        All n questions, index 0 .. n-1, as in `Dataset`.
    folds
        (repeats, n) the fold of each.
    settings
        Budget, floors, batch and tau.
    seed
        Of draws and ties.

    Raises
    ------
    DataError
        The budget is more than the floors allow.
    """

    def __init__(self, frame: pd.DataFrame, folds: IntArray, settings: PruningSettings, seed: int) -> None:
        self.rows: list[int] = []
        self._frame, self._settings, self._seed = frame, settings, seed
        self._left = np.ones(len(frame), dtype=bool)
        self._strata = strata_of(frame, settings)
        self._lost: Counter[str] = Counter()
        self._batches = 0
        self._floors = Floors(frame["type"].to_numpy(), frame["answer"].to_numpy(), folds, settings)
        room: Counter[str] = Counter()
        stratum_of = dict(zip(frame["type"], self._strata, strict=True))
        for name, spare in self._floors.room().items():
            room[stratum_of[name]] += spare
        self._schedule = Schedule(Counter(self._strata), room, settings)

    @property
    def kept(self) -> IntArray:
        """The rows that are left, in ascending order."""
        return np.flatnonzero(self._left)

    @property
    def most(self) -> int:
        """How many questions are to be removed in all."""
        return sum(self._schedule.most.values())

    def repeat(self, batch: Iterable[str]) -> None:
        """Remove a batch of ids as an earlier process did."""
        row_of = dict(zip(self._frame["id"], range(len(self._frame)), strict=True))
        for id_ in batch:
            self._remove(row_of[id_])
        self._batches += 1

    def next_batch(self, scores: pd.DataFrame) -> tuple[list[Removed], Stopped | None]:
        """Remove the next batch.

        Parameters
        ----------
        scores
            From `selection.ranked`, one row for each of `kept`, in this order.

        Returns
        -------
        What was removed, in this order, or why nothing was.
        """
        rows = self.kept
        table = scores.set_index(rows).assign(answer=self._frame["answer"].to_numpy()[rows])
        table["times"] = table.groupby(["type", "answer"])["id"].transform("size")
        most, tau = self._schedule.most, self._settings.tau
        strata = self._strata[rows]
        spent = np.array([self._lost[name] >= most.get(name, 0) for name in strata], dtype=bool)
        if spent.all() or len(self.rows) == self.most:
            return [], "budget" if self._settings.has_size else "floors"
        above = np.ones(len(rows), dtype=bool) if tau is None else (table["rank_score"] > tau).to_numpy()
        if not (above & ~spent).any():
            return [], "tau"
        open_ = above & ~spent
        by_stratum = [(str(name), rows) for name, rows in table[open_].groupby(strata[open_], sort=True)]
        for batches in count(self._batches + 1):
            due = self._schedule.due(batches)
            taken: list[int] = []
            for name, candidates in by_stratum:
                wanted = due.get(name, 0) - self._lost[name]
                taken += removal_order(candidates, wanted, self._take, self._seed)
            if taken:
                self._batches += 1
                return _removed(table.loc[taken]), None
            if due == most:
                return [], "floors"
        raise AssertionError  # `count` does not end.

    def _take(self, row: int) -> bool:
        if not self._floors.allow(row):
            return False
        self._remove(row)
        return True

    def _remove(self, row: int) -> None:
        self._floors.remove(row)
        self._left[row] = False
        self._lost[self._strata[row]] += 1
        self.rows.append(row)


def _removed(taken: pd.DataFrame) -> list[Removed]:
    columns = (taken[name].tolist() for name in Removed.model_fields)
    return [
        Removed(**dict(zip(Removed.model_fields, values, strict=True)))
        for values in zip(*columns, strict=True)
    ]
