"""One audit: from declared benchmarks to records, with what folds have in common kept between them."""

import hashlib
import time
from collections.abc import Callable
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

import tst_harness
from tst_harness.core.cross_validation import Fold, dataset_folds, run_folds
from tst_harness.core.diagnostic import Diagnostic, FoldTask, IntArray, Questions
from tst_harness.core.scoring import Scored, score
from tst_harness.data.declarations import Benchmark
from tst_harness.data.loading import Dataset, load, permute_answers
from tst_harness.forest.diagnostic import ForestDiagnostic
from tst_harness.forest.shortcuts import rules_of
from tst_harness.options import Options
from tst_harness.reports.records import FoldRecord, HeldOut, Origin, Record, ShortcutRecord
from tst_harness.reports.schema import Settings
from tst_harness.reports.shortcuts import significant_shortcuts
from tst_harness.reports.store import RecordStore, record_key
from tst_harness.results import Result

RECORDS = ".records"
_DIAGNOSTICS: dict[str, Callable[[], Diagnostic]] = {"forest": ForestDiagnostic}


class Audit:
    """Runs folds and stores their records; data and texts are read once for all of them."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self._store = RecordStore(options.report_dir / RECORDS)
        self._prepared: dict[str, _Prepared] = {}
        self._diagnostics: dict[str, Diagnostic] = {}

    def run_fold(self, benchmark: Benchmark, diagnostic: str, repeat: int, fold: int) -> Result:
        """Compute or read back the record of one fold.

        Raises
        ------
        HarnessError
            The benchmark cannot be loaded, split or scored; one sentence says why.
        """
        prepared = self._prepare(benchmark)
        chosen = prepared.folds[repeat * self.options.folds + fold]
        runner = self._diagnostic(diagnostic)
        origin = self._origin(prepared, runner)
        ids = prepared.dataset.frame["id"].to_numpy()[chosen.held_out]
        key = self._key(
            origin, unit="fold", repeat=repeat, fold=fold, held_out=_digest(ids), model_seed=chosen.seed
        )

        def compute() -> Record:
            started = time.perf_counter()
            [scored] = run_folds([chosen], lambda one: _score_fold(prepared, runner, one))
            return FoldRecord(
                key=key,
                origin=origin,
                repeat=repeat,
                fold=fold,
                n_train=len(chosen.train),
                seconds=round(time.perf_counter() - started, 3),
                held_out=_held_out(prepared.dataset, chosen, scored),
                importances=scored.importances,
            )

        record, path, digest, cached = self._stored(key, origin, compute)
        assert isinstance(record, FoldRecord)
        correct = float(np.mean(record.held_out.correct))
        return Result(
            benchmark=benchmark.name,
            diagnostic=diagnostic,
            repeat=repeat,
            fold=fold,
            path=path,
            digest=digest,
            cached=cached,
            summary=f"{100 * correct:.1f}% of {len(record.held_out.id):,} held-out questions",
            seconds=record.seconds,
            sample=prepared.dataset.source.kind == "sample",
        )

    def describe_shortcuts(self, benchmark: Benchmark) -> Result:
        """Compute or read back the rules that beat chance on the whole benchmark."""
        prepared = self._prepare(benchmark)
        origin = self._origin(prepared, self._diagnostic("forest"))
        key = self._key(origin, unit="shortcuts")

        def compute() -> Record:
            started = time.perf_counter()
            rules = rules_of(prepared.dataset, prepared.units, self.options.seed)
            shortcuts, tried = significant_shortcuts(prepared.dataset, rules)
            seconds = round(time.perf_counter() - started, 3)
            return ShortcutRecord(
                key=key, origin=origin, seconds=seconds, shortcuts=shortcuts, rules_tried=tried
            )

        record, path, digest, cached = self._stored(key, origin, compute)
        assert isinstance(record, ShortcutRecord)
        return Result(
            benchmark=benchmark.name,
            diagnostic="forest",
            path=path,
            digest=digest,
            cached=cached,
            summary=f"{len(record.shortcuts)} of {record.rules_tried:,} rules beat chance",
            seconds=record.seconds,
            sample=prepared.dataset.source.kind == "sample",
        )

    def _prepare(self, benchmark: Benchmark) -> "_Prepared":
        if benchmark.name not in self._prepared:
            self._prepared[benchmark.name] = _Prepared(benchmark, self.options)
        return self._prepared[benchmark.name]

    def _diagnostic(self, name: str) -> Diagnostic:
        if name not in self._diagnostics:
            self._diagnostics[name] = _DIAGNOSTICS[name]()
        return self._diagnostics[name]

    def _origin(self, prepared: "_Prepared", diagnostic: Diagnostic) -> Origin:
        options = self.options
        return Origin(
            benchmark=prepared.dataset.benchmark.name,
            title=prepared.dataset.benchmark.title,
            source=prepared.dataset.source,
            settings=Settings(
                folds=options.folds,
                seed=options.seed,
                repeats=options.repeats,
                grouped=options.grouped,
                allow_leak=options.allow_leak,
            ),
            null_control=options.null_control,
            diagnostic=diagnostic.name,
            diagnostic_settings=diagnostic.settings,
            versions={
                "tst-harness": tst_harness.__version__,
                "pandas": version("pandas"),
                **diagnostic.versions,
            },
        )

    def _key(self, origin: Origin, **unit: Any) -> str:
        return record_key(
            data=origin.source.fingerprint.content,
            skipped=len(origin.source.skipped),
            types=[one.model_dump(mode="json") for one in self._declared(origin.benchmark).question_types],
            settings=origin.settings.model_dump(mode="json", exclude={"repeats"}),
            null_control=origin.null_control,
            diagnostic=origin.diagnostic,
            diagnostic_settings=origin.diagnostic_settings,
            versions=origin.versions,
            code=_code_digest(),
            **unit,
        )

    def _declared(self, benchmark: str) -> Benchmark:
        return self._prepared[benchmark].dataset.benchmark

    def _stored(
        self, key: str, origin: Origin, compute: Callable[[], Record]
    ) -> tuple[Record, Path, str, bool]:
        found = None if self.options.fresh else self._store.read(origin.benchmark, key)
        # The same content may have been read from another place before.
        record = compute() if found is None else found.model_copy(update={"origin": origin})
        path, digest = self._store.write(record)
        return record, path, digest, found is not None


class _Prepared:
    """A benchmark's questions and folds, made when they are first needed."""

    def __init__(self, benchmark: Benchmark, options: Options) -> None:
        self._options = options
        dataset = load(benchmark, options.data_dir, options.require_real, options.skip_invalid)
        self.dataset: Dataset = permute_answers(dataset, options.seed) if options.null_control else dataset
        self.questions = Questions.of(self.dataset)
        self.answers = self.dataset.frame["answer"].to_numpy(dtype=np.float64)

    @cached_property
    def folds(self) -> list[Fold]:
        options = self._options
        return dataset_folds(
            self.dataset, k=options.folds, seed=options.seed, repeats=options.repeats, grouped=options.grouped
        )

    @cached_property
    def units(self) -> IntArray:
        """(n,) what is held out together: groups or single questions."""
        if not self._options.grouped:
            return np.arange(len(self.dataset.frame))
        groups = self.dataset.frame["group"].to_numpy().astype(str)
        return np.unique(groups, return_inverse=True)[1].astype(np.int64)


def _score_fold(prepared: _Prepared, diagnostic: Diagnostic, fold: Fold) -> Scored:
    task = FoldTask(
        questions=prepared.questions,
        train=fold.train,
        held_out=fold.held_out,
        answers=prepared.answers[fold.train],
        units=fold.units,
        seed=fold.seed,
    )
    return score(prepared.dataset, diagnostic.predict(task), fold.train, fold.held_out)


def _held_out(dataset: Dataset, fold: Fold, scored: Scored) -> HeldOut:
    rows = dataset.frame.iloc[fold.held_out]
    return HeldOut(
        id=rows["id"].tolist(),
        type=rows["type"].tolist(),
        format=rows["format"].tolist(),
        group=rows["group"].tolist(),
        s=scored.s.tolist(),
        correct=scored.correct.tolist(),
        chance=scored.chance.tolist(),
        prediction=scored.prediction,
    )


def _digest(ids: "np.ndarray[Any, np.dtype[np.object_]]") -> str:
    return hashlib.sha256("\n".join(ids).encode("utf-8", "surrogatepass")).hexdigest()


def _code_digest() -> str:
    """A digest of the code that decides scores: a record made by other code is not reused."""
    root = Path(__file__).parent
    files = sorted(path for folder in ("data", "forest", "core") for path in (root / folder).rglob("*.py"))
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.read_bytes())
    return digest.hexdigest()
