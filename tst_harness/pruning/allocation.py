"""How many questions each format or type loses, and what none of them may lose."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from tst_harness.analysis.diagnostic import IntArray
from tst_harness.benchmark.pruning import PruningSettings
from tst_harness.errors import DataError
from tst_harness.pruning.two_folds import TwoFolds

_EVERYTHING = "all"
# A fraction of 0.29 of 100 questions is 29 of them, whatever floats make of it.
_ROUNDING = 1e-9


class Floors:
    """Counts what is left, and refuses to remove what must stay.

    A type keeps `min_per_type` questions and each of its answers `min_per_answer`, or all where there are
    less. Its questions also stay in two folds of every repeat.

    Parameters
    ----------
    types
        (n,) the type of each row.
    answers
        (n,) the answer of each row.
    folds
        (repeats, n) the fold of each row.
    settings
        Has the floors.
    """

    def __init__(
        self,
        types: npt.NDArray[np.object_],
        answers: npt.NDArray[np.float64],
        folds: IntArray,
        settings: PruningSettings,
    ) -> None:
        self._settings = settings
        self._answers: list[tuple[str, float]] = list(zip(types.tolist(), answers.tolist(), strict=True))
        self._left = Counter(self._answers)
        self._left_of_type = Counter(types.tolist())
        self._two_folds = TwoFolds(types, folds)

    def allow(self, row: int) -> bool:
        """Whether a row may be removed."""
        answer = self._answers[row]
        return (
            self._left_of_type[answer[0]] > self._settings.min_per_type
            and self._left[answer] > self._settings.min_per_answer
            and self._two_folds.allow(row)
        )

    def remove(self, row: int) -> None:
        """Count a row as removed."""
        answer = self._answers[row]
        self._left[answer] -= 1
        self._left_of_type[answer[0]] -= 1
        self._two_folds.remove(row)

    def room(self) -> dict[str, int]:
        """How many questions each type may lose, as far as its size and its answers say."""
        settings = self._settings
        spare: Counter[str] = Counter()
        for (name, _), left in self._left.items():
            spare[name] += max(left - settings.min_per_answer, 0)
        return {
            name: max(min(self._left_of_type[name] - settings.min_per_type, n), 0)
            for name, n in spare.items()
        }


def strata_of(frame: pd.DataFrame, settings: PruningSettings) -> npt.NDArray[np.object_]:
    """Return what has a budget of its own, for each row: its format, its type, or "all" of them."""
    if settings.strata == "global":
        return np.full(len(frame), _EVERYTHING, dtype=object)
    return frame[settings.strata].to_numpy(dtype=object)


class Schedule:
    """How many questions each stratum has lost after so many batches.

    A budget in all is dealt out question by question, each to the stratum with the largest remainder: that
    which is furthest behind its share. Unlike largest remainders of the sum, a larger budget then never gives
    a stratum less (the Alabama paradox), and what a smaller budget removes, a larger one removes first;
    unless tau makes a stratum wait until others have lost more, which changes its scores. A batch is dealt
    out alike. With budgets by name, each stratum loses a batch until its own is spent.

    Parameters
    ----------
    sizes
        Questions of each stratum.
    room
        How many each may lose.
    settings
        Has the budget.

    Raises
    ------
    DataError
        The budget is more than the floors allow, rounds to nothing, or is of what is no stratum.

    Attributes
    ----------
    most
        How many questions each stratum loses in all.
    """

    def __init__(self, sizes: Mapping[str, int], room: Mapping[str, int], settings: PruningSettings) -> None:
        self._batch = settings.batch
        self._turns: list[str] | None = None
        self.most: dict[str, int]
        if settings.budgets is not None:
            _check_budgets(settings.budgets, room)
            self.most = dict(settings.budgets)
            return
        total = _total(sum(sizes.values()), sum(room.values()), settings)
        self._turns = turns({name: size for name, size in sizes.items() if room[name]}, room, total)
        self.most = dict(Counter(self._turns))
        self._batch *= len(self.most)

    def due(self, batches: int) -> dict[str, int]:
        """How many questions each stratum has lost after so many batches."""
        if self._turns is not None:
            return dict(Counter(self._turns[: batches * self._batch]))
        return {name: min(batches * self._batch, most) for name, most in self.most.items()}


def turns(sizes: Mapping[str, int], room: Mapping[str, int], total: int) -> list[str]:
    """Return whose turn it is to lose a question, `total` times.

    Parameters
    ----------
    sizes
        Of the strata, at least one question each; shares are in proportion to them.
    room
        How many each may lose; together at least `total`.
    """
    names = sorted(sizes)
    share = np.array([sizes[name] for name in names], dtype=np.float64) / sum(sizes.values())
    left = np.array([room[name] for name in names])
    lost = np.zeros(len(names))
    order: list[str] = []
    for place in range(1, total + 1):
        behind = np.where(left > 0, share * place - lost, -np.inf)
        # Sums of fractions that are equal on paper are not always equal in floats.
        stratum = int(np.round(behind, 9).argmax())
        lost[stratum] += 1
        left[stratum] -= 1
        order.append(names[stratum])
    return order


def _total(questions: int, room: int, settings: PruningSettings) -> int:
    floors = _floors(settings)
    if settings.fraction is not None:
        budget = int(settings.fraction * questions + _ROUNDING)
        if not budget:
            raise DataError(
                f"a fraction of {settings.fraction:g} of {questions:,} questions is none; use a larger one"
            )
    elif settings.budget is not None:
        budget = settings.budget
    else:
        budget = room
    if not room:
        raise DataError(f"the floors ({floors}) keep all {questions:,} questions; lower them")
    if budget > room:
        raise DataError(
            f"{budget:,} of {questions:,} questions are to be removed, and the floors ({floors}) allow "
            f"{room:,}; remove fewer, or lower the floors"
        )
    return budget


def _check_budgets(budgets: Mapping[str, int], room: Mapping[str, int]) -> None:
    for name, budget in budgets.items():
        if name not in room:
            raise DataError(
                f"budgets: {name!r} is none of {_listed(sorted(room))}; name formats "
                "(mc, num, open, multi) or question types"
            )
        if budget > room[name]:
            raise DataError(
                f"budgets: {name!r} is to lose {budget:,} questions, and the floors allow {room[name]:,}; "
                "remove fewer, or lower --min-per-type and --min-per-answer"
            )


def _floors(settings: PruningSettings) -> str:
    return f"--min-per-type {settings.min_per_type}, --min-per-answer {settings.min_per_answer}"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names))
