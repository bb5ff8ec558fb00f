"""A benchmark made ready for its folds: questions, folds and diagnostics, shared by all of them."""

import hashlib
import inspect
import json
from collections.abc import Callable, Iterable, Sequence
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

import tst_harness
from tst_harness._imports import heavy_imports
from tst_harness.analysis.accounts import LLMAccount
from tst_harness.analysis.baselines import accepted_by_answer
from tst_harness.analysis.diagnostic import Diagnostic, FoldTask, IntArray, Questions
from tst_harness.analysis.names import GROUPED
from tst_harness.analysis.records import Origin
from tst_harness.analysis.scoring import Scored, score
from tst_harness.analysis.untrained import predict_where_trained
from tst_harness.benchmark.declarations import Benchmark
from tst_harness.dataset.loading import Dataset, load, permute_answers
from tst_harness.dataset.raw import raw_rows
from tst_harness.dataset.subset import subset
from tst_harness.diagnostics.features.cross_validation import Fold, dataset_folds
from tst_harness.diagnostics.features.protocols import FeatureBasedBiasModel
from tst_harness.engine.results import CHECKS, FEATURES, FOREST, LLM, WORDS, ungrouped
from tst_harness.engine.settings import BOTH, Options
from tst_harness.errors import TooFewQuestions
from tst_harness.report.schema import Settings, Texts

if TYPE_CHECKING:
    from tst_harness.diagnostics.forest.diagnostic import ForestDiagnostic
    from tst_harness.diagnostics.forest.reading import Reading
    from tst_harness.diagnostics.llm.trainable.predictor import TrainableLLMPredictor


class Scores(NamedTuple):
    """Scored questions: their row numbers, their scores, and what a language model took."""

    rows: IntArray
    scored: Scored
    account: LLMAccount | None = None


class Runner(NamedTuple):
    """A diagnostic of one benchmark.

    `code` tells the code and the declarations that decide its scores from others; `zero_shot` answers all
    questions without training, where a diagnostic can.
    """

    name: str
    settings: dict[str, Any]
    versions: dict[str, str]
    notes: list[str]
    code: str
    score: Callable[[Fold], Scores]
    zero_shot: Callable[[], Scores] | None = None


class Prepared:
    """A benchmark's questions, folds and diagnostics, made when they are first needed.

    Parameters
    ----------
    benchmark
        The declaration.
    options
        What was asked for.
    loaded
        What `load` returned for them, where that was on another machine.

    Raises
    ------
    TooFewQuestions
        There are fewer questions than folds.
    HarnessError
        The benchmark cannot be loaded.
    """

    def __init__(self, benchmark: Benchmark, options: Options, loaded: Dataset | None = None) -> None:
        self.options = options
        self._runners: dict[str, Runner] = {}
        self._folds: dict[bool, list[Fold]] = {}
        dataset = loaded or load(benchmark, options.data_dir, options.require_real, options.faults)
        if options.limit is not None:
            dataset = subset(dataset, options.limit, options.seed, at_least=options.folds)
        self.dataset: Dataset = permute_answers(dataset, options.seed) if options.null_control else dataset
        self._questions = Questions.of(self.dataset)
        n, folds = len(self.dataset.frame), options.folds
        if n < folds:
            noun = "question is" if n == 1 else "questions are"
            raise TooFewQuestions(
                f"{benchmark.name}: {n} {noun} too few to tell anything; {folds} folds need at least {folds}"
            )

    @cached_property
    def _diagnostic(self) -> "ForestDiagnostic":
        # Its libraries take a second to import, which other diagnostics need not wait for.
        with heavy_imports():
            from tst_harness.diagnostics.forest.diagnostic import ForestDiagnostic

        return ForestDiagnostic()

    def reading(self) -> "Reading":
        """What the forest makes of the texts."""
        return self._diagnostic.reading(self._questions)

    def runner(
        self,
        name: str,
        models: Sequence[FeatureBasedBiasModel] = (),
        trainable: "TrainableLLMPredictor | None" = None,
    ) -> Runner:
        """The diagnostic of this name, the same for all folds, or what the checks are made with."""
        if name not in self._runners:
            if name == CHECKS:
                runner = self._checks()
            elif ungrouped(name) == FOREST:
                runner = self._forest()
            elif ungrouped(name) == FEATURES:
                runner = self._features(models)
            else:
                assert trainable is not None
                runner = self._llm(trainable, "grouped " if name.endswith(GROUPED) else "")
            self._runners[name] = runner._replace(name=name)
        return self._runners[name]

    def _task(self, fold: Fold, scheme: str = "") -> FoldTask:
        again = f"repeat {fold.repeat} " if fold.repeat else ""
        return FoldTask(
            questions=self._questions,
            train=fold.train,
            held_out=fold.held_out,
            answers=self.dataset.frame["answer"].to_numpy(dtype=np.float64)[fold.train],
            units=fold.units,
            seed=fold.seed,
            name=f"{self.dataset.benchmark.name} {scheme}{again}fold {fold.fold}",
            parts=fold.parts,
            accepted=accepted_by_answer(self.dataset, fold.train),
        )

    def rediagnosing(self, name: str, trainable: "TrainableLLMPredictor | None" = None) -> Runner:
        """The diagnostic of this name for one diagnosis after another, each of fewer questions.

        The forest then gives no importances, and keeps what is the same in the next diagnosis.
        """
        if name == WORDS:
            from tst_harness.diagnostics.words.diagnostic import WordsDiagnostic

            return self._runner_of(WordsDiagnostic())
        if name != FOREST:
            return self.runner(name, trainable=trainable)
        from tst_harness.diagnostics.forest.diagnostic import ForestDiagnostic
        from tst_harness.diagnostics.forest.memory import Memory

        return self._runner_of(ForestDiagnostic(importances=False, memory=Memory()))

    def _forest(self) -> Runner:
        return self._runner_of(self._diagnostic)

    def _runner_of(self, diagnostic: Diagnostic) -> Runner:
        def score_fold(fold: Fold) -> Scores:
            predicted = predict_where_trained(diagnostic.predict, self._task(fold))
            return Scores(fold.held_out, score(self.dataset, predicted, fold.train, fold.held_out))

        name = diagnostic.name
        return Runner(name, diagnostic.settings, diagnostic.versions, [], code_digest(name), score_fold)

    def _checks(self) -> Runner:
        forest = self._forest()
        together = FOREST in self.options.diagnostics
        return Runner(
            CHECKS,
            {"kept_together": forest.settings if together else None},
            {**forest.versions, **{name: version(name) for name in ("datasketch", "scikit-learn")}},
            [],
            code_digest("checks") + (forest.code if together else ""),
            forest.score,
        )

    def _features(self, models: Sequence[FeatureBasedBiasModel]) -> Runner:
        from tst_harness.diagnostics.features.models import FeatureModels, permuted_rows

        options = self.options
        rows = raw_rows(self.dataset, options.data_dir, options.require_real)
        if options.null_control:
            rows = permuted_rows(rows, self.dataset, options.seed)
        feature_models = FeatureModels(models, self.dataset, rows, options.allow_leak)
        notes = []
        if feature_models.uncovered:
            notes.append(f"{feature_models.uncovered} questions are selected by no model and not scored")
        if options.allow_leak:
            notes.append("it was not checked whether features read held-out answers: --tst-allow-leak")
        return Runner(
            FEATURES,
            {"models": [model.name for model in models]},
            {name: version(name) for name in ("numpy", "scikit-learn")},
            notes,
            code_digest("forest") + _digest_of(Path(inspect.getfile(type(model))) for model in models),
            lambda fold: Scores(*feature_models.score(fold)),
        )

    def _llm(self, trainable: "TrainableLLMPredictor", scheme: str) -> Runner:
        from tst_harness.diagnostics.llm.diagnostic import LLMDiagnostic

        config, dataset = self.options.llm, self.dataset
        diagnostic = LLMDiagnostic(trainable, config.adapters_per)
        everything = np.arange(len(dataset.frame))

        def score_fold(fold: Fold) -> Scores:
            predicted = predict_where_trained(diagnostic.predict, self._task(fold, scheme), "format")
            scored = score(dataset, predicted, fold.train, fold.held_out, config.on_failure)
            return Scores(fold.held_out, scored, getattr(predicted, "account", None))

        def zero_shot() -> Scores:
            predicted = diagnostic.zero_shot(self._questions)
            scored = score(dataset, predicted, everything, everything, config.on_failure)
            return Scores(everything, scored, predicted.account)

        predictor, prompts = trainable.predictor, dataset.benchmark.prompts
        declared = "" if prompts is None else json.dumps(prompts.model_dump(mode="json"))
        return Runner(
            LLM,
            {**diagnostic.settings, "on_failure": config.on_failure},
            diagnostic.versions,
            [f"predicted with {predictor.engine}: {predictor.chosen_because}"]
            * bool(predictor.chosen_because),
            code_digest("llm") + hashlib.sha256(declared.encode()).hexdigest(),
            score_fold,
            zero_shot,
        )

    def origin(self, runner: Runner) -> Origin:
        """What the results of a diagnostic are about."""
        options, benchmark = self.options, self.dataset.benchmark
        return Origin(
            benchmark=benchmark.name,
            title=benchmark.title,
            source=self.dataset.source,
            settings=Settings(
                folds=options.folds,
                seed=options.seed,
                repeats=options.repeats,
                grouped=options.folds_of(benchmark),
                allow_leak=options.allow_leak,
                limit=options.limit,
            ),
            null_control=options.null_control,
            texts=self._texts,
            diagnostic=runner.name,
            diagnostic_settings=runner.settings,
            versions=self._versions | runner.versions,
            notes=[*self.notes, *runner.notes],
        )

    @cached_property
    def _versions(self) -> dict[str, str]:
        return {"tst-harness": tst_harness.__version__, "pandas": version("pandas")}

    @property
    def _texts(self) -> Texts:
        """Whether what is written quotes questions."""
        if self.options.texts is None:
            return "kept" if self.dataset.benchmark.redistributable else "omitted"
        return "omitted" if self.options.texts == "omit" else "kept"

    @property
    def notes(self) -> list[str]:
        """What a reader of any result should know."""
        if not self.options.grouped:
            return []
        if self.dataset.benchmark.columns.group is not None:
            groups, folds = self.dataset.frame["group"].nunique(), self.options.folds
            if groups == 1:
                return ["all questions are in one group, so the folds are random"]
            return [f"{groups} groups make {groups} folds that keep them whole"] if groups < folds else []
        if self.options.grouped == BOTH:
            return ["random folds alone, since the benchmark declares no group: --tst-group both"]
        return ["the benchmark has no groups, so with --tst-group each question is one of its own"]

    def folds(self, grouped: bool) -> list[Fold]:
        """All folds of all repeats, by repeat and fold; `grouped` keeps the declared groups whole."""
        options = self.options
        if grouped and options.grouped is True and self.dataset.frame["group"].nunique() == 1:
            grouped = False
        if grouped not in self._folds:
            self._folds[grouped] = dataset_folds(
                self.dataset, k=options.folds, seed=options.seed, repeats=options.repeats, grouped=grouped
            )
        return self._folds[grouped]

    @cached_property
    def units(self) -> IntArray:
        """(n,) what is held out together: groups or single questions."""
        if self.options.grouped is not True:
            return np.arange(len(self.dataset.frame))
        groups = self.dataset.frame["group"].to_numpy().astype(str)
        return np.unique(groups, return_inverse=True)[1].astype(np.int64)


@cache
def code_digest(diagnostic: str) -> str:
    """Digest the code that decides a diagnostic's scores: a record made by other code is not reused."""
    root = Path(tst_harness.__file__).parent
    return _digest_of(
        path
        for folder in (
            "analysis",
            "benchmark",
            "dataset",
            "diagnostics/features",
            f"diagnostics/{diagnostic}",
        )
        for path in (root / folder).rglob("*.py")
    )


def _digest_of(files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(set(files)):
        digest.update(path.read_bytes())
    return digest.hexdigest()
