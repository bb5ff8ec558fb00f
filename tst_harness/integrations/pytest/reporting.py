"""The hooks of the process that the user looks at: takes results, shows progress, ends with the reports."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from tst_harness.activity import said
from tst_harness.errors import HarnessError
from tst_harness.integrations.pytest.fixtures import (
    FAILED_BEFORE,
    PROBLEM,
    PRUNED,
    RESULT,
    SKIPPED,
    UNJUDGED,
)
from tst_harness.integrations.pytest.options import is_asked, needs_gpu, settings_of

if TYPE_CHECKING:
    from execnet.xspec import XSpec
    from xdist.remote import Producer
    from xdist.scheduler import Scheduling

    from tst_harness.benchmark.declarations import Benchmark
    from tst_harness.engine.results import Result
    from tst_harness.engine.session import Session
    from tst_harness.engine.settings import Settings
    from tst_harness.integrations.pytest.closing import Closing
    from tst_harness.integrations.pytest.course import Course

_COLLECTING_ALONE = ("collectonly", "showfixtures", "show_fixtures_per_test")


def result_of(report: pytest.CollectReport | pytest.TestReport) -> "Result | None":
    """The result that a test report carries, if any."""
    for name, value in getattr(report, "user_properties", ()):
        if name == RESULT:
            from tst_harness.engine.results import Result

            return Result.model_validate(value)
    return None


def reporting(config: pytest.Config) -> "_Reporting":
    """Make the plugin that has these hooks."""
    return _Reporting(config)


class _Reporting:
    """What a session of tests comes to; without a test of a benchmark it does nothing."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._concerned = is_asked(config)
        self._made_session: Session | None = None
        self._made_course: Course | None = None
        self._closing: Closing | None = None
        self._shares: dict[int, dict[str, Any]] = {}
        self._line = ""
        self._skipped: dict[str, None] = {}
        self._unjudged: dict[str, None] = {}
        self._pruned: list[object] = []
        self._problems: dict[str, None] = {}
        self._gates_wrong = False
        self._is_broken = False
        self._heard = ExitStack()
        self._is_heard = False

    def _its_settings(self) -> "Settings":
        return settings_of(self._config)

    # Methods and not properties, which old versions of pytest compute when a plugin is registered.
    def _its_session(self) -> "Session":
        if self._made_session is None:
            from tst_harness.engine.session import Session
            from tst_harness.report.paths import command_line

            self._made_session = Session(self._its_settings(), command=command_line(sys.argv))
        return self._made_session

    def _its_course(self) -> "Course":
        if self._made_course is None:
            from tst_harness.integrations.pytest.course import Course

            self._made_course = Course(self._its_settings())
        return self._made_course

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_setupnodes(self, config: pytest.Config, specs: "Sequence[XSpec]") -> None:
        from tst_harness.integrations.pytest.workers import shares_of

        uses_gpu = needs_gpu(config)
        self._shares = shares_of(specs, uses_gpu, uses_gpu and self._its_settings().share_gpu)
        devices = [share["device"] for share in self._shares.values() if share["device"] is not None]
        terminal = self._terminal()
        if devices and terminal is not None:
            terminal.write_line(f"tst: a CUDA device for each worker: {', '.join(devices)}")

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        from tst_harness.integrations.pytest.workers import SHARE

        # A worker that replaces one that died is made from the same spec, so it has the same share.
        node.workerinput[SHARE] = self._shares.get(id(node.gateway.spec))

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: "Producer") -> "Scheduling | None":
        if config.getoption("dist") != "load":
            return None
        from tst_harness.integrations.pytest.scheduling import FoldScheduling

        return FoldScheduling(config, lambda: self._its_course(), log)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: "Sequence[str]") -> None:
        from tst_harness.integrations.pytest.course import are_of_benchmarks

        if not are_of_benchmarks(ids):
            return
        is_first, terminal = not hasattr(self, "_importing"), self._terminal()
        if is_first and terminal is not None:
            for line in [*([] if self._concerned else self._header()), *self._expectation()]:
                terminal.write_line(line)
        # It takes a while, and the workers have just begun: this process has nothing to do yet.
        if is_first:
            self._importing = Thread(target=self._import_reports, daemon=True)
            self._importing.start()
        self._concerned = True
        self._its_course().plan(ids)
        self._be_heard()

    def _import_reports(self) -> None:
        from tst_harness.integrations.pytest.closing import import_reports

        import_reports(self._its_settings().html)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        from tst_harness.integrations.pytest.collected import benchmarks_of

        # Without a terminal nobody asks for what was collected; under xdist other processes collect.
        self._concerned |= bool(benchmarks_of(getattr(session, "items", [])))
        self._be_heard()
        # Where collecting failed nothing is run, for a reason that pytest tells.
        if self._concerned and not session.testsfailed:
            self._its_course().plan(item.nodeid for item in session.items)

    def _be_heard(self) -> None:
        """Have a line now and then while units take long, here or in other processes."""
        terminal = self._terminal()
        if not self._concerned or self._is_heard or terminal is None or self._collects_alone():
            return
        self._is_heard = True
        from tst_harness.activity import heard

        # The file as it is before pytest captures what tests print.
        writer = self._config.get_terminal_writer()
        begun = lambda: bool(writer.width_of_current_line)  # noqa: E731
        self._heard.enter_context(heard(writer._file, self._its_course().describe, begun))

    def pytest_report_header(self) -> list[str]:
        return self._header() if self._concerned else []

    def _header(self) -> list[str]:
        return [f"tst: {self._its_settings().describe()}"]

    def pytest_report_collectionfinish(self, items: list[pytest.Item]) -> list[str]:
        from tst_harness.integrations.pytest.collected import benchmarks_of

        benchmarks = benchmarks_of(items)
        if not benchmarks:
            return []
        lines = [] if self._concerned or self._config.option.verbose < 0 else self._header()
        self._concerned = True
        if self._collects_alone():
            return lines  # Looking for data may download them.
        return [*lines, *self._expectation(), *map(self._source_line, benchmarks)]

    def _expectation(self) -> list[str]:
        settings = self._its_settings()
        return [f"tst: note: {note}" for note in (settings.expectation(), settings.more_runs()) if note]

    def _collects_alone(self) -> bool:
        return any(self._config.getoption(name) for name in _COLLECTING_ALONE)

    def _source_line(self, benchmark: "Benchmark") -> str:
        from tst_harness.dataset.sources import resolve

        try:
            resolved = resolve(benchmark, self._its_settings().data_dir, self._its_settings().require_real)
        except HarnessError as error:
            return f"tst: {error}"
        instead = f" instead of {resolved.substituted_for}" if resolved.substituted_for else ""
        kind = "bundled SAMPLE" if resolved.kind == "sample" else resolved.kind
        return f"tst: {benchmark.name} from {resolved.location} ({kind}){instead}"

    def pytest_report_teststatus(
        self, report: pytest.CollectReport | pytest.TestReport
    ) -> tuple[str, str, str] | None:
        # A unit has a line of its own instead of a dot; with a word it counts in the percentage of tests.
        return (
            ("passed", "", "PASSED")
            if report.when == "call" and report.passed and result_of(report)
            else None
        )

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> Iterator[None]:
        result = result_of(report) if report.when == "call" and report.passed else None
        self._say_once(report)
        self._end_line(report)
        yield
        if not self._concerned:
            return
        # A test whose worker died has neither of these, and one that is interrupted passed its set-up alone.
        if report.when in ("call", "teardown") or (report.when == "setup" and not report.passed):
            self._its_course().end(report.nodeid)
        if result is not None:
            self._its_course().add(report.nodeid, result)
            self._its_session().take(result)
            self._write_line(f"  {result.line}")
        if report.when == "call":
            for name, reason in report.user_properties:
                if name in (SKIPPED, UNJUDGED):
                    (self._skipped if name == SKIPPED else self._unjudged)[str(reason)] = None
            self._pruned += [line for name, line in report.user_properties if name == PRUNED]

    def _say_once(self, report: pytest.TestReport) -> None:
        """Let a problem fail one test, where each worker met it."""
        problem = next((str(value) for name, value in report.user_properties if name == PROBLEM), None)
        if not report.failed or problem is None:
            return
        if problem in self._problems:
            report.outcome = "skipped"
            path, line, _ = report.location
            report.longrepr = (path, line or 0, f"Skipped: {FAILED_BEFORE}")
        self._problems[problem] = None

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            from tst_harness.integrations.pytest.session_gates import NODE

            self._gates_wrong |= report.nodeid == NODE
            self._is_broken = True

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        from tst_harness.integrations.pytest.session_gates import gate_plan, take

        if self._concerned:
            take(gate_plan(self._config), getattr(node, "workeroutput", {}))

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self._gates_wrong:
            session.exitstatus = pytest.ExitCode.USAGE_ERROR
        usage = session.exitstatus == pytest.ExitCode.USAGE_ERROR
        if usage or not self._concerned or self._collects_alone():
            return
        from tst_harness.integrations.pytest.closing import Closing
        from tst_harness.integrations.pytest.outcome import share_as_markdown, share_in_junit
        from tst_harness.integrations.pytest.session_gates import gate_plan

        closing = self._closing = Closing(self._its_session())
        closing.finish(gate_plan(self._config), self._its_course().unfinished(), self._unjudged)
        share_in_junit(self._config, closing)
        share_as_markdown(closing, self._its_settings().markdown)
        if session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = int(closing.status)

    def pytest_terminal_summary(self, terminalreporter: "pytest.TerminalReporter") -> None:
        if self._closing is None:
            return
        from tst_harness.integrations.pytest.outcome import outcome_lines
        from tst_harness.views.terminal import summary_lines

        closing = self._closing
        for written in closing.written:
            for line in summary_lines(*written, verbose=self._its_settings().verbose):
                terminalreporter.write_line(line.text, **line.markup)
        for line in outcome_lines(closing, self._its_settings()):
            terminalreporter.write_line(line.text, **line.markup)
        for pruned in self._pruned:
            terminalreporter.write_line(f"{pruned}")
        for reason in [*self._skipped, *filter(closing.has_verdict, closing.unjudged)]:
            terminalreporter.write_line(f"skipped: {reason}", yellow=True)
        problems = [*closing.refused, *filter(closing.has_verdict, closing.problems), *closing.unwritten]
        for problem in problems:
            terminalreporter.write_line(problem, red=True)

    def pytest_unconfigure(self) -> None:
        """Have verdicts, or why there is none, and gates as the last word: "10 passed" tells of tests."""
        self._heard.close()
        terminal = self._terminal()
        if self._closing is None or terminal is None:
            return
        from tst_harness.views.gates import gates_line
        from tst_harness.views.terminal import no_verdict_lines, verdict_lines

        closing = self._closing
        reasons = closing.without_verdict(self._problems)
        lines = [*verdict_lines([report for report, *_ in closing.written]), *no_verdict_lines(reasons)]
        for line in [*(lines or no_verdict_lines(self._no_diagnostic())), *gates_line(closing.gates)]:
            terminal.write_line(line.text, **line.markup)

    def _no_diagnostic(self) -> list[str]:
        """Why nothing was diagnosed, where tests of benchmarks were to run."""
        if self._is_broken:
            return ["a module cannot be collected"]
        return ["no diagnostic was completed"] if self._its_course().has_tests else []

    def _write_line(self, text: str) -> None:
        terminal = self._terminal()
        if terminal is not None:
            begun = self._config.get_terminal_writer().width_of_current_line
            # Unlike `write_line`, this leaves pytest's notion of the current file alone.
            terminal.write("\n" * bool(begun) + text, flush=True)
            said()
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

    def _terminal(self) -> "pytest.TerminalReporter | None":
        terminal: pytest.TerminalReporter | None = self._config.pluginmanager.get_plugin("terminalreporter")
        return terminal
