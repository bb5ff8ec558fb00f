"""What the answers to related questions say: those that mention the same things in other roles.

"Standing by the stove and facing the tv, the sofa is to my left" settles "standing by the stove and
facing the sofa, the tv is to my ...", whatever the scene. How an answer to one question bears on an
option of the other is learnt, for each exchange of roles, from the training questions; nothing is known
of what the words mean. Questions are related across types, since test sets often ask the same thing
with other options.
"""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from tst_harness.analysis.diagnostic import FloatArray, IntArray
from tst_harness.diagnostics.forest.evidence import PARTS, TrainingSums
from tst_harness.diagnostics.forest.forms import Forms

_MOST_RELATED = 30
_PRIOR = 5.0


@dataclass(frozen=True, eq=False)
class Related:
    """Pairs of an option and an option of a related question, over the mc types of a benchmark.

    Attributes
    ----------
    row, other
        (n_pairs,) rows, counted over all types one after the other.
    bearing
        (n_pairs,) a number for each combination of both types, both options and exchange of roles.
    first
        Type to the number of its first row.
    n_rows
        Rows of all types.
    """

    row: IntArray
    other: IntArray
    bearing: IntArray
    first: Mapping[str, int]
    n_rows: int

    @classmethod
    def of(cls, types: Mapping[str, Forms]) -> "Related":
        """Find the related questions of all types."""
        sizes = [forms.n_rows for forms in types.values()]
        first = dict(zip(types, np.cumsum([0, *sizes[:-1]]).tolist(), strict=True)) if sizes else {}
        numbers: dict[Hashable, int] = {}
        pairs: list[tuple[int, int, int]] = []
        for bucket in _buckets(types, first):
            for question in bucket:
                for other in bucket:
                    if question is not other:
                        pairs += _pairs(question, other, numbers)
        table = np.array(pairs, dtype=np.int64).reshape(-1, 3)
        return cls(table[:, 0], table[:, 1], table[:, 2], first, sum(sizes))

    def evidence(self, sums: Mapping[str, TrainingSums]) -> dict[str, list[FloatArray]]:
        """For each type, (n_rows, PARTS + 1) what related answers say for an option, and how many there are.

        Column j knows nothing of the answers of part j, neither of the related questions themselves
        nor of those from which their bearing was learnt.
        """
        if not len(self.row):
            return {}
        counts = np.concatenate([sums[name].count for name in self.first])
        residuals = np.concatenate([sums[name].residual for name in self.first])
        count, residual = (_by_part(values) for values in (counts, residuals))
        totals = np.zeros((self.n_rows, PARTS + 1))
        known = np.zeros((self.n_rows, PARTS + 1))
        for column in range(PARTS + 1):
            visible = residuals[:, column]
            weights = visible[self.other] * self._bearing(count, residual, visible, column)[self.bearing]
            totals[:, column] = np.bincount(self.row, weights=weights, minlength=self.n_rows)
            seen = counts[self.other, column]
            known[:, column] = np.log1p(np.bincount(self.row, weights=seen, minlength=self.n_rows))
        return {
            name: [values[start : start + len(sums[name].count)] for values in (totals, known)]
            for name, start in self.first.items()
        }

    def _bearing(
        self, count: FloatArray, residual: FloatArray, visible: FloatArray, column: int
    ) -> FloatArray:
        """How much the residual of an option goes with that of a related one; 0 where little is known."""
        n = int(self.bearing.max()) + 1
        product, size = np.zeros(n), np.full(n, _PRIOR)
        for part in range(PARTS):
            if part == column:
                continue
            other = (visible - residual[:, part])[self.other]
            product += np.bincount(self.bearing, weights=residual[self.row, part] * other, minlength=n)
            size += np.bincount(self.bearing, weights=count[self.row, part] * other**2, minlength=n)
        bearing: FloatArray = product / size
        return bearing


def _by_part(leave_one_out: FloatArray) -> FloatArray:
    """(n_rows, PARTS) sums over each part, from those that leave each part out."""
    return leave_one_out[:, PARTS:] - leave_one_out[:, :PARTS]


@dataclass(frozen=True, eq=False)
class _Question:
    type: str
    row: int
    options: tuple[str, ...]
    slots: dict[str, str]


def _buckets(types: Mapping[str, Forms], first: Mapping[str, int]) -> Iterator[list[_Question]]:
    """Questions that mention the same things, at least two, few enough to be about the same place."""
    buckets: dict[tuple[str, ...], list[_Question]] = {}
    for name, forms in types.items():
        for form, (options, slots) in enumerate(zip(forms.options, forms.slots, strict=True)):
            values = sorted(slots.values())
            if len(values) >= 2 and len(set(values)) == len(values):
                question = _Question(name, first[name] + int(forms.first[form]), options, slots)
                buckets.setdefault(tuple(values), []).append(question)
    return (bucket for bucket in buckets.values() if 2 <= len(bucket) <= _MOST_RELATED)


def _pairs(
    question: _Question, other: _Question, numbers: dict[Hashable, int]
) -> Iterator[tuple[int, int, int]]:
    role = {value: name for name, value in other.slots.items()}
    exchange = tuple((name, role[value]) for name, value in sorted(question.slots.items()))
    own, others = _in_roles(question), _in_roles(other)
    for i, option in enumerate(own):
        for j, other_question in enumerate(others):
            key = (question.type, option, other.type, exchange, other_question)
            yield question.row + i, other.row + j, numbers.setdefault(key, len(numbers))


def _in_roles(question: _Question) -> list[tuple[bool, str]]:
    """Options as the slot that holds them, or as they stand."""
    role = {value: name for name, value in question.slots.items()}
    return [(option in role, role.get(option, option)) for option in question.options]
