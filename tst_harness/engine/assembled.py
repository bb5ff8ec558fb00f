"""A report, and what lies beside it, made from the records of its units."""

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from tst_harness.engine.results import Result
from tst_harness.engine.store import RecordStore
from tst_harness.report.assemble import assemble
from tst_harness.report.held_out import samples_frame
from tst_harness.report.questions import Asked
from tst_harness.report.records import Record
from tst_harness.report.schema import Report, RunReport
from tst_harness.report.stack import stacked


class Assembled(NamedTuple):
    """A report with the tables beside it: one row a sample, and what was asked."""

    report: Report
    samples: pd.DataFrame
    asked: Asked


def assembled(store: RecordStore, results: Sequence[Result], run: RunReport) -> Assembled:
    """Return the report of the units of one benchmark.

    Parameters
    ----------
    store
        Where their records lie.
    results
        One of each unit.
    run
        What was run, and when.

    Raises
    ------
    ReportError
        A record cannot be read, or records do not agree.
    """
    records: list[Record] = [store.load(result.path, result.digest) for result in results]
    cached = {record.key for record, result in zip(records, results, strict=True) if result.cached}
    stored = next((result.questions for result in results if result.questions is not None), None)
    texts = None if stored is None else store.load(stored.path, stored.digest)
    expected: dict[str, set[tuple[int, int]]] = {}
    for result in results:
        unit = result.unit
        if unit.repeat is not None and unit.fold is not None:
            expected.setdefault(result.diagnostic, set()).add((unit.repeat, unit.fold))
    for fold in stacked(records):
        expected.setdefault(fold.origin.diagnostic, set()).add((fold.repeat, fold.fold))
        records.append(fold)
    report = assemble(records, expected, run, cached)
    samples = samples_frame(records)
    return Assembled(report, samples, Asked.of(samples["id"], texts, records))
