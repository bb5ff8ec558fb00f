"""Iterative Bias Pruning: diagnose, remove the highest ranked, diagnose what is left."""

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from tst_harness.activity import far
from tst_harness.analysis.code import code_digest
from tst_harness.analysis.figures import interval, percent, signed
from tst_harness.benchmark.pruning import PruningSettings
from tst_harness.engine.experiment import Experiment
from tst_harness.engine.questions import questions_record
from tst_harness.engine.store import record_key
from tst_harness.errors import DataError
from tst_harness.pruning.files import PruningFolder, asked_of
from tst_harness.pruning.rediagnosis import Rediagnosis, benchmark_scores
from tst_harness.pruning.removals import Removals
from tst_harness.pruning.schema import BenchmarkScores, Iteration, PruningReport, Removed, Stopped
from tst_harness.pruning.selection import ranked
from tst_harness.report.paths import command_line
from tst_harness.report.questions import Asked
from tst_harness.report.schema import RunReport


class PruningProgress(NamedTuple):
    """Where a pruning is: `removed` of at most `most` questions, and the score of the last diagnosis."""

    removed: int
    most: int
    score: float


_CODE = tuple(
    f"tst_harness.pruning.{module}"
    for module in ("allocation", "loop", "rediagnosis", "removals", "selection", "two_folds")
)
"""What decides which questions go, beside the diagnosis."""
OnProgress = Callable[[PruningProgress], None]


def prune_experiment(
    experiment: Experiment,
    settings: PruningSettings,
    output: Path | None = None,
    fresh: bool = False,
    on_progress: OnProgress | None = None,
) -> PruningReport:
    """Prune a benchmark that is loaded.

    Parameters
    ----------
    experiment
        The benchmark, its folds and its models.
    settings
        How much is removed, and by what.
    output
        The folder for `pruning.json`, `removed_ids.txt` and `kept_ids.txt`; there, an interrupted pruning
        is continued.
    fresh
        Start over, whatever `output` holds.
    on_progress
        Is called after every diagnosis.

    Raises
    ------
    HarnessError
        The benchmark cannot be diagnosed, there is nothing to prune, the floors allow less, or `output` holds
        another pruning.
    """
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
    stopped: Stopped | None = None
    while stopped is None:
        scores = rediagnosis.scores(removals.kept)
        left = benchmark_scores(
            scores, settings.diagnostic, options.seed, rediagnosis.experiment.dataset.benchmark.question_types
        )
        if not (iterations or settings.force or settings.until_chance or options.null_control):
            _check_gain(left, experiment.dataset.benchmark.name, settings.diagnostic)
        removed: list[Removed] = []
        if settings.until_chance and left.overall.gain_interval[0] <= 0.0:
            stopped = "chance"
        else:
            table = ranked(scores, settings.ranked_by, options.repeats)
            removed, stopped = removals.next_batch(table)
        iterations.append(Iteration(overall=left.overall, types=left.types, n=len(scores), removed=removed))
        if folder is not None and stopped is None:
            folder.keep(iterations)
        far(f"{len(removals.rows):,} of {removals.most:,} questions removed")
        if on_progress is not None:
            on_progress(PruningProgress(len(removals.rows), removals.most, left.overall.score))
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
            command=command_line(sys.argv),
        ),
    )
    if folder is not None:
        texts = questions_record(experiment.dataset, rediagnosis.origin)
        folder.write(report, Asked(report.removed, texts, {}))
    return report


def _check_gain(scores: BenchmarkScores, name: str, diagnostic: str) -> None:
    """Raise where no gain is significant: what would be removed is right by luck."""
    if any(part.gain_interval[0] > 0.0 for part in (scores.overall, *scores.types.values())):
        return
    overall = scores.overall
    raise DataError(
        f"{name}: nothing to prune: {diagnostic} scores {percent(overall.score)}%, and its gain of "
        f"{signed(overall.gain)} points {interval(overall.gain_interval)} is not significant, nor is that of "
        "any type; --force removes questions all the same"
    )


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
