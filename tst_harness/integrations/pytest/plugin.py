"""The pytest plugin: options and hooks, a few lines each."""

import gc
import logging
from collections.abc import Iterable, Iterator, Sequence
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from _pytest.terminal import TerminalReporter  # pytest 8.0 exports it from nowhere else

from tst_harness._imports import one_thread_of_blas, search_once_more
from tst_harness.analysis.names import GROUPED
from tst_harness.benchmark.declarations import Benchmark
from tst_harness.engine.gathering import Gathering, import_reports, progress_line, result_of
from tst_harness.engine.results import FEATURES, FOREST, LLM, PRUNED, SKIPPED
from tst_harness.engine.settings import BOTH, Options, add_options, join_group, options_of
from tst_harness.errors import HarnessError
from tst_harness.gates.plan import GatePlan
from tst_harness.integrations.pytest import session_gates
from tst_harness.integrations.pytest.fixtures import ask_zero_shot as ask_zero_shot
from tst_harness.integrations.pytest.fixtures import describe_shortcuts as describe_shortcuts
from tst_harness.integrations.pytest.fixtures import planned_folds
from tst_harness.integrations.pytest.fixtures import predictor as predictor
from tst_harness.integrations.pytest.fixtures import run_checks as run_checks
from tst_harness.integrations.pytest.fixtures import run_fold as run_fold
from tst_harness.integrations.pytest.fixtures import run_pruning as run_pruning
from tst_harness.integrations.pytest.fixtures import trainable as trainable
from tst_harness.integrations.pytest.fixtures import trainer as trainer
from tst_harness.integrations.pytest.fixtures import tst_audit as tst_audit
from tst_harness.integrations.pytest.fixtures import tst_encoder as tst_encoder
from tst_harness.integrations.pytest.outcome import outcome_lines, share_as_markdown, share_in_junit
from tst_harness.integrations.pytest.progress import SaidAtOnce
from tst_harness.integrations.pytest.stress_test import StressTest, benchmark_of
from tst_harness.integrations.pytest.workers import concerns_benchmarks, default_workers, equip, is_worker

if TYPE_CHECKING:
    from execnet.xspec import XSpec
    from xdist.remote import Producer
    from xdist.scheduler import Scheduling

_COLLECTING_ALONE = ("collectonly", "showfixtures", "show_fixtures_per_test")
_DECLARED = pytest.StashKey[dict[str, Benchmark]]()
_GATES = pytest.StashKey[GatePlan]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    add_options(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config, args: list[str]) -> None:
    """Read `--tst-group both` as one option, while `--tst-group tests/` still names a folder."""
    paths = early_config.known_args_namespace.file_or_dir
    if join_group(args) and BOTH in paths:
        paths.remove(BOTH)


def pytest_configure(config: pytest.Config) -> None:
    """Check the options before anything runs."""
    options = options_of(config)
    # Before pytest's own, which are done in reverse order.
    config.add_cleanup(gc.unfreeze)
    config.stash[_GATES] = session_gates.session_plan(config, options)
    if not is_worker(config):
        config.pluginmanager.register(_Session(config, options), "tst-session")
        if LLM in options.diagnostics or options.ray is not None:
            log, shown = logging.getLogger("tst_harness"), SaidAtOnce(config)
            log.addHandler(shown)
            log.setLevel(logging.INFO)
            config.add_cleanup(lambda: log.removeHandler(shown))


@pytest.hookimpl(tryfirst=True)
def pytest_unconfigure() -> None:
    """Look for garbage once, before pytest does so several times."""
    search_once_more()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Answer `-n auto`; of another project's tests nothing is said."""
    return default_workers() if concerns_benchmarks(config) else None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make one test of each fold, without loading data."""
    if "fold" in metafunc.fixturenames and metafunc.cls is not None and issubclass(metafunc.cls, StressTest):
        _check_declared(metafunc.cls, metafunc.config.stash.setdefault(_DECLARED, {}))
        options = options_of(metafunc.config)
        diagnostics = list(options.diagnostics)
        if metafunc.cls.models and FOREST in diagnostics:
            diagnostics.insert(diagnostics.index(FOREST) + 1, FEATURES)
        if options.folds_of(metafunc.cls.benchmark) == BOTH:
            diagnostics = [one + scheme for one in diagnostics for scheme in ("", GROUPED)]
        planned = planned_folds(options, diagnostics)
        metafunc.parametrize("fold", list(planned.values()), ids=list(planned))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> Iterator[None]:
    """Leave out the tests of diagnostics that were not asked for, and check all gates."""
    collected = _benchmarks(items)
    with_models = (item for item in items if getattr(getattr(item, "cls", None), "models", ()))
    modelled = {benchmark.name for benchmark in _benchmarks(with_models)}
    _leave_out(config, items)
    yield
    plan = config.stash[_GATES]
    plan.collect(collected, modelled, _benchmarks(items))
    if is_worker(config):
        session_gates.give(plan, config)
    try:
        session_gates.check(plan, config, failed=bool(session.testsfailed))
    except HarnessError as error:
        if not is_worker(config):
            raise pytest.UsageError(str(error)) from None
        # The session that the user looks at shows this once, however many workers say it.
        items.clear()
        failed = pytest.CollectReport(session_gates.NODE, "failed", str(error), [])
        config.hook.pytest_collectreport(report=failed)


def _leave_out(config: pytest.Config, items: list[pytest.Item]) -> None:
    diagnostics = options_of(config).diagnostics
    needed = {"ask_zero_shot": LLM, "describe_shortcuts": FOREST}
    items[:] = [
        item
        for item in items
        if not isinstance(item, pytest.Function)
        or all(
            {**needed, "run_pruning": _pruned_by(item)}.get(name, diagnostics[0]) in diagnostics
            for name in item.fixturenames
        )
    ]


def _pruned_by(item: pytest.Function) -> str:
    """Return the diagnostic that the benchmark of a test is pruned by; "" where it is not pruned."""
    pruning = getattr(item.cls, "pruning", None)
    return "" if pruning is None else str(pruning.diagnostic)


class _Session:
    """The hooks of the process that the user looks at, which is not an xdist worker."""

    def __init__(self, config: pytest.Config, options: Options) -> None:
        self._config = config
        self._options = options
        self._gathering = Gathering(options)
        self._line = ""
        self._skipped: dict[object, None] = {}
        self._pruned: list[object] = []
        self._gates_wrong = False

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_setupnodes(self, config: pytest.Config, specs: "Sequence[XSpec]") -> None:
        if not concerns_benchmarks(config):
            return
        terminal = self._terminal()
        if (devices := equip(specs, self._options.share_gpu)) and terminal is not None:
            terminal.write_line(f"tst: a CUDA device for each worker: {', '.join(devices)}")

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: "Producer") -> "Scheduling | None":
        if not concerns_benchmarks(config):
            return None
        # It takes a while, and the workers have just been started: this process has nothing to do yet.
        Thread(target=self._import_reports, daemon=True).start()
        if config.getoption("dist") != "load":
            return None
        from tst_harness.integrations.pytest.scheduling import FoldScheduling

        return FoldScheduling(config, log)

    def _import_reports(self) -> None:
        with one_thread_of_blas():
            import_reports(self._options.html)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: "Sequence[str]") -> None:
        self._gathering.plan(ids)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        if not session.testsfailed:  # Else nothing is run, for a reason that pytest tells.
            self._gathering.plan(item.nodeid for item in session.items)

    def pytest_report_header(self) -> str:
        return f"tst: {self._options.describe()}"

    def pytest_report_collectionfinish(self, items: list[pytest.Item]) -> list[str]:
        from tst_harness.dataset.sources import resolve

        lines: list[str] = []
        if any(self._config.getoption(name) for name in _COLLECTING_ALONE):
            return lines  # Looking for data may download them.
        for benchmark in _benchmarks(items):
            try:
                found = resolve(benchmark, self._options.data_dir, self._options.require_real)
            except HarnessError as error:
                lines.append(f"tst: {error}")
                continue
            instead = f" instead of {found.substituted_for}" if found.substituted_for else ""
            kind = "bundled SAMPLE" if found.kind == "sample" else found.kind
            lines.append(f"tst: {benchmark.name} from {found.location} ({kind}){instead}")
        return lines

    def pytest_report_teststatus(
        self, report: pytest.CollectReport | pytest.TestReport
    ) -> tuple[str, str, str] | None:
        # A fold has a line of its own instead of a dot; with a word it counts in the percentage of tests.
        return (
            ("passed", "", "PASSED")
            if report.when == "call" and report.passed and result_of(report)
            else None
        )

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> Iterator[None]:
        result = result_of(report) if report.when == "call" and report.passed else None
        self._end_line(report)
        yield
        # A test whose worker died has neither of these, and one that is interrupted passed its set-up alone.
        if report.when in ("call", "teardown") or (report.when == "setup" and not report.passed):
            self._gathering.end(report.nodeid)
        if result is not None:
            self._gathering.add(report.nodeid, result)
            self._write_line(progress_line(result))
        if report.when == "call":
            self._skipped |= {reason: None for name, reason in report.user_properties if name == SKIPPED}
            self._pruned += [line for name, line in report.user_properties if name == PRUNED]

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._gates_wrong |= report.failed and report.nodeid == session_gates.NODE

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        session_gates.take(self._config.stash[_GATES], getattr(node, "workeroutput", {}))

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self._gates_wrong:
            session.exitstatus = pytest.ExitCode.USAGE_ERROR
        if session.exitstatus == pytest.ExitCode.USAGE_ERROR or self._config.option.collectonly:
            return
        gathering = self._gathering
        gathering.finish(self._config.stash[_GATES])
        share_in_junit(self._config, gathering)
        share_as_markdown(gathering, self._options.markdown)
        if session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = int(gathering.status)

    def pytest_terminal_summary(self, terminalreporter: TerminalReporter) -> None:
        from tst_harness.views.terminal import summary_lines

        gathering = self._gathering
        for written in gathering.written:
            for line in summary_lines(*written, verbose=self._options.verbose):
                terminalreporter.write_line(line.text, **line.markup)
        for line in outcome_lines(gathering, self._options):
            terminalreporter.write_line(line.text, **line.markup)
        for pruned in self._pruned:
            terminalreporter.write_line(f"{pruned}")
        for reason in self._skipped:
            terminalreporter.write_line(f"skipped: {reason}", yellow=True)
        for problem in [*gathering.missing, *gathering.refused, *gathering.problems]:
            terminalreporter.write_line(problem, red=True)

    def _write_line(self, text: str) -> None:
        terminal = self._terminal()
        if terminal is not None:
            begun = self._config.get_terminal_writer().width_of_current_line
            # Unlike `write_line`, this leaves pytest's notion of the current file alone.
            terminal.write("\n" * bool(begun) + text, flush=True)
            self._line = text

    def _end_line(self, report: pytest.TestReport) -> None:
        """Keep what pytest writes of a test off the progress line before it; with -v it does so itself."""
        terminal = self._terminal()
        if terminal is None or terminal.showlongtestinfo or not self._line:
            return
        _, *shown = self._config.hook.pytest_report_teststatus(report=report, config=self._config)
        writer = self._config.get_terminal_writer()
        if any(shown) and writer.width_of_current_line == len(self._line):
            writer.line()

    def _terminal(self) -> TerminalReporter | None:
        terminal: TerminalReporter | None = self._config.pluginmanager.get_plugin("terminalreporter")
        return terminal


def _check_declared(cls: type[StressTest], declared: dict[str, Benchmark]) -> None:
    benchmark = getattr(cls, "benchmark", None)
    if not isinstance(benchmark, Benchmark):
        raise pytest.Collector.CollectError(
            f"{cls.__name__} declares no benchmark: give it the attribute `benchmark`, or a name that does "
            "not start with Test"
        )
    if declared.setdefault(benchmark.name, benchmark) != benchmark:
        raise pytest.Collector.CollectError(
            f"{cls.__name__} declares the benchmark {benchmark.name!r}, and so does another class, with "
            "other data or types: their reports would have one name, so rename one"
        )


def _benchmarks(items: Iterable[pytest.Item]) -> list[Benchmark]:
    found: dict[str, Benchmark] = {}
    for benchmark in map(benchmark_of, items):
        if benchmark is not None:
            found.setdefault(benchmark.name, benchmark)
    return list(found.values())
