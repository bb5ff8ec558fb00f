"""Where questions came from, as validated models that a report carries unchanged."""

from typing import Annotated, Literal

from pydantic import Field

from tst_harness.benchmark.model import Model
from tst_harness.dataset.invalid import FaultKind

Format = Literal["mc", "num", "open", "multi"]
FailurePolicy = Literal["no_credit", "chance"]
"""What a question without an answer counts: nothing, or as much as chance."""


Texts = Literal["kept", "omitted"]
"""Whether reports and records quote questions."""


class Fingerprint(Model):
    """What was loaded, as digests.

    `content` is SHA-256 over the validated questions and answers in id order, so that row order
    does not matter; `row_order` is SHA-1 of the ids, joined by commas, in file order.
    """

    content: str
    row_order: str


class Fault(Model):
    """What is wrong with a row: its number in the file (from 1), its id, and why.

    Where the data are several files, rows are numbered through them in the order they are read. A row that
    is not `scored` is left out.
    """

    row: Annotated[int, Field(ge=0)]
    id: str
    field: str
    problem: str
    kind: FaultKind = "unreadable"
    scored: bool = False


class SourceReport(Model):
    """Where the questions came from and what was left out of them.

    `rows` are all that the source has, `questions` those that are scored; `not_scored` counts, by type, the
    rows of types that are declared as not scored. `faults` are all that leave a row out, and the first of
    each other kind; `fault_counts` has the number of rows with each kind. `kept_back` counts the rows whose
    answers are not told, which is no fault.
    """

    kind: Literal["hub", "file", "sample"]
    location: str
    revision: str | None = None
    rows: Annotated[int, Field(ge=0)]
    questions: Annotated[int, Field(ge=0)]
    groups: Annotated[int, Field(ge=0)]
    fingerprint: Fingerprint
    faults: list[Fault] = Field(default=[])
    fault_counts: dict[FaultKind, int] = Field(default_factory=dict)
    kept_back: Annotated[int, Field(ge=0)] = 0
    not_scored: dict[str, int] = Field(default_factory=dict)
    substituted_for: str | None = Field(
        default=None,
        description="What the declaration asked for, where `kind` is a stand-in for it, and why.",
    )

    @property
    def left_out(self) -> list[Fault]:
        """The faults that leave a row out, one a row."""
        return [fault for fault in self.faults if not fault.scored]
