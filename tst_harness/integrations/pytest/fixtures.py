"""Fixtures that the tests of a benchmark module ask for."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import pytest

from tst_harness._imports import heavy_imports
from tst_harness.benchmark.declarations import Benchmark
from tst_harness.benchmark.pruning import PruningSettings
from tst_harness.engine.results import FEATURES, LLM, PROPERTY, PRUNED, SKIPPED, ungrouped
from tst_harness.engine.settings import Options, options_of
from tst_harness.errors import EngineUnavailable, HarnessError, SourceUnavailable, TooFewQuestions
from tst_harness.integrations.pytest.progress import TrainingLine
from tst_harness.integrations.pytest.stress_test import (
    AskZeroShot,
    DescribeShortcuts,
    RunChecks,
    RunFold,
    RunPruning,
    benchmark_of,
)

if TYPE_CHECKING:
    from tst_harness.diagnostics.features.protocols import FeatureBasedBiasModel
    from tst_harness.diagnostics.llm.data.encoding import PromptEncoder
    from tst_harness.diagnostics.llm.predictors.base import LLMPredictor
    from tst_harness.diagnostics.llm.trainable.predictor import TrainableLLMPredictor
    from tst_harness.diagnostics.llm.trainers.base import LLMTrainer
    from tst_harness.engine.results import Result
    from tst_harness.engine.session import Audit
    from tst_harness.integrations.ray.node import Piece

_T = TypeVar("_T")


class PlannedFold(NamedTuple):
    """A fold to run: which diagnostic, which repeat, which fold, both from 0."""

    diagnostic: str
    repeat: int
    fold: int


def planned_folds(options: Options, diagnostics: Sequence[str]) -> dict[str, PlannedFold]:
    """The folds of a benchmark by test id, known without loading data."""
    found = {}
    for diagnostic in diagnostics:
        for repeat in range(options.repeats):
            for fold in range(options.folds):
                again = f"repeat{repeat}-" if options.repeats > 1 else ""
                name = diagnostic.replace("_", "-")
                found[f"{name}-{again}fold{fold}"] = PlannedFold(diagnostic, repeat, fold)
    return found


@pytest.fixture(scope="session")
def tst_audit(request: pytest.FixtureRequest) -> "Iterator[Audit]":
    """The audit of this process: data, folds and models that tests share."""
    options = options_of(request.config)
    if options.ray is None:
        with heavy_imports():
            from tst_harness.engine.session import Audit

        yield Audit(options)
        return
    with heavy_imports():
        from tst_harness.integrations.ray.folds import RayAudit

    with closing(RayAudit(options, options.ray, list(_pieces(request.session.items)))) as audit:
        yield audit


@pytest.fixture(scope="session")
def tst_encoder(pytestconfig: pytest.Config) -> "PromptEncoder":
    """The model's tokens, the same for training and prediction."""
    from tst_harness.diagnostics.llm.build import build_encoder

    return build_encoder(options_of(pytestconfig).llm)


@pytest.fixture(scope="session")
def predictor(pytestconfig: pytest.Config, tst_encoder: "PromptEncoder") -> "LLMPredictor":
    """What answers questions, on the device that this process owns; loaded when first used."""
    from tst_harness.diagnostics.llm.build import build_predictor

    return build_predictor(options_of(pytestconfig).llm, tst_encoder)


@pytest.fixture(scope="session")
def trainer(pytestconfig: pytest.Config, tst_encoder: "PromptEncoder") -> "LLMTrainer":
    """What trains adapters, on the device that this process owns."""
    from tst_harness.diagnostics.llm.build import build_trainer

    return build_trainer(options_of(pytestconfig).llm, tst_encoder)


@pytest.fixture(scope="session")
def trainable(
    pytestconfig: pytest.Config, predictor: "LLMPredictor", trainer: "LLMTrainer"
) -> "Iterator[TrainableLLMPredictor]":
    """Both as one: trains on a fold and answers it. Override one of the three to use another engine."""
    from tst_harness.diagnostics.llm.trainable.predictor import TrainableLLMPredictor

    keep = options_of(pytestconfig).llm.keep_adapters
    with TrainableLLMPredictor(predictor, trainer, keep) as both:
        line = TrainingLine.of(pytestconfig)
        if line is not None:
            both.on_progress(line)
        yield both


@pytest.fixture
def run_fold(request: pytest.FixtureRequest, fold: PlannedFold, tst_audit: "Audit") -> RunFold:
    """Run the fold that the test is parametrised with, and attach where its record is."""

    def run(benchmark: Benchmark, models: Sequence["FeatureBasedBiasModel"] = ()) -> None:
        def work() -> "Result":
            trainable = _trainable(request, tst_audit) if ungrouped(fold.diagnostic) == LLM else None
            return tst_audit.run_fold(benchmark, *fold, models, trainable)

        _attach(request, tst_audit.options, benchmark, work)

    return run


@pytest.fixture
def ask_zero_shot(request: pytest.FixtureRequest, tst_audit: "Audit") -> AskZeroShot:
    """Have the language model answer all questions untrained, and attach where the record is."""

    def ask(benchmark: Benchmark) -> None:
        _attach(
            request,
            tst_audit.options,
            benchmark,
            lambda: tst_audit.zero_shot(benchmark, _trainable(request, tst_audit)),
        )

    return ask


@pytest.fixture
def describe_shortcuts(request: pytest.FixtureRequest, tst_audit: "Audit") -> DescribeShortcuts:
    """Find a benchmark's shortcuts, and attach where their record is."""
    return lambda benchmark: _attach(
        request, tst_audit.options, benchmark, lambda: tst_audit.describe_shortcuts(benchmark)
    )


@pytest.fixture
def run_checks(request: pytest.FixtureRequest, tst_audit: "Audit") -> RunChecks:
    """Check duplicates, order and answer positions, and attach where the record is."""
    return lambda benchmark: _attach(
        request, tst_audit.options, benchmark, lambda: tst_audit.run_checks(benchmark)
    )


@pytest.fixture
def run_pruning(request: pytest.FixtureRequest, tst_audit: "Audit") -> RunPruning:
    """Prune a benchmark into the folder of the reports, and attach what came of it."""
    options = tst_audit.options

    def run(benchmark: Benchmark, settings: PruningSettings) -> None:
        from tst_harness.engine.gathering import shown
        from tst_harness.pruning.loop import prune_prepared
        from tst_harness.views.pruning import summary_line

        def work() -> str:
            trainable = None
            if settings.diagnostic == LLM:
                trainable = _trainable(request, tst_audit)
                if trainable is None:
                    raise HarnessError(
                        "a pruning by llm cannot be sent to a Ray cluster; leave out --tst-ray"
                    )
            output = options.report_dir / f"{benchmark.name}.pruned"
            prepared = tst_audit.prepare(benchmark)
            report = prune_prepared(prepared, settings, output, trainable, options.fresh)
            return f"{benchmark.name} pruned into {shown(output)}: {summary_line(report)}"

        request.node.user_properties.append((PRUNED, _done(request, options, benchmark, work)))

    return run


def _pieces(items: Iterable[pytest.Item]) -> "Iterator[tuple[Benchmark, Piece]]":
    """Yield what the tests of a session have a language model or the forest do, in their order."""
    from tst_harness.integrations.ray.node import Piece

    for item in items:
        benchmark = benchmark_of(item)
        if benchmark is None or not isinstance(item, pytest.Function):
            continue
        fold = item.callspec.params.get("fold") if hasattr(item, "callspec") else None
        if isinstance(fold, PlannedFold) and ungrouped(fold.diagnostic) != FEATURES:
            yield benchmark, Piece(*fold)
        elif "ask_zero_shot" in item.fixturenames:
            yield benchmark, Piece(LLM)


def _trainable(request: pytest.FixtureRequest, audit: "Audit") -> "TrainableLLMPredictor | None":
    """Return what is trained and answers; None where it is made elsewhere.

    Raises
    ------
    HarnessError
        It is to be made elsewhere, and a fixture of it is the user's own.
    """
    if not audit.sends_folds:
        trainable: TrainableLLMPredictor = request.getfixturevalue("trainable")
        return trainable
    for name in ("trainable", "trainer", "predictor", "tst_encoder"):
        [*_, used] = request.session._fixturemanager.getfixturedefs(name, request.node) or ()
        if used.func.__module__ != __name__:
            raise HarnessError(
                f"the fixture {name} is one of your own, and what it makes cannot be sent to a Ray cluster; "
                "leave out --tst-ray, or the fixture"
            )
    return None


def _attach(
    request: pytest.FixtureRequest, options: Options, benchmark: Benchmark, work: "Callable[[], Result]"
) -> None:
    result = _done(request, options, benchmark, work)
    request.node.user_properties.append((PROPERTY, result.model_dump(mode="json")))


def _done(
    request: pytest.FixtureRequest, options: Options, benchmark: Benchmark, work: Callable[[], _T]
) -> _T:
    """Return what the work returns, or skip or fail the test with the one sentence that it raises."""
    try:
        return work()
    except HarnessError as error:
        problem = error
    # Not in the `except` clause, or pytest would print the sentence twice, as a chain of exceptions.
    unavailable = isinstance(problem, SourceUnavailable) and not options.require_real
    if unavailable or isinstance(problem, EngineUnavailable | TooFewQuestions):
        reason = str(problem).removeprefix(f"{benchmark.name}: ")
        request.node.user_properties.append((SKIPPED, f"{benchmark.name}: {reason}"))
        pytest.skip(str(problem))
    pytest.fail(str(problem), pytrace=False)
