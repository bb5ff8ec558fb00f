"""From the records of one benchmark to its report: every check and every number in it.

The records may come in any order and from any process; the report is the same.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from tst_harness.analysis.names import FOREST, GROUPED, ungrouped
from tst_harness.analysis.records import (
    ZERO_SHOT,
    CheckRecord,
    FoldRecord,
    OpenAnswers,
    Origin,
    ZeroShotRecord,
    fold_name,
)
from tst_harness.checks.shortcuts import ShortcutRecord
from tst_harness.errors import ReportError
from tst_harness.report.checks import check_parts
from tst_harness.report.held_out import (
    check_once,
    check_same_questions,
    check_zero_shot,
    held_out_frame,
)
from tst_harness.report.llm import check_adapters, llm_report
from tst_harness.report.records import Record
from tst_harness.report.schema import (
    DiagnosticReport,
    FoldScores,
    OverallScores,
    Report,
    RunReport,
    Shortcut,
    TypeScores,
)
from tst_harness.report.scores import score_samples
from tst_harness.report.side_by_side import context_reports, with_better
from tst_harness.report.spread import spread_report
from tst_harness.report.verdict import verdict_of
from tst_harness.stats.samples import Samples

_T = TypeVar("_T")


def assemble(
    records: Iterable[Record],
    expected: Mapping[str, Collection[tuple[int, int]]],
    run: RunReport,
    cached: Collection[str] = frozenset(),
) -> Report:
    """Return the report that the records of one benchmark amount to.

    A diagnostic that lacks a fold is reported as incomplete, with the names of the missing folds and no
    score; so is one that trains a language model and lacks its zero-shot answers. Where records were made
    from different copies of the same data, `source` is that of the first fresh one.

    Parameters
    ----------
    records
        Of one benchmark, any number of diagnostics, in any order.
    expected
        The (repeat, fold) pairs of each diagnostic that ran.
    run
        Facts about this run.
    cached
        Keys of the records that this run found and did not compute.

    Raises
    ------
    ReportError
        If there is no record; if records differ in data or settings; if one is not expected or comes twice;
        if a question is held out twice in a repeat, or not in every repeat; if the zero-shot questions are
        not those held out; if an adapter does not change the model's answers.
    """
    ordered = sorted(records, key=_place)
    if not ordered:
        raise ReportError("no fold of the benchmark left a record, so there is no report: run it again")
    _check_agreement(ordered)
    diagnostics = {
        name: _diagnostic_report(name, own, expected.get(name, ()), cached)
        for name, own in _by_diagnostic(ordered, expected).items()
    }
    samples = {name: own for name, (_, own) in diagnostics.items() if own is not None}
    origin = next((record.origin for record in ordered if record.key not in cached), ordered[0].origin)
    checks, sections = check_parts(
        [record for record in ordered if isinstance(record, CheckRecord)], samples, origin.settings.seed
    )
    report = Report(
        benchmark=origin.benchmark,
        title=origin.title,
        source=origin.source,
        texts=origin.texts,
        null_control=origin.null_control,
        settings=origin.settings,
        versions=_versions(ordered),
        independent=origin.independent,
        diagnostics={
            name: with_better(report, name, samples, origin.settings.seed)
            for name, (report, _) in diagnostics.items()
        },
        checks=checks,
        context=context_reports(samples, origin.settings.seed),
        sections=sections,
        run=run,
    )
    seed = origin.settings.seed
    verdict = verdict_of(report.diagnostics, samples, report.checks, origin.independent, seed)
    return report.model_copy(update={"verdict": verdict})


def _by_diagnostic(ordered: Sequence[Record], expected: Collection[str]) -> dict[str, list[Record]]:
    """Return the records of each diagnostic; what needs no folds serves a grouped one as well."""
    own: dict[str, list[Record]] = {name: [] for name in expected}
    for record in ordered:
        if isinstance(record, ShortcutRecord):
            own.setdefault(FOREST, []).append(record)
        elif not isinstance(record, CheckRecord):
            own.setdefault(record.origin.diagnostic, []).append(record)
    for name in own:
        if name.endswith(GROUPED):
            random = own.get(ungrouped(name), [])
            own[name] += [record for record in random if isinstance(record, ZeroShotRecord)]
    return dict(sorted(own.items()))


def _place(record: Record) -> tuple[str, int, int, int, str]:
    if isinstance(record, FoldRecord):
        return (record.origin.diagnostic, 0, record.repeat, record.fold, record.key)
    return (record.origin.diagnostic, 1 if isinstance(record, ZeroShotRecord) else 2, 0, 0, record.key)


def _name(record: Record) -> str:
    if isinstance(record, FoldRecord):
        unit = fold_name(record.repeat, record.fold)
    elif isinstance(record, CheckRecord):
        return f"the check {record.origin.diagnostic}"
    else:
        unit = "the zero-shot answers" if isinstance(record, ZeroShotRecord) else "the shortcuts"
    return f"{unit} of {record.origin.diagnostic}"


def _check_agreement(ordered: Sequence[Record]) -> None:
    firsts: dict[str, Record] = {}
    for record in ordered:
        own = firsts.setdefault(record.origin.diagnostic, record)
        difference = _difference(_identity(ordered[0].origin), _identity(record.origin))
        first = ordered[0]
        if difference is None:
            difference = _difference(own.origin.diagnostic_settings, record.origin.diagnostic_settings)
            first = own
        if difference is not None:
            path, expected, other = difference
            raise ReportError(
                f"the records of one report must agree, but {path} is {expected!r} in {_name(first)} and "
                f"{other!r} in {_name(record)}: run every fold on the same data and options"
            )


def _identity(origin: Origin) -> dict[str, Any]:
    about = origin.model_dump(include={"benchmark", "title", "settings", "null_control"})
    return {**about, "source.fingerprint.content": origin.source.fingerprint.content}


def _difference(first: Any, other: Any, path: str = "") -> tuple[str, Any, Any] | None:
    """Return the path of the first value that differs, with both values."""
    if isinstance(first, dict) and isinstance(other, dict):
        for key in sorted({*first, *other}):
            difference = _difference(first.get(key), other.get(key), f"{path}.{key}" if path else key)
            if difference is not None:
                return difference
        return None
    return None if first == other else (path, first, other)


def _versions(ordered: Sequence[Record]) -> dict[str, str]:
    versions_of: dict[str, set[str]] = {}
    for record in ordered:
        for name, version in record.origin.versions.items():
            versions_of.setdefault(name, set()).add(version)
    return {name: ", ".join(sorted(versions)) for name, versions in sorted(versions_of.items())}


def _diagnostic_report(
    name: str, records: Sequence[Record], expected: Collection[tuple[int, int]], cached: Collection[str]
) -> tuple[DiagnosticReport, Samples | None]:
    folds = [record for record in records if isinstance(record, FoldRecord)]
    zero_shot = _only(
        name, "zero-shot answers", [each for each in records if isinstance(each, ZeroShotRecord)]
    )
    frame = _checked_frame(name, folds, expected, zero_shot)
    missing = [
        fold_name(*unit) for unit in sorted(set(expected) - {(fold.repeat, fold.fold) for fold in folds})
    ]
    if zero_shot is not None or any(fold.llm is not None for fold in folds):
        check_adapters(folds, name)
        if zero_shot is None:
            missing.append(ZERO_SHOT)
    shortcuts, rules_tried = _shortcuts(name, records)
    overall: OverallScores | None = None
    types: dict[str, TypeScores] = {}
    samples = spread = None
    if not missing and frame is not None:
        if zero_shot is not None:
            check_zero_shot(frame, zero_shot, name)
        check_same_questions(frame, name)
        samples = Samples.of(frame, name)
        seed = records[0].origin.settings.seed
        overall, types = score_samples(
            samples, name, _importances(folds), seed, _opens(folds), _guesses(frame)
        )
        spread = spread_report(samples)
    report = DiagnosticReport(
        complete=overall is not None,
        missing=missing,
        overall=overall,
        types=types,
        folds=[_fold_scores(fold, fold.key in cached) for fold in folds if fold.held_out.id],
        shortcuts=shortcuts,
        rules_tried=rules_tried,
        llm=llm_report(folds, zero_shot, _versions(records)),
        spread=spread,
        settings=records[0].origin.diagnostic_settings if records else {},
        notes=list(dict.fromkeys(note for record in records for note in record.origin.notes)),
    )
    return report, samples


def _checked_frame(
    name: str,
    folds: Sequence[FoldRecord],
    expected: Collection[tuple[int, int]],
    zero_shot: ZeroShotRecord | None,
) -> pd.DataFrame | None:
    done: set[tuple[int, int]] = set()
    for fold in folds:
        unit = (fold.repeat, fold.fold)
        if unit not in expected:
            raise ReportError(f"{_name(fold)} has a record but is no fold of this run: remove its record")
        if unit in done:
            raise ReportError(f"{_name(fold)} has two records: remove one of them, or both to run it again")
        done.add(unit)
    if not folds:
        return None
    frame = held_out_frame(folds, zero_shot)
    check_once(frame, name)
    return frame


def _fold_scores(record: FoldRecord, cached: bool) -> FoldScores:
    return FoldScores(
        repeat=record.repeat,
        fold=record.fold,
        n_train=record.n_train,
        n=len(record.held_out.id),
        score=float(np.mean(record.held_out.score)),
        mean_s=float(np.mean(record.held_out.s)),
        seconds=record.seconds,
        cached=cached,
    )


def _opens(folds: Sequence[FoldRecord]) -> dict[str, OpenAnswers]:
    """Return the open types, their questions added up over folds and repeats."""
    total: dict[str, OpenAnswers] = {}
    for fold in folds:
        for name, own in fold.open.items():
            before = total.get(name, OpenAnswers(metric=own.metric, questions=0, seen=0))
            total[name] = OpenAnswers(
                metric=own.metric,
                questions=before.questions + own.questions,
                seen=before.seen + own.seen,
            )
    return total


def _guesses(frame: pd.DataFrame) -> dict[str, tuple[float, float]]:
    """Return what chance and the most frequent training answer score on each mc type."""
    own = frame[frame["format"] == "mc"]
    means = own.groupby("type")[["chance", "most_frequent"]].mean().clip(0.0, 1.0)
    return {str(name): (chance, most_frequent) for name, chance, most_frequent in means.itertuples()}


def _importances(folds: Sequence[FoldRecord]) -> dict[str, dict[str, float]]:
    """Return each type's importances: means over the folds that have them, weighted by questions."""
    sums: dict[str, dict[str, float]] = {}
    weights: dict[str, int] = {}
    for fold in folds:
        counts = pd.Series(fold.held_out.type, dtype=object).value_counts()
        for name, drops in fold.importances.items():
            n = int(counts.get(name, 0))
            weights[name] = weights.get(name, 0) + n
            totals = sums.setdefault(name, {})
            for family, drop in drops.items():
                totals[family] = totals.get(family, 0.0) + n * drop
    return {
        name: {family: total / weights[name] for family, total in sorted(totals.items())}
        for name, totals in sums.items()
        if weights[name] > 0
    }


def _shortcuts(name: str, records: Sequence[Record]) -> tuple[list[Shortcut], int]:
    shortcut_records = _only(
        name, "shortcuts", [record for record in records if isinstance(record, ShortcutRecord)]
    )
    if shortcut_records is None:
        return [], 0
    return shortcut_records.shortcuts, shortcut_records.rules_tried


def _only(diagnostic: str, what: str, records: Sequence[_T]) -> _T | None:
    if len(records) > 1:
        raise ReportError(f"the {what} of {diagnostic} have two records: remove both and run it again")
    return records[0] if records else None
