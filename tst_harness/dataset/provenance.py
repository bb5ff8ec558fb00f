"""Where questions came from, as validated models that a report carries unchanged."""

from typing import Literal

from pydantic import Field

from tst_harness._model import Model

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


class InvalidRow(Model):
    """A row that `--tst-skip-invalid` left out: its number in the file (from 1), its id, and why.

    Where the data are several files, rows are numbered through them in the order they are read.
    """

    row: int
    id: str
    field: str
    problem: str


class SourceReport(Model):
    """Where the questions came from and what was left out of them.

    `rows` are all that the source has, `questions` those that are scored; `not_scored` counts, by type, the
    rows of types that are declared as not scored.
    """

    kind: Literal["hub", "file", "sample"]
    location: str
    revision: str | None = None
    rows: int
    questions: int
    groups: int
    fingerprint: Fingerprint
    skipped: list[InvalidRow] = Field(default=[])
    not_scored: dict[str, int] = Field(default_factory=dict)
    substituted_for: str | None = Field(
        default=None,
        description="What the declaration asked for, where `kind` is a stand-in for it, and why.",
    )
