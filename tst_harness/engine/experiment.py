"""A benchmark made ready: its questions and folds, and what its analyses keep between units."""

import hashlib
from collections.abc import Callable, Sequence
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from tst_harness.analysis.blind_baseline import accepted_by_answer
from tst_harness.analysis.code import code_digest
from tst_harness.analysis.diagnostic import FoldTask, IntArray, Questions
from tst_harness.analysis.folds import Fold
from tst_harness.analysis.independent import independent
from tst_harness.analysis.names import FOREST
from tst_harness.analysis.names import GROUPED as GROUPED_SUFFIX
from tst_harness.analysis.protocol import Inputs
from tst_harness.analysis.records import Origin
from tst_harness.analysis.records import Settings as RecordSettings
from tst_harness.analysis.units import BOTH, GROUPED, POPULATION, RANDOM, Plan, Split, Unit
from tst_harness.benchmark.declarations import Benchmark
from tst_harness.dataset.loading import Dataset, load, permute_answers
from tst_harness.dataset.provenance import Texts
from tst_harness.dataset.subset import subset
from tst_harness.diagnostics.features.cross_validation import dataset_folds
from tst_harness.engine.settings import Settings
from tst_harness.engine.store import record_key
from tst_harness.errors import HarnessError, NoGroupedFolds, TooFewQuestions
from tst_harness.registry import analyses, units_of

if TYPE_CHECKING:
    from tst_harness.diagnostics.features.protocols import FeatureBasedBiasModel
    from tst_harness.diagnostics.llm.trainable.predictor import TrainableLLMPredictor

_T = TypeVar("_T")


class Experiment:
    """A benchmark's questions, folds and diagnostics, made when they are first needed.

    Parameters
    ----------
    benchmark
        The declaration.
    settings
        What was asked for.
    loaded
        What `load` returned for them, where that was on another machine.
    models
        Feature models written by hand, for these questions.
    trainable
        Makes what a language model is trained and asked with.

    Raises
    ------
    HarnessError
        The benchmark cannot be loaded; one sentence says why.
    TooFewQuestions
        There are fewer questions than folds.
    """

    def __init__(
        self,
        benchmark: Benchmark,
        settings: Settings,
        loaded: Dataset | None = None,
        models: "Sequence[FeatureBasedBiasModel]" = (),
        trainable: "Callable[[], TrainableLLMPredictor] | None" = None,
    ) -> None:
        self.settings = settings
        self.models = models
        dataset = loaded or load(benchmark, settings.data_dir, settings.require_real, settings.faults)
        if settings.limit is not None:
            dataset = subset(dataset, settings.limit, settings.seed, at_least=settings.folds)
        self.dataset: Dataset = permute_answers(dataset, settings.seed) if settings.null_control else dataset
        self.questions = Questions.of(self.dataset)
        n, folds = len(self.dataset.frame), settings.folds
        if n < folds:
            noun = "question is" if n == 1 else "questions are"
            raise TooFewQuestions(
                f"{benchmark.name}: {n} {noun} too few to tell anything; {folds} folds need at least {folds}"
            )
        self._make_trainable = trainable
        self._kept: dict[str, Any] = {}
        self._folds: dict[Split, list[Fold]] = {}

    def provide(self, trainable: "Callable[[], TrainableLLMPredictor]") -> None:
        """Say what makes what a language model is trained and asked with, where none was made yet."""
        self._make_trainable = trainable

    def trainable(self) -> "TrainableLLMPredictor":
        """What a language model is trained and asked with, the same for all units.

        Raises
        ------
        HarnessError
            There is none, or it cannot be made.
        """
        if self._make_trainable is None:
            raise HarnessError(f"{self.dataset.benchmark.name}: no language model was given")
        return self.kept("trainable", self._make_trainable)

    def kept(self, name: str, make: Callable[[], _T]) -> _T:
        """What `make` returned when it was first asked for by this name."""
        if name not in self._kept:
            self._kept[name] = make()
        kept: _T = self._kept[name]
        return kept

    @property
    def splits(self) -> tuple[Split, ...]:
        """How its folds can be made: of both, in one way alone where no folds keep groups whole."""
        splits = self.plan.splits
        return splits if len(splits) == 1 or self._no_grouped_folds is None else (RANDOM,)

    @property
    def plan(self) -> Plan:
        """What the units follow from."""
        return self.settings.plan(self.dataset.benchmark, bool(self.models))

    def units(self) -> list[Unit]:
        """Every piece of work that was asked for."""
        return units_of(self.plan)

    def folds(self, split: Split) -> list[Fold]:
        """All folds of all repeats, by repeat and fold.

        Raises
        ------
        HarnessError
            The benchmark cannot be split.
        """
        if split == GROUPED and self.settings.split == GROUPED and self._groups == 1:
            split = RANDOM
        if split not in self._folds:
            settings = self.settings
            self._folds[split] = dataset_folds(
                self.dataset,
                k=settings.folds,
                seed=settings.seed,
                repeats=settings.repeats,
                grouped=split == GROUPED,
            )
        return self._folds[split]

    @cached_property
    def _groups(self) -> int:
        return int(self.dataset.frame["group"].nunique())

    @cached_property
    def _no_grouped_folds(self) -> str | None:
        """Why no folds keep groups whole; None where some do."""
        try:
            self.folds(GROUPED)
        except NoGroupedFolds as error:
            return str(error).removeprefix(f"{self.dataset.benchmark.name}: ")
        return None

    def fold(self, unit: Unit) -> Fold:
        """The fold of a unit."""
        assert unit.repeat is not None
        assert unit.fold is not None
        return self.folds(unit.split)[unit.repeat * self.settings.folds + unit.fold]

    def task(self, fold: Fold, split: Split) -> FoldTask:
        """A fold as a diagnostic sees it: without the held-out answers."""
        scheme = "grouped " if self.settings.split == BOTH and split == GROUPED else ""
        again = f"repeat {fold.repeat} " if fold.repeat else ""
        return FoldTask(
            questions=self.questions,
            train=fold.train,
            held_out=fold.held_out,
            answers=self.dataset.frame["answer"].to_numpy(dtype=np.float64)[fold.train],
            units=fold.units,
            seed=fold.seed,
            name=f"{self.dataset.benchmark.name} {scheme}{again}fold {fold.fold}",
            parts=fold.parts,
            accepted=accepted_by_answer(self.dataset, fold.train),
        )

    def kept_together(self, split: Split) -> IntArray:
        """(n,) integers, equal for questions that teach each other: copies, and those of a whole group."""
        return independent(self.dataset).codes(grouped=split == GROUPED)

    def inputs(self, analysis: str) -> Inputs:
        """What decides the records of an analysis beside the data, the folds and its code."""
        return self.kept(f"inputs of {analysis}", lambda: analyses()[analysis].inputs(self))

    def report_name(self, unit: Unit) -> str:
        """What the analysis of a unit is called in the report: with the split, where there are two."""
        several = len(self.plan.splits) > 1 and unit.fold is not None
        return f"{unit.analysis}{GROUPED_SUFFIX}" if several and unit.split == GROUPED else unit.analysis

    def origin(self, unit: Unit) -> Origin:
        """What the record of a unit is about."""
        settings, benchmark, inputs = self.settings, self.dataset.benchmark, self.inputs(unit.analysis)
        return Origin(
            benchmark=benchmark.name,
            title=benchmark.title,
            source=self.dataset.source,
            settings=RecordSettings(
                folds=settings.folds,
                seed=settings.seed,
                repeats=settings.repeats,
                split=settings.split_of(benchmark),
                allow_leak=settings.allow_leak,
                vectors=settings.vectors,
                limit=settings.limit,
            ),
            null_control=settings.null_control,
            texts=self.texts,
            diagnostic=self.report_name(unit),
            diagnostic_settings=dict(inputs.settings),
            versions=self._versions | dict(inputs.versions),
            independent=independent(self.dataset).report(),
            notes=[*self.notes, *inputs.notes],
        )

    def key(self, unit: Unit) -> str:
        """What the record of a unit is stored under: a digest of all that decides it."""
        origin, inputs = self.origin(unit), self.inputs(unit.analysis)
        ids = self.dataset.frame["id"].to_numpy()
        place: dict[str, Any] = {"held_out": _digest(ids)}
        if unit.fold is not None:
            fold = self.fold(unit)
            place = {"held_out": _digest(ids[fold.held_out]), "model_seed": fold.seed}
        return record_key(
            unit=[unit.analysis, unit.repeat, unit.fold],
            **place,
            data=origin.source.fingerprint.content,
            skipped=len(origin.source.left_out),
            types=[declared.model_dump(mode="json") for declared in self.dataset.benchmark.question_types],
            # A unit is the same whichever others run beside it, and with other vectors if it has none.
            settings={
                **origin.settings.model_dump(mode="json", exclude={"repeats", "vectors"}),
                "split": unit.split,
            },
            null_control=origin.null_control,
            diagnostic_settings=origin.diagnostic_settings,
            versions=origin.versions,
            more=dict(inputs.more),
            code=code_digest(analyses()[unit.analysis].code),
        )

    @cached_property
    def _versions(self) -> dict[str, str]:
        return {"tst-harness": version("tst-harness"), "pandas": version("pandas")}

    @property
    def texts(self) -> Texts:
        """Whether what is written quotes questions."""
        if self.settings.texts is None:
            return "kept" if self.dataset.benchmark.redistributable else "omitted"
        return "omitted" if self.settings.texts == "omit" else "kept"

    @property
    def notes(self) -> list[str]:
        """What a reader of any result should know."""
        unmade = self.settings.interval == POPULATION and FOREST not in self.settings.diagnostics
        missing = ["no interval for other questions, since the forest did not run"] if unmade else []
        return [*missing, *self._notes_on_folds]

    @property
    def _notes_on_folds(self) -> list[str]:
        split = self.settings.split
        if split == RANDOM:
            return []
        if self.dataset.benchmark.columns.group is not None:
            groups, folds = self._groups, self.settings.folds
            if split == BOTH and self._no_grouped_folds is not None:
                return [f"random folds alone: {self._no_grouped_folds}"]
            if groups == 1:
                return ["all questions are in one group, so the folds are random"]
            return [f"{groups} groups make {groups} folds that keep them whole"] if groups < folds else []
        if split == BOTH:
            return ["random folds alone, since the benchmark declares no group: --tst-split both"]
        return ["the benchmark has no groups, so with --tst-split grouped each question is one of its own"]


def _digest(ids: "np.ndarray[Any, np.dtype[np.object_]]") -> str:
    return hashlib.sha256("\n".join(ids).encode("utf-8", "surrogatepass")).hexdigest()
