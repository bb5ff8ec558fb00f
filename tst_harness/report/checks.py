"""The parts of a report that checks write, in the places that it has for them or among its sections."""

from collections.abc import Mapping, Sequence
from typing import Any

from tst_harness.analysis.records import CheckRecord
from tst_harness.checks.check import WholeSetCheck
from tst_harness.errors import ReportError
from tst_harness.registry import analyses
from tst_harness.report.schema import ChecksReport, Section
from tst_harness.stats.samples import Samples


def check_parts(
    records: Sequence[CheckRecord], samples: Mapping[str, Samples], seed: int
) -> tuple[ChecksReport | None, dict[str, Section]]:
    """Return what the checks say: where the report has a place for it, and else by their names.

    Parameters
    ----------
    records
        Of checks, in any order.
    samples
        Of each complete diagnostic.
    seed
        Of resamples.

    Raises
    ------
    ReportError
        A check has two records.
    """
    placed: dict[str, Any] = {}
    sections: dict[str, Section] = {}
    for record in records:
        name = record.unit.analysis
        check = analyses()[name]
        if name in placed or name in sections:
            raise ReportError(f"the check {name} has two records: remove both and run it again")
        figures = dict(check.summarise([record]))
        if isinstance(check, WholeSetCheck):
            figures[name] = check.beside_scores(figures[name], record, samples, seed)
        if name in ChecksReport.model_fields:
            placed |= figures
        else:
            sections[name] = Section(figures=figures, sentences=list(check.sentences(figures)))
    return ChecksReport(**placed) if placed else None, sections
