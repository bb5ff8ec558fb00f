"""One run: which units there are, which are done, and the reports that their records amount to."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Self

from tst_harness.activity import doing, follow
from tst_harness.analysis.names import GROUPED as GROUPED_SUFFIX
from tst_harness.analysis.units import BOTH, GROUPED, RANDOM, Plan, Unit
from tst_harness.benchmark.declarations import Benchmark
from tst_harness.engine.groups import group_of, group_size
from tst_harness.engine.records import Records
from tst_harness.engine.results import Result
from tst_harness.engine.settings import Settings
from tst_harness.engine.store import RECORDS, RecordStore
from tst_harness.errors import HarnessError, IncompleteError
from tst_harness.registry import analyses, units_of

if TYPE_CHECKING:
    from tst_harness.dataset.loading import Dataset
    from tst_harness.diagnostics.features.protocols import FeatureBasedBiasModel
    from tst_harness.diagnostics.llm.trainable.predictor import TrainableLLMPredictor
    from tst_harness.engine.assembled import Assembled
    from tst_harness.engine.experiment import Experiment
    from tst_harness.report.records import UnitRecord

Models = Sequence["FeatureBasedBiasModel"]
MakeTrainable = Callable[[], "TrainableLLMPredictor"]


class Session:
    """The units of some benchmarks, their records, and the reports made of them.

    Units are computed here (`run`, `run_unit`), or elsewhere by a session with the same settings whose
    results are taken (`take`).

    Parameters
    ----------
    settings
        What was asked for.
    benchmarks
        Those to be run; `run_unit` and `take` accept others too.
    models
        Feature models of benchmarks, by their names.
    loaded
        Data of benchmarks by their names, where they were loaded before.
    trainable
        Makes what a language model is trained and asked with; made from the settings where it is not given.
    command
        What the reports say that was run.
    selected
        Of benchmarks by their names the units that will be asked for; all of them where it is not given.
    workers
        Number of sessions that share the units.
    """

    def __init__(
        self,
        settings: Settings,
        benchmarks: Iterable[Benchmark] = (),
        *,
        models: Mapping[str, Models] | None = None,
        loaded: "Mapping[str, Dataset] | None" = None,
        trainable: MakeTrainable | None = None,
        command: Sequence[str] = (),
        selected: "Mapping[str, Sequence[Unit]] | None" = None,
        workers: int = 1,
    ) -> None:
        self.settings = settings
        self._benchmarks = {benchmark.name: benchmark for benchmark in benchmarks}
        self._models = dict(models or {})
        self._loaded = dict(loaded or {})
        self._make_trainable = trainable
        self._made: AbstractContextManager[TrainableLLMPredictor] | None = None
        self._command = list(command)
        self._selected = dict(selected or {})
        self._workers = workers
        self._prepared: set[tuple[str, Unit]] = set()
        self._records = Records(RecordStore(settings.report_dir / RECORDS), settings.fresh)
        self._experiments: dict[tuple[str, tuple[int, ...]], Experiment] = {}
        self._failed: dict[str, HarnessError] = {}
        self._results: dict[str, dict[Unit, Result]] = {}
        self._started = datetime.now(UTC)
        self._clock = time.perf_counter()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give back what was made here for a language model."""
        if self._made is not None:
            self._made.__exit__(None, None, None)
            self._made = None

    # Units.

    def units(self, name: str | None = None) -> list[tuple[str, Unit]]:
        """Every piece of work, with the name of its benchmark: of one benchmark, or of all in their order."""
        names = self._benchmarks if name is None else (name,)
        return [
            (each, unit)
            for each in names
            for unit in units_of(self.settings.plan(self._benchmarks[each], bool(self._models.get(each, ()))))
        ]

    def done(self, name: str) -> set[Unit]:
        """The units of a benchmark that have a record of this session."""
        return set(self._results.get(name, ()))

    def begun(self) -> list[str]:
        """The benchmarks that have a record of a diagnostic, by name."""
        kinds = analyses()
        return sorted(
            name
            for name, results in self._results.items()
            if any(kinds[unit.analysis].kind == "diagnostic" for unit in results)
        )

    def expected(self, name: str) -> set[Unit]:
        """The units that a report of a benchmark needs: all those of each diagnostic with a record."""
        settings, kinds = self.settings, analyses()
        began = {
            (unit.analysis, unit.split)
            for unit in self.done(name)
            if kinds[unit.analysis].kind == "diagnostic"
            and (unit.fold is not None or settings.split == RANDOM or settings.split == BOTH)
        }
        return {
            unit
            for analysis, split in began
            for unit in kinds[analysis].units(
                Plan(settings.diagnostics, (split,), settings.repeats, settings.folds, models=True)
            )
        }

    def missing(self, name: str) -> list[Unit]:
        """The units that a report of a benchmark needs and that have no record."""
        return sorted(self.expected(name) - self.done(name), key=_place)

    def called(self, unit: Unit) -> str:
        """What a unit is called in messages."""
        suffix = GROUPED_SUFFIX if unit.split == GROUPED and self.settings.split == BOTH else ""
        if unit.fold is None:
            is_check = analyses()[unit.analysis].kind == "check"
            return unit.analysis if is_check else f"{unit.analysis} zero-shot"
        return f"{unit.analysis}{suffix} repeat {unit.repeat} fold {unit.fold}"

    # Work.

    def experiment(self, benchmark: Benchmark, models: Models = ()) -> "Experiment":
        """Return a benchmark made ready, once for each set of models.

        Raises
        ------
        HarnessError
            It cannot be loaded, now or before.
        """
        name = benchmark.name
        place = (name, tuple(map(id, models)))
        if name in self._failed:
            raise self._failed[name]
        if place not in self._experiments:
            from tst_harness.engine.experiment import Experiment

            make = self._make_trainable or self._default_trainable
            try:
                self._experiments[place] = Experiment(
                    benchmark, self.settings, self._dataset(benchmark), models, make
                )
            except HarnessError as error:
                # A file that is wrong for one unit is wrong for all: it is not read again.
                self._failed[name] = error
                raise
        return self._experiments[place]

    def run(self, progress: Callable[[Result], None] | None = None) -> None:
        """Compute every unit that is not done, or read its record back.

        Parameters
        ----------
        progress
            Is told of each result as soon as there is one.

        Raises
        ------
        HarnessError
            A unit cannot be computed; one sentence says why. What is done is kept.
        """
        for name, unit in self.units():
            benchmark, models = self._benchmarks[name], self._models.get(name, ())
            if unit in self.done(name) or unit.split not in self.experiment(benchmark, models).splits:
                continue
            result = self.run_unit(benchmark, unit, models)
            if progress is not None:
                progress(result)

    def run_unit(
        self,
        benchmark: Benchmark,
        unit: Unit,
        models: Models = (),
        trainable: MakeTrainable | None = None,
    ) -> Result:
        """Compute a unit, or read its record back, and take its result.

        Parameters
        ----------
        benchmark
            The declaration.
        unit
            Any of its units.
        models, trainable
            What the analysis needs, as for `Session`.

        Raises
        ------
        HarnessError
            The benchmark cannot be loaded, split or scored; one sentence says why.
        """
        experiment, record = self._look_up(benchmark, unit, models, trainable)
        if record is not None:
            return self._keep(experiment, record, cached=True)
        # Computing may take hours, which a record that cannot be kept would waste.
        self._records.store.check_writable(benchmark.name)
        with doing(f"{benchmark.name} {self.called(unit)}"):
            self._prepare(experiment, unit)
            return self._keep(experiment, compute_unit(experiment, unit), cached=False)

    def _keep(self, experiment: "Experiment", record: "UnitRecord", cached: bool) -> Result:
        result = self._records.keep(experiment.dataset, record, cached)
        self.take(result)
        return result

    def is_computed(self, benchmark: Benchmark, unit: Unit, models: Models, trainable: MakeTrainable) -> bool:
        """Whether `run_unit` has a record to read back; it raises what that raises."""
        return self._look_up(benchmark, unit, models, trainable)[1] is not None

    def _look_up(
        self, benchmark: Benchmark, unit: Unit, models: Models, trainable: MakeTrainable | None
    ) -> "tuple[Experiment, UnitRecord | None]":
        experiment = self.experiment(benchmark, models)
        if trainable is not None:
            experiment.provide(trainable)
        return experiment, self._records.read(experiment.key(unit), experiment.origin(unit))

    def _prepare(self, experiment: "Experiment", unit: Unit) -> None:
        """Have an analysis do for all folds of a group at once what it can, when the first is computed."""
        settings, name = self.settings, experiment.dataset.benchmark.name
        size = group_size(settings, self._workers)
        group = group_of(unit, settings, size)
        # An analysis of another package need not have it.
        prepare = getattr(analyses()[unit.analysis], "prepare", None)
        if group is None or prepare is None or (name, unit) in self._prepared:
            return
        selected = self._selected.get(name) or units_of(experiment.plan)
        waiting = [
            other
            for other in selected
            if (other.analysis, other.split) == (unit.analysis, unit.split)
            and group_of(other, settings, size) == group
            and other not in self.done(name)
            and self._records.read(experiment.key(other), experiment.origin(other)) is None
        ]
        prepare(experiment, waiting)
        self._prepared.update((name, other) for other in waiting)

    def take(self, result: Result) -> None:
        """Take the result of a unit that was computed elsewhere; a later one of the same unit replaces it."""
        self._results.setdefault(result.benchmark, {})[result.unit] = result

    # Reports.

    def assemble(self, name: str) -> "Assembled":
        """Make the report of a benchmark from the records of its units.

        Raises
        ------
        IncompleteError
            A unit of a diagnostic has no record; the message names all of those.
        ReportError
            A record cannot be read, or records do not agree.
        """
        if name not in self.begun():
            raise IncompleteError(f"{name}: no diagnostic left a record, so there is no report; run it again")
        self._check_complete(name)
        from tst_harness.engine.assembled import assembled
        from tst_harness.report.schema import RunReport

        run = RunReport(
            started=self._started.isoformat(timespec="seconds"),
            seconds=round(time.perf_counter() - self._clock, 3),
            command=self._command,
        )
        with doing(f"the report of {name}"):
            return assembled(self._records.store, list(self._results[name].values()), run)

    def _check_complete(self, name: str) -> None:
        missing = self.missing(name)
        if missing:
            called = ", ".join(map(self.called, missing))
            raise IncompleteError(
                f"{name}: {len(missing)} of {len(self.expected(name))} folds left no record ({called}), so "
                "there is no report; the others are kept, so run the whole benchmark to compute those alone"
            )

    # Data and models.

    def _dataset(self, benchmark: Benchmark) -> "Dataset | None":
        """Return the data of a benchmark where they were read before, if not with this set of models."""
        from tst_harness.dataset.loading import load

        settings, name = self.settings, benchmark.name
        if name not in self._loaded:
            with doing(f"reading the questions of {name}"):
                self._loaded[name] = load(
                    benchmark, settings.data_dir, settings.require_real, settings.faults
                )
        return self._loaded[name]

    def _default_trainable(self) -> "TrainableLLMPredictor":
        from tst_harness.diagnostics.llm.build import build_trainable

        trainable = build_trainable(self.settings.llm)
        trainable.on_progress(follow)
        self._made = trainable
        return trainable.__enter__()


def compute_unit(experiment: "Experiment", unit: Unit) -> "UnitRecord":
    """Compute the record of a unit, with the time that it took."""
    started = time.perf_counter()
    record = analyses()[unit.analysis].compute(experiment, unit)
    seconds = round(time.perf_counter() - started, 3)
    return record.model_copy(update={"seconds": seconds})  # type: ignore[return-value]


def _place(unit: Unit) -> tuple[str, str, int, int]:
    # What has no folds comes last, as in the report.
    unplaced = unit.repeat is None or unit.fold is None
    return (unit.analysis, unit.split, *((1 << 30, 0) if unplaced else (unit.repeat or 0, unit.fold or 0)))
