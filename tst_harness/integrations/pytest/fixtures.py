"""Fixtures that the tests of a benchmark module ask for; their names begin with `tst_`.

A project that brings an engine of its own declares `trainer`, `predictor` or `trainable` in a conftest.py,
a module or a class; only the tests of benchmarks look for them.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from tst_harness.analysis.names import LLM
from tst_harness.analysis.units import BOTH
from tst_harness.errors import (
    EngineUnavailable,
    HarnessError,
    NoGroupedFolds,
    SourceUnavailable,
    TooFewQuestions,
    limit_reached,
)
from tst_harness.integrations.pytest.examples import EXAMPLES, Examples

if TYPE_CHECKING:
    from tst_harness.analysis.units import Unit
    from tst_harness.benchmark.declarations import Benchmark
    from tst_harness.diagnostics.llm.data.encoding import PromptEncoder
    from tst_harness.diagnostics.llm.predictors.base import LLMPredictor
    from tst_harness.diagnostics.llm.trainable.predictor import TrainableLLMPredictor
    from tst_harness.diagnostics.llm.trainers.base import LLMTrainer
    from tst_harness.engine.results import Result
    from tst_harness.engine.session import Session
    from tst_harness.engine.settings import Settings
    from tst_harness.integrations.pytest.stress_test import Run

RESULT, SKIPPED, UNJUDGED, PRUNED = "tst", "tst-skipped", "tst-unjudged", "tst-pruned"
PROBLEM = "tst-problem"
"""Names of the properties that tests leave: their results, and lines for the summary.

`SKIPPED`, `UNJUDGED` and `PROBLEM` are reasons, which begin with the name of the benchmark. What was skipped
is beside what was asked for; what is unjudged is missing from it.
"""

FAILED_BEFORE = "not run, for a problem that failed a test before"
_PROBLEMS = pytest.StashKey[set[str]]()

_T = TypeVar("_T")


@pytest.fixture(scope="session")
def tst_session(request: pytest.FixtureRequest) -> "Iterator[Session]":
    """The session of this process: data, folds and models that tests share."""
    from tst_harness.integrations.pytest.options import settings_of
    from tst_harness.integrations.pytest.workers import use_share

    use_share(request.config)
    settings = settings_of(request.config)
    if settings.ray is None:
        from tst_harness.engine.session import Session
    else:
        from tst_harness.integrations.ray.folds import RaySession
    if settings.ray is None:
        selected: dict[str, list[Unit]] = {}
        for benchmark, unit in _units(request.session.items):
            selected.setdefault(benchmark.name, []).append(unit)
        workers = getattr(request.config, "workerinput", {}).get("workercount", 1)
        with Session(settings, selected=selected, workers=workers) as session:
            yield session
        return
    with closing(RaySession(settings, settings.ray, list(_units(request.session.items)))) as session:
        yield session


@pytest.fixture(scope="session")
def tst_encoder(pytestconfig: pytest.Config) -> "PromptEncoder":
    """The model's tokens, the same for training and prediction."""
    from tst_harness.diagnostics.llm.build import build_encoder
    from tst_harness.integrations.pytest.options import settings_of

    return build_encoder(settings_of(pytestconfig).llm)


@pytest.fixture(scope="session")
def tst_predictor(pytestconfig: pytest.Config, tst_encoder: "PromptEncoder") -> "LLMPredictor":
    """What answers questions, on the device that this process owns; loaded when first used."""
    from tst_harness.diagnostics.llm.build import build_predictor
    from tst_harness.integrations.pytest.options import settings_of

    return build_predictor(settings_of(pytestconfig).llm, tst_encoder)


@pytest.fixture(scope="session")
def tst_trainer(pytestconfig: pytest.Config, tst_encoder: "PromptEncoder") -> "LLMTrainer":
    """What trains adapters, on the device that this process owns."""
    from tst_harness.diagnostics.llm.build import build_trainer
    from tst_harness.integrations.pytest.options import settings_of

    return build_trainer(settings_of(pytestconfig).llm, tst_encoder)


@pytest.fixture(scope="session")
def tst_trainable(request: pytest.FixtureRequest) -> "Iterator[TrainableLLMPredictor]":
    """Both as one: trains on a fold and answers it. A project's own engines take the place of ours."""
    from tst_harness.activity import follow
    from tst_harness.diagnostics.llm.trainable.predictor import TrainableLLMPredictor
    from tst_harness.integrations.pytest.options import settings_of
    from tst_harness.integrations.pytest.progress import TrainingLine

    own = _own(request, "trainable")
    if own is not None:
        yield own
        return
    predictor = _own(request, "predictor") or request.getfixturevalue("tst_predictor")
    trainer = _own(request, "trainer") or request.getfixturevalue("tst_trainer")
    with TrainableLLMPredictor(
        predictor, trainer, settings_of(request.config).llm.keep_adapters
    ) as trainable:
        trainable.on_progress(follow)
        line = TrainingLine.of(request.config)
        if line is not None:
            trainable.on_progress(line)
        yield trainable


@pytest.fixture
def tst_run(request: pytest.FixtureRequest, tst_unit: "Unit", tst_session: "Session") -> "Run":
    """Do the unit that the test is parametrised with, and attach where its record is."""
    benchmark, models = request.cls.benchmark, request.cls.models
    examples: Examples | None = request.config.pluginmanager.get_plugin(EXAMPLES)
    if examples is not None:
        examples.attach(request, tst_unit, tst_session, lambda: _trainable(request))

    def work() -> "Result":
        if tst_session.settings.ray is not None and tst_unit.analysis == LLM:
            _check_no_own_engine(request)
        return tst_session.run_unit(benchmark, tst_unit, models, lambda: _trainable(request))

    def run() -> None:
        result = _done(request, tst_session.settings, benchmark, work)
        request.node.user_properties.append((RESULT, result.model_dump(mode="json")))

    return run


@pytest.fixture
def tst_prune(request: pytest.FixtureRequest, tst_session: "Session") -> "Run":
    """Prune a benchmark into the folder of the reports, and attach what came of it."""
    benchmark, declared, settings = request.cls.benchmark, request.cls.pruning, tst_session.settings

    def work() -> str:
        from tst_harness.pruning.loop import prune_experiment
        from tst_harness.report.paths import shown
        from tst_harness.views.pruning import summary_line

        output = settings.report_dir / f"{benchmark.name}.pruned"
        experiment = tst_session.experiment(benchmark)
        experiment.provide(lambda: _trainable(request))
        report = prune_experiment(experiment, declared, output, settings.fresh)
        return f"{benchmark.name} pruned into {shown(output)}: {summary_line(report)}"

    return lambda: request.node.user_properties.append((PRUNED, _done(request, settings, benchmark, work)))


def _units(items: Iterable[pytest.Item]) -> "Iterator[tuple[Benchmark, Unit]]":
    """Yield what the tests of a session do, in their order."""
    from tst_harness.integrations.pytest.stress_test import benchmark_of

    for item in items:
        benchmark, call = benchmark_of(item), getattr(item, "callspec", None)
        if benchmark is not None and call is not None and "tst_unit" in call.params:
            yield benchmark, call.params["tst_unit"]


def _own(request: pytest.FixtureRequest, name: str) -> Any:
    """Return a project's own fixture of this name; None where it has none."""
    try:
        return request.getfixturevalue(name)
    except pytest.FixtureLookupError as error:
        if error.argname != name:
            raise
        return None


def _check_no_own_engine(request: pytest.FixtureRequest) -> None:
    """Check that no engine is a project's own, which cannot be sent to a cluster.

    Raises
    ------
    HarnessError
        One is.
    """
    for name in ("trainable", "trainer", "predictor"):
        try:
            is_own = _own(request, name) is not None
        except Exception:  # There is one, which cannot be made here.
            is_own = True
        if is_own:
            raise HarnessError(
                f"the fixture {name} is one of your own, and what it makes cannot be sent to a Ray cluster; "
                "leave out --tst-ray, or the fixture"
            )


def _trainable(request: pytest.FixtureRequest) -> "TrainableLLMPredictor":
    trainable: TrainableLLMPredictor = request.getfixturevalue("tst_trainable")
    return trainable


def _done(
    request: pytest.FixtureRequest, settings: "Settings", benchmark: "Benchmark", work: Callable[[], _T]
) -> _T:
    """Return what the work returns, or skip or fail the test with the one sentence that it raises."""
    try:
        return work()
    except HarnessError as error:
        problem = error
    except (ImportError, MemoryError, OSError, RuntimeError) as error:
        limit = limit_reached(error)
        if limit is None:
            raise
        problem = HarnessError(limit)
    # Not in the `except` clause, or pytest would print the sentence twice, as a chain of exceptions.
    sentence = f"{benchmark.name}: {str(problem).removeprefix(f'{benchmark.name}: ')}"
    unavailable = isinstance(problem, SourceUnavailable) and not settings.require_real
    unjudged = unavailable or isinstance(problem, EngineUnavailable | TooFewQuestions)
    if unjudged or (isinstance(problem, NoGroupedFolds) and settings.split == BOTH):
        request.node.user_properties.append((UNJUDGED if unjudged else SKIPPED, sentence))
        pytest.skip(str(problem))
    # What every test of a benchmark fails with, such as a faulty row, is worth one failure.
    problems = request.config.stash.setdefault(_PROBLEMS, set())
    if sentence in problems:
        pytest.skip(FAILED_BEFORE)
    problems.add(sentence)
    request.node.user_properties.append((PROBLEM, sentence))
    pytest.fail(str(problem), pytrace=False)
