"""One call: read the questions, run the diagnostics and checks, return the report."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Literal

from pydantic import ValidationError

from tst_harness.activity import errors_shown, heard
from tst_harness.api.data import Data, opened
from tst_harness.api.report import Report
from tst_harness.arguments import says_arguments
from tst_harness.benchmark.declarations import FaultPolicy
from tst_harness.engine.session import Session
from tst_harness.engine.settings import Settings
from tst_harness.errors import HarnessError
from tst_harness.registry import analyses
from tst_harness.suggestions import did_you_mean
from tst_harness.views.progress import progress_bar, show

if TYPE_CHECKING:
    from tst_harness.diagnostics.features.protocols import FeatureBasedBiasModel
    from tst_harness.diagnostics.llm.config import LLMConfig
    from tst_harness.diagnostics.llm.trainable.predictor import TrainableLLMPredictor


@says_arguments()
def audit(
    data: Data,
    *,
    question: str | None = None,
    answer: str | None = None,
    options: str | Sequence[str] | None = None,
    type: str | None = None,
    group: str | None = None,
    id: str | None = None,
    answers: str | None = None,
    format: Literal["mc", "num", "open", "multi"] | None = None,
    labels: str | Sequence[str] | None = None,
    name: str | None = None,
    diagnostics: str | Sequence[str] = ("forest",),
    split: Literal["random", "grouped", "both"] = "random",
    folds: int = 5,
    repeats: int = 1,
    seed: int = 42,
    interval: Literal["test-set", "population"] = "test-set",
    limit: int | None = None,
    null_control: bool = False,
    allow_leak: bool = False,
    vectors: Literal["wordllama"] | None = None,
    faults: FaultPolicy | None = None,
    models: "Sequence[FeatureBasedBiasModel]" = (),
    llm: "LLMConfig | None" = None,
    trainable: "Callable[[], TrainableLLMPredictor] | None" = None,
    data_dir: str | os.PathLike[str] | None = None,
    cache: str | os.PathLike[str] | None = None,
    progress: bool = True,
) -> Report:
    """Measure how much of a test set can be solved from its text alone, and by which questions.

    Text-only models are trained on all folds but one and score the questions of that one, in turn. The same
    data and settings give the same numbers as `tst-harness audit` and `pytest` do.

    Parameters
    ----------
    data
        A file (JSON Lines, JSON, CSV, TSV or Parquet), a dataset on the Hub (OWNER/NAME[@REVISION][:FILE]), a
        pandas DataFrame, a `datasets.Dataset`, a list of dicts, or a declared `Benchmark`.
    question, answer, type, group, id
        Which columns these are; what is not given is recognised, and "" says that there is none. A group is
        what questions share outside the text: a scene, an image, a video.
    options
        The column of the options, or one column per option.
    answers
        How answers refer to options, if ambiguous: "letter", "index" (from 0), "index1" or "text"; or the
        file of the answers, if they have their own.
    format
        Whether questions with options have one right option ("mc") or several ("multi"), and whether answers
        without options are labels ("mc"), numbers ("num") or texts ("open").
    labels
        The labels of questions without options; by default those that occur among the answers.
    name
        Of the benchmark; by default that of the file, or "questions".
    diagnostics
        Any of "forest" (seconds on a CPU), "llm" (LoRA training, a GPU) and what is installed beside.
    split
        How folds are made: "random", "grouped" (questions of a group are held out together), or "both", whose
        difference is what shared context adds.
    folds, repeats, seed
        How many folds, how often with other folds, and the seed of all that is random.
    interval
        "population" adds intervals of the forest for other questions of the kind, from 20 runs on halves of
        the questions; all other intervals are of this test set.
    limit
        Diagnose a stratified, seeded subset of that many questions.
    null_control
        Permute the answers within each type first: a negative control, which should find nothing.
    faults
        Whether rows that cannot be scored are left out ("report") and named in
        `report.content.source.faults`, or stop the audit ("stop"). By default a `Benchmark` decides, and from
        other data they are left out.
    models
        Feature models written by hand.
    allow_leak
        Do not check whether their features read held-out answers, which the report then says.
    vectors
        The package with a table of pretrained word vectors that the forest reads with, too ("wordllama", the
        extra `vectors`); the report then says so.
    llm
        The language model, its training and its engines.
    trainable
        Makes what "llm" trains, in place of what `llm` describes.
    data_dir
        Where the files of a Hub dataset are looked for first; by default TST_DATA_DIR.
    cache
        A folder where the records of finished folds are kept, such as "reports": with the same data and
        settings they are read back. By default nothing is kept.
    progress
        Print what was recognised, and show a progress bar.

    Raises
    ------
    HarnessError
        The data cannot be read or scored, what a column means is ambiguous, or a setting makes no sense; one
        sentence says what to do.
    """
    names = (diagnostics,) if isinstance(diagnostics, str) else tuple(diagnostics)
    known = [each for each, analysis in analyses().items() if analysis.kind == "diagnostic"]
    for unknown in sorted({*names} - {*known}):
        meant = did_you_mean(unknown, known)
        raise HarnessError(f"there is no diagnostic {unknown!r}; there are {', '.join(known)}{meant}")
    folder = data_folder(data_dir)
    with (
        opened(
            data,
            name,
            folder,
            question=question,
            answer=answer,
            options=options,
            type=type,
            group=group,
            id=id,
            format=format,
            labels=labels,
            answers=answers,
            faults=faults,
            show=progress,
        ) as benchmark,
        cache_folder(cache) as report_dir,
    ):
        settings = settings_of(
            diagnostics=names,
            split=split,
            folds=folds,
            repeats=repeats,
            seed=seed,
            interval=interval,
            limit=limit,
            null_control=null_control,
            allow_leak=allow_leak,
            vectors=vectors,
            faults=faults,
            data_dir=folder,
            report_dir=report_dir,
            **({} if llm is None else {"llm": llm}),
        )
        for note in (settings.expectation(), settings.more_runs()) if progress else ():
            if note:
                print(f"note: {note}")
        with Session(
            settings,
            [benchmark],
            models={benchmark.name: models},
            trainable=trainable,
            command=["tst_harness.audit"],
        ) as session:
            stream = errors_shown() if progress else None
            with (
                heard(stream, f"audit of {benchmark.name}"),
                progress_bar(benchmark.name, "units", progress, len(session.units())) as bar,
            ):
                session.run(lambda result: show(bar, result.summary))
            return Report(*session.assemble(benchmark.name))


def settings_of(**fields: object) -> Settings:
    """Return validated settings.

    Raises
    ------
    HarnessError
        A value makes no sense; the message names the argument.
    """
    try:
        return Settings.model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        raise HarnessError(f"{first['loc'][0]}: {first['msg']}, not {first['input']!r}") from None


def data_folder(folder: str | os.PathLike[str] | None) -> Path | None:
    """Return where a Hub dataset is looked for first: as given, else as TST_DATA_DIR says."""
    named = folder or os.environ.get("TST_DATA_DIR")
    return Path(named) if named else None


@contextmanager
def cache_folder(folder: str | os.PathLike[str] | None) -> Iterator[Path]:
    """Yield the folder of records, a temporary one where none is given."""
    if folder is not None:
        yield Path(folder)
        return
    with TemporaryDirectory(prefix="tst-records-") as temporary:
        yield Path(temporary)
