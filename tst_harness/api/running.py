"""All units of one benchmark in this process, and the report that they amount to."""

import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from tst_harness.analysis.names import GROUPED
from tst_harness.benchmark.declarations import Benchmark
from tst_harness.engine.results import CHECKS, FEATURES, FOREST, LLM, Result
from tst_harness.engine.session import Audit
from tst_harness.engine.settings import BOTH, Options
from tst_harness.engine.store import RecordStore
from tst_harness.report.assemble import assemble
from tst_harness.report.held_out import samples_frame
from tst_harness.report.questions import Asked
from tst_harness.report.schema import Report, RunReport

if TYPE_CHECKING:
    from tst_harness.diagnostics.features.protocols import FeatureBasedBiasModel
    from tst_harness.diagnostics.llm.trainable.predictor import TrainableLLMPredictor

Done = Callable[[Result, int], None]
"""Is told of a result and of how many units there are."""


class Assembled(NamedTuple):
    """A report, one row for each sample, and the questions."""

    report: Report
    samples: pd.DataFrame
    questions: Asked


def run_benchmark(
    options: Options,
    benchmark: Benchmark,
    models: "Sequence[FeatureBasedBiasModel]",
    trainable: "TrainableLLMPredictor | None",
    done: Done,
) -> Assembled:
    """Run every diagnostic and check that the options ask for.

    Raises
    ------
    HarnessError
        The benchmark cannot be loaded, split or scored.
    """
    started, clock = datetime.now(UTC), time.perf_counter()
    splits = ("", GROUPED) if options.folds_of(benchmark) == BOTH else ("",)
    names = [*([FEATURES] * bool(models)), *options.diagnostics]
    diagnostics = [name + split for name in names for split in splits]
    places = [(repeat, fold) for repeat in range(options.repeats) for fold in range(options.folds)]
    results = []
    with _trainable(options, trainable) as trained:
        audit = Audit(options)
        units: list[Callable[[], Result]] = [
            partial(audit.run_fold, benchmark, name, *place, models, trained)
            for name in diagnostics
            for place in places
        ]
        if LLM in options.diagnostics:
            units.insert(0, partial(audit.zero_shot, benchmark, trained))
        if FOREST in options.diagnostics:
            units.append(partial(audit.describe_shortcuts, benchmark))
        units.append(partial(audit.run_checks, benchmark))
        for unit in units:
            results.append(unit())
            done(results[-1], len(units))
    store = RecordStore(options.report_dir)
    records = [store.load(result.path, result.digest) for result in results]
    run = RunReport(
        started=started.isoformat(timespec="seconds"),
        seconds=round(time.perf_counter() - clock, 3),
        command=["tst_harness.audit"],
    )
    expected = {result.diagnostic: set(places) for result in results if result.diagnostic != CHECKS}
    cached = {record.key for record, result in zip(records, results, strict=True) if result.cached}
    stored = next((result.questions for result in results if result.questions is not None), None)
    texts = None if stored is None else store.load(stored.path, stored.digest)
    samples = samples_frame(records)
    return Assembled(
        assemble(records, expected, run, cached), samples, Asked.of(samples["id"], texts, records)
    )


def _trainable(options: Options, trainable: "TrainableLLMPredictor | None") -> Any:
    if trainable is not None or LLM not in options.diagnostics:
        return nullcontext(trainable)
    from tst_harness.diagnostics.llm.build import build_trainable

    return build_trainable(options.llm)
