"""The session's side of the work: gathers what the tests of all processes left, and makes the reports."""

import re
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tst_harness._imports import heavy_imports
from tst_harness.engine.results import (
    CHECKS,
    FEATURES,
    FOREST,
    LLM,
    PROPERTY,
    ExitStatus,
    Result,
    gates_fail,
    ungrouped,
)
from tst_harness.engine.settings import Options
from tst_harness.errors import HarnessError
from tst_harness.report.paths import shown as shown

if TYPE_CHECKING:
    from tst_harness.gates.plan import GatePlan
    from tst_harness.gates.snapshot import About, Snapshot
    from tst_harness.report.questions import Asked
    from tst_harness.report.schema import GateReport, Report


_FOLD_TEST = re.compile(rf"(?P<benchmark>.+)::test_fold\[(?P<fold>(?:{FOREST}|{FEATURES}|{LLM})-.*fold\d+)\]")


class Written(NamedTuple):
    """A report, and where it, its samples and its page lie; None where no page was asked for."""

    report: "Report"
    path: Path
    samples: Path
    page: Path | None = None


class UpdatedReference(NamedTuple):
    """A reference that was written: where, what stood there before, if anything, and what does now."""

    path: Path
    old: "About | None"
    new: "About"


def result_of(report: pytest.CollectReport | pytest.TestReport) -> Result | None:
    """The result that a test report carries, if any."""
    for name, value in getattr(report, "user_properties", ()):
        if name == PROPERTY:
            return Result.model_validate(value)
    return None


class Gathering:
    """Results of a session, and the reports made of them."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._results: dict[str, dict[tuple[str, str, int | None, int | None], Result]] = {}
        self._waiting: dict[str, dict[str, None]] = {}
        self._begun: set[str] = set()
        self._started = datetime.now(UTC)
        self._clock = time.perf_counter()
        self._reports: list[Report] = []
        self._snapshots: dict[str, Snapshot] = {}
        self._asked: dict[str, Asked] = {}
        self.written: list[Written] = []
        self.missing: list[str] = []
        self.problems: list[str] = []
        self.gates: list[GateReport] = []
        self.refused: list[str] = []
        self._left_open = False
        self.references: list[UpdatedReference] = []

    def plan(self, tests: Iterable[str]) -> None:
        """Take the ids of the tests that are to run, of which folds are kept in mind."""
        for found in filter(None, map(_FOLD_TEST.fullmatch, tests)):
            self._waiting.setdefault(found["benchmark"], {})[found["fold"]] = None

    def end(self, test: str) -> None:
        """Take note of a test that has run, whatever came of it."""
        if found := _FOLD_TEST.fullmatch(test):
            self._waiting.get(found["benchmark"], {}).pop(found["fold"], None)

    def add(self, test: str, result: Result) -> None:
        """Take the result of a test; a rerun of the same replaces it."""
        if result.diagnostic != CHECKS:
            self._begun.add(test.rpartition("::")[0])
        place = (result.diagnostic, result.unit, result.repeat, result.fold)
        self._results.setdefault(result.benchmark, {})[place] = result

    def finish(self, plan: "GatePlan") -> None:
        """Write the report of every benchmark whose folds are all there; say what is missing of others.

        The gates of all reports are judged first, since their verdicts depend on how many there are.
        """
        for benchmark, results in sorted(self._results.items()):
            try:
                self._assemble(benchmark, list(results.values()))
            except HarnessError as error:
                self.problems.append(f"{benchmark}: {error}")
        for tests, folds in self._waiting.items():
            if folds and tests not in self._begun:
                self.missing.append(
                    f"{tests}: no report, since {len(folds)} folds were not finished ({', '.join(folds)}); "
                    "run it again"
                )
        gates = self._judge(plan)
        for report in self._reports:
            try:
                self._write(report.model_copy(update={"gates": gates.get(report.benchmark, [])}))
            except HarnessError as error:
                self.problems.append(f"{report.benchmark}: {error}")

    @property
    def status(self) -> ExitStatus:
        """How the session ended, as far as reports and gates go."""
        verdicts: set[str] = {gate.verdict for gate in self.gates}
        if self._left_open and not self.missing:
            verdicts.add("inconclusive")
        if gates_fail(verdicts, self._options.inconclusive) or self.problems or self.refused:
            return ExitStatus.FAILED
        return ExitStatus.INCOMPLETE if self.missing else ExitStatus.OK

    def _assemble(self, benchmark: str, results: list[Result]) -> None:
        import_reports(self._options.html)
        from tst_harness.analysis.records import ZERO_SHOT, fold_name
        from tst_harness.engine.store import RecordStore
        from tst_harness.gates.snapshot import snapshot
        from tst_harness.report.assemble import assemble
        from tst_harness.report.held_out import samples_frame
        from tst_harness.report.questions import Asked
        from tst_harness.report.schema import RunReport

        expected = {(r, f) for r in range(self._options.repeats) for f in range(self._options.folds)}
        done = {(one.diagnostic, one.repeat, one.fold) for one in results}
        diagnostics = sorted({one.diagnostic for one in results} - {CHECKS})
        if not diagnostics:
            return  # Checks alone are kept for a report with scores, and replace none.
        missing = [
            f"{name} {fold_name(*unit)}"
            for name in diagnostics
            for unit in sorted(expected)
            if (name, *unit) not in done
        ]
        total = len(expected) * len(diagnostics)
        if any(ungrouped(name) == LLM for name in diagnostics):
            total += 1
            if not any(one.unit == "zero_shot" for one in results):
                missing.append(f"{LLM} {ZERO_SHOT}")
        if missing:
            self.missing.append(
                f"{benchmark}: no report, since {len(missing)} of {total} folds left no record "
                f"({', '.join(missing)}); the others are kept, so run the whole benchmark to compute those "
                "alone"
            )
            return
        store = RecordStore(self._options.report_dir)
        records = [store.load(one.path, one.digest) for one in results]
        cached = {record.key for record, one in zip(records, results, strict=True) if one.cached}
        run = RunReport(
            started=self._started.isoformat(timespec="seconds"),
            seconds=round(time.perf_counter() - self._clock, 3),
            command=[Path(sys.argv[0]).name, *map(_without_folder, sys.argv[1:])],
        )
        stored = next((one.questions for one in results if one.questions is not None), None)
        texts = None if stored is None else store.load(stored.path, stored.digest)
        report = assemble(records, dict.fromkeys(diagnostics, expected), run, cached)
        self._reports.append(report)
        samples = samples_frame(records)
        self._snapshots[benchmark] = snapshot(report, samples)
        self._asked[benchmark] = Asked.of(samples["id"], texts, records)

    def _judge(self, plan: "GatePlan") -> "dict[str, list[GateReport]]":
        """Judge all gates and return those of each benchmark."""
        gates = plan.gates()
        if not gates:
            return {}
        from tst_harness.gates.judge import judge
        from tst_harness.gates.reference import read_reference, reference_path

        judged = judge(
            gates,
            self._snapshots,
            lambda benchmark: read_reference(reference_path(benchmark, self._options.report_dir)),
        )
        self.gates, self.refused = judged
        self._left_open = any(
            gate.reason is None and one.verdict == "not judged"
            for gate, one in zip(gates, judged.gates, strict=True)
        )
        found: dict[str, list[GateReport]] = {}
        for gate, verdict in zip(gates, judged.gates, strict=True):
            found.setdefault(gate.benchmark, []).append(verdict)
        return found

    def _write(self, report: "Report") -> None:
        from tst_harness.gates.reference import update_reference
        from tst_harness.report.files import write_report, write_samples
        from tst_harness.report.questions import write_questions

        folder, found = self._options.report_dir, self._snapshots[report.benchmark]
        samples = write_samples(report.benchmark, found.samples, folder)
        write_questions(report.benchmark, self._asked[report.benchmark], folder)
        path = write_report(report, folder)
        self.written.append(Written(report, shown(path), shown(samples), self._write_page(report)))
        if self._options.reference_update:
            path, before = update_reference(found, folder)
            self.references.append(UpdatedReference(shown(path), before, found.about))

    def _write_page(self, report: "Report") -> Path | None:
        """Write the page of a report where one is asked for, else remove that of an older one.

        The report stands without.
        """
        path = self._options.report_dir / f"{report.benchmark}.html"
        if not self._options.html:
            with suppress(OSError):
                path.unlink(missing_ok=True)
            return None
        from tst_harness.views.html import write_page
        from tst_harness.views.html.report import report_page

        name = report.benchmark
        page = report_page(report, self._snapshots[name].samples, self._asked[name])
        try:
            return shown(write_page(page, path))
        except HarnessError as error:
            self.problems.append(f"{name}: {error}")
            return None


def import_reports(pages: bool) -> None:
    """Import what makes and shows reports, and their pages where there will be any."""
    with heavy_imports():
        for name in (
            "report.assemble",
            "report.files",
            "gates.snapshot",
            "engine.store",
            "views.terminal",
            *["views.html.report"] * pages,
        ):
            import_module(f"tst_harness.{name}")


def progress_line(result: Result) -> str:
    """One line for the terminal when a test of a benchmark is done."""
    if result.fold is None:
        what = result.unit.replace("_", "-")
    else:
        again = f"repeat {result.repeat} " if result.repeat else ""
        what = f"{again}fold {result.fold}"
    name = f"{result.benchmark} (bundled SAMPLE)" if result.sample else result.benchmark
    taken = "cached" if result.cached else f"{result.seconds:.1f} s"
    subject = what if result.unit == CHECKS else f"{result.diagnostic} {what}"
    return f"  {name} {subject}: {result.summary} ({taken})"


def _without_folder(argument: str) -> str:
    """The argument without a folder of this machine: an absolute path is cut to what is known elsewhere."""
    option, equals, value = argument.rpartition("=")
    path = Path(value)
    if not path.is_absolute():
        return argument
    return f"{option}{equals}{shown(path) if path.is_relative_to(Path.cwd()) else path.name}"
