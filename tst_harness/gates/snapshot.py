"""What a report and its samples say, reduced to what two runs can be compared by."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, NamedTuple

import pandas as pd

from tst_harness.analysis.figures import counted
from tst_harness.analysis.names import MODELS
from tst_harness.benchmark.model import Model
from tst_harness.report.schema import (
    DiagnosticReport,
    OverallScores,
    Report,
    Settings,
    SourceReport,
    TypeScores,
)

REFERENCE_VERSION: Literal[2] = 2


class DiagnosticAbout(Model):
    """One diagnostic: its settings, the model's among them, and its scores.

    `adapters` counts the adapters that were trained and `adapters_checked` says whether each was seen to
    change the model's answers; both are null for other diagnostics.
    """

    settings: dict[str, Any]
    adapters: int | None
    adapters_checked: bool | None
    overall: OverallScores
    types: dict[str, TypeScores]


class About(Model):
    """One benchmark: its data, its settings, and the diagnostics that are complete."""

    reference_version: Literal[2] = REFERENCE_VERSION
    benchmark: str
    title: str
    source: SourceReport
    null_control: bool
    settings: Settings
    versions: dict[str, str]
    diagnostics: dict[str, DiagnosticAbout]


class ModelAnswers(NamedTuple):
    """What models answered, as from `read_answers`, and the diagnostic that they were put beside."""

    diagnostic: str
    answers: pd.DataFrame


class Snapshot(NamedTuple):
    """What a run found: `samples` as from `read_samples`, `incomplete` the diagnostics without a score.

    `models` are the results of models that were put beside it, None where there are none.
    """

    about: About
    samples: pd.DataFrame
    incomplete: tuple[str, ...] = ()
    models: ModelAnswers | None = None


class Change(NamedTuple):
    """An exact thing in which two runs differ. One that is `decisive` makes their scores incomparable.

    `diagnostic` is None for what all diagnostics share.
    """

    name: str
    old: str
    new: str
    decisive: bool
    diagnostic: str | None = None

    def __str__(self) -> str:
        return f"{self.name}: {self.old} -> {self.new}"


def snapshot(report: Report, samples: pd.DataFrame, answers: pd.DataFrame | None = None) -> Snapshot:
    """Return what a report says, without what differs between equal runs and without texts of questions.

    Parameters
    ----------
    report
        The report.
    samples
        As from `read_samples`.
    answers
        As from `read_answers`, where the report has results of models.
    """
    incomplete = tuple(name for name, diagnostic in report.diagnostics.items() if diagnostic.overall is None)
    models = None
    if answers is not None:
        models = ModelAnswers(report.sections[MODELS].figures["diagnostic"], answers)
    return Snapshot(_about(report), samples, incomplete, models)


def _about(report: Report) -> About:
    return About(
        benchmark=report.benchmark,
        title=report.title,
        source=report.source.model_copy(update={"faults": []}),
        null_control=report.null_control,
        settings=report.settings,
        versions=report.versions,
        diagnostics={
            name: _diagnostic(diagnostic, diagnostic.overall)
            for name, diagnostic in report.diagnostics.items()
            if diagnostic.overall is not None
        },
    )


def _diagnostic(diagnostic: DiagnosticReport, overall: OverallScores) -> DiagnosticAbout:
    return DiagnosticAbout(
        settings=diagnostic.settings,
        adapters=None if diagnostic.llm is None else len(diagnostic.llm.adapters),
        adapters_checked=None if diagnostic.llm is None else diagnostic.llm.adapters_checked,
        overall=overall,
        types=diagnostic.types,
    )


def changes(old: About, new: About) -> list[Change]:
    """Return the exact things that differ: data, number of questions, folds, models, adapters, versions."""
    shared: list[tuple[str, Any, Any, bool]] = [
        ("benchmark", old.benchmark, new.benchmark, True),
        ("fingerprint of the data", old.source.fingerprint.content, new.source.fingerprint.content, True),
        ("questions in the source", old.source.questions, new.source.questions, True),
        ("null control", old.null_control, new.null_control, True),
    ]
    shared += _pairs("", dict(old.settings), dict(new.settings))
    differences = [
        Change(name, _shown(before), _shown(other), hard)
        for name, before, other, hard in shared
        if before != other
    ]
    for name in sorted({*old.diagnostics, *new.diagnostics}):
        differences += _diagnostic_changes(name, old.diagnostics.get(name), new.diagnostics.get(name))
    for name, before, other, _ in _pairs("version of ", old.versions, new.versions):
        if before != other:
            differences.append(Change(name, _shown(before), _shown(other), False))
    return differences


def differences(old: Snapshot, new: Snapshot, diagnostics: Iterable[str]) -> list[Change]:
    """Return `changes`, and for each diagnostic the first question that it held out in another fold."""
    moved = (change for diagnostic in diagnostics for change in _moved(old, new, diagnostic))
    return [*changes(old.about, new.about), *moved]


def _moved(old: Snapshot, new: Snapshot, diagnostic: str) -> list[Change]:
    """Return the first question of both that was held out in another fold, in a list; none where none was."""
    columns = ["id", "repeat", "fold"]
    before, other = (run.samples.loc[run.samples["diagnostic"] == diagnostic, columns] for run in (old, new))
    both = before.merge(other, on=columns[:2], suffixes=("_old", "_new"))
    differ = both[both["fold_old"] != both["fold_new"]]
    if differ.empty:
        return []
    first, others = differ.iloc[0], differ["id"].nunique() - 1
    name = f"{diagnostic} fold of question {first['id']!r}" + (
        f" (and of {counted(others, 'other')})" if others else ""
    )
    return [Change(name, str(first["fold_old"]), str(first["fold_new"]), True, diagnostic)]


def _diagnostic_changes(
    name: str, old: DiagnosticAbout | None, new: DiagnosticAbout | None
) -> Iterator[Change]:
    if old is None or new is None:
        there, not_there = "there", "not there"
        yield Change(name, there if old else not_there, there if new else not_there, True, name)
        return
    things = [
        ("questions", old.overall.n, new.overall.n, True),
        *_pairs("", _flat(old.settings), _flat(new.settings)),
        ("adapters", old.adapters, new.adapters, False),
        ("adapters checked", old.adapters_checked, new.adapters_checked, True),
    ]
    for setting, before, other, decisive in things:
        if before != other:
            yield Change(f"{name} {setting}", _shown(before), _shown(other), decisive, name)


def _pairs(prefix: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[str, Any, Any, bool]]:
    return [(f"{prefix}{key}", old.get(key), new.get(key), True) for key in dict.fromkeys([*old, *new])]


def _flat(settings: Mapping[str, Any], path: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in settings.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{path}{key}.")
        else:
            flat[f"{path}{key}"] = value
    return flat


def _shown(value: Any) -> str:
    if isinstance(value, str) and len(value) == 64:
        return f"{value[:12]}..."
    return "none" if value is None else str(value)
