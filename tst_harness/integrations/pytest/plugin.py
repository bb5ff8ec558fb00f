"""The pytest plugin: options and hooks, a few lines each.

What takes time to import is imported by sessions that have a benchmark or an option of ours; other sessions
are left as they are.
"""

import logging
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import pytest

from tst_harness.errors import HarnessError, limit_reached
from tst_harness.integrations.pytest.collected import benchmark_class, benchmark_tests, benchmarks_of
from tst_harness.integrations.pytest.ending import search_as_before, search_once_more
from tst_harness.integrations.pytest.examples import EXAMPLES, Examples
from tst_harness.integrations.pytest.fixtures import tst_encoder as tst_encoder
from tst_harness.integrations.pytest.fixtures import tst_predictor as tst_predictor
from tst_harness.integrations.pytest.fixtures import tst_prune as tst_prune
from tst_harness.integrations.pytest.fixtures import tst_run as tst_run
from tst_harness.integrations.pytest.fixtures import tst_session as tst_session
from tst_harness.integrations.pytest.fixtures import tst_trainable as tst_trainable
from tst_harness.integrations.pytest.fixtures import tst_trainer as tst_trainer
from tst_harness.integrations.pytest.options import add_options, is_asked, needs_gpu, settings_of

if TYPE_CHECKING:
    from tst_harness.integrations.pytest.stress_test import StressTest

_DECLARED = pytest.StashKey["dict[str, type[StressTest]]"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Check the options before anything runs."""
    # Before pytest's own, which are done in reverse order.
    config.add_cleanup(search_as_before)
    config.pluginmanager.register(Examples(config), EXAMPLES)
    if not hasattr(config, "workerinput"):
        from tst_harness.integrations.pytest.reporting import reporting

        config.pluginmanager.register(reporting(config), "tst-session")
    if is_asked(config):
        settings = settings_of(config)
        if settings.diagnostics != ("forest",) or settings.ray is not None:
            _show_log(config)


@pytest.hookimpl(wrapper=True)
def pytest_sessionstart(session: pytest.Session) -> Iterator[None]:
    """Say in a sentence where workers take more files than may be open."""
    try:
        yield
    except OSError as error:
        limit = limit_reached(error)
        if limit is None or not is_asked(session.config):
            raise
        raise pytest.UsageError(limit) from None


def _show_log(config: pytest.Config) -> None:
    from tst_harness.integrations.pytest.progress import SaidAtOnce

    if hasattr(config, "workerinput"):
        return
    log, handler = logging.getLogger("tst_harness"), SaidAtOnce(config)
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    config.add_cleanup(lambda: log.removeHandler(handler))


@pytest.hookimpl(tryfirst=True)
def pytest_unconfigure() -> None:
    """Look for garbage once, before pytest does so several times."""
    search_once_more()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Answer `-n auto` where units need a GPU: a worker for each."""
    if not needs_gpu(config):
        return None
    from tst_harness.processes.devices import visible_devices

    return len(visible_devices()) or None


def pytest_pycollect_makeitem(collector: pytest.Collector, name: str) -> list[pytest.Item] | None:
    """Collect no test of a benchmark that has nothing to do."""
    cls = benchmark_class(collector)
    if cls is None or not name.startswith("test_"):
        return None
    from tst_harness.integrations.pytest.items import PRUNED, TESTS, is_pruned, plan_of, units_by_id

    if name not in (*TESTS, PRUNED):
        return None
    _check_declared(cls, collector.config.stash.setdefault(_DECLARED, {}))
    settings = settings_of(collector.config)
    if name == PRUNED:
        return None if is_pruned(cls, settings) else []
    return None if any(test == name for test, _ in units_by_id(plan_of(cls, settings))) else []


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make one test of each unit, without loading data."""
    if "tst_unit" not in metafunc.fixturenames or metafunc.cls is None:
        return
    from tst_harness.integrations.pytest.items import plan_of, units_by_id

    name = metafunc.function.__name__
    units = units_by_id(plan_of(metafunc.cls, settings_of(metafunc.config)))
    own = {place: unit for (test, place), unit in units.items() if test == name}
    metafunc.parametrize("tst_unit", list(own.values()), ids=list(own))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> Iterator[None]:
    """Check all gates against what was collected."""
    collected = benchmarks_of(items)
    if not collected and not is_asked(config):
        yield
        return
    modelled = {item.cls.benchmark.name for item in benchmark_tests(items) if item.cls.models}
    in_order = {id(item): place for place, item in enumerate(benchmark_tests(items))}
    yield
    _put_in_order(items, in_order)
    from tst_harness.integrations.pytest.session_gates import NODE, check, gate_plan, give

    plan = gate_plan(config)
    plan.collect(collected, modelled, benchmarks_of(items))
    is_worker = hasattr(config, "workerinput")
    if is_worker:
        give(plan, config)
    try:
        check(plan, config, failed=bool(session.testsfailed))
    except HarnessError as error:
        if not is_worker:
            raise pytest.UsageError(str(error)) from None
        # The session that the user looks at shows this once, however many workers say it.
        items.clear()
        failed = pytest.CollectReport(NODE, "failed", str(error), [])
        config.hook.pytest_collectreport(report=failed)


def _put_in_order(items: list[pytest.Item], in_order: Mapping[int, int]) -> None:
    """Give units their own order back, which others shuffle; other tests stay where they are."""
    places = [place for place, item in enumerate(items) if id(item) in in_order]
    units = sorted((items[place] for place in places), key=lambda item: in_order[id(item)])
    for place, unit in zip(places, units, strict=True):
        items[place] = unit


def _check_declared(cls: "type[StressTest]", declared: "dict[str, type[StressTest]]") -> None:
    from tst_harness.benchmark.declarations import Benchmark

    benchmark = getattr(cls, "benchmark", None)
    if not isinstance(benchmark, Benchmark):
        raise pytest.Collector.CollectError(
            f"{cls.__name__} declares no benchmark: give it the attribute `benchmark`, or a name that does "
            "not start with Test"
        )
    first = declared.setdefault(benchmark.name, cls)
    data = first.benchmark != benchmark
    if data or list(first.models) != list(cls.models):
        raise pytest.Collector.CollectError(
            f"{_full_name(cls)} declares the benchmark {benchmark.name!r}, and so does {_full_name(first)}, "
            f"with other {'data or types' if data else 'models'}: their reports would have one name, so "
            "rename one"
        )


def _full_name(cls: type) -> str:
    return f"{cls.__module__}.{cls.__name__}"
