"""Snapshots of made-up runs to judge and to compare."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
from record_builders import RUN, make_folds, make_llm_folds, make_zero_shot, units

from tst_harness.gates.snapshot import Snapshot, snapshot
from tst_harness.report.assemble import assemble
from tst_harness.report.held_out import samples_frame
from tst_harness.report.records import Record
from tst_harness.report.schema import Report, Settings

IDS = [str(number) for number in range(60)]


def make_report(
    repeats: int = 1,
    *,
    seed: int = 0,
    llm: bool = False,
    missing: int = 0,
    ids: Sequence[str] = IDS,
    **origin: Any,
) -> tuple[Report, pd.DataFrame]:
    """Return a report of both types of diagnostics, or of forest alone, and its samples."""
    folds = make_folds(ids, repeats=repeats, seed=seed)
    if origin:
        folds = [
            record.model_copy(update={"origin": record.origin.model_copy(update=origin)}) for record in folds
        ]
    records: list[Record] = [*folds[missing:]]
    expected = {"forest": units(folds)}
    if llm:
        asked = make_llm_folds(ids, repeats=repeats)
        settings = Settings(folds=3, seed=42, repeats=repeats, split="random")
        zero_shot = make_zero_shot(ids)
        zero_shot = zero_shot.model_copy(
            update={"origin": zero_shot.origin.model_copy(update={"settings": settings})}
        )
        records += [*asked, zero_shot]
        expected["llm"] = units(asked)
    return assemble(records, expected, RUN), samples_frame(records)


def make_snapshot(repeats: int = 1, **options: Any) -> Snapshot:
    return snapshot(*make_report(repeats, **options))


def shifted(found: Snapshot, column: str, values: Sequence[float]) -> Snapshot:
    """The same with another column of samples, a value a repeat."""
    samples = found.samples.copy()
    samples[column] = samples["repeat"].map(dict(enumerate(values))).astype(float)
    return found._replace(samples=samples)
