"""One audit: from declared benchmarks to records, with what folds have in common kept between them."""

import hashlib
import inspect
import time
from collections.abc import Callable, Iterable, Sequence
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import tst_harness
from tst_harness.core.cross_validation import Fold, dataset_folds, run_folds
from tst_harness.core.feature_models import FeatureModels, permuted_rows
from tst_harness.core.protocols import FeatureBasedBiasModel
from tst_harness.core.scoring import Scored, score
from tst_harness.data.declarations import Benchmark
from tst_harness.data.diagnostic import FoldTask, IntArray, Questions
from tst_harness.data.loading import Dataset, load, permute_answers
from tst_harness.data.raw import raw_rows
from tst_harness.errors import HarnessError
from tst_harness.forest.diagnostic import ForestDiagnostic
from tst_harness.forest.reading import Reading
from tst_harness.forest.shortcuts import rules_of
from tst_harness.options import Options
from tst_harness.reports.records import FoldRecord, HeldOut, Origin, Record, ShortcutRecord
from tst_harness.reports.schema import Settings
from tst_harness.reports.shortcuts import significant_shortcuts
from tst_harness.reports.store import RecordStore, record_key
from tst_harness.results import FEATURES, FOREST, Result

RECORDS = ".records"


class Audit:
    """Runs folds and stores their records; data and texts are read once for all of them."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self._store = RecordStore(options.report_dir / RECORDS)
        self._prepared: dict[str, _Prepared] = {}
        self._failed: dict[str, HarnessError] = {}

    def run_fold(
        self,
        benchmark: Benchmark,
        diagnostic: str,
        repeat: int,
        fold: int,
        models: Sequence[FeatureBasedBiasModel] = (),
    ) -> Result:
        """Compute or read back the record of one fold.

        Raises
        ------
        HarnessError
            The benchmark cannot be loaded, split or scored; one sentence says why.
        """
        prepared = self._prepare(benchmark)
        chosen = prepared.folds[repeat * self.options.folds + fold]
        runner = prepared.runner(diagnostic, models)
        origin = self._origin(prepared, runner)
        ids = prepared.dataset.frame["id"].to_numpy()[chosen.held_out]
        key = self._key(
            origin,
            unit="fold",
            repeat=repeat,
            fold=fold,
            held_out=_digest(ids),
            model_seed=chosen.seed,
            models=runner.code,
        )

        def compute() -> Record:
            started = time.perf_counter()
            [(rows, scored)] = run_folds([chosen], runner.score)
            return FoldRecord(
                key=key,
                origin=origin,
                repeat=repeat,
                fold=fold,
                n_train=len(chosen.train),
                seconds=round(time.perf_counter() - started, 3),
                held_out=_held_out(prepared.dataset, rows, scored),
                importances=scored.importances,
            )

        return self._result(key, origin, compute, repeat, fold)

    def describe_shortcuts(self, benchmark: Benchmark) -> Result:
        """Compute or read back the rules that beat chance on the whole benchmark."""
        prepared = self._prepare(benchmark)
        origin = self._origin(prepared, prepared.runner(FOREST))
        key = self._key(origin, unit="shortcuts")

        def compute() -> Record:
            started = time.perf_counter()
            rules = rules_of(prepared.dataset, prepared.reading(), prepared.units, self.options.seed)
            shortcuts, tried = significant_shortcuts(prepared.dataset, rules)
            seconds = round(time.perf_counter() - started, 3)
            return ShortcutRecord(
                key=key, origin=origin, seconds=seconds, shortcuts=shortcuts, rules_tried=tried
            )

        return self._result(key, origin, compute)

    def _prepare(self, benchmark: Benchmark) -> "_Prepared":
        if benchmark.name in self._failed:
            raise self._failed[benchmark.name]
        if benchmark.name not in self._prepared:
            try:
                self._prepared[benchmark.name] = _Prepared(benchmark, self.options)
            except HarnessError as error:
                # A file that is wrong for one fold is wrong for all: it is not read again.
                self._failed[benchmark.name] = error
                raise
        return self._prepared[benchmark.name]

    def _origin(self, prepared: "_Prepared", runner: "_Runner") -> Origin:
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
            diagnostic=runner.name,
            diagnostic_settings=runner.settings,
            versions={
                "tst-harness": tst_harness.__version__,
                "pandas": version("pandas"),
                **runner.versions,
            },
            notes=runner.notes,
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

    def _result(
        self,
        key: str,
        origin: Origin,
        compute: Callable[[], Record],
        repeat: int | None = None,
        fold: int | None = None,
    ) -> Result:
        found = None if self.options.fresh else self._store.read(origin.benchmark, key)
        # The same content may have been read from another place before.
        record = compute() if found is None else found.model_copy(update={"origin": origin})
        path, digest = self._store.write(record)
        return Result(
            benchmark=origin.benchmark,
            diagnostic=origin.diagnostic,
            repeat=repeat,
            fold=fold,
            path=path,
            digest=digest,
            cached=found is not None,
            summary=_summary(record),
            seconds=record.seconds,
            sample=origin.source.kind == "sample",
        )


class _Runner(NamedTuple):
    """A diagnostic of one benchmark: from a fold to rows of the dataset and their scores."""

    name: str
    settings: dict[str, Any]
    versions: dict[str, str]
    notes: list[str]
    code: str
    score: Callable[[Fold], tuple[IntArray, Scored]]


class _Prepared:
    """A benchmark's questions, folds and diagnostics, made when they are first needed."""

    def __init__(self, benchmark: Benchmark, options: Options) -> None:
        self._options = options
        self._runners: dict[str, _Runner] = {}
        self._diagnostic = ForestDiagnostic()
        dataset = load(benchmark, options.data_dir, options.require_real, options.skip_invalid)
        self.dataset: Dataset = permute_answers(dataset, options.seed) if options.null_control else dataset
        self._questions = Questions.of(self.dataset)

    def reading(self) -> Reading:
        """What the forest makes of the texts."""
        return self._diagnostic.reading(self._questions)

    def runner(self, name: str, models: Sequence[FeatureBasedBiasModel] = ()) -> _Runner:
        """The diagnostic of this name, the same for all folds."""
        if name not in self._runners:
            self._runners[name] = self._forest() if name == FOREST else self._features(models)
        return self._runners[name]

    def _forest(self) -> _Runner:
        diagnostic, questions = self._diagnostic, self._questions
        answers = self.dataset.frame["answer"].to_numpy(dtype=np.float64)

        def score_fold(fold: Fold) -> tuple[IntArray, Scored]:
            task = FoldTask(
                questions=questions,
                train=fold.train,
                held_out=fold.held_out,
                answers=answers[fold.train],
                units=fold.units,
                seed=fold.seed,
            )
            predicted = diagnostic.predict(task)
            return fold.held_out, score(self.dataset, predicted, fold.train, fold.held_out)

        return _Runner(FOREST, diagnostic.settings, diagnostic.versions, [], "", score_fold)

    def _features(self, models: Sequence[FeatureBasedBiasModel]) -> _Runner:
        options = self._options
        rows = raw_rows(self.dataset, options.data_dir, options.require_real)
        if options.null_control:
            rows = permuted_rows(rows, self.dataset, options.seed)
        feature_models = FeatureModels(models, self.dataset, rows, options.allow_leak)
        notes = []
        if feature_models.uncovered:
            notes.append(f"{feature_models.uncovered} questions are selected by no model and not scored")
        if options.allow_leak:
            notes.append("it was not checked whether features read held-out answers: --tst-allow-leak")
        return _Runner(
            FEATURES,
            {"models": [model.name for model in models]},
            {name: version(name) for name in ("numpy", "scikit-learn")},
            notes,
            _source_digest(Path(inspect.getfile(type(model))) for model in models),
            feature_models.score,
        )

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


def _summary(record: Record) -> str:
    if isinstance(record, ShortcutRecord):
        return f"{len(record.shortcuts)} of {record.rules_tried:,} rules beat chance"
    questions = len(record.held_out.id)
    return f"{100 * float(np.mean(record.held_out.correct)):.1f}% of {questions:,} held-out questions"


def _held_out(dataset: Dataset, at: IntArray, scored: Scored) -> HeldOut:
    rows = dataset.frame.iloc[at]
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


@cache
def _code_digest() -> str:
    """A digest of the code that decides scores: a record made by other code is not reused."""
    root = Path(__file__).parent
    return _source_digest(
        path for folder in ("data", "forest", "core") for path in (root / folder).rglob("*.py")
    )


def _source_digest(files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(set(files)):
        digest.update(path.read_bytes())
    return digest.hexdigest()
