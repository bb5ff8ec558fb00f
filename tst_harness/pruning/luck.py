"""How much of a fall of the score is luck: the same pruning where there is nothing to find."""

from collections import Counter

from tst_harness.engine.experiment import Experiment
from tst_harness.errors import DataError
from tst_harness.pruning.loop import prune_experiment
from tst_harness.pruning.schema import PruningReport


def change_by_luck(experiment: Experiment, report: PruningReport) -> float | None:
    """Prune as many questions of each type with answers permuted within types, and return the score's change.

    Parameters
    ----------
    experiment
        What was pruned.
    report
        What came of it.

    Returns
    -------
    The score after less the score before, in [-1, 1]. None where answers were permuted already, where floors
    allow less, and of a language model, which would train every fold anew.
    """
    settings = report.settings
    if report.null_control or settings.diagnostic != "forest" or not report.removed:
        return None
    frame = experiment.dataset.frame
    removed = frame["type"][frame["id"].isin(report.removed)]
    same = settings.model_copy(
        update={
            **dict.fromkeys(("budget", "fraction", "allocation", "tau")),
            "budgets": dict(Counter(removed)),
            "until_chance": False,
            "force": True,
        }
    )
    options = experiment.settings.model_copy(update={"null_control": True, "limit": None})
    permuted = Experiment(experiment.dataset.benchmark, options, experiment.dataset)
    try:
        pruned = prune_experiment(permuted, same)
    except DataError:
        return None
    return pruned.after.overall.score - pruned.before.overall.score
