"""Two runs of the same questions, compared: by which figures they differ, and whether that is significant."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tst_harness.api.report import Report
from tst_harness.errors import ReportError
from tst_harness.gates.comparison import ALPHA, ComparedDiagnostic, Paired, Trained, compare_runs
from tst_harness.gates.reference import read_snapshot
from tst_harness.gates.snapshot import About, Change, Snapshot, differences
from tst_harness.report.questions import questions_beside
from tst_harness.stats.metrics import Metric
from tst_harness.stats.resampling import holm
from tst_harness.stats.samples import Samples
from tst_harness.views.gates import change_lines, comparison_lines
from tst_harness.views.html.comparison import comparison_page

_ALL = "all questions"


class Comparison:
    """What changed from one run to another.

    Parameters
    ----------
    before, after
        The two runs.
    names
        What they are called.
    questions
        The fields of a `QuestionLine` each, for the page.
    reworded
        The ids of questions that are others in the second run, which are not compared.

    Attributes
    ----------
    changes
        Everything beside the scores in which the two differ: data, folds, models, versions.
    diagnostics
        Those that both have, compared.

    Raises
    ------
    ReportError
        The two are of other test sets, or share no diagnostic, or no question of one.
    """

    def __init__(
        self,
        before: Snapshot,
        after: Snapshot,
        names: tuple[str, str],
        questions: Sequence[Mapping[str, Any]] = (),
        reworded: Collection[str] = (),
    ) -> None:
        _check_test_set(before.about, after.about, names)
        self.before, self.after, self.names = before, after, names
        self._questions = questions
        both = sorted(before.about.diagnostics.keys() & after.about.diagnostics.keys())
        if not both and not self.incomplete:
            raise ReportError(
                f"{names[0]} and {names[1]} share no diagnostic, so they cannot be compared: run the same "
                "diagnostic for both"
            )
        pairs = {name: _compare(before, after, name, reworded) for name in both}
        claims = [paired[None].evidence.p_above(0.0, at_least=False) for paired, *_ in pairs.values()]
        p_values = holm(np.array(claims)).tolist()
        self.changes: list[Change] = differences(before, after, both)
        self.diagnostics = [
            ComparedDiagnostic(name, compared, remarks, p, trained)
            for (name, (compared, remarks, trained)), p in zip(pairs.items(), p_values, strict=True)
        ]

    @property
    def incomplete(self) -> bool:
        """Whether a diagnostic of one of the runs has no score."""
        return bool(self.before.incomplete or self.after.incomplete)

    @property
    def significant(self) -> bool:
        """Whether the second run scores significantly higher by any diagnostic, on questions enough alike."""
        return any(diagnostic.outcome == "higher" for diagnostic in self.diagnostics)

    @property
    def undecided(self) -> bool:
        """Whether of a diagnostic none can tell: the runs trained unalike, or there is a single group."""
        return any(diagnostic.outcome == "cannot tell" for diagnostic in self.diagnostics)

    @property
    def overall(self) -> pd.DataFrame:
        """The differences over all questions: a row a diagnostic, which is the index.

        `low` and `high` are one-sided 95% bounds of the difference. `p_value` is one-sided, for the
        hypothesis that the score did not rise, and corrected (Holm) for the number of diagnostics.
        """
        rows = {
            diagnostic.name: {**_figures(diagnostic.pairs[None]), "p_value": diagnostic.p_more}
            for diagnostic in self.diagnostics
        }
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("diagnostic")

    def types(self) -> pd.DataFrame:
        """Return the differences by diagnostic and question type, the largest rise first."""
        rows = [
            {"diagnostic": diagnostic.name, "type": name, **_figures(paired)}
            for diagnostic in self.diagnostics
            for name, paired in sorted(
                ((name, paired) for name, paired in diagnostic.pairs.items() if name is not None),
                key=lambda item: (-item[1].evidence.point, item[0]),
            )
        ]
        return pd.DataFrame(rows)

    def html(self) -> str:
        """Return the page of the comparison: one file that needs no network."""
        return comparison_page(self.before, self.after, self.names, self.diagnostics, self._questions)

    def __str__(self) -> str:
        same = "data, folds, models and versions are the same"
        lines = [" -> ".join(self.names), "differences between the runs:" if self.changes else same]
        lines += [line.text for line in change_lines(self.changes)]
        for diagnostic in self.diagnostics:
            lines += [*diagnostic.remarks, ""]
            lines += [line.text for line in comparison_lines(diagnostic)]
        for name, run in zip(self.names, (self.before, self.after), strict=True):
            if run.incomplete:
                lines.append(f"{name} is incomplete: {', '.join(run.incomplete)}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<Comparison of {' -> '.join(self.names)}>"


def compare(before: Report | str | Path, after: Report | str | Path) -> Comparison:
    """Compare two runs on the questions and repeats that both have.

    Parameters
    ----------
    before, after
        A report, or the path of one or of a reference.

    Raises
    ------
    ReportError
        A file cannot be read, or the two are of other test sets, or share no diagnostic or no question of
        one.
    """
    (old, old_name, old_questions), (new, new_name, new_questions) = _opened(before), _opened(after)
    return Comparison(
        old,
        new,
        (old_name, new_name),
        new_questions or old_questions,
        reworded_questions(old_questions, new_questions),
    )


def reworded_questions(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> set[str]:
    """Return the ids of questions with another text or other options; none where a run keeps no texts.

    Parameters
    ----------
    before, after
        The fields of a `QuestionLine` each. The order of options does not matter.
    """
    old, new = (
        {
            line["id"]: (line["text"], sorted(line["options"] or ()))
            for line in questions
            if line["text"] is not None
        }
        for questions in (before, after)
    )
    return {id_ for id_, question in new.items() if old.get(id_, question) != question}


def _opened(run: Report | str | Path) -> tuple[Snapshot, str, Sequence[Mapping[str, Any]]]:
    if isinstance(run, Report):
        return run.snapshot(), run.name, run.questions
    return read_snapshot(Path(run)), str(run), questions_beside(Path(run))


def _check_test_set(before: About, after: About, names: tuple[str, str]) -> None:
    """Raise ReportError where one run is of the bundled sample and the other of real data."""
    substituted = [about.source.substituted_for is not None for about in (before, after)]
    if substituted[0] != substituted[1]:
        sample, data = names if substituted[0] else names[::-1]
        raise ReportError(
            f"{sample} is a run of the bundled sample and {data} one of real data, so they cannot be "
            "compared: run both on the same data"
        )


def _compare(
    before: Snapshot, after: Snapshot, diagnostic: str, reworded: Collection[str]
) -> tuple[dict[str | None, Paired], list[str], Trained]:
    """Compare the questions that both have, in as many repeats as both have.

    Return the differences, sentences on what only one run has, and what folds of both trained on.
    """
    old, new = Samples.of(before.samples, diagnostic), Samples.of(after.samples, diagnostic)
    alike = {*old.id} & {*new.id}
    common = sorted(alike.difference(reworded))
    if not common:
        ids = f", though {len(alike):,} have an id in both" if alike else ""
        raise ReportError(
            f"the two runs share no question of {diagnostic}{ids}: compare runs of the same test set"
        )
    if before.about.source.fingerprint != after.about.source.fingerprint:
        _check_questions(before, after, diagnostic, common)
    repeats = min(old.repeats, new.repeats)
    remarks = []
    if len(common) < len(alike):
        remarks.append(
            f"{diagnostic}: {len(alike) - len(common):,} of {len(alike):,} questions with an id in both have "
            "other texts or options, and are not compared"
        )
    for name, runs in (("before", old), ("after", new)):
        if len(runs.id) > len(alike):
            remarks.append(
                f"{diagnostic}: {len(runs.id) - len(alike):,} of {len(runs.id):,} questions are only {name}"
            )
        if runs.repeats > repeats:
            remarks.append(
                f"{diagnostic}: {runs.repeats - repeats} of {runs.repeats} repeats are only {name}"
            )
    folds = before.about.settings.folds, after.about.settings.folds
    pairs = compare_runs(
        new.only(common, repeats),
        old.only(common, repeats),
        Metric("score"),
        folds=min(folds),
        seed=after.about.settings.seed,
    )
    trained = (_trained(run, common, k) for run, k in zip((old, new), folds, strict=True))
    return pairs, remarks, Trained(*trained)


def _trained(run: Samples, common: Sequence[str], folds: int) -> float:
    """How many questions of the types of some questions each fold trained on."""
    types = {*run.type[np.isin(run.id, common)]}
    return float(np.isin(run.type, sorted(types)).sum()) * (1.0 - 1.0 / folds)


def _check_questions(before: Snapshot, after: Snapshot, diagnostic: str, common: Sequence[str]) -> None:
    """Raise ReportError unless most questions that share an id also share their type and format.

    Ids such as "0" and "1" are in many test sets, so an id alone does not make two questions the same.
    """
    kinds = [
        run.samples[run.samples["diagnostic"] == diagnostic]
        .drop_duplicates("id")
        .set_index("id")[["type", "format"]]
        .loc[list(common)]
        .to_numpy()
        for run in (before, after)
    ]
    same = int(np.all(kinds[0] == kinds[1], axis=1).sum())
    if same <= len(common) / 2:
        titles = before.about.title, after.about.title
        raise ReportError(
            f"the two runs are of other test sets ({titles[0]} and {titles[1]}): of {len(common):,} "
            f"questions with an id in both, {len(common) - same:,} differ in type or format; compare runs of "
            "the same test set"
        )


def _figures(paired: Paired) -> dict[str, Any]:
    evidence = paired.evidence
    low, high = paired.bounds(ALPHA)
    return {
        "n": paired.n,
        "before": paired.old,
        "after": paired.new,
        "difference": evidence.point,
        "low": low,
        "high": high,
    }
