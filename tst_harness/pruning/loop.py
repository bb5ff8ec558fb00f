"""Iterative Bias Pruning: diagnose, remove the highest ranked, diagnose what is left."""

import math
import os
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from tst_harness.analysis.code import code_digest
from tst_harness.benchmark.declarations import Benchmark
from tst_harness.benchmark.pruning import PruningSettings
from tst_harness.diagnostics.llm.trainable.predictor import TrainableLLMPredictor
from tst_harness.engine.experiment import Experiment
from tst_harness.engine.session import Session
from tst_harness.engine.settings import Settings
from tst_harness.engine.store import record_key
from tst_harness.errors import DataError
from tst_harness.pruning.files import PruningFolder, asked_of
from tst_harness.pruning.rediagnosis import Rediagnosis, benchmark_scores
from tst_harness.pruning.removals import Removals
from tst_harness.pruning.schema import BenchmarkScores, Iteration, PruningReport, Removed, Stopped
from tst_harness.pruning.selection import ranked
from tst_harness.report.schema import RunReport


class PruningProgress(NamedTuple):
    """Where a pruning is: `removed` of at most `most` questions, and the score of the last diagnosis."""

    removed: int
    most: int
    score: float
    seconds_left: float


_CODE = tuple(
    f"tst_harness.pruning.{module}"
    for module in ("allocation", "loop", "rediagnosis", "removals", "selection", "two_folds")
)
"""What decides which questions go, beside the diagnosis."""
OnProgress = Callable[[PruningProgress], None]


def prune(
    benchmark: Benchmark,
    output: Path | None = None,
    *,
    options: Settings | None = None,
    trainable: TrainableLLMPredictor | None = None,
    fresh: bool = False,
    on_progress: OnProgress | None = None,
    **settings: Any,
) -> PruningReport:
    """Prune a benchmark: `prune(benchmark, budget=1000)`.

    Parameters
    ----------
    benchmark
        The declaration.
    output
        The folder for `pruning.json`, `removed_ids.txt` and `kept_ids.txt`; there, an interrupted pruning
        is continued.
    options
        Data, folds, seed, repeats and language model; without them the defaults, data from `TST_DATA_DIR`.
    trainable
        What the diagnostic "llm" trains; made from `options.llm` where it is not given.
    fresh
        Start over, whatever `output` holds.
    on_progress
        Is told of every diagnosis.
    **settings
        Those of `PruningSettings`.

    Raises
    ------
    HarnessError
        The settings make no sense, the benchmark cannot be loaded or diagnosed, the floors allow less, or
        `output` holds another pruning.
    """
    chosen = PruningSettings(**settings)
    if options is None:
        options = Settings(
            data_dir=Path(os.environ["TST_DATA_DIR"]) if os.environ.get("TST_DATA_DIR") else None
        )
    given = None if trainable is None else lambda: trainable
    with Session(options, trainable=given) as session:
        return prune_experiment(session.experiment(benchmark), chosen, output, fresh, on_progress)


def prune_experiment(
    experiment: Experiment,
    settings: PruningSettings,
    output: Path | None = None,
    fresh: bool = False,
    on_progress: OnProgress | None = None,
) -> PruningReport:
    """Prune a benchmark that is loaded; everything else as for `prune`."""
    started, clock = datetime.now(UTC), time.perf_counter()
    options = experiment.settings
    if settings.ranked_by == "lower" and options.repeats < 2:
        raise DataError(
            "ranking by the lower bound over repeats needs two of them or more; use --tst-repeats 3, or rank "
            "by excess"
        )
    rediagnosis = Rediagnosis(experiment, settings.diagnostic)
    removals = Removals(experiment.dataset.frame, rediagnosis.fold_of, settings, options.seed)
    about = _about(rediagnosis, settings)
    folder = None if output is None else PruningFolder(output, about["key"], _asked(about))
    iterations: list[Iteration] = []
    if folder is not None:
        previous = folder.start_over() if fresh else folder.found()
        if isinstance(previous, PruningReport):
            return previous
        iterations = previous
    for iteration in iterations:
        removals.repeat(removed.id for removed in iteration.removed)
    cached = len(iterations)
    stopped: Stopped | None = None
    while stopped is None:
        scores = rediagnosis.scores(removals.kept)
        left = benchmark_scores(
            scores, settings.diagnostic, options.seed, rediagnosis.experiment.dataset.benchmark.question_types
        )
        removed: list[Removed] = []
        if settings.until_chance and left.overall.gain_interval[0] <= 0.0:
            stopped = "chance"
        else:
            table = ranked(scores, settings.ranked_by, options.repeats)
            removed, stopped = removals.next_batch(table)
        iterations.append(Iteration(overall=left.overall, types=left.types, n=len(scores), removed=removed))
        if folder is not None and stopped is None:
            folder.keep(iterations)
        if on_progress is not None:
            seconds = (time.perf_counter() - clock) / (len(iterations) - cached)
            on_progress(_progress(iterations, removals, seconds, stopped))
    ids = experiment.dataset.frame["id"].to_numpy()
    report = PruningReport(
        **about,
        iterations=iterations,
        stopped=stopped,
        removed=ids[removals.rows].tolist(),
        kept=ids[removals.kept].tolist(),
        before=_scores_of(iterations[0]),
        after=_scores_of(iterations[-1]),
        run=RunReport(
            started=started.isoformat(timespec="seconds"),
            seconds=round(time.perf_counter() - clock, 3),
            command=sys.argv,
        ),
    )
    if folder is not None:
        folder.write(report)
    return report


def _about(rediagnosis: Rediagnosis, settings: PruningSettings) -> dict[str, Any]:
    """Return the fields of a report that are known before anything is diagnosed."""
    experiment, origin = rediagnosis.experiment, rediagnosis.origin
    diagnosis = origin.settings.model_copy(update={"split": experiment.settings.split})
    about = {
        **origin.model_dump(include={"benchmark", "title", "texts", "null_control", "diagnostic_settings"}),
        "source": origin.source,
        "settings": settings,
        "ranked_by": settings.ranked_by,
        "diagnosis": diagnosis,
        "versions": origin.versions,
        "notes": origin.notes,
    }
    key = record_key(
        data=origin.source.fingerprint.content,
        types=[declared.model_dump(mode="json") for declared in experiment.dataset.benchmark.question_types],
        asked=_asked(about),
        diagnostic_settings=origin.diagnostic_settings,
        versions=origin.versions,
        code=[*rediagnosis.code, code_digest(_CODE)],
    )
    return {**about, "key": key}


def _asked(about: dict[str, Any]) -> dict[str, Any]:
    return asked_of(about["benchmark"], about["settings"], about["diagnosis"], about["null_control"])


def _scores_of(iteration: Iteration) -> BenchmarkScores:
    return BenchmarkScores(overall=iteration.overall, types=iteration.types)


def _progress(
    iterations: Sequence[Iteration], removals: Removals, seconds: float, stopped: Stopped | None
) -> PruningProgress:
    """Where a pruning is whose diagnoses take so many seconds each."""
    last, removed = iterations[-1], len(removals.rows)
    to_come = 0 if stopped else 1 + math.ceil((removals.most - removed) / max(len(last.removed), 1))
    return PruningProgress(
        removed=removed,
        most=removals.most,
        score=last.overall.score,
        seconds_left=seconds * to_come,
    )
