"""Iterative Bias Pruning in one call, measured against random removals and by another diagnostic."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from tst_harness.activity import errors_shown, heard
from tst_harness.api.audit import cache_folder, data_folder, settings_of
from tst_harness.api.data import Data, opened
from tst_harness.arguments import says_arguments
from tst_harness.benchmark.declarations import FaultPolicy
from tst_harness.benchmark.pruning import PruningSettings
from tst_harness.engine.experiment import Experiment
from tst_harness.engine.session import Session
from tst_harness.errors import HarnessError
from tst_harness.pruning.controls_schema import Controls
from tst_harness.pruning.files import write_pruning
from tst_harness.pruning.lists import IdPlaces
from tst_harness.pruning.loop import prune_experiment
from tst_harness.pruning.luck import change_by_luck
from tst_harness.pruning.measure import Measurement, RemovedList, Scorer
from tst_harness.pruning.rediagnosis import Rediagnosis, other_diagnostic
from tst_harness.pruning.schema import PruningReport
from tst_harness.views.progress import follow_pruning, progress_bar
from tst_harness.views.pruning_controls import PRUNED

if TYPE_CHECKING:
    from tst_harness.diagnostics.llm.config import LLMConfig
    from tst_harness.diagnostics.llm.trainable.predictor import TrainableLLMPredictor


@says_arguments({"diagnostics=": "diagnostic="})
def prune(
    data: Data,
    output: str | os.PathLike[str] | None = None,
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
    split: Literal["random", "grouped"] = "random",
    folds: int = 5,
    repeats: int = 1,
    seed: int = 42,
    limit: int | None = None,
    null_control: bool = False,
    faults: FaultPolicy | None = None,
    llm: "LLMConfig | None" = None,
    trainable: "Callable[[], TrainableLLMPredictor] | None" = None,
    data_dir: str | os.PathLike[str] | None = None,
    fresh: bool = False,
    controls: bool = True,
    judge: str | None = None,
    progress: bool = True,
    **settings: Any,
) -> PruningReport:
    """Remove the most exploitable questions, diagnose the rest, and repeat: `prune(data, budget=1000)`.

    Parameters
    ----------
    data, question, answer, options, type, group, id, answers, format, name
        As for `audit`.
    output
        A folder for `pruning.json`, `removed_ids.txt` and `kept_ids.txt`; there, an interrupted pruning is
        continued. By default nothing is written.
    split, folds, repeats, seed, limit, null_control, faults, llm, trainable, data_dir
        As for `audit`.
    fresh
        Start over, even if `output` holds a pruning.
    controls
        Measure the removal against random ones, and by another diagnostic: `report.controls`.
    judge
        That other diagnostic; by default "words", a bag-of-words model, and "forest" where "llm" prunes.
    progress
        Print what was recognised, and show a progress bar.
    **settings
        Those of `PruningSettings`: `budget`, `fraction`, `diagnostic`, `rank`, ...

    Returns
    -------
    The report: `removed` and `kept` ids, scores `before` and `after`, the iterations, and the controls.

    Raises
    ------
    HarnessError
        The data cannot be read, the settings make no sense, the floors allow less, or `output` holds another
        pruning.
    """
    chosen = PruningSettings(**settings)
    judged_by = judge or other_diagnostic(chosen.diagnostic)
    if controls and judged_by == chosen.diagnostic:
        raise HarnessError(f"judge={judged_by!r} is also what ranks the questions; choose another one")
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
        cache_folder(None) as report_dir,
    ):
        run_settings = settings_of(
            diagnostics=(chosen.diagnostic,),
            split=split,
            folds=folds,
            repeats=repeats,
            seed=seed,
            limit=limit,
            null_control=null_control,
            faults=faults,
            data_dir=folder,
            report_dir=report_dir,
            **({} if llm is None else {"llm": llm}),
        )
        with Session(run_settings, trainable=trainable) as session:
            experiment = session.experiment(benchmark)
            path = None if output is None else Path(output)
            with heard(errors_shown() if progress else None, f"pruning of {benchmark.name}"):
                with progress_bar(f"{benchmark.name}: pruning", "questions", progress) as bar:
                    report = prune_experiment(experiment, chosen, path, fresh, follow_pruning(bar))
                if controls and report.removed:
                    report = report.model_copy(
                        update={"controls": _controls(experiment, report, judged_by, progress)}
                    )
                    if path is not None:
                        write_pruning(path, report)
            return report


def _controls(experiment: Experiment, report: PruningReport, judge: str, progress: bool) -> Controls:
    ids = IdPlaces(report.benchmark, experiment.dataset.frame["id"].tolist())
    removed = RemovedList(PRUNED, ids.rows([("removed", each) for each in report.removed]))
    with progress_bar(f"{report.benchmark}: controls", "diagnoses", progress) as bar:
        scorer, other = (
            Scorer(rediagnosis, on_diagnosis=bar.update)
            for rediagnosis in (
                Rediagnosis(experiment, report.settings.diagnostic),
                Rediagnosis(experiment, judge, zero_shot=False),
            )
        )
        measurement = Measurement(experiment.dataset, experiment.settings.seed, scorer, other, None)
        bar.total = measurement.diagnoses(1)
        controls = measurement.controls([removed])
    return controls.model_copy(update={"by_luck": change_by_luck(experiment, report)})
