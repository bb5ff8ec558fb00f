"""Measures what pruning does to VSI-Bench, for the README: `tox -e bench`.

One pruning of 2,500 questions gives those of fewer, since a smaller budget removes the first of what a larger
one does. Each is measured by the forest that chose, by bags of words, and against 10 random
removals of as many questions of each type; so is the published list of VSI-Bench-Debiased.
"""

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tst_harness.analysis.figures import interval, percent, signed
from tst_harness.analysis.names import FOREST, WORDS
from tst_harness.benchmark.pruning import PruningSettings
from tst_harness.engine.experiment import Experiment
from tst_harness.engine.settings import Settings
from tst_harness.integrations.pytest.declared import collect
from tst_harness.pruning.controls_schema import AgainstRandom, Controls, RandomControl
from tst_harness.pruning.lists import IdPlaces, read_list
from tst_harness.pruning.loop import prune_experiment
from tst_harness.pruning.measure import Measurement, RemovedList, Scorer
from tst_harness.pruning.rediagnosis import Rediagnosis

BUDGETS = (200, 500, 1_000, 1_500, 2_000, 2_500)
NULL_BUDGETS = (500, 1_000, 2_500)
ROOT = Path(__file__).parents[2]
DEBIASED = "vsi_bench/debiased_v1_removed_ids.txt"


def beside(found: AgainstRandom) -> str:
    """The cells of one figure: what is left, what random removals leave, and the difference."""
    random = f"{percent(found.random.mean)} ± {percent(found.random.sd)}"
    difference = f"{signed(found.difference)} {interval(found.difference_interval)}"
    return f"{percent(found.value)} | {random} | {difference}"


def table(controls: Controls, figure: str) -> None:
    """Print one figure of all lists, as Markdown."""
    print(f"\n| removed | left | {figure}: forest | random | difference | words | random | difference |")
    print("| --- | ---: | ---: | --- | --- | ---: | --- | --- |")
    [one, *_] = controls.removals
    assert one.other_diagnostic is not None
    before = [percent(getattr(scores, figure)) for scores in (controls.before, one.other_diagnostic.before)]
    print(f"| none | {controls.before.n:,} | {before[0]} | | | {before[1]} | | |")
    for removal in controls.removals:
        assert removal.other_diagnostic is not None
        random = (removal.random_control, removal.other_diagnostic.random_control)
        cells = " | ".join(beside(getattr(one, figure)) for one in random if isinstance(one, RandomControl))
        print(f"| {removal.name} | {removal.overall.n:,} | {cells} |", flush=True)


def measure(options: Settings, budgets: Sequence[int], lists: Sequence[str] = ()) -> None:
    """Prune VSI-Bench and print the tables of the score and of the gain over the baseline."""
    assert options.data_dir is not None
    experiment = Experiment(collect(ROOT / "benchmarks").named("vsi"), options)
    frame = experiment.dataset.frame
    clock = time.perf_counter()
    report = prune_experiment(experiment, PruningSettings(budget=budgets[-1]))
    seconds = time.perf_counter() - clock
    print(f"{budgets[-1]:,} questions removed in {len(report.iterations)} diagnoses: {seconds:.0f} s")
    rows = IdPlaces("vsi", frame["id"].tolist()).rows([("removed", id_) for id_ in report.removed])
    removed = [RemovedList(f"{budget:,}", rows[:budget]) for budget in budgets]
    removed += [RemovedList(path, read_list(options.data_dir / path, frame, "vsi")) for path in lists]
    clock = time.perf_counter()
    scorer, judge = (Scorer(Rediagnosis(experiment, name)) for name in (FOREST, WORDS))
    measurement = Measurement(experiment.dataset, options.seed, scorer, judge)
    controls = measurement.controls(removed)
    seconds = time.perf_counter() - clock
    print(f"{measurement.diagnoses(len(removed))} diagnoses of controls: {seconds:.0f} s")
    table(controls, "score")
    table(controls, "gain")


def main() -> None:
    """Print all tables."""
    data = os.environ.get("TST_DATA_DIR")
    if not data:
        sys.exit("TST_DATA_DIR is not set, so there are no real data to prune")
    measure(Settings(data_dir=Path(data)), BUDGETS, [DEBIASED])
    print("\nThe same with the answers permuted, so that there is nothing to find:")
    measure(Settings(data_dir=Path(data), null_control=True), NULL_BUDGETS)


if __name__ == "__main__":
    main()
