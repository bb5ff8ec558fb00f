"""Small made-up benchmarks to prune, and scores that change as questions go."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import pandas as pd
from hypothesis import reject
from hypothesis import strategies as st

from tst_harness.analysis.diagnostic import IntArray
from tst_harness.benchmark.declarations import Benchmark
from tst_harness.benchmark.pruning import PruningSettings
from tst_harness.diagnostics.llm.trainable.predictor import TrainableLLMPredictor
from tst_harness.engine.session import Session
from tst_harness.engine.settings import Settings
from tst_harness.errors import HarnessError
from tst_harness.pruning.loop import OnProgress, prune_experiment
from tst_harness.pruning.removals import Removals
from tst_harness.pruning.schema import PruningReport, Removed, Stopped
from tst_harness.pruning.selection import ranked

_DEFAULTS = Settings()


def prune(
    benchmark: Benchmark,
    output: Path | None = None,
    *,
    options: Settings = _DEFAULTS,
    trainable: TrainableLLMPredictor | None = None,
    fresh: bool = False,
    on_progress: OnProgress | None = None,
    **settings: Any,
) -> PruningReport:
    """Prune a declared benchmark."""
    chosen = PruningSettings(**settings)
    with Session(options, trainable=None if trainable is None else lambda: trainable) as session:
        return prune_experiment(session.experiment(benchmark), chosen, output, fresh, on_progress)


FORMATS = {"route": "mc", "side": "mc", "count": "num", "size": "num"}


@dataclass(frozen=True)
class Made:
    """A benchmark, the fold of each of its rows, and a score of each.

    Where it is `coupled`, all scores change with every question that goes; else only those of its type.
    """

    frame: pd.DataFrame
    folds: IntArray
    score: "pd.Series[float]"
    coupled: bool = False

    def scores(self, kept: IntArray) -> pd.DataFrame:
        """What a diagnosis of the rest says."""
        table = self.frame[["id", "type", "format"]].iloc[kept].reset_index(drop=True)
        left = table.groupby("type")["id"].transform("size").to_numpy()
        left = np.full(len(kept), len(kept)) if self.coupled else left
        moved = np.array([crc32(f"{id_}{n}".encode()) % 4 for id_, n in zip(table["id"], left, strict=True)])
        s = (self.score.loc[table["id"]].to_numpy() + moved) / 14
        return table.assign(s=s, score=s, blind_baseline=0.25, failed=0, group=table["id"])


def made(
    sizes: dict[str, int], answers: int = 3, repeats: int = 1, seed: int = 0, coupled: bool = False
) -> Made:
    """Questions of each type of `FORMATS`, with ties among scores and answers that recur."""
    rng = np.random.default_rng(seed)
    types = [name for name, size in sizes.items() for _ in range(size)]
    ids = [f"{name}-{place}" for place, name in enumerate(types)]
    frame = pd.DataFrame(
        {
            "id": ids,
            "type": types,
            "format": [FORMATS[name] for name in types],
            "answer": rng.integers(0, answers, len(types)).astype(np.float64),
        }
    )
    score = pd.Series(rng.integers(0, 11, len(types)) / 10, index=ids)
    # As stratified folds are: a type of two questions or more is in two folds or more.
    folds = np.array([np.arange(len(types)) // (repeat + 1) % 3 for repeat in range(repeats)])
    return Made(frame, folds, score, coupled)


def shuffled(benchmark: Made, seed: int) -> Made:
    """The same benchmark in another order of rows."""
    order = np.random.default_rng(seed).permutation(len(benchmark.frame))
    frame = benchmark.frame.iloc[order].reset_index(drop=True)
    return replace(benchmark, frame=frame, folds=benchmark.folds[:, order])


Run = tuple[list[list[Removed]], Stopped | None]


def begun(benchmark: Made, settings: PruningSettings) -> Removals:
    return Removals(benchmark.frame, benchmark.folds, settings, seed=1)


def run(benchmark: Made, settings: PruningSettings, removals: Removals | None = None) -> Run:
    """The batches, or those that follow what was removed, and why there was no further one."""
    removals = removals or begun(benchmark, settings)
    batches: list[list[Removed]] = []
    while True:
        table = ranked(benchmark.scores(removals.kept), settings.ranked_by, 1)
        batch, stopped = removals.next_batch(table)
        if not batch:
            return batches, stopped
        batches.append(batch)


def removed_ids(benchmark: Made, settings: PruningSettings) -> list[str]:
    """The ids in removal order."""
    batches, _ = run(benchmark, settings)
    return [one.id for batch in batches for one in batch]


_SETTINGS = {
    "allocation": st.sampled_from(["global", "format", "type"]),
    "batch": st.integers(1, 12),
    "min_per_type": st.integers(2, 5),
    "min_per_answer": st.integers(0, 2),
    "rank": st.sampled_from(["excess", "raw"]),
    "tau": st.sampled_from([None, 0.0, 0.1]),
}


@st.composite
def prunings(draw: st.DrawFn, budgets: int = 1) -> tuple[Made, list[PruningSettings]]:
    """A benchmark, and settings with ascending budgets that the floors allow, else the same."""
    types = draw(st.sets(st.sampled_from(sorted(FORMATS)), min_size=1))
    benchmark = made(
        {name: draw(st.integers(6, 20)) for name in sorted(types)},
        answers=draw(st.integers(1, 3)),
        repeats=draw(st.integers(1, 2)),
        seed=draw(st.integers(0, 99)),
        coupled=draw(st.booleans()),
    )
    asked: dict[str, Any] = draw(st.fixed_dictionaries(_SETTINGS))
    try:
        most = begun(benchmark, PruningSettings(until_chance=True, **asked)).most
    except HarnessError:
        reject()
    sizes = sorted(draw(st.integers(1, most)) for _ in range(budgets))
    return benchmark, [PruningSettings(budget=size, **asked) for size in sizes]
