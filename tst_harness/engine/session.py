"""One audit: from declared benchmarks to records, with what folds have in common kept between them."""

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np

from tst_harness._imports import heavy_imports
from tst_harness.analysis.names import GROUPED
from tst_harness.analysis.records import NOTHING, FoldRecord, Origin, QuestionsRecord, ZeroShotRecord
from tst_harness.benchmark.declarations import Benchmark
from tst_harness.checks.records import ChecksRecord, ShortcutRecord
from tst_harness.dataset.loading import Dataset
from tst_harness.diagnostics.features.cross_validation import run_folds
from tst_harness.diagnostics.features.protocols import FeatureBasedBiasModel
from tst_harness.engine.experiment import Prepared
from tst_harness.engine.questions import keep_questions
from tst_harness.engine.results import CHECKS, FOREST, LLM, Result, Stored, ungrouped
from tst_harness.engine.settings import Options
from tst_harness.engine.store import RECORDS, RecordStore, record_key
from tst_harness.errors import DataError, HarnessError
from tst_harness.report.held_out import held_out_of, open_answers
from tst_harness.report.records import UnitRecord, summary_of
from tst_harness.report.texts import without_texts

if TYPE_CHECKING:
    from tst_harness.diagnostics.llm.trainable.predictor import TrainableLLMPredictor


class Work(NamedTuple):
    """What has a record: all that decides it, and what computes it."""

    key: str
    origin: Origin
    compute: Callable[[], UnitRecord]


class Audit:
    """Runs folds and stores their records; data and texts are read once for all of them.

    Parameters
    ----------
    options
        What was asked for.
    loaded
        Data by the names of their benchmarks, where they were loaded before.
    """

    sends_folds: ClassVar[bool] = False
    """Whether folds are computed elsewhere, where what is trainable is made, too."""

    def __init__(self, options: Options, loaded: Mapping[str, Dataset] | None = None) -> None:
        self.options = options
        self._loaded = dict(loaded or {})
        self._store = RecordStore(options.report_dir / RECORDS)
        self._prepared: dict[str, Prepared] = {}
        self._failed: dict[str, HarnessError] = {}
        self._asked: dict[str, Stored | None] = {}

    def run_fold(
        self,
        benchmark: Benchmark,
        diagnostic: str,
        repeat: int,
        fold: int,
        models: Sequence[FeatureBasedBiasModel] = (),
        trainable: "TrainableLLMPredictor | None" = None,
    ) -> Result:
        """Compute or read back the record of one fold; see `fold_work`."""
        return self._run(self.fold_work(benchmark, diagnostic, repeat, fold, models, trainable))

    def fold_work(
        self,
        benchmark: Benchmark,
        diagnostic: str,
        repeat: int,
        fold: int,
        models: Sequence[FeatureBasedBiasModel] = (),
        trainable: "TrainableLLMPredictor | None" = None,
    ) -> Work:
        """Return what decides one fold, and what computes it.

        Parameters
        ----------
        benchmark
            The declaration.
        diagnostic
            "forest", "features" with its `models`, or "llm" with what is `trainable`; with "_grouped" after
            it, on folds that keep groups whole.
        repeat, fold
            From 0.
        models, trainable
            What the diagnostic needs; the same for all folds.

        Raises
        ------
        HarnessError
            The benchmark cannot be loaded, split or scored; one sentence says why.
        """
        prepared = self.prepare(benchmark)
        folds = prepared.folds(self._grouped(diagnostic))
        chosen = folds[repeat * self.options.folds + fold]
        runner = prepared.runner(diagnostic, models, trainable)
        origin = prepared.origin(runner)
        ids = prepared.dataset.frame["id"].to_numpy()[chosen.held_out]
        key = self._key(
            origin,
            unit="fold",
            repeat=repeat,
            fold=fold,
            held_out=_digest(ids),
            model_seed=chosen.seed,
            code=runner.code,
        )

        def compute() -> UnitRecord:
            started = time.perf_counter()
            if not len(chosen.held_out):
                return FoldRecord(
                    key=key, origin=origin, repeat=repeat, fold=fold, n_train=0, seconds=0.0, held_out=NOTHING
                )
            [(rows, scored, account)] = run_folds([chosen], runner.score)
            return FoldRecord(
                key=key,
                origin=origin,
                repeat=repeat,
                fold=fold,
                n_train=len(chosen.train),
                seconds=round(time.perf_counter() - started, 3),
                held_out=held_out_of(prepared.dataset, rows, scored),
                importances=scored.importances,
                open=open_answers(prepared.dataset, chosen.train, rows),
                llm=account,
            )

        return Work(key, origin, compute)

    def zero_shot(self, benchmark: Benchmark, trainable: "TrainableLLMPredictor | None") -> Result:
        """Compute or read back what the model answers without training; see `zero_shot_work`."""
        return self._run(self.zero_shot_work(benchmark, trainable))

    def zero_shot_work(self, benchmark: Benchmark, trainable: "TrainableLLMPredictor | None") -> Work:
        """Return what decides the answers to all questions without training, and what computes them.

        Raises
        ------
        HarnessError
            The benchmark cannot be loaded, or the model cannot answer; one sentence says why.
        """
        prepared = self.prepare(benchmark)
        runner = prepared.runner(LLM, trainable=trainable)
        origin = prepared.origin(runner)
        ids = prepared.dataset.frame["id"].to_numpy()
        key = self._key(origin, unit="zero-shot", held_out=_digest(ids), code=runner.code)

        def compute() -> UnitRecord:
            assert runner.zero_shot is not None
            started = time.perf_counter()
            _, scored, account = runner.zero_shot()
            if account is None:
                raise DataError(f"{benchmark.name}: the zero-shot answers came without an account")
            return ZeroShotRecord(
                key=key,
                origin=origin,
                seconds=round(time.perf_counter() - started, 3),
                id=ids.tolist(),
                s=scored.s.tolist(),
                score=scored.score.tolist(),
                prediction=scored.prediction,
                llm=account,
            )

        return Work(key, origin, compute)

    def describe_shortcuts(self, benchmark: Benchmark) -> Result:
        """Compute or read back the rules that beat chance on the whole benchmark."""
        # Here and below: what takes long to import is imported where it is needed.
        from tst_harness.checks.shortcut_rules import rules_of
        from tst_harness.checks.shortcuts import significant_shortcuts

        prepared = self.prepare(benchmark)
        runner = prepared.runner(FOREST)
        origin = prepared.origin(runner)
        key = self._key(origin, unit="shortcuts", code=runner.code)

        def compute() -> UnitRecord:
            started = time.perf_counter()
            rules = rules_of(prepared.dataset, prepared.reading(), prepared.units, self.options.seed)
            found = significant_shortcuts(prepared.dataset, rules)
            return ShortcutRecord(
                key=key,
                origin=origin,
                seconds=round(time.perf_counter() - started, 3),
                shortcuts=found.shortcuts,
                rules_tried=found.tried,
                applies=found.applies,
            )

        return self._run(Work(key, origin, compute))

    def run_checks(self, benchmark: Benchmark) -> Result:
        """Compute or read back what duplicates, the order and the answer positions give away.

        Where the forest is among the diagnostics it is scored again with duplicates kept together.

        Raises
        ------
        HarnessError
            The benchmark cannot be loaded or split; one sentence says why.
        """
        with heavy_imports():
            from tst_harness.checks.running import check

        prepared = self.prepare(benchmark)
        runner = prepared.runner(CHECKS)
        origin = prepared.origin(runner)
        row_order = origin.source.fingerprint.row_order
        key = self._key(origin, unit=CHECKS, row_order=row_order, code=runner.code)

        def compute() -> UnitRecord:
            started = time.perf_counter()
            checks, held_out = check(prepared, self.options)
            return ChecksRecord(
                key=key,
                origin=origin,
                seconds=round(time.perf_counter() - started, 3),
                checks=checks,
                kept_together=held_out,
            )

        return self._run(Work(key, origin, compute))

    def _grouped(self, diagnostic: str) -> bool:
        """Whether the folds of a diagnostic keep groups whole."""
        return diagnostic.endswith(GROUPED) or self.options.grouped is True

    def prepare(self, benchmark: Benchmark) -> Prepared:
        """Return the benchmark made ready, once for all that is done with it.

        Raises
        ------
        HarnessError
            It cannot be loaded, now or before.
        """
        if benchmark.name in self._failed:
            raise self._failed[benchmark.name]
        if benchmark.name not in self._prepared:
            try:
                self._prepared[benchmark.name] = Prepared(
                    benchmark, self.options, self._loaded.get(benchmark.name)
                )
            except HarnessError as error:
                # A file that is wrong for one fold is wrong for all: it is not read again.
                self._failed[benchmark.name] = error
                raise
        return self._prepared[benchmark.name]

    def _key(self, origin: Origin, **unit: Any) -> str:
        return record_key(
            data=origin.source.fingerprint.content,
            skipped=len(origin.source.left_out),
            types=[one.model_dump(mode="json") for one in self._declared(origin.benchmark).question_types],
            # A fold is the same whichever others run beside it.
            settings={
                **origin.settings.model_dump(mode="json", exclude={"repeats"}),
                "grouped": self._grouped(origin.diagnostic),
            },
            null_control=origin.null_control,
            diagnostic=ungrouped(origin.diagnostic),
            diagnostic_settings=origin.diagnostic_settings,
            versions=origin.versions,
            **unit,
        )

    def _declared(self, benchmark: str) -> Benchmark:
        return self._prepared[benchmark].dataset.benchmark

    def _run(self, work: Work) -> Result:
        found = self._find(work.key, work.origin)
        if found is None:
            # Computing may take hours, which a record that cannot be kept would waste.
            self._store.check_writable(work.origin.benchmark)
            return self._keep(work.compute(), cached=False)
        return self._keep(found, cached=True)

    def _find(self, key: str, origin: Origin) -> UnitRecord | None:
        found = None if self.options.fresh else self._store.read(origin.benchmark, key)
        assert not isinstance(found, QuestionsRecord)
        lacks_texts = isinstance(found, ShortcutRecord | ChecksRecord) and found.origin.texts == "omitted"
        if lacks_texts and origin.texts == "kept":
            found = None  # They are asked for.
        # The same content may have been read from another place before.
        return None if found is None else found.model_copy(update={"origin": origin})

    def _keep(self, record: UnitRecord, cached: bool) -> Result:
        if record.origin.texts == "omitted":
            record = without_texts(record)
        path, digest = self._store.write(record)
        origin, fold = record.origin, record if isinstance(record, FoldRecord) else None
        return Result(
            benchmark=origin.benchmark,
            diagnostic=origin.diagnostic,
            unit=record.kind,
            repeat=None if fold is None else fold.repeat,
            fold=None if fold is None else fold.fold,
            path=path,
            digest=digest,
            cached=cached,
            summary=summary_of(record),
            seconds=record.seconds,
            sample=origin.source.kind == "sample",
            questions=self._keep_questions(origin),
        )

    def _keep_questions(self, origin: Origin) -> Stored | None:
        """Store what was asked, once in this process."""
        name = origin.benchmark
        if name not in self._asked:
            kept = keep_questions(self._store, self._prepared[name].dataset, origin)
            self._asked[name] = None if kept is None else Stored(path=kept[0], digest=kept[1])
        return self._asked[name]


def _digest(ids: "np.ndarray[Any, np.dtype[np.object_]]") -> str:
    return hashlib.sha256("\n".join(ids).encode("utf-8", "surrogatepass")).hexdigest()
