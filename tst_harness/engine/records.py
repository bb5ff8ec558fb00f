"""The records of a session's units: read back where they serve, and kept with what was asked."""

from typing import TYPE_CHECKING

from tst_harness.engine.results import Result, Stored
from tst_harness.engine.store import RecordStore
from tst_harness.registry import analyses

if TYPE_CHECKING:
    from tst_harness.analysis.records import Origin
    from tst_harness.dataset.loading import Dataset
    from tst_harness.report.records import UnitRecord

_WITHOUT_TEXTS = ("fold", "zero_shot")
"""Kinds of records that never quote a question."""


class Records:
    """The records of units, and of what was asked.

    Parameters
    ----------
    store
        Where they are.
    fresh
        Whether those of earlier sessions are passed over.
    """

    def __init__(self, store: RecordStore, fresh: bool) -> None:
        self.store = store
        self._fresh = fresh
        self._questions: dict[str, Stored | None] = {}

    def read(self, key: str, origin: "Origin") -> "UnitRecord | None":
        """Return the record of a unit with this origin; None where there is none that serves."""
        from tst_harness.analysis.records import QuestionsRecord

        record = None if self._fresh else self.store.read(origin.benchmark, key)
        assert not isinstance(record, QuestionsRecord)
        if record is None:
            return None
        if record.origin.texts != origin.texts and not _serves(record, origin):
            return None
        # The same content may have been read from another place before.
        return record.model_copy(update={"origin": origin})

    def keep(self, dataset: "Dataset", record: "UnitRecord", cached: bool) -> Result:
        """Store the record of a unit, and what was asked once in this process.

        Parameters
        ----------
        dataset
            The questions that the record is about.
        record
            Of any unit.
        cached
            Whether it was read back.
        """
        from tst_harness.report.records import summary_of
        from tst_harness.report.texts import without_texts

        if record.origin.texts == "omitted":
            record = without_texts(record)
        path, digest = self.store.write(record)
        origin = record.origin
        return Result(
            benchmark=origin.benchmark,
            diagnostic=origin.diagnostic,
            unit=record.unit,
            kind=record.kind,
            path=path.relative_to(self.store.root),
            digest=digest,
            cached=cached,
            summary=summary_of(record),
            seconds=record.seconds,
            sample=origin.source.kind == "sample",
            questions=self._keep_questions(dataset, origin),
        )

    def _keep_questions(self, dataset: "Dataset", origin: "Origin") -> Stored | None:
        from tst_harness.engine.questions import keep_questions

        name = origin.benchmark
        if name not in self._questions:
            kept = keep_questions(self.store, dataset, origin)
            self._questions[name] = (
                None if kept is None else Stored(path=kept[0].relative_to(self.store.root), digest=kept[1])
            )
        return self._questions[name]


def _serves(record: "UnitRecord", origin: "Origin") -> bool:
    """Whether a record with texts serves where none are wanted, or one without where they are."""
    analysis = analyses()[record.unit.analysis]
    # Of an analysis of another package it is not known whether it quotes questions.
    if record.kind in _WITHOUT_TEXTS or not getattr(analysis, "quotes", True):
        return True
    return origin.texts == "omitted" and hasattr(analysis, "without_texts")
