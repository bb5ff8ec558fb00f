"""The rows of a table as questions."""

from dataclasses import dataclass, field

from tst_harness.dataset.provenance import Fault


@dataclass(frozen=True)
class Rows:
    """The rows of a table as questions, n entries each, in file order.

    Where a position is among `problems` or `kept_back`, or its type is not scored, the other entries there
    mean nothing. `answer` is the index of the gold option (mc), the number (num), or the right options as the
    sum of 2 ** index (multi), and means nothing for open; `options` is None for num and open. `remarks` are
    faults of rows that can be scored. `accepted` has the accepted texts of open questions, by position.
    """

    id: list[str]
    type: list[str]
    text: list[str]
    options: list[tuple[str, ...] | None]
    answer: list[float]
    group: list[str]
    problems: dict[int, Fault]
    remarks: list[Fault]
    kept_back: frozenset[int]
    accepted: dict[int, tuple[str, ...]] = field(default_factory=dict)
