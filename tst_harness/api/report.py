"""A report in Python: its scores, samples and shortcuts as DataFrames, and its page."""

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from tst_harness.analysis.figures import interval, percent
from tst_harness.analysis.names import MODELS
from tst_harness.api.models import Models, read_models
from tst_harness.arguments import says_arguments
from tst_harness.gates.snapshot import Snapshot, snapshot
from tst_harness.report import schema
from tst_harness.report.files import read_report as read_content
from tst_harness.report.files import write_report
from tst_harness.report.models import answers_beside, write_answers
from tst_harness.report.names import run_name
from tst_harness.report.questions import questions_beside, write_questions
from tst_harness.report.sample_files import read_samples_of, write_samples
from tst_harness.results.logs import Source
from tst_harness.views.html import write_page
from tst_harness.views.html.index import write_index
from tst_harness.views.html.rendering import render
from tst_harness.views.html.report import report_page
from tst_harness.views.models import tables_of_models
from tst_harness.views.terminal import cells_of, incomplete_sentence, meaning, title
from tst_harness.views.verdict import verdict_sentence

_SHORTCUTS = list(schema.Shortcut.model_fields)


class Report:
    """Everything known about one benchmark after a run.

    Scores, blind baselines and gains are fractions: 0.617 for 61.7%. Columns that end in `_low` and `_high`
    are the ends of 95% intervals.

    Parameters
    ----------
    content
        The report as it is written.
    samples
        One row for each question, repeat and diagnostic, as from `read_samples`.
    questions
        The fields of a `QuestionLine` each.
    answers
        What models answered, as from `read_answers`; None where there are no models.

    Attributes
    ----------
    content
        The report as it is written: `report.content.checks`, `report.content.source` and so on.
    questions
        The fields of a `QuestionLine` each: what the report is about, where texts are kept.
    answers
        What models answered: a row a model and question; None where there are no models.
    """

    def __init__(
        self,
        content: schema.Report,
        samples: pd.DataFrame,
        questions: Iterable[Mapping[str, Any]] = (),
        answers: pd.DataFrame | None = None,
    ) -> None:
        self.content = content
        self.answers = answers
        self._samples = samples
        self.questions = list(questions)

    @property
    def name(self) -> str:
        """The name of the benchmark."""
        return self.content.benchmark

    @property
    def verdict(self) -> str | None:
        """What the report amounts to, in a sentence; None where no diagnostic is complete.

        It begins with "found", "none above" or "cannot tell"; `content.verdict` has the figures.
        """
        return verdict_sentence(self.content)

    @property
    def overall(self) -> pd.DataFrame:
        """The scores over all questions: a row a diagnostic, which is the index.

        What begins with `macro_` is the unweighted mean over question types; the others are means over
        questions. A diagnostic that is incomplete has no row.
        """
        rows = {
            name: _figures(diagnostic.overall)
            for name, diagnostic in self.content.diagnostics.items()
            if diagnostic.overall is not None
        }
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("diagnostic")

    def types(self) -> pd.DataFrame:
        """Return the scores by diagnostic and question type, the largest gain first."""
        rows = [
            {"diagnostic": name, "type": kind, **_figures(scores)}
            for name, diagnostic in self.content.diagnostics.items()
            for kind, scores in sorted(diagnostic.types.items(), key=lambda item: (-item[1].gain, item[0]))
        ]
        return pd.DataFrame(rows)

    def samples(self) -> pd.DataFrame:
        """Return the held-out scores: a row for each question, repeat and diagnostic.

        `s` is s(x): the probability given to the gold option, or the accuracy of the predicted number.
        """
        return self._samples.copy()

    def shortcuts(self) -> pd.DataFrame:
        """Return the rules that beat the blind baseline, those that gain the most questions first.

        `support` counts the questions that a rule applies to, `score` is what it scores there,
        `blind_baseline` what the blind baseline does and `most_frequent`, where that is more, the most
        frequent answer of the training folds; `p_value` is corrected (Holm) for the number of rules tried.
        """
        rows = [
            shortcut.model_dump()
            for diagnostic in self.content.diagnostics.values()
            for shortcut in diagnostic.shortcuts
        ]
        return pd.DataFrame(rows, columns=_SHORTCUTS)

    @says_arguments()
    def models(
        self,
        results: Mapping[str, Source],
        *,
        blind: Mapping[str, Source] | None = None,
        percent: Collection[str] = (),
        allow_missing: bool = False,
        removed: str | os.PathLike[str] | Collection[str] | None = None,
        diagnostic: str | None = None,
    ) -> Models:
        """Put models' results beside the bias, and into this report.

        Parameters
        ----------
        results
            By the name of the model: a file of results, or a DataFrame or records with an id and a
            prediction, a response or a score, or answers by id.
        blind
            The same of models that saw no picture, by the same names.
        percent
            The models in whose results scores are per cent.
        allow_missing
            Go on where less than nine tenths of the questions have an answer.
        removed
            The ids that a pruning removes, or the file that lists them; models are ranked without them, too.
        diagnostic
            Whose s(x) is meant; by default the forest's.

        Raises
        ------
        HarnessError
            Results cannot be read or are of another test set; one sentence says what to do.
        """
        models = read_models(
            self.content,
            self._samples,
            self.questions,
            results,
            blind or {},
            percent=percent,
            allow_missing=allow_missing,
            removed=removed,
            diagnostic=diagnostic,
        )
        self.put(models)
        return models

    def put(self, models: Models) -> None:
        """Put models into this report, in place of those before."""
        section = schema.Section(figures=models.content.model_dump(mode="json"), sentences=models.sentences)
        sections = {**self.content.sections, MODELS: section}
        self.content = self.content.model_copy(update={"sections": sections})
        self.answers = models.answers()

    def save(self, folder: str | Path) -> Path:
        """Write the report, its samples, questions and page, and return the path of the report.

        Files are called as the benchmark, and as what is not plain in the run ("vsi-grouped.json");
        `index.html` lists all reports of the folder.

        `read_report` reads it back; `tst-harness gate` and `compare` take it as any other.

        Raises
        ------
        ReportError
            A file cannot be written.
        """
        folder, name = Path(folder), run_name(self.content)
        if self.answers is not None:
            write_answers(name, self.answers, folder)
        write_samples(name, self._samples, folder)
        write_questions(name, self.questions, folder)
        write_page(self.html(), folder / f"{name}.html")
        path = write_report(self.content, folder)
        write_index(folder)
        return path

    def html(self) -> str:
        """Return the page of the report: one file that needs no network."""
        return report_page(self.content, self._samples, self.questions, self.answers)

    def snapshot(self) -> Snapshot:
        """Return what two runs can be compared by."""
        return snapshot(self.content, self._samples, self.answers)

    def __repr__(self) -> str:
        scores = [
            f"{name} {percent(diagnostic.overall.score)}% {interval(diagnostic.overall.interval)}"
            if diagnostic.overall is not None
            else f"{name} incomplete"
            for name, diagnostic in self.content.diagnostics.items()
        ]
        return f"<Report of {self.name}: {'; '.join(scores)}>"

    def __str__(self) -> str:
        return "\n".join(f"{heading}\n{sentence}" for heading, sentence, _ in self._sections())

    def _repr_html_(self) -> str:
        return render("notebook", sections=list(self._sections()))

    def _sections(self) -> Iterator[tuple[str, str, list[tuple[str, ...]]]]:
        """Yield the heading of each diagnostic, what its scores mean, and the table of scores."""
        for name, diagnostic in self.content.diagnostics.items():
            heading = title(self.content, name)
            if diagnostic.overall is None:
                yield heading, incomplete_sentence(diagnostic), []
            else:
                is_sample = self.content.source.kind == "sample"
                sentence = meaning(diagnostic.types, diagnostic.overall, is_sample)
                yield heading, sentence, cells_of(diagnostic.types, diagnostic.overall)
        for name, heading, cells in tables_of_models(self.content):
            yield heading, " ".join(self.content.sections[name].sentences), cells


def read_report(path: str | Path) -> Report:
    """Read a report that was written by any of the doors, with the samples and questions beside it.

    Parameters
    ----------
    path
        Of the JSON file: `reports/vsi.json`.

    Raises
    ------
    ReportError
        A file cannot be read, or is not what it should be.
    """
    path = Path(path)
    content = read_content(path)
    answers = answers_beside(content, path)
    return Report(content, read_samples_of(content, path), questions_beside(path), answers)


def _figures(scores: schema.OverallScores | schema.TypeScores) -> dict[str, Any]:
    """Return scores as a row of a table: intervals as two columns, without what is empty."""
    row: dict[str, Any] = {}
    for name, value in scores.model_dump(exclude={"importances"}).items():
        if value is None:
            continue
        if name == "interval" or name.endswith("_interval"):
            figure = name.removesuffix("interval").removesuffix("_") or "score"
            row[f"{figure}_low"], row[f"{figure}_high"] = value
        else:
            row[name] = value
    return row
